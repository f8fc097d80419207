"""The production line: one object for a workspace, the same in a notebook and on a terminal."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Self

from phoenix.line import lists
from phoenix.line.context import LineContext
from phoenix.line.historical import find_block
from phoenix.line.made import forget_made
from phoenix.line.pages import write_due_pages, write_pages
from phoenix.line.prepare import prepare_pool
from phoenix.line.runs import names_to_redo, run_of
from phoenix.line.verdict import give_verdict
from phoenix.model.ab import Mode
from phoenix.model.dates import nights_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from phoenix.archive.source import FolderSource
    from phoenix.line.pool import IndexReport
    from phoenix.line.report import NightReport, PreparedPool, StepReport
    from phoenix.line.run import ProgressBar
    from phoenix.line.table import Table
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.dates import CivilDate
    from phoenix.model.score import Verdict
    from phoenix.oca import Explanation, RuleVersions
    from phoenix.store.store import Store

__all__ = ["ProductionLine"]


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class ProductionLine:
    """The line of one workspace: prepare, process, certify, finish; convert and ingest apart.

    Every method takes a pool: a night (``2020-01-01``) or a month (``2020-01``).

    Parameters
    ----------
    folder : Path or str
        The workspace, the folder with ``phoenix.toml``.
    clock : callable, optional
        Gives the time in UTC.

    Examples
    --------
    >>> line = ProductionLine("work")  # doctest: +SKIP
    >>> line.prepare("2020-01-01", dry=True)  # doctest: +SKIP
    >>> (night,) = line.run("2020-01-01")  # doctest: +SKIP
    >>> night.measurements("SNR")  # doctest: +SKIP
    """

    def __init__(
        self, folder: Path | str = ".", clock: Callable[[], dt.datetime] = _utc_now
    ) -> None:
        self._context = context = LineContext.open(Path(folder), clock)
        self.workspace, self.settings = context.workspace, context.settings
        self.instrument, self.process_row = context.instrument, context.process_row
        self.clock = context.clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
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

    # ---- prepare (breakpoint C) -----------------------------------------------------------

    def prepare(self, pool: str, only: tuple[str, ...] = (), *, dry: bool = False) -> PreparedPool:
        """Fetch the ABs of a pool, edit them, build their cascade and write them down.

        Nights whose ABs were created have those; see :meth:`create`.

        Parameters
        ----------
        pool : str
            Night or month.
        only : tuple of str
            Only these ABs and their parents; empty for all.
        dry : bool
            Only show what would be run; touch nothing.

        Raises
        ------
        DataError
            If there are no ABs.
        BusyError
            If another run holds the night.
        """
        return prepare_pool(self._context, pool, only, dry=dry)

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
            Make all master calibrations of the pool anew (``-X``).
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
        from phoenix.line.associate import create_blocks  # noqa: PLC0415 - loads lark
        from phoenix.line.create import Wanted  # noqa: PLC0415 - the same

        wanted = Wanted(
            pool, nights_of(pool), masters, Mode(mode) if mode else None, certified_only
        )
        return create_blocks(self._context, wanted, only, dry=dry)

    def forget(self, pool: str) -> tuple[CivilDate, ...]:
        """Give a pool the ABs of the repository again; return the nights that had created ones.

        Raises
        ------
        BusyError
            If a run holds one of them.
        """
        return forget_made(self._context, nights_of(pool))

    def index(self) -> IndexReport:
        """Bring the header pool up to date, and say what is wrong with its files."""
        from phoenix.line.associate import index_pool  # noqa: PLC0415 - loads lark

        return index_pool(self._context)

    def explain(self, name: str, calib: str | None = None) -> Explanation:
        """Say why a created AB has the calibrations that it has.

        Raises
        ------
        DataError
            If it was not created here, or its action has no such calibration.
        """
        from phoenix.line.associate import explain_block  # noqa: PLC0415 - loads lark

        return explain_block(self._context, name, calib)

    def block(self, name: str) -> tuple[AssociationBlock, AssociationBlock]:
        """Return an AB as it is in the repository, or was created, and as it would be run.

        Raises
        ------
        DataError
            If there is no such AB, or it cannot be run.
        """
        return find_block(self._context, name)

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
        from phoenix.line.associate import verify_blocks  # noqa: PLC0415 - loads lark

        return verify_blocks(self._context, pool, rules=rules, answer=answer, mode=mode)

    # ---- process (breakpoint P), certify, finish (breakpoint M) ----------------------------

    def process(
        self, prepared: PreparedPool, progress: ProgressBar | None = None
    ) -> tuple[NightReport, ...]:
        """Run the recipes, measure, score and draw what is not done yet."""
        return tuple(run_of(self._context, night, progress).process() for night in prepared.nights)

    def certify(self, prepared: PreparedPool) -> tuple[NightReport, ...]:
        """Give verdicts: green by rule, red and a random share of green to a person."""
        return tuple(run_of(self._context, night).certify() for night in prepared.nights)

    def finish(self, prepared: PreparedPool) -> tuple[NightReport, ...]:
        """Rename and move the products, write the pages."""
        reports = tuple(run_of(self._context, night).finish() for night in prepared.nights)
        for night in prepared.nights:
            write_due_pages(self._context, night.every_night)
        return reports

    def complete(
        self, pool: str, *, until: str = "M", progress: ProgressBar | None = None
    ) -> tuple[NightReport, ...]:
        """Make the masters of a pool, then its science with those that are certified.

        Raises
        ------
        DataError
            If there are no raw files, or the rules make nothing of them.
        """
        masters = self.create(pool, masters=True)
        made = self.run(pool, prepared=masters, progress=progress)
        science = self.create(pool, mode=Mode.SCIENCE.value, certified_only=True)
        return (*made, *self.run(pool, prepared=science, until=until, progress=progress))

    def run(
        self,
        pool: str,
        only: tuple[str, ...] = (),
        *,
        until: str = "M",
        resume: bool = False,
        prepared: PreparedPool | None = None,
        progress: ProgressBar | None = None,
    ) -> tuple[NightReport, ...]:
        """Run a pool in one go; what was done before is not done again.

        Parameters
        ----------
        pool : str
            Night or month.
        only : tuple of str
            Only these ABs and their parents; empty for all.
        until : str
            Breakpoint at which to stop: ``P`` or ``M``.
        resume : bool
            Take up behind breakpoint P: certify and move, run no recipe.
        prepared : PreparedPool, optional
            What :meth:`create` made; else the ABs are those of :meth:`prepare`.
        progress : callable, optional
            Told done, total and a text after every AB.

        Raises
        ------
        DataError
            If there are no ABs.
        BusyError
            If another run holds the night.
        """
        reports = []
        for night in (prepared or self.prepare(pool, only, dry=True)).nights:
            run = run_of(self._context, night, progress)
            reports.append(run.take_up(until) if resume else run.everything(until))
            write_due_pages(self._context, night.every_night)
        return tuple(reports)

    # ---- again ----------------------------------------------------------------------------

    def to_redo(self, pool: str) -> tuple[str, ...]:
        """Return the ABs that failed or were gated, and those that hang on them, in order."""
        return names_to_redo(self._context, self.prepare(pool, dry=True))

    def rerun(self, pool: str, progress: ProgressBar | None = None) -> tuple[NightReport, ...]:
        """Do again exactly what failed, and what hung on it."""
        reports = []
        for night in self.prepare(pool, dry=True).nights:
            reports.append(run_of(self._context, night, progress).again())
            write_due_pages(self._context, night.every_night)
        return tuple(reports)

    # ---- what came of it ------------------------------------------------------------------

    def status(self, pool: str) -> Table:
        """Return where every AB of a pool stands."""
        return lists.status_table(self._context, pool)

    def limits(self, pool: str) -> tuple[CivilDate, CivilDate]:
        """Return the first and the last night of a pool."""
        return lists.limits_of(pool)

    def qc_parameters(self) -> Table:
        """Return the declared QC parameters."""
        return lists.parameter_table(self._context)

    def qc_table(
        self, pool: str, parameters: tuple[str, ...] = (), *, elements: bool = False
    ) -> Table:
        """Return what was measured of a pool, from the database."""
        return lists.measurement_table(self._context, pool, parameters, elements=elements)

    def score_table(self, pool: str) -> Table:
        """Return the scores of a pool, from the database."""
        return lists.score_table(self._context, pool)

    def give_verdict(self, name: str, *, reject: bool, comment: str, by: str) -> Verdict:
        """Certify or reject the products of an AB, as a person.

        Raises
        ------
        DataError
            If the line knows no such AB, or a rejection has no comment.
        """
        return give_verdict(self._context, name, reject=reject, comment=comment, by=by)

    # ---- convert and ingest, started apart ------------------------------------------------

    def convert(self, pool: str) -> StepReport:
        """Convert the science products of a pool to IDPs and validate them.

        Raises
        ------
        BusyError
            If a run holds the night.
        """
        from phoenix.line.deliver import convert_night  # noqa: PLC0415 - loads astropy

        return convert_night(self._context, pool)

    def ingest(self, pool: str, *, only_check: bool = False) -> StepReport:
        """Check the IDPs of a pool and hand them over to the Phase 3 archive.

        Raises
        ------
        BusyError
            If a run holds the night.
        """
        from phoenix.line.deliver import check_night, ingest_night  # noqa: PLC0415 - loads astropy

        return (check_night if only_check else ingest_night)(self._context, pool)

    def write_pages(self, pool: str = "") -> Path:
        """Write the monitor pages of a pool, or of everything, and return the front page."""
        since, until = self.limits(pool) if pool else (None, None)
        return write_pages(self._context, since, until)
