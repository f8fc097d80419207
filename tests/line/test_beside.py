"""A run of several nights has its pages written by a process beside it; nobody relies on that."""

from __future__ import annotations

import os
import time

import pytest

from phoenix.engine.job import Batch
from phoenix.engine.processes import DIED, Answer, ProcessPool
from phoenix.errors import PhoenixError
from phoenix.line.beside import Beside
from phoenix.line.night.nights import Part, run_nights
from phoenix.line.pages import nights_due, pages_are_due, write_due_pages
from phoenix.line.production import ProductionLine
from phoenix.line.report import NightReport, PreparedNight
from phoenix.line.workspace import create_workspace
from phoenix.model.cascade import Cascade
from phoenix.model.dates import CivilDate
from phoenix.steps.prepare import Prepared
from phoenix.store import BlockRow

FIRST, SECOND = CivilDate(2020, 1, 1), CivilDate(2020, 1, 2)
NIGHTS = tuple(PreparedNight(date, Prepared(Cascade(()))) for date in (FIRST, SECOND))


@pytest.fixture
def line(tmp_path):
    """Two nights of one AB each."""
    create_workspace(tmp_path / "work", "GIRAFFE_MOS")
    with ProductionLine(tmp_path / "work") as line:
        line.store.blocks.save(
            BlockRow(f"GIRAF.{date.plus(1)}T01:00:00.000.ab", str(date))
            for date in (FIRST, SECOND)
        )
        yield line._context


@pytest.fixture
def beside(line):
    beside = Beside(line)
    yield beside
    beside.close()


def page_of(line, date):
    return line.workspace.folder("monitor") / "nights" / str(date) / "index.html"


def end(line, night):
    pages_are_due(line.workspace, night.date)
    return NightReport(night.date, (), {})


def run(line, end):
    return run_nights(line, NIGHTS, Part(lambda _line, _night: Batch(()), end))


def test_pages_are_written_by_another_process(line, beside, monkeypatch):
    monkeypatch.setattr("phoenix.monitor.write_night", lambda *_: pytest.fail("written here"))
    pages_are_due(line.workspace, FIRST)
    beside.have(write_due_pages, (FIRST,)).result()
    assert page_of(line, FIRST).exists()
    assert not nights_due(line.workspace)


def test_a_run_of_several_nights_leaves_its_pages_to_it(line, monkeypatch):
    monkeypatch.setattr("phoenix.monitor.write_night", lambda *_: pytest.fail("written here"))
    run(line, end)
    assert page_of(line, FIRST).exists()
    assert page_of(line, SECOND).exists()


def test_what_is_wrong_there_is_told_here(line, beside):
    (line.workspace.root / "phoenix.toml").write_text("[")
    with pytest.raises(PhoenixError, match=r"the process that writes pages .*phoenix\.toml"):
        beside.have(write_due_pages, (FIRST,)).result()


def test_pages_that_it_has_not_written_are_written_when_the_run_ends(line, monkeypatch, caplog):
    died = Answer(DIED, b"killed by SIGKILL", "host:1", 0.1)
    monkeypatch.setattr(ProcessPool, "perform", lambda *_: died)
    run(line, end)
    assert page_of(line, FIRST).exists()
    assert not nights_due(line.workspace)
    assert "pages are written when the run ends: " in caplog.text
    assert "killed by SIGKILL" in caplog.text


def test_a_run_that_is_broken_off_writes_them_itself(line, monkeypatch):
    monkeypatch.setattr(ProcessPool, "perform", lambda *_: pytest.fail("too late for it"))
    monkeypatch.setattr(Beside, "wait", lambda _: pytest.fail("waited for it"))

    def stopped(line, night):
        report = end(line, night)
        if night.date == SECOND:
            raise KeyboardInterrupt
        return report

    with pytest.raises(KeyboardInterrupt):
        run(line, stopped)
    assert page_of(line, FIRST).exists()
    assert page_of(line, SECOND).exists()
    assert not nights_due(line.workspace)


def test_a_process_that_is_ended_before_its_end_is_no_fault(line):
    beside = Beside(line)
    done = beside.have(time.sleep)
    beside.close()
    assert done.cancelled() or done.exception() is None


def test_what_is_noted_while_pages_are_written_is_due_still(line, monkeypatch):
    def change(_store, workspace, *_):
        (note,) = workspace.folder("scratch").glob(f"{FIRST}.pages")
        os.utime(note, ns=(0, note.stat().st_mtime_ns + 1))

    pages_are_due(line.workspace, FIRST)
    with monkeypatch.context() as patch:
        patch.setattr("phoenix.monitor.write_night", change)
        write_due_pages(line, [FIRST])
    assert nights_due(line.workspace) == {str(FIRST)}
    write_due_pages(line, [FIRST])
    assert not nights_due(line.workspace)


def test_an_error_of_pages_is_that_of_the_run(line, monkeypatch):
    died = Answer(DIED, b"killed by SIGKILL", "host:1", 0.1)
    monkeypatch.setattr(ProcessPool, "perform", lambda *_: died)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("phoenix.monitor.write_night", full)
    with pytest.raises(OSError, match="No space left"):
        run(line, end)
    assert nights_due(line.workspace) == {str(FIRST), str(SECOND)}
