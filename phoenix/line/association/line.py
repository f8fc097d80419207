"""An open workspace with its association rules: what is made of headers, before anything runs."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from phoenix.line.calls import Calls, run_table
from phoenix.line.context import LineContext
from phoenix.line.night.created_blocks import forget_made
from phoenix.model.ab import Mode
from phoenix.model.dates import nights_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from phoenix.archive.source import FolderSource
    from phoenix.line.association.header_pool import IndexReport
    from phoenix.line.calls import Tally
    from phoenix.line.report import PreparedPool
    from phoenix.line.table import Table
    from phoenix.model.dates import CivilDate
    from phoenix.oca import Explanation, RuleVersions
    from phoenix.store.store import Store

__all__ = ["AssociationLine"]


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class AssociationLine:
    """An open workspace, and its ABs made of headers; see ``ProductionLine`` for the rest."""

    def __init__(
        self,
        folder: Path | str = ".",
        clock: Callable[[], dt.datetime] = _utc_now,
        command: str = "",
    ) -> None:
        self._context = context = LineContext.open(Path(folder), clock)
        self.workspace, self.settings = context.workspace, context.settings
        self.instrument, self.process_row = context.instrument, context.process_row
        self.clock = context.clock
        self._calls = Calls(context, command)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._context.close()

    @property
    def store(self) -> Store:
        """What the line remembers; opened at first use.

        Raises
        ------
        StoreError
            If the database cannot be used.
        """
        return self._context.store

    @property
    def sources(self) -> tuple[FolderSource, ...]:
        """Where raw frames and master calibrations come from."""
        return self._context.sources

    @property
    def rules(self) -> RuleVersions:
        """The association rules; read at first use.

        Raises
        ------
        SettingsError
            If there are none.
        RuleSyntaxError
            If they cannot be read.
        """
        return self._context.rules

    # ---- what was called ------------------------------------------------------------------

    def last_runs(self, pool: str = "") -> Table:
        """Return what was called last, for a pool or at all: when, how it ended, what it did."""
        return run_table(self._context, pool)

    @contextmanager
    def recorded(self, verb: str, pool: str = "") -> Iterator[Tally]:
        """Record what is called within as one run."""
        with self._calls.recorded(verb, pool) as tally:
            yield tally

    # ---- from headers to ABs --------------------------------------------------------------

    def create(
        self,
        pool: str,
        only: tuple[str, ...] = (),
        *,
        mode: str = "",
        masters: bool = False,
        certified_only: bool = False,
        dry: bool = False,
    ) -> PreparedPool:
        """Make the ABs of a pool from its raw files, by the association rules.

        Parameters
        ----------
        pool : str
            Night, month, or ``2020-01-01..2020-01-30``.
        only : tuple of str
            Only these ABs and their parents; empty for all.
        mode : str
            CALIB or SCIENCE; empty for science with what it needs, calibrations where there is
            no science.
        masters : bool
            Make all master calibrations of these nights (``-X``).
        certified_only : bool
            Science by certified masters, none that is yet to be made.
        dry : bool
            Only show what would be made; write nothing.

        Raises
        ------
        DataError
            If there are no raw files, or the rules make nothing of them.
        BusyError
            If another run holds one of the nights.
        """
        from phoenix.line.association.create import Wanted  # noqa: PLC0415 - the same
        from phoenix.line.association.verbs import create_blocks  # noqa: PLC0415 - loads lark

        wanted = Wanted(
            pool, nights_of(pool), masters, Mode(mode) if mode else None, certified_only
        )
        if dry:
            return create_blocks(self._context, wanted, only, dry=True)
        with self.recorded("create-ab", pool) as tally:
            return tally.prepared(create_blocks(self._context, wanted, only))

    def forget(self, pool: str) -> tuple[CivilDate, ...]:
        """Give a pool the ABs of the repository again; return the nights that had created ones.

        Raises
        ------
        BusyError
            If a run holds one of them.
        """
        with self.recorded("ab forget", pool):
            return forget_made(self._context, nights_of(pool))

    def index(self) -> IndexReport:
        """Bring the header pool up to date, and say what is wrong with its files."""
        from phoenix.line.association.verbs import index_pool  # noqa: PLC0415 - loads lark

        with self.recorded("pool index") as tally:
            report = index_pool(self._context)
            tally.add({"read": report.read, "gone": report.gone})
            return report

    def explain(self, name: str, calib: str | None = None) -> Explanation:
        """Say why a created AB has the calibrations that it has.

        Raises
        ------
        DataError
            If it was not created here, or its action has no such calibration.
        """
        from phoenix.line.association.verbs import explain_block  # noqa: PLC0415 - loads lark

        return explain_block(self._context, name, calib)

    def verify(
        self,
        pool: str,
        *,
        rules: Sequence[Path] = (),
        answer: Path | None = None,
        mode: str = "",
    ) -> Table:
        """Compare created ABs with those of other rules, of calSelector, or of the repository.

        Parameters
        ----------
        pool : str
            Night or month.
        rules : sequence of Path
            Other rule files.
        answer : Path, optional
            An answer of calSelector; the ABs of the repository are taken without both.
        mode : str
            As for :meth:`create`.

        Raises
        ------
        DataError
            If the rules make nothing of the pool, or the answer is none.
        """
        from phoenix.line.association.verbs import verify_blocks  # noqa: PLC0415 - loads lark

        return verify_blocks(self._context, pool, rules=rules, answer=answer, mode=mode)
