"""What was called when: a call that changes a workspace says that it began and how it ended."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from attrs import evolve, field, mutable

from phoenix.engine.calls import as_seen, clear_dead, hold_call
from phoenix.errors import PhoenixError
from phoenix.line.pages import write_due_history, write_history_now
from phoenix.line.report import waits_for
from phoenix.line.table import Table
from phoenix.line.workspace import has_store
from phoenix.model.dates import nights_of
from phoenix.model.plain import one_line, shortened
from phoenix.steps.versions import own_versions
from phoenix.store.rows import RunRow, RunState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from phoenix.line.context import LineContext
    from phoenix.line.report import DeliveryReport, NightReport, PreparedPool

__all__ = ["Calls", "Tally", "run_table"]

LAST = 10
"""So many runs are shown."""


@mutable
class Tally:
    """What a call has done so far.

    Attributes
    ----------
    counts : Counter
        ABs by state, IDPs, whatever the verb makes.
    wrong : int
        How many of them have something wrong.
    skipped : list of str
        What was not done, and why.
    awaited : set of str
        ABs that a person must certify before the rest can be done.
    note : callable
        Remembers and shows what the call waits for; empty for nothing.
    """

    counts: Counter[str] = field(factory=Counter)
    wrong: int = 0
    skipped: list[str] = field(factory=list)
    awaited: set[str] = field(factory=set)
    note: Callable[[str], None] = field(default=lambda _: None)

    def add(self, counts: Mapping[str, int], wrong: int = 0) -> None:
        """Add what was done."""
        self.counts.update({name: number for name, number in counts.items() if number})
        self.wrong += wrong

    def nights(self, reports: tuple[NightReport, ...]) -> tuple[NightReport, ...]:
        """Add nights, and return them."""
        for report in reports:
            self.add(report.states, report.wrong)
            self.awaited.update(report.awaited)
            if report.skipped:
                self.skipped.append(f"{report.date} was skipped: {report.skipped}")
        return reports

    def files(self, report: DeliveryReport) -> DeliveryReport:
        """Add converted or ingested files, and return the report of them."""
        self.add({"IDPs": len(report.rows) - report.wrong, "wrong": report.wrong}, report.wrong)
        self.skipped += report.skipped
        return report

    def prepared(self, pool: PreparedPool) -> PreparedPool:
        """Add ABs that were made or written, and return them."""
        refused = len(pool.refused)
        self.add({"ABs": len(pool.blocks), "refused": refused}, refused)
        return pool

    @property
    def state(self) -> RunState:
        """How a call ends that has come to its end."""
        if self.awaited and not self.skipped:
            return RunState.WAITS
        return RunState.WRONG if self.wrong or self.skipped else RunState.DONE

    @property
    def reason(self) -> str:
        """Why it is not done to the end, empty where it is."""
        waits = [waits_for(sorted(self.awaited))] if self.awaited else []
        return "; ".join((*self.skipped, *waits))


class Calls:
    """Records the calls of a line; a call within another is part of that one.

    Parameters
    ----------
    line : LineContext
        Workspace, store, clock.
    command : str
        What was typed; empty for a call in Python.
    """

    def __init__(self, line: LineContext, command: str = "") -> None:
        self.line = line
        self.command = command
        self._open: Tally | None = None

    @contextmanager
    def recorded(self, verb: str, pool: str = "") -> Iterator[Tally]:
        """Record a call; it counts what it does in the tally that it is given.

        Raises
        ------
        DataError
            If the text is no pool.
        """
        if self._open is not None:
            yield self._open
            return
        self.line.ask_again()
        with self._begun(verb, pool) as run:
            self._open = Tally(note=partial(self._note, run))
            try:
                yield self._open
            except BaseException as error:
                # What went wrong is told before what cannot be recorded of it.
                with suppress(PhoenixError):
                    self._end(run, *_state_of(error))
                with suppress(PhoenixError, OSError):
                    write_due_history(self.line)
                raise
            else:
                self._end(run, self._open.state, self._open.reason)
            finally:
                self._open = None
        write_due_history(self.line)

    @contextmanager
    def _begun(self, verb: str, pool: str) -> Iterator[RunRow]:
        nights = nights_of(pool) if pool else ()
        command = self.command or f"from Python: {verb} {pool}".rstrip()
        run = RunRow(
            verb,
            pool,
            shortened(one_line(command)),
            self.line.clock(),
            since=str(nights[0]) if nights else "",
            until=str(nights[-1]) if nights else "",
            versions=dict(own_versions(self.line.instrument.name)),
        )
        with ExitStack() as held:
            # One transaction: nobody sees a run that has begun and does not hold its file yet.
            with self.line.store.transaction():
                clear_dead(self.line.workspace)
                run = self.line.store.runs.begin(run)
                held.enter_context(hold_call(self.line.workspace, self.line.store.locks, run))
            yield run

    def _note(self, run: RunRow, text: str) -> None:
        self.line.store.runs.note(run.id, text)
        write_history_now(self.line)

    def _end(self, run: RunRow, state: RunState, reason: str = "") -> None:
        counts = dict(self._open.counts) if self._open else {}
        self.line.store.runs.end(
            evolve(run, ended=self.line.clock(), state=state, reason=reason, counts=counts)
        )


def _state_of(error: BaseException) -> tuple[RunState, str]:
    """Return how a call ended that did not come to its end, and why."""
    if isinstance(error, KeyboardInterrupt | SystemExit):
        return RunState.STOPPED, ""
    return RunState.NOT_DONE, str(error) or type(error).__name__


def run_table(line: LineContext, pool: str = "") -> Table:
    """Return the last runs, of a pool or of all, the newest first; makes no database to look."""
    columns = ("began", "verb", "pool", "state", "s", "did", "command", "reason")
    title = f"last runs of {pool or line.process_row.name}"
    if not has_store(line.workspace, line.settings):
        return Table(title, columns, ())
    nights = nights_of(pool) if pool else (None,)
    found = line.store.runs.rows(since=nights[0], until=nights[-1], last=LAST)
    seen = as_seen(line.workspace, line.store.locks, found)
    return Table(title, columns, tuple(map(_row, seen[::-1])))


def _row(run: RunRow) -> tuple[str | float | None, ...]:
    return (
        run.started.isoformat(" ", "seconds"),
        run.verb,
        run.pool,
        run.state.value,
        round((run.ended - run.started).total_seconds(), 3) if run.ended else None,
        ", ".join(f"{number} {name}" for name, number in run.counts.items()),
        shortened(one_line(run.command)),
        shortened(one_line(run.reason)),
    )
