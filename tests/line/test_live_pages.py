"""The pages of nights that are being run: when they are written; a fault of them costs no run."""

from __future__ import annotations

import datetime as dt
import json
import logging

import pytest

from phoenix.engine.lock import lock_of, night_lock
from phoenix.errors import DataError
from phoenix.line.pages import LivePages
from phoenix.line.production import ProductionLine
from phoenix.line.workspace import create_workspace
from phoenix.model.dates import CivilDate
from phoenix.model.report import JobState
from phoenix.store import BlockRow, JobRow

DATE = CivilDate.parse("2020-01-01")
NAMES = ("GIRAF.2020-01-02T01:00:00.000.ab", "GIRAF.2020-01-02T02:00:00.000.ab")
WRITE = "phoenix.line.pages.write_live_pages"
BEGAN = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)


class Clock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.now = BEGAN

    def __call__(self) -> dt.datetime:
        return self.now

    def after(self, seconds: float) -> None:
        self.now = BEGAN + dt.timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def context(tmp_path, clock):
    """A night of two ABs that is held, one of which is running."""
    create_workspace(tmp_path / "work", "GIRAFFE_MOS")
    with ProductionLine(tmp_path / "work", clock) as line:
        context = line._context
        context.store.blocks.save(BlockRow(name, str(DATE)) for name in NAMES)
        context.store.jobs.prepare({(name, "process"): "key" for name in NAMES})
        context.store.jobs.record([JobRow(NAMES[0], "process", JobState.RUNNING, started=BEGAN)])
        with night_lock(lock_of(context.workspace, DATE), BEGAN):
            yield context


def written(context) -> str:
    path = context.workspace.folder("monitor") / "nights" / str(DATE) / "index.json"
    return json.loads(path.read_text())["written"] if path.exists() else ""


def test_pages_are_written_when_the_first_recipes_run_and_every_20_s_from_then(context, clock):
    pages, seen = LivePages(context), []
    for seconds in (0, 1, 3, 15, 22, 24, 40):
        clock.after(seconds)
        pages.look([DATE])
        seen.append(written(context)[17:19])
    assert seen == ["", "", "03", "03", "03", "24", "24"]


def test_nothing_is_written_where_no_night_is_open(context, clock, monkeypatch):
    pages = LivePages(context)
    monkeypatch.setattr(WRITE, lambda *_, **_how: pytest.fail("pages of no night"))
    for seconds in (0, 3, 60):
        clock.after(seconds)
        pages.look([])


def test_pages_that_take_long_are_written_in_a_tenth_of_the_time(context, clock, monkeypatch):
    pages, began = LivePages(context), []

    def slow(*_, **_how):
        began.append((clock.now - BEGAN).total_seconds())
        clock.after(began[-1] + 5)

    monkeypatch.setattr(WRITE, slow)
    pages.look([DATE])
    for seconds in range(1, 110):
        if clock.now < BEGAN + dt.timedelta(seconds=seconds):
            clock.after(seconds)
        pages.look([DATE])
    assert began == [2, 52, 102]


def test_the_first_time_there_is_a_way_in(context, clock):
    pages = LivePages(context)
    pages.look([DATE])
    clock.after(3)
    pages.look([DATE])
    front = context.workspace.folder("monitor") / "index.html"
    assert str(DATE) in front.read_text()
    front.unlink()
    clock.after(60)
    pages.look([DATE])
    # Front page and history are written again when the run ends.
    assert not front.exists()


def test_of_abs_only_what_changed_or_runs_is_written_again(context, clock):
    pages = LivePages(context)
    folder = context.workspace.folder("monitor") / "nights" / str(DATE)
    pages.look([DATE])
    clock.after(3)
    pages.look([DATE])
    (folder / f"{NAMES[1].removesuffix('.ab')}.html").unlink()
    clock.after(24)
    pages.look([DATE])
    assert not (folder / f"{NAMES[1].removesuffix('.ab')}.html").exists()
    pages.tell([NAMES[1]])
    clock.after(50)
    pages.look([DATE])
    assert (folder / f"{NAMES[1].removesuffix('.ab')}.html").exists()


@pytest.mark.parametrize("error", [DataError("bad date"), OSError(28, "No space left")])
def test_pages_that_cannot_be_written_do_not_end_the_run(
    context, clock, monkeypatch, caplog, error
):
    def refuse(*_args, **_kwargs):
        raise error

    monkeypatch.setattr("phoenix.monitor.write_night", refuse)
    pages = LivePages(context)
    pages.look([DATE])
    clock.after(3)
    with caplog.at_level(logging.WARNING):
        pages.look([DATE])
    assert "pages are not written while the run goes on" in caplog.text


def test_status_knows_that_nothing_runs_in_a_night_that_nobody_holds(tmp_path):
    create_workspace(tmp_path / "work", "GIRAFFE_MOS")
    with ProductionLine(tmp_path / "work") as line:
        store = line._context.store
        store.blocks.save(BlockRow(name, str(DATE)) for name in NAMES)
        store.jobs.prepare({(name, "process"): "key" for name in NAMES})
        store.jobs.record(
            [
                JobRow(NAMES[0], "process", JobState.RUNNING, started=BEGAN),
                JobRow(NAMES[1], "process", JobState.READY),
            ]
        )
        assert {row["state"] for row in line.status(str(DATE)).records()} == {"created"}
        with night_lock(lock_of(line._context.workspace, DATE), BEGAN):
            states = {row["state"] for row in line.status(str(DATE)).records()}
        assert states == {"running", "ready"}
