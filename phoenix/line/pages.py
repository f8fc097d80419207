"""The monitor pages of a pool."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

from phoenix.engine.calls import as_seen
from phoenix.errors import DataError
from phoenix.line.bad_data import breakpoints_of
from phoenix.line.beside import Here
from phoenix.line.metrics import record_metrics
from phoenix.model.plain import plain_log
from phoenix.store.rows import RunState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from concurrent.futures import Future
    from pathlib import Path

    from phoenix.line.beside import Writer
    from phoenix.line.context import LineContext
    from phoenix.model.dates import CivilDate
    from phoenix.model.epoch import InstrumentBreakpoint
    from phoenix.model.workspace import Workspace
    from phoenix.monitor import Declared
    from phoenix.store.rows import RunRow

__all__ = [
    "LivePages",
    "are_due",
    "history_is_due",
    "nights_due",
    "pages_are_due",
    "write_due_history",
    "write_due_pages",
    "write_history_now",
    "write_live_pages",
    "write_pages",
]

# When the first recipes run and there is time, and how often: an event is waited for 5 s at most,
# so that no page is older than 30 s (ours).
_FIRST, _EVERY = dt.timedelta(seconds=2), dt.timedelta(seconds=20)
# Where that takes long, many nights on a busy machine, a tenth of the time is all that it gets.
_REST = 9
_NOT_NOW = dt.datetime.max.replace(tzinfo=dt.UTC)
_HISTORY = "history"
_NOTE = ".pages"

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
    from phoenix.monitor import write_night  # noqa: PLC0415 - Jinja2

    nights = sorted({row.date for row in line.store.blocks.rows(since=since, until=until)})
    for night in nights:
        write_night(line.store, line.workspace, night, _declared(line), line.clock())
        record_metrics(line, night)
    return nights


def _write_overview(line: LineContext, nights: Iterable[str]) -> Path:
    """Write front page, history, and the metrics of the months and years of nights."""
    from phoenix.monitor import write_history, write_metrics  # noqa: PLC0415 - Jinja2

    write_metrics(line.store, line.workspace, nights)
    return write_history(line.store, line.workspace, _breakpoints(line), line.clock())


def _declared(line: LineContext) -> Declared:
    from phoenix.monitor import Declared  # noqa: PLC0415 - Jinja2

    return Declared(
        parameters=line.instrument.qc_parameters(line.process_row),
        bits=line.instrument.score_bits(line.process_row),
        history_days=line.settings.review.history_days,
    )


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


def are_due(workspace: Workspace, dates: Iterable[CivilDate]) -> bool:
    """Whether pages of one of these nights have to be written."""
    return any(_note(workspace, date).exists() for date in dates)


def write_due_pages(line: LineContext, dates: Iterable[CivilDate]) -> None:
    """Write the pages of those nights for which they are due.

    Front page, history and metrics have a row for each night: written after every night of a year
    they would take longer and longer. They are written when the call ends.
    """
    for date in dates:
        _write_if_due(line, date)


def _write_if_due(line: LineContext, date: CivilDate) -> None:
    note = _note(line.workspace, date)
    noted = _noted(note)
    if noted is None:
        return
    _write_nights(line, date, date)
    # The overview lacks it, or shows a run that has not ended yet.
    with _note(line.workspace, _HISTORY).open("a", encoding="utf-8") as stream:
        stream.write(f"{date}\n")
    if _noted(note) == noted:
        # Nothing was noted since. Another call may have written them meanwhile.
        note.unlink(missing_ok=True)


def _noted(note: Path) -> int | None:
    """Return when something was noted last, in ns; None for never."""
    try:
        return note.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _nights_noted(workspace: Workspace) -> list[str]:
    try:
        return sorted(set(_note(workspace, _HISTORY).read_text("utf-8").split()))
    except FileNotFoundError:
        return []


def history_is_due(workspace: Workspace) -> None:
    """Note that front page and history lack a call, though it changes no page of a night."""
    _note(workspace, _HISTORY).touch()


def write_due_history(line: LineContext) -> None:
    """Write the history, if a call that wrote pages has ended since.

    Two calls may end together: each reads while the other still runs, and writes when that has
    ended. So it is written until the calls are as they were shown, and stays due while it shows
    one that runs.
    """
    note = _note(line.workspace, _HISTORY)
    if not note.exists():
        return
    shown: tuple[RunRow, ...] | None = None
    while (calls := line.store.runs.rows()) != shown:
        shown, nights = calls, _nights_noted(line.workspace)
        seen = as_seen(line.workspace, line.store.locks, calls)
        _write_overview(line, nights)
        if any(call.state is RunState.RUNNING for call in seen):
            # Another call, which saw none, may have taken it away.
            note.touch()
        elif _nights_noted(line.workspace) == nights:
            note.unlink(missing_ok=True)


def write_history_now(line: LineContext) -> None:
    """Write front page and history as things stand, and again when the call has ended."""
    from phoenix.monitor import write_history  # noqa: PLC0415 - Jinja2

    _note(line.workspace, _HISTORY).touch()
    write_history(line.store, line.workspace, _breakpoints(line), line.clock())


def write_live_pages(
    line: LineContext, nights: Mapping[str, frozenset[str] | None], *, with_front: bool
) -> None:
    """Write the pages of nights that are being run.

    Parameters
    ----------
    line : LineContext
        Whose store is read.
    nights : mapping of str to frozenset of str, or None
        Night to the ABs whose pages are written, besides those that are running; None for all.
    with_front : bool
        Write front page and history too.
    """
    from phoenix.monitor import write_night  # noqa: PLC0415 - Jinja2

    for night, only in nights.items():
        write_night(line.store, line.workspace, night, _declared(line), line.clock(), only)
    if with_front:
        write_history_now(line)


class LivePages:
    """The pages of the nights that a run has open, written while it goes on.

    The page of a night, and those of its ABs that changed or are running, at least every 30 s,
    less often where they take more than a tenth of the time; front page and history once when the
    run begins, and then when it ends.

    Parameters
    ----------
    line : LineContext
        Whose store is read; its clock says when the next writing is due.
    writer : Writer, optional
        Who writes; if not given, the caller of :meth:`look` does.
    """

    def __init__(self, line: LineContext, writer: Writer | None = None) -> None:
        self.line = line
        self._writer = writer or Here(line)
        self._news: set[str] = set()
        self._shown: set[str] = set()
        self._due: dt.datetime | None = None

    def tell(self, names: Iterable[str]) -> None:
        """Hear of ABs that changed."""
        self._news.update(names)

    def look(self, dates: Iterable[CivilDate]) -> None:
        """Have the pages of these nights written if it is time to."""
        now = self.line.clock()
        if self._due is None:
            self._due = now + _FIRST
        nights = sorted({str(date) for date in dates})
        if now < self._due or not nights:
            # A night that is done loads nothing for pages, however long that takes to see.
            return
        self._due = _NOT_NOW
        news, self._news = frozenset(self._news), set()
        wanted = {night: news if night in self._shown else None for night in nights}
        done = self._writer.have(partial(write_live_pages, with_front=not self._shown), wanted)
        self._shown.update(nights)
        done.add_done_callback(partial(self._written, now))

    def _written(self, began: dt.datetime, done: Future[None]) -> None:
        """Say when the next writing is due; may be called by another thread."""
        if done.cancelled():
            return
        if error := done.exception():
            # The run matters more; its end writes them, and tells what is wrong.
            _log.warning("pages are not written while the run goes on: %s", error)
            self._shown.clear()
        ended = self.line.clock()
        self._due = ended + max(_EVERY, _REST * (ended - began))


def _note(workspace: Workspace, what: object) -> Path:
    return workspace.folder("scratch") / f"{what}{_NOTE}"
