"""The production line: one object for a workspace, the same in a notebook and on a terminal."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.errors import DataError
from phoenix.line.answers.line import AnswersLine
from phoenix.line.association.line import AssociationLine
from phoenix.line.certification.line import CertificationLine
from phoenix.line.delivery.line import DeliveryLine
from phoenix.line.grades.line import GradesLine
from phoenix.line.jobs.memory import told_of_memory
from phoenix.line.jobs.progress import bar_here
from phoenix.line.night.again import to_redo
from phoenix.line.night.historical import find_block
from phoenix.line.night.nights import run_nights
from phoenix.line.night.parts import CERTIFY, FINISH, LOOK, PROCESS, RUN, TAKE_UP, redo
from phoenix.line.night.prepare import prepare_pool
from phoenix.line.night.standing import pending
from phoenix.line.pages import write_pages
from phoenix.line.qc1.line import QCLine
from phoenix.line.workflow import Followed, Source, refuse_unsupervised
from phoenix.line.workspace import has_store
from phoenix.model.ab import Mode
from phoenix.model.dates import as_pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from phoenix.line.jobs.progress import ProgressBar
    from phoenix.line.night.nights import Part
    from phoenix.line.report import DeliveryReport, NightReport, PreparedPool
    from phoenix.line.workflow import Workflow
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.dates import Pool

__all__ = ["ProductionLine"]


class ProductionLine(
    AnswersLine, AssociationLine, CertificationLine, DeliveryLine, GradesLine, QCLine
):
    """The line of one workspace: prepare, process, certify, finish; convert and ingest apart.

    Every method takes a pool: a night (``2020-01-01``, a ``datetime.date``, an astropy ``Time``),
    a month (``2020-01``), a year, or the first and the last night; see
    :func:`~phoenix.model.dates.as_pool`.

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

    def prepare(
        self, pool: Pool, only: tuple[str, ...] = (), *, dry: bool = False
    ) -> PreparedPool:
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
        pool = as_pool(pool)
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
                run_nights(
                    self._context,
                    prepared.nights,
                    part,
                    progress or bar_here("recipes"),
                    tally.note,
                )
            )

    def complete(
        self, pool: Pool, *, stop_at: str = "M", progress: ProgressBar | None = None
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
        pool = as_pool(pool)
        refuse_unsupervised(self._context.process_row, pool, in_one_go=True)
        with self.recorded("run", pool):
            masters = self.create(pool, masters=True)
            made = self.run(pool, prepared=masters, progress=progress)
            science = self.create(pool, mode=Mode.SCIENCE.value, certified_only=True)
            return (*made, *self.run(pool, prepared=science, stop_at=stop_at, progress=progress))

    def run(
        self,
        pool: Pool,
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
            Told done, total and a text after every AB; in a notebook a bar if not given.

        Raises
        ------
        DataError
            If there are no ABs.
        BusyError
            If another run holds the night.
        """
        pool = as_pool(pool)
        whole = stop_at == "M"
        refuse_unsupervised(self._context.process_row, pool, in_one_go=whole and not resume)
        part = (TAKE_UP if whole else LOOK) if resume else RUN if whole else PROCESS
        ready = prepared or self.prepare(pool, only, dry=True)
        return self._each("run", ready, part, progress)

    def follow(
        self,
        pool: Pool,
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
        pool = as_pool(pool)
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

    def to_redo(self, pool: Pool, names: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return what failed, was gated or was changed, and what depends on it, in order.

        Parameters
        ----------
        pool : str
            Night or month.
        names : tuple of str
            These ABs instead, good ones too, and what depends on them.

        Raises
        ------
        DataError
            If one of them is none of the pool.
        """
        pool = as_pool(pool)
        nights = self._with(pool, names).nights
        if not has_store(self._context.workspace, self._context.settings):
            # Nothing was run here; to look for it would make a database.
            return ()
        return tuple(name for night in nights for name in to_redo(self._context, night, names))

    def rerun(
        self, pool: Pool, progress: ProgressBar | None = None, *, names: tuple[str, ...] = ()
    ) -> tuple[NightReport, ...]:
        """Do again what :meth:`to_redo` names, exactly."""
        pool = as_pool(pool)
        refuse_unsupervised(self._context.process_row, pool, in_one_go=False)
        return self._each("rerun", self._with(pool, names), redo(names), progress)

    def _with(self, pool: Pool, names: tuple[str, ...]) -> PreparedPool:
        """Return the nights of a pool that have these ABs, all if none is named."""
        found = self.prepare(pool, dry=True)
        known = {str(ab.name) for ab in found.blocks}
        for name in names:
            if name not in known:
                raise DataError(f"{name}: no such AB in {found.pool}; see `phoenix ab list`")
        nights = tuple(
            night
            for night in found.nights
            if not names or any(str(ab.name) in names for ab in night.cascade)
        )
        return evolve(found, nights=nights)

    # ---- convert and ingest, started apart ------------------------------------------------

    def convert(self, pool: Pool, progress: ProgressBar | None = None) -> DeliveryReport:
        """Convert the science products of a pool to IDPs and validate them, ABs side by side.

        What was converted of the same products before is not converted again.

        Raises
        ------
        BusyError
            If a run holds the night.
        """
        from phoenix.line.delivery.deliver import convert_night  # noqa: PLC0415 - loads astropy

        pool = as_pool(pool)
        with self.recorded("convert", pool) as tally:
            bar = progress or bar_here("conversions")
            return tally.files(convert_night(self._context, pool, bar, tally.note))

    def ingest(self, pool: Pool, *, only_check: bool = False) -> DeliveryReport:
        """Check the IDPs of a pool and hand them over to the Phase 3 archive.

        Raises
        ------
        BusyError
            If a run holds the night.
        """
        from phoenix.line.delivery.deliver import check_night, ingest_night  # noqa: PLC0415 - loads astropy

        pool = as_pool(pool)
        if only_check:
            return check_night(self._context, pool)
        with self.recorded("ingest", pool) as tally:
            return tally.files(ingest_night(self._context, pool))

    def write_pages(self, pool: Pool = "") -> Path:
        """Write the monitor pages of a pool, or of everything, and return the front page."""
        pool = as_pool(pool)
        since, until = self.limits(pool) if pool else (None, None)
        return write_pages(self._context, since, until)
