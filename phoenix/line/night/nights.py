"""Several nights in one run: they overlap; one that another run holds is left for the end."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, TypeVar

from attrs import define, evolve, frozen

from phoenix.engine.cluster import open_cluster
from phoenix.engine.job import Batch
from phoenix.engine.run import run as run_jobs
from phoenix.errors import BusyError, PhoenixError
from phoenix.line.beside import Beside, Here
from phoenix.line.jobs.leaving import let_go
from phoenix.line.jobs.remember import record_changes
from phoenix.line.jobs.work import PROCESS, work
from phoenix.line.night.created_blocks import other_candidates
from phoenix.line.night.hold import hold_nights
from phoenix.line.night.policy import are_bound, nights_held
from phoenix.line.night.process import Teller, tell_pages
from phoenix.line.pages import LivePages, are_due, write_due_pages
from phoenix.line.preload import load_for_jobs
from phoenix.line.report import NightReport
from phoenix.model.plain import plain_log
from phoenix.model.report import NEXT_BY_RULES, JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from phoenix.engine.job import Change, Key, Progress
    from phoenix.line.beside import Writer
    from phoenix.line.context import LineContext
    from phoenix.line.jobs.progress import ProgressBar
    from phoenix.line.report import PreparedNight

__all__ = ["Part", "in_turn", "run_nights"]

T = TypeVar("T")

_log = plain_log(__name__)


@frozen
class Part:
    """A part of a run, as it is done with each night while it is held.

    Attributes
    ----------
    begin : callable
        Given the line and the night: makes its jobs.
    end : callable
        Given the same when all its jobs have ended: finishes the part and reports.
    """

    begin: Callable[[LineContext, PreparedNight], Batch]
    end: Callable[[LineContext, PreparedNight], NightReport]


def run_nights(
    line: LineContext,
    nights: Sequence[PreparedNight],
    part: Part,
    progress: ProgressBar | None = None,
    note: Callable[[str], None] | None = None,
) -> tuple[NightReport, ...]:
    """Do a part of a run with every night, and show it on the pages.

    Nights overlap: before the machines have nothing left of one, the next is begun, if neither
    makes what the other reads. Each is held from its begin to its end and no longer; one that
    another run holds is tried once more at the end.

    Parameters
    ----------
    line : LineContext
        Workspace, instrument, store.
    nights : sequence of PreparedNight
        Of a pool, in the order in which they are begun.
    part : Part
        What is done.
    progress : callable, optional
        Told after every AB.
    note : callable, optional
        Told what machines the run waits for, and an empty text when they have come.

    Raises
    ------
    BusyError
        If another run holds the only night.
    PhoenixError, OSError
        What ended a night; raised when the others are done.
    """
    with ExitStack() as stack:
        first = load_for_jobs, line.instrument.name
        cluster = stack.enter_context(open_cluster(line.settings.engine, first, line.workspace))
        # Few pages are not worth a process.
        writer = Beside(line) if len(nights) > 1 else Here(line)
        stack.callback(writer.close)
        flight = _Flight(line, nights, part, progress, stack, writer)

        def waits(text: str) -> None:
            flight.tell.waits(text)
            if note is not None:
                note(text)

        try:
            run_jobs(
                (),
                work,
                cluster,
                flight.stored,
                line.clock,
                more=flight.more,
                on_progress=flight.show,
                on_wait=waits,
            )
            flight.write_rest()
        except BaseException:
            # Ctrl-C, for example: no page must go on saying that a run is on.
            flight.break_off()
            raise
        return flight.reports()


@define
class _Open:
    """A night that is being run."""

    number: int
    left: set[Key]
    held: ExitStack
    has_worked: bool = False


class _Flight:
    """The nights of a run: which wait, which are open, and what became of the others."""

    def __init__(
        self,
        line: LineContext,
        nights: Sequence[PreparedNight],
        part: Part,
        progress: ProgressBar | None,
        stack: ExitStack,
        writer: Writer,
    ) -> None:
        self.line = line
        self.nights = nights
        self.part = part
        self.stack = stack
        self.tell = Teller(progress)
        self.waiting = deque(range(len(nights)))
        self.open: list[_Open] = []
        self.bound: dict[tuple[int, int], bool] = {}
        self.held: dict[int, str] = {}
        self.done: dict[int, NightReport] = {}
        self.errors: list[Exception] = []
        self.lost: set[str] = set()
        self.writer = writer
        self.pages = LivePages(line, writer)

    def more(self) -> Batch | None:
        """Open the next night and return its jobs; None if it must wait, or there is none."""
        if not self.waiting or any(
            self._are_bound(one.number, self.waiting[0]) for one in self.open
        ):
            return None
        return self._begin(self.waiting.popleft())

    def stored(self, changes: tuple[Change, ...]) -> None:
        """Store what has changed; end the nights of which nothing is left."""
        changes = tuple(map(self._with_candidates, changes))
        record_changes(self.line.store, self.line.workspace, changes)
        self.tell(changes)
        self.pages.tell(change.ab_name for change in changes)
        if any(change.state is JobState.RUNNING for change in changes):
            # A job that is told to be running lasts: there is time.
            self.writer.load()
        ended = {change.key for change in changes if change.result is not None}
        for one in tuple(self.open):
            self._let_go(one, ended & one.left)
            one.left -= ended
            if not one.left:
                self._end(one)

    def show(self, _progress: Progress) -> None:
        """Write the pages of the nights that are being run, if it is time to."""
        nights = (self.nights[one.number] for one in self.open)
        self.pages.look(date for night in nights for date in night.every_night)

    def break_off(self) -> None:
        """Let go of the nights that are being run, and let their pages say so."""
        for one in self.open:
            one.held.close()
        self.writer.close()
        for number in (*self.done, *(one.number for one in self.open)):
            with suppress(PhoenixError, OSError):
                write_due_pages(self.line, self.nights[number].every_night)

    def write_rest(self) -> None:
        """Write the pages that are due still, when all nights have ended."""
        self.writer.wait()
        for number in self.done:
            night = self.nights[number]
            try:
                write_due_pages(self.line, night.every_night)
            except (PhoenixError, OSError) as error:
                self._tell_error(night, error)

    def _are_bound(self, one: int, other: int) -> bool:
        # Asked again for every event while a night waits; nights stay as they were prepared.
        if (one, other) not in self.bound:
            nights = self.nights[one], self.nights[other]
            self.bound[one, other] = are_bound(self.line.workspace, *nights)
        return self.bound[one, other]

    def _let_go(self, one: _Open, ended: set[Key]) -> None:
        """Take away what the ABs that have ended were the last to read."""
        if ended:
            names = {name for name, _ in ended}
            self.pages.tell(let_go(self.line, self.nights[one.number].cascade, names))

    def _with_candidates(self, change: Change) -> Change:
        """Let the reason of an AB that lost its master say what could take that one's place."""
        result = change.result
        if result is None or change.step != PROCESS or result.state is JobState.SUCCESSFUL:
            return change
        self.lost.add(change.ab_name)
        if result.state is not JobState.BLOCKED:
            return change
        others = other_candidates(self.line.workspace, change.ab_name, self.lost)
        if not others:
            return change
        reason = f"{result.reason}{NEXT_BY_RULES}{others}, see `phoenix explain`"
        return evolve(change, result=evolve(result, reason=reason))

    def reports(self) -> tuple[NightReport, ...]:
        """Return what became of each night; raise what ended one."""
        for error in self.errors[:1]:
            raise error
        return tuple(self.done[number] for number in range(len(self.nights)))

    def _begin(self, number: int) -> Batch:
        night = self.nights[number]
        held = self.stack.enter_context(ExitStack())
        one = _Open(number, set(), held)
        try:
            held.enter_context(hold_nights(self.line, nights_held(night)))
            batch = self.part.begin(self.line, night)
        except BusyError as error:
            held.close()
            self._leave_for_later(number, str(error))
            return Batch(())
        except (PhoenixError, OSError) as error:
            self._give_up(one, error)
            return Batch(())
        one.left = {job.key for job in batch.jobs}
        one.has_worked = bool(one.left)
        self.open.append(one)
        self.tell.expect(batch.jobs)
        if not one.left:
            self._end(one)
        return batch

    def _end(self, one: _Open) -> None:
        night = self.nights[one.number]
        try:
            self.done[one.number] = self.part.end(self.line, night)
            one.held.close()
            if one.has_worked:
                # Pages of a night that shares a date with it may have been written meanwhile.
                tell_pages(self.line, night)
            if are_due(self.line.workspace, night.every_night):
                written = self.writer.have(write_due_pages, night.every_night)
                written.add_done_callback(_tell_unwritten)
        except (PhoenixError, OSError) as error:
            self._give_up(one, error)
        # Not before: a run that is broken off meanwhile lets go of it and writes its pages.
        self.open.remove(one)

    def _leave_for_later(self, number: int, why: str) -> None:
        night = self.nights[number]
        if len(self.nights) == 1:
            raise BusyError(why)
        if number in self.held:
            self.done[number] = NightReport.of_held(night, why)
            return
        _log.warning("%s is left for later: %s", night.date, why)
        self.held[number] = why
        self.waiting.append(number)

    def _give_up(self, one: _Open, error: Exception) -> None:
        """End a night with an error; the others go on."""
        one.held.close()
        self._tell_error(self.nights[one.number], error)

    def _tell_error(self, night: PreparedNight, error: Exception) -> None:
        if len(self.nights) > 1:
            _log.error("%s: %s", night.date, error)
        self.errors.append(error)


def _tell_unwritten(done: Future[None]) -> None:
    """Tell why pages wait for the end of the run; that says what is wrong if it still is."""
    if not done.cancelled() and (error := done.exception()):
        _log.warning("pages are written when the run ends: %s", error)


def in_turn(
    nights: Sequence[PreparedNight],
    do: Callable[[PreparedNight], T],
    skip: Callable[[PreparedNight, str], T],
) -> tuple[T, ...]:
    """Do something with each night; those that are held are tried once more at the end.

    Parameters
    ----------
    nights : sequence of PreparedNight
        Of a pool.
    do : callable
        Given a night.
    skip : callable
        Given a night that was held both times, and by whom.

    Raises
    ------
    BusyError
        If another run holds the only night.
    """
    if len(nights) == 1:
        return (do(nights[0]),)
    done: dict[int, T] = {}
    held = _try(nights, range(len(nights)), do, done)
    held = _try(nights, held, do, done)
    done |= {number: skip(nights[number], why) for number, why in held.items()}
    return tuple(done[number] for number in range(len(nights)))


def _try(
    nights: Sequence[PreparedNight],
    numbers: Sequence[int] | dict[int, str],
    do: Callable[[PreparedNight], T],
    done: dict[int, T],
) -> dict[int, str]:
    """Do what can be done; return the numbers of the nights that are held, and by whom."""
    held = {}
    for number in numbers:
        try:
            done[number] = do(nights[number])
        except BusyError as error:
            _log.warning("%s is left for later: %s", nights[number].date, error)
            held[number] = str(error)
    return held
