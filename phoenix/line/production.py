"""The production line: one object for a workspace, the same in a notebook and on a terminal."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from phoenix.line.answers import lists
from phoenix.line.answers.stats import stats_table
from phoenix.line.association.line import AssociationLine
from phoenix.line.certification.line import CertificationLine
from phoenix.line.delivery.line import DeliveryLine
from phoenix.line.grades.line import GradesLine
from phoenix.line.jobs.memory import told_of_memory
from phoenix.line.night.again import to_redo
from phoenix.line.night.historical import find_block
from phoenix.line.night.nights import run_nights
from phoenix.line.night.parts import CERTIFY, FINISH, LOOK, PROCESS, REDO, RUN, TAKE_UP
from phoenix.line.night.prepare import prepare_pool
from phoenix.line.night.standing import pending
from phoenix.line.nights import nights_table
from phoenix.line.pages import write_pages
from phoenix.line.qc1.line import QCLine
from phoenix.line.workflow import Followed, Source, refuse_unsupervised
from phoenix.line.workspace import has_store
from phoenix.model.ab import Mode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from phoenix.line.night.nights import Part
    from phoenix.line.night.process import ProgressBar
    from phoenix.line.report import NightReport, PreparedPool, StepReport
    from phoenix.line.table import Table
    from phoenix.line.workflow import Workflow
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.dates import CivilDate

__all__ = ["ProductionLine"]


class ProductionLine(AssociationLine, CertificationLine, DeliveryLine, GradesLine, QCLine):
    """The line of one workspace: prepare, process, certify, finish; convert and ingest apart.

    Every method takes a pool: a night (``2020-01-01``) or a month (``2020-01``).

    Parameters
    ----------
    folder : Path or str
        The workspace, the folder with ``phoenix.toml``.
    clock : callable, optional
        Gives the time in UTC.
    command : str
        What was typed, for the list of runs; empty for calls in Python.

    Examples
    --------
    >>> line = ProductionLine("work")  # doctest: +SKIP
    >>> line.prepare("2020-01-01", dry=True)  # doctest: +SKIP
    >>> (night,) = line.run("2020-01-01")  # doctest: +SKIP
    >>> night.measurements("SNR")  # doctest: +SKIP
    """

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
            If other runs hold nights of it; the others are written.
        """
        if dry:
            return prepare_pool(self._context, pool, only, dry=True)
        with self.recorded("prepare", pool) as tally:
            return tally.prepared(prepare_pool(self._context, pool, only))

    def pending(self, prepared: PreparedPool) -> dict[str, str]:
        """Return the ABs of which a run would do something, and why; touch nothing.

        ABs that failed are not among them; see :meth:`to_redo`.
        """
        return pending(self._context, prepared)

    def block(self, name: str) -> tuple[AssociationBlock, AssociationBlock]:
        """Return an AB as it is in the repository, or was created, and as it would be run.

        Raises
        ------
        DataError
            If there is no such AB, or it cannot be run.
        """
        return find_block(self._context, name)

    # ---- process (breakpoint P), certify, finish (breakpoint M) ----------------------------

    def process(
        self, prepared: PreparedPool, progress: ProgressBar | None = None
    ) -> tuple[NightReport, ...]:
        """Run the recipes, measure, score and draw what is not done yet."""
        return self._each("process", prepared, PROCESS, progress)

    def certify(self, prepared: PreparedPool) -> tuple[NightReport, ...]:
        """Give verdicts: green by rule, red and a random share of green to a person."""
        return self._each("certify", prepared, CERTIFY)

    def finish(self, prepared: PreparedPool) -> tuple[NightReport, ...]:
        """Rename and move the products, write the pages."""
        return self._each("finish", prepared, FINISH)

    def _each(
        self,
        verb: str,
        prepared: PreparedPool,
        part: Part,
        progress: ProgressBar | None = None,
    ) -> tuple[NightReport, ...]:
        with self.recorded(verb, prepared.pool) as tally:
            return tally.nights(
                run_nights(self._context, prepared.nights, part, progress, tally.note)
            )

    def complete(
        self, pool: str, *, stop_at: str = "M", progress: ProgressBar | None = None
    ) -> tuple[NightReport, ...]:
        """Make the masters of a pool, then its science with those that are certified.

        Science whose masters wait for a person is not made: the reports name it and what it waits
        for (``NightReport.waiting``, ``awaited``). Once that was certified or rejected, the same
        call does the rest and nothing twice.

        Raises
        ------
        DataError
            If there are no raw files, or the rules make nothing of them.
        """
        refuse_unsupervised(self._context.process_row, pool, in_one_go=True)
        with self.recorded("run", pool):
            masters = self.create(pool, masters=True)
            made = self.run(pool, prepared=masters, progress=progress)
            science = self.create(pool, mode=Mode.SCIENCE.value, certified_only=True)
            return (*made, *self.run(pool, prepared=science, stop_at=stop_at, progress=progress))

    def run(
        self,
        pool: str,
        only: tuple[str, ...] = (),
        *,
        stop_at: str = "M",
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
        stop_at : str
            Breakpoint at which to stop: ``P`` or ``M``.
        resume : bool
            Begin after breakpoint P: certify and move, run no recipe.
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
        whole = stop_at == "M"
        refuse_unsupervised(self._context.process_row, pool, in_one_go=whole and not resume)
        part = (TAKE_UP if whole else LOOK) if resume else RUN if whole else PROCESS
        ready = prepared or self.prepare(pool, only, dry=True)
        return self._each("run", ready, part, progress)

    def follow(
        self,
        pool: str,
        workflow: Workflow,
        *,
        tell: Callable[[str], object] = print,
        progress: ProgressBar | None = None,
    ) -> Followed:
        """Do what a workflow says, in one run.

        Parameters
        ----------
        pool : str
            Night or month.
        workflow : Workflow
            Where ABs come from, where to begin and to stop.
        tell : callable
            Told what the preparation has to say, before any recipe is run.
        progress : callable, optional
            Told done, total and a text after every AB.

        Raises
        ------
        DataError
            If there are no ABs, or the rules make nothing of the raw files.
        BusyError
            If another run holds the night.
        """
        process = self._context.process_row
        refuse_unsupervised(process, pool, in_one_go=workflow.in_one_go)
        if workflow.source is Source.COMPLETE and not workflow.only_prepares:
            return Followed(nights=self.complete(pool, progress=progress))
        with ExitStack() as stack:
            if workflow.makes_blocks and not workflow.only_prepares:
                # To make ABs and to run them is one call.
                stack.enter_context(self.recorded("run", pool))
            prepared = self._blocks(pool, workflow)
            for text in (*prepared.diagnostics, *told_of_memory(prepared.blocks)):
                tell(text)
            if workflow.only_prepares:
                return Followed(prepared)
            nights = self.run(
                pool,
                stop_at=workflow.stop.value,
                resume=workflow.take_up,
                prepared=prepared,
                progress=progress,
            )
        return Followed(prepared, nights)

    def _blocks(self, pool: str, workflow: Workflow) -> PreparedPool:
        """Make the ABs of a workflow, or fetch them; they are written where that is all."""
        if workflow.makes_blocks:
            masters = workflow.source in {Source.MASTERS, Source.COMPLETE}
            return self.create(
                pool, workflow.only, mode=workflow.mode, masters=masters, dry=workflow.dry
            )
        written = workflow.only_prepares and not workflow.dry
        return self.prepare(pool, workflow.only, dry=not written)

    # ---- again ----------------------------------------------------------------------------

    def to_redo(self, pool: str) -> tuple[str, ...]:
        """Return what failed, was gated or was changed, and what depends on it, in order."""
        nights = self.prepare(pool, dry=True).nights
        if not has_store(self._context.workspace, self._context.settings):
            # Nothing was run here; to look for it would make a database.
            return ()
        return tuple(name for night in nights for name in to_redo(self._context, night))

    def rerun(self, pool: str, progress: ProgressBar | None = None) -> tuple[NightReport, ...]:
        """Do again exactly what failed or was changed, and what depends on it."""
        refuse_unsupervised(self._context.process_row, pool, in_one_go=False)
        return self._each("rerun", self.prepare(pool, dry=True), REDO, progress)

    # ---- results -----------------------------------------------------------------------

    def status(self, pool: str, *, review: bool = False) -> Table:
        """Return where every AB of a pool stands; with `review` those that wait for a person."""
        return lists.status_table(self._context, pool, review=review)

    def nights(self) -> Table:
        """Return which nights there are, in the repositories and here."""
        return nights_table(self._context)

    def stats(self, pool: str, by: str = "") -> Table:
        """Return the workflow metrics of a pool: numbers, volumes, times, delays, who certified.

        Parameters
        ----------
        pool : str
            A night, nights, a month or a year.
        by : str, optional
            What a row is: ``night``, ``month``, ``recipe`` or ``person``; if not given a night, or
            a month of a year.

        Raises
        ------
        DataError
            If a row cannot be that.
        """
        return stats_table(self._context, pool, by)

    def limits(self, pool: str) -> tuple[CivilDate, CivilDate]:
        """Return the first and the last night of a pool."""
        return lists.limits_of(pool)

    # ---- convert and ingest, started apart ------------------------------------------------

    def convert(self, pool: str, progress: ProgressBar | None = None) -> StepReport:
        """Convert the science products of a pool to IDPs and validate them, ABs side by side.

        What was converted of the same products before is not converted again.

        Raises
        ------
        BusyError
            If a run holds the night.
        """
        from phoenix.line.delivery.deliver import convert_night  # noqa: PLC0415 - loads astropy

        with self.recorded("convert", pool) as tally:
            return tally.files(convert_night(self._context, pool, progress, tally.note))

    def ingest(self, pool: str, *, only_check: bool = False) -> StepReport:
        """Check the IDPs of a pool and hand them over to the Phase 3 archive.

        Raises
        ------
        BusyError
            If a run holds the night.
        """
        from phoenix.line.delivery.deliver import check_night, ingest_night  # noqa: PLC0415 - loads astropy

        if only_check:
            return check_night(self._context, pool)
        with self.recorded("ingest", pool) as tally:
            return tally.files(ingest_night(self._context, pool))

    def write_pages(self, pool: str = "") -> Path:
        """Write the monitor pages of a pool, or of everything, and return the front page."""
        since, until = self.limits(pool) if pool else (None, None)
        return write_pages(self._context, since, until)
