"""Every call that changes a workspace says that it began, and how it ended."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack

import pytest
from nightwork import DATE

from phoenix.cli import run as phoenix
from phoenix.errors import BusyError, DataError
from phoenix.line.pages import write_history_now
from phoenix.line.production import ProductionLine
from phoenix.line.workspace import create_workspace
from phoenix.monitor import write
from phoenix.store.jobs import Jobs

BEGAN = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
KILLED = """
import os, signal, sys
from phoenix.line.production import ProductionLine
with ProductionLine(sys.argv[1], command="phoenix run -d 2020-01-01") as line:
    with line.recorded("run", "2020-01-01"):
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def work(tmp_path):
    create_workspace(tmp_path / "work", "GIRAFFE_MOS")
    return tmp_path / "work"


@pytest.fixture
def line(work):
    with ProductionLine(work) as line:
        yield line


def last(line):
    (row,) = line.last_runs().records()
    return row


def test_a_call_is_remembered_with_what_it_did_and_how_it_ended(work):
    moments = iter([BEGAN, BEGAN + dt.timedelta(seconds=3)])
    with ProductionLine(work, lambda: next(moments), "phoenix run -m 2020-01") as line:
        with line.recorded("run", "2020-01") as tally:
            tally.add({"successful": 7, "failed": 0})
        assert last(line) == {
            "began": "2020-01-02 12:00:00+00:00",
            "verb": "run",
            "pool": "2020-01",
            "state": "done",
            "s": 3.0,
            "did": "7 successful",
            "command": "phoenix run -m 2020-01",
            "reason": "",
        }
        (row,) = line.store.runs.rows()
        assert {"phoenix-idp", "python", "phoenix-idp-giraffe"} <= row.versions.keys()


def test_a_call_in_python_is_told_as_such(line):
    with line.recorded("run", DATE):
        pass
    assert last(line)["command"] == "from Python: run 2020-01-01"


def test_what_is_wrong_with_the_data_is_no_failure_of_the_call(line):
    with line.recorded("run", DATE) as tally:
        tally.add({"failed": 2}, wrong=2)
    assert (last(line)["state"], last(line)["did"]) == ("wrong", "2 failed")


def test_a_call_within_a_call_is_part_of_it(line):
    with line.recorded("run", DATE) as outer, line.recorded("create-ab", DATE) as inner:
        inner.add({"ABs": 3})
    assert outer is inner
    assert (last(line)["verb"], last(line)["did"]) == ("run", "3 ABs")


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (BusyError("held by process 7"), "not done", "held by process 7"),
        (OSError(28, "No space left on device"), "not done", "[Errno 28] No space left on device"),
        (KeyboardInterrupt(), "stopped", ""),
    ],
)
def test_a_call_that_does_not_come_to_its_end_says_why(line, error, state, reason):
    with pytest.raises(type(error)), line.recorded("run", DATE):
        raise error
    assert (last(line)["state"], last(line)["reason"]) == (state, reason)


def test_a_killed_call_is_broken_off_at_the_next_look(work, line):
    command = [sys.executable, "-c", KILLED, str(work)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert (last(line)["state"], last(line)["s"]) == ("broken off", None)
    with line.recorded("run", DATE):
        pass
    assert [row["state"] for row in line.last_runs().records()] == ["done", "broken off"]
    assert not list((work / "scratch/calls").iterdir())


def test_a_call_that_is_under_way_is_running(work, line):
    with line.recorded("run", DATE), ProductionLine(work) as other:
        assert last(other)["state"] == "running"
    assert last(line)["state"] == "done"


def test_a_text_that_is_no_pool_is_refused_before_anything_is_written(work, line):
    with pytest.raises(DataError), line.recorded("run", "yesterday"):
        pass
    assert not (work / "phoenix.db").exists()


def test_the_runs_of_a_night_are_those_of_its_month_too(line):
    for pool in ("2020-01", DATE, "2020-01-02", "2020-02"):
        with line.recorded("run", pool):
            pass
    assert [row["pool"] for row in line.last_runs(DATE).records()] == [DATE, "2020-01"]


def test_looking_at_runs_makes_no_database(work, capsys):
    assert phoenix(["status", "-w", str(work), "--json"]) == 0
    assert capsys.readouterr().out == "[]\n"
    assert not (work / "phoenix.db").exists()


def test_status_tells_the_last_runs_as_they_were_typed(work, capsys):
    assert phoenix(["pool", "index", "-w", str(work)]) in {0, 2}
    capsys.readouterr()
    assert phoenix(["status", "-w", str(work)]) == 0
    assert f"phoenix pool index -w {work}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command", ["phoenix hide '\x1b[31m\n\u202e' --why x", f"phoenix hide '{'x' * 100_000}'"]
)
def test_what_was_typed_is_one_plain_line_of_bounded_length_everywhere(command, work):
    with ProductionLine(work, command=command) as line, line.recorded("hide", DATE):
        pass
    with ProductionLine(work) as line:
        (stored,) = line.store.runs.rows()
        write_history_now(line._context)
        page = json.loads((line.workspace.folder("monitor") / "index.json").read_text("utf-8"))
        shown = {stored.command, last(line)["command"], page["runs"][0]["command"]}
    (text,) = shown
    assert text.startswith("phoenix hide '")
    assert text.isprintable()
    assert len(text) <= 500


def test_a_reason_without_end_is_cut_where_runs_are_listed(line):
    with pytest.raises(DataError), line.recorded("run", DATE):
        raise DataError("\x1b[31m" + "x" * 100_000)
    assert len(last(line)["reason"]) == 500
    assert last(line)["reason"].isprintable()


def test_whoever_looks_takes_nothing_away_from_a_running_call(line):
    with line.recorded("run", DATE):
        (lock,) = (line.workspace.folder("scratch") / "calls").iterdir()
        assert lock.read_text("utf-8").find(str(os.getpid())) > 0
        line.last_runs()
        assert lock.exists()


def test_what_abs_took_is_asked_of_the_store_once_a_call(line, monkeypatch):
    asked = []
    monkeypatch.setattr(Jobs, "spent", lambda _: asked.append(1) or {})
    for _ in range(2):
        with line.recorded("run", DATE):
            assert line._context.spent() == line._context.spent() == {}
    assert len(asked) == 2


# ---- what a call waits for

WAITS = "waits for batch job 23 (Resources)"


def pages_with(work, text):
    pages = (work / "monitor").rglob("*.html")
    return {path.name for path in pages if text in path.read_text("utf-8")}


def test_what_a_call_waits_for_is_in_its_status_and_on_the_front_page_at_once(work, line):
    with line.recorded("run", DATE) as tally:
        tally.note(WAITS)
        assert (last(line)["state"], last(line)["reason"]) == ("running", WAITS)
        assert "index.html" in pages_with(work, WAITS)


def test_what_has_come_is_not_waited_for_any_more(work, line):
    with line.recorded("run", DATE) as tally:
        tally.note(WAITS)
        tally.note("")
        assert (last(line)["state"], last(line)["reason"]) == ("running", "")
        assert not pages_with(work, WAITS)


def test_a_call_that_has_ended_waits_for_nothing(line):
    with line.recorded("run", DATE) as tally:
        tally.note(WAITS)
    tally.note(WAITS)
    assert (last(line)["state"], last(line)["reason"]) == ("done", "")


# ---- calls that end together


def shown(work):
    """Return the states of the calls on the front page, the newest first."""
    front = json.loads((work / "monitor/index.json").read_text("utf-8"))
    return [run["state"] for run in front["runs"]]


def test_a_call_that_ends_shows_another_as_running_until_that_ends(work, line):
    with ProductionLine(work) as other:
        with other.recorded("run", "2020-01-02"):
            with line.recorded("run", DATE):
                write_history_now(line._context)
            assert shown(work) == ["done", "running"]
        assert shown(work) == ["done", "done"]


def test_of_two_calls_that_end_together_the_slower_does_not_show_the_other_as_running(
    work, line, monkeypatch
):
    publish, ends = write.publish, ExitStack()

    def slow(workspace, place, page):
        # The other call ends, and writes, between the look of this one and its writing.
        ends.close()
        return publish(workspace, place, page)

    with ProductionLine(work) as other:
        ends.enter_context(other.recorded("run", "2020-01-02"))
        with line.recorded("run", DATE):
            write_history_now(line._context)
            monkeypatch.setattr(write, "publish", slow)
        assert shown(work) == ["done", "done"]
        assert not list((work / "scratch").glob("*.pages"))


def test_a_call_that_waited_and_was_refused_is_not_shown_as_waiting(work, line):
    def run():
        with line.recorded("run", DATE) as tally:
            tally.note(WAITS)
            raise BusyError("no more batch jobs")

    with pytest.raises(BusyError):
        run()
    assert not pages_with(work, WAITS)
