"""The monitor pages of a pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.line.bad_data import breakpoints_of
from phoenix.line.metrics import record_metrics
from phoenix.model.plain import plain_log

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from pathlib import Path

    from phoenix.line.context import LineContext
    from phoenix.model.dates import CivilDate
    from phoenix.model.epoch import InstrumentBreakpoint
    from phoenix.model.workspace import Workspace

__all__ = [
    "PagesInTurn",
    "nights_due",
    "pages_are_due",
    "write_due_history",
    "write_due_pages",
    "write_history_now",
    "write_pages",
]

_HISTORY = "history"
_NOTE = ".pages"
# So many times as long as an overview took none is written (ours).
_REST = 9

_log = plain_log(__name__)


def write_pages(line: LineContext, since: CivilDate | None, until: CivilDate | None) -> Path:
    """Write the pages of the nights of a pool and the history; return the front page.

    Parameters
    ----------
    line : LineContext
        Whose store is read.
    since, until : CivilDate or None
        First and last night; None for all.
    """
    nights = _write_nights(line, since, until)
    return _write_overview(line, nights)


def _write_nights(
    line: LineContext, since: CivilDate | None, until: CivilDate | None
) -> list[str]:
    """Write the pages of the nights that have ABs, and return those."""
    from phoenix.monitor import Declared, write_night  # noqa: PLC0415 - Jinja2

    declared = Declared(
        parameters=line.instrument.qc_parameters(line.process_row),
        bits=line.instrument.score_bits(line.process_row),
        history_days=line.settings.review.history_days,
    )
    nights = sorted({row.date for row in line.store.blocks.rows(since=since, until=until)})
    for night in nights:
        write_night(line.store, line.workspace, night, declared)
        record_metrics(line, night)
    return nights


def _write_overview(line: LineContext, nights: Iterable[str]) -> Path:
    """Write front page, history, and the metrics of the months and years of nights."""
    from phoenix.monitor import write_history, write_metrics  # noqa: PLC0415 - Jinja2

    write_metrics(line.store, line.workspace, nights)
    return write_history(line.store, line.workspace, _breakpoints(line))


def _breakpoints(line: LineContext) -> tuple[InstrumentBreakpoint, ...]:
    """Return the instrument breakpoints; pages are written whatever their table is like."""
    try:
        return breakpoints_of(line)
    except DataError as error:
        _log.warning("no breakpoints on the pages: %s", error)
        return ()


def pages_are_due(workspace: Workspace, date: CivilDate) -> None:
    """Note that the pages of a night have to be written; a run that is killed leaves the note."""
    _note(workspace, date).touch()


def nights_due(workspace: Workspace) -> frozenset[str]:
    """Return the nights whose pages are not as the store is now: they are being worked on."""
    notes = workspace.folder("scratch").glob(f"*{_NOTE}")
    return frozenset(note.name.removesuffix(_NOTE) for note in notes) - {_HISTORY}


def write_due_pages(line: LineContext, dates: Iterable[CivilDate]) -> None:
    """Write the pages of those nights for which they are due, and the history."""
    PagesInTurn(line).write(dates)


class PagesInTurn:
    """Writes the pages of nights as these come in.

    Front page, history and metrics have a row for each night: written after every night of a year
    they would take longer and longer. They are written as often as takes a tenth of the time, and
    when the call has ended.

    Parameters
    ----------
    line : LineContext
        Whose pages.
    """

    def __init__(self, line: LineContext) -> None:
        self._line = line
        self._next: dt.datetime | None = None

    def write(self, dates: Iterable[CivilDate]) -> None:
        """Write the pages of those nights for which they are due."""
        written = [date for date in dates if _write_if_due(self._line, date)]
        began = self._line.clock()
        if written and (self._next is None or began >= self._next):
            _write_overview(self._line, _nights_noted(self._line.workspace))
            ended = self._line.clock()
            self._next = ended + _REST * (ended - began)


def _write_if_due(line: LineContext, date: CivilDate) -> bool:
    note = _note(line.workspace, date)
    if not note.exists():
        return False
    _write_nights(line, date, date)
    # The overview lacks it, or shows a run that has not ended yet.
    with _note(line.workspace, _HISTORY).open("a", encoding="utf-8") as stream:
        stream.write(f"{date}\n")
    # Another call may have written them meanwhile.
    note.unlink(missing_ok=True)
    return True


def _nights_noted(workspace: Workspace) -> list[str]:
    try:
        return sorted(set(_note(workspace, _HISTORY).read_text("utf-8").split()))
    except FileNotFoundError:
        return []


def write_due_history(line: LineContext) -> None:
    """Write the history once more, if a run that wrote pages has ended since."""
    note = _note(line.workspace, _HISTORY)
    if note.exists():
        _write_overview(line, _nights_noted(line.workspace))
        note.unlink(missing_ok=True)


def write_history_now(line: LineContext) -> None:
    """Write front page and history as things stand."""
    from phoenix.monitor import write_history  # noqa: PLC0415 - Jinja2

    write_history(line.store, line.workspace, _breakpoints(line))


def _note(workspace: Workspace, what: object) -> Path:
    return workspace.folder("scratch") / f"{what}{_NOTE}"
