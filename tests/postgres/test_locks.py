"""What coordinators of one PostgreSQL hold against each other, and what becomes of it."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
import threading
from contextlib import ExitStack, closing

import pytest
import sqlalchemy as sa

from phoenix.engine.calls import as_seen
from phoenix.engine.lock import lock_of
from phoenix.errors import BusyError, StoreError
from phoenix.line.beside import Beside
from phoenix.line.night.hold import alone, hold_night
from phoenix.line.pages import pages_are_due, write_due_pages
from phoenix.line.production import ProductionLine
from phoenix.line.workspace import create_workspace
from phoenix.model.dates import CivilDate
from phoenix.model.workspace import Workspace
from phoenix.store import BlockRow, Store
from phoenix.store.rows import RunRow, RunState

NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
PROCESS = "GIRAFFE_MOS"
NIGHT = ("night", 58849, "2020-01-01")
NIGHTS = CivilDate(2020, 1, 1), CivilDate(2020, 1, 2)
HOLDER = """
import datetime as dt, sys
from phoenix.store import Store
store = Store.open(sys.argv[1], "GIRAFFE_MOS")
with store.locks.hold("night", 58849, "2020-01-01", dt.datetime(2020, 1, 2, tzinfo=dt.UTC)):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def pair(url):
    """Two coordinators of one database."""
    with Store.open(url, PROCESS) as one, Store.open(url, PROCESS) as other:
        yield one, other


def end_sessions(url, name="process %"):
    """End sessions, as a server does that loses them."""
    query = sa.text(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE application_name LIKE :name"
    )
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        connection.execute(query, {"name": name})
    engine.dispose()


def test_a_night_is_held_by_one_coordinator_and_free_after_it(pair):
    one, other = pair
    with (
        one.locks.hold(*NIGHT, NOON),
        pytest.raises(
            BusyError, match=r"2020-01-01 in database .* held by process \d+ since 2020"
        ),
        other.locks.hold(*NIGHT, NOON),
    ):
        pass
    with other.locks.hold(*NIGHT, NOON):
        pass


def test_other_nights_and_other_processes_are_free(pair, url):
    one, other = pair
    with one.locks.hold(*NIGHT, NOON), other.locks.hold("night", 58850, "2020-01-02", NOON):
        assert one.locks.held("night") == {58849, 58850}
        with Store.open(url, "UVES_ECH") as third, third.locks.hold(*NIGHT, NOON):
            assert third.locks.held("night") == {58849}
    assert one.locks.held("night") == frozenset()


def test_what_a_killed_coordinator_held_is_free(url):
    with Store.open(url, PROCESS) as store:
        with subprocess.Popen(
            [sys.executable, "-c", HOLDER, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout.readline() == "held\n"
            with (
                pytest.raises(BusyError, match=f"process {process.pid} "),
                store.locks.hold(*NIGHT, NOON),
            ):
                pass
            process.kill()
            process.wait()
        end_sessions(url, f"process {process.pid} %")
        with store.locks.hold(*NIGHT, NOON):
            pass


def test_a_lock_whose_session_was_lost_is_taken_again(pair, url):
    one, other = pair
    with one.locks.hold(*NIGHT, NOON):
        end_sessions(url)
        one.blocks.save([BlockRow("GIRAF.2020-01-01T00:00:00.000.ab", "2020-01-01")])
        with pytest.raises(BusyError), other.locks.hold(*NIGHT, NOON):
            pass


def test_nothing_is_written_to_a_night_that_another_has_taken_over(pair, url):
    one, other = pair
    with one.locks.hold(*NIGHT, NOON):
        end_sessions(url)
        with other.locks.hold(*NIGHT, NOON):
            with pytest.raises(BusyError, match="2020-01-01 in database"):
                one.blocks.save([BlockRow("GIRAF.2020-01-01T00:00:00.000.ab", "2020-01-01")])
            assert other.blocks.rows() == ()


def test_a_call_on_another_machine_is_seen_running(pair, tmp_path):
    one, other = pair
    run = one.runs.begin(RunRow("run", "2020-01-01", "phoenix run", NOON))
    elsewhere = Workspace(tmp_path)
    with one.locks.hold("call", run.id, "call", NOON):
        (seen,) = as_seen(elsewhere, other.locks, other.runs.rows())
        assert seen.state is RunState.RUNNING
    (seen,) = as_seen(elsewhere, other.locks, other.runs.rows())
    assert seen.state is RunState.BROKEN_OFF


def test_coordinators_that_open_an_empty_database_at_once_make_it_once(url):
    wrong = []

    def open_it():
        try:
            Store.open(url, PROCESS).close()
        except StoreError as error:
            wrong.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_coordinators_that_save_the_same_abs_at_once_save_them_once(pair):
    rows = [BlockRow(f"GIRAF.2020-01-01T00:00:{n:02d}.000.ab", "2020-01-01") for n in range(40)]
    wrong = []

    def save(store, order):
        try:
            for row in order:
                store.blocks.save([row])
        except StoreError as error:
            wrong.append(error)

    threads = [threading.Thread(target=save, args=(pair[n], rows[:: 1 - 2 * n])) for n in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert pair[0].blocks.rows() == tuple(rows)


def test_a_server_that_was_restarted_is_found_again(pair, server):
    one, _ = pair
    with one.locks.hold(*NIGHT, NOON):
        server("restart")
        one.blocks.save([BlockRow("GIRAF.2020-01-01T00:00:00.000.ab", "2020-01-01")])
        assert one.locks.held("night") == {58849}


def test_a_server_that_is_away_is_waited_for_and_said_once(pair, server, caplog):
    one, _ = pair
    server("stop")
    back = threading.Timer(2.0, server, ("start",))
    back.start()
    assert one.blocks.rows() == ()
    back.join()
    texts = [record.getMessage() for record in caplog.records]
    assert len(texts) == 2
    assert "does not answer" in texts[0]
    assert texts[1].endswith("is back")


def test_a_server_that_stays_away_is_one_sentence_and_not_waited_for_again(
    pair, server, monkeypatch, caplog
):
    one, _ = pair
    one._transactions._sessions._patience_s = 1.0
    server("stop")
    for _ in range(2):
        with pytest.raises(StoreError, match="give the same command again") as caught:
            one.blocks.rows()
        assert "\n" not in str(caught.value)
    assert len(caplog.records) == 1


def test_a_password_is_never_told(url, server, caplog):
    with Store.open(url.replace("phoenix@", "phoenix:secret@"), PROCESS) as store:
        store._transactions._sessions._patience_s = 1.0
        server("stop")
        with pytest.raises(StoreError) as caught:
            store.blocks.rows()
    assert "secret" not in str(caught.value) + caplog.text


# ---- workspaces of one database


@pytest.fixture
def context_of(url, tmp_path):
    """Opens workspaces that share the database, one of them as often as there are machines."""
    with ExitStack() as lines:

        def opened(name):
            work = tmp_path / name
            if not work.exists():
                settings = create_workspace(work, PROCESS)
                text = settings.read_text("utf-8")
                settings.write_text(re.sub(r"(?m)^url = .*$", f'url = "{url}"', text), "utf-8")
            return lines.enter_context(ProductionLine(work))._context

        yield opened


def test_a_night_of_another_workspace_is_no_other_night_of_this_one(context_of):
    one, other = context_of("one"), context_of("other")
    left = other.workspace.folder("monitor") / ".index.html.part"
    left.parent.mkdir(exist_ok=True)
    left.touch()
    with hold_night(one, NIGHTS[0]):
        assert alone(other, NIGHTS[1])
        with hold_night(other, NIGHTS[1]):
            assert not left.exists()


def test_a_night_that_another_machine_runs_in_this_workspace_is_seen(context_of):
    one, other = context_of("one"), context_of("one")
    with hold_night(one, NIGHTS[0]):
        # As where a file system does not pass locks on.
        lock_of(one.workspace, NIGHTS[0]).unlink()
        assert not alone(other, NIGHTS[1])
    assert alone(other, NIGHTS[1])


def test_a_night_of_two_workspaces_is_run_by_one(context_of):
    one, other = context_of("one"), context_of("other")
    with (
        hold_night(one, NIGHTS[0]),
        pytest.raises(BusyError, match="2020-01-01 in database"),
        hold_night(other, NIGHTS[0]),
    ):
        pass


def test_the_process_that_writes_pages_sees_that_a_night_is_being_run(context_of):
    context = context_of("one")
    date, name = NIGHTS[0], "GIRAF.2020-01-02T01:00:00.000.ab"
    context.store.blocks.save([BlockRow(name, str(date))])
    context.store.jobs.prepare({(name, "process"): "key"})
    pages_are_due(context.workspace, date)
    beside = Beside(context)
    with closing(beside), hold_night(context, date):
        beside.have(write_due_pages, (date,)).result()
    page = context.workspace.folder("monitor") / "nights" / str(date) / "index.json"
    assert json.loads(page.read_text("utf-8"))["written"]


def test_what_has_just_been_let_go_of_is_taken(pair, monkeypatch):
    one, other = pair
    look, ends = other.locks._holder, ExitStack()

    def holder(session, lock):
        # Let go of between the try and the look who holds it.
        ends.close()
        return look(session, lock)

    ends.enter_context(one.locks.hold(*NIGHT, NOON))
    monkeypatch.setattr(other.locks, "_holder", holder)
    with other.locks.hold(*NIGHT, NOON):
        assert other.locks.held("night") == {NIGHT[1]}
