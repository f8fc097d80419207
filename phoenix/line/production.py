"""The production line: one object for a workspace, the same in a notebook and on a terminal."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from phoenix.line import lists
from phoenix.line.association.line import AssociationLine
from phoenix.line.night.again import to_redo
from phoenix.line.night.certify import dependents, give_verdicts, night_of, withdraw_verdict
from phoenix.line.night.comments import add_comment, comment_table
from phoenix.line.night.historical import find_block
from phoenix.line.night.nights import run_nights
from phoenix.line.night.parts import CERTIFY, FINISH, LOOK, PROCESS, REDO, RUN, TAKE_UP
from phoenix.line.night.prepare import prepare_pool
from phoenix.line.night.standing import pending
from phoenix.line.night.waiting import EVERYTHING, Choice, full_name, waiting, waiting_table
from phoenix.line.pages import write_pages
from phoenix.line.qc1.browse import MJD, Query, browse
from phoenix.line.table import Table
from phoenix.line.workflow import Followed, Source
from phoenix.line.workspace import has_store
from phoenix.model.ab import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from astropy.table import QTable

    from phoenix.line.night.nights import Part
    from phoenix.line.night.process import ProgressBar
    from phoenix.line.qc1.plot import Fit, Look
    from phoenix.line.report import NightReport, PreparedPool, StepReport
    from phoenix.line.workflow import Workflow
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.dates import CivilDate
    from phoenix.model.score import Verdict

__all__ = ["ProductionLine"]


class ProductionLine(AssociationLine):
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
            return tally.nights(run_nights(self._context, prepared.nights, part, progress))

    def complete(
        self, pool: str, *, stop_at: str = "M", progress: ProgressBar | None = None
    ) -> tuple[NightReport, ...]:
        """Make the masters of a pool, then its science with those that are certified.

        Raises
        ------
        DataError
            If there are no raw files, or the rules make nothing of them.
        """
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
        if workflow.source is Source.COMPLETE and not workflow.only_prepares:
            return Followed(nights=self.complete(pool, progress=progress))
        with ExitStack() as stack:
            if workflow.makes_blocks and not workflow.only_prepares:
                # To make ABs and to run them is one call.
                stack.enter_context(self.recorded("run", pool))
            prepared = self._blocks(pool, workflow)
            for text in prepared.diagnostics:
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
        if not has_store(self._context.workspace, self._context.settings):
            # Nothing was run here; to look for it would make a database.
            return ()
        nights = self.prepare(pool, dry=True).nights
        return tuple(name for night in nights for name in to_redo(self._context, night))

    def rerun(self, pool: str, progress: ProgressBar | None = None) -> tuple[NightReport, ...]:
        """Do again exactly what failed or was changed, and what depends on it."""
        return self._each("rerun", self.prepare(pool, dry=True), REDO, progress)

    # ---- results -----------------------------------------------------------------------

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

    def qc(
        self,
        *parameters: str,
        where: str | Sequence[str] = (),
        pool: str = "",
        elements: bool = False,
    ) -> QTable:
        """Return what was measured in any nights, from the database.

        Parameters
        ----------
        *parameters : str
            QC parameters; all that were measured if none is named.
        where : str or sequence of str, optional
            Conditions, all to be fulfilled: ``SNR>50``, ``SETUP~H525``, ``NIGHT>=2020-01-01``.
        pool : str, optional
            A night, nights or a month; all nights if empty.
        elements : bool, optional
            One row a fibre, order or IFU in place of one an AB.

        Returns
        -------
        QTable
            Columns AB, NIGHT, MJD_OBS (days, UTC), RAW_TYPE, SETUP, ELEMENT, then the parameters
            with their units, masked where nothing was measured; in order of observation.

        Raises
        ------
        DataError
            For an unknown column, whose nearest is named, or a condition that cannot be read.
        """
        from phoenix.line.qc1.export import as_qtable  # noqa: PLC0415 - loads astropy

        conditions = (where,) if isinstance(where, str) else tuple(where)
        query = Query(parameters, conditions, pool, elements)
        return as_qtable(self._context, *browse(self._context, query))

    def browse(self, query: Query) -> Table:
        """Return what answers a query of the QC1 table; MJD_OBS only in :meth:`qc` and files.

        Raises
        ------
        DataError
            For an unknown column, whose nearest is named, or a condition that cannot be read.
        """
        columns, rows = browse(self._context, query)
        columns = tuple(name for name in columns if name != MJD)
        cells = tuple(tuple(row.get(name) for name in columns) for row in rows)
        return Table(f"QC1 of {query.pool or 'all nights'}", columns, cells)

    def export(self, query: Query, path: Path) -> int:
        """Write what answers a query to a file, and return its number of rows.

        Parameters
        ----------
        path : Path
            ``.csv``, ``.ecsv``, ``.fits`` or ``.vot``; what was there is replaced.

        Raises
        ------
        DataError
            As :meth:`browse`; and for another kind of file.
        OSError
            If it cannot be written.
        """
        from phoenix.line.qc1.export import write  # noqa: PLC0415 - loads astropy

        return write(self._context, *browse(self._context, query), path)

    def plot(
        self, x: str, y: str, query: Query, path: Path, look: Look | None = None
    ) -> Fit | None:
        """Draw a QC parameter against another, or against MJD_OBS, into a ``.png``.

        Returns
        -------
        Fit or None
            The straight line, if `look` asks for one and there are points enough.

        Raises
        ------
        DataError
            As :meth:`browse`; for another kind of file; and if there is nothing to draw.
        OSError
            If it cannot be written.
        """
        from phoenix.line.qc1.plot import Look, draw  # noqa: PLC0415 - loads matplotlib

        return draw(self._context, (x, y), query, path, look or Look())

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
        with self.recorded("certify", night_of(self._context, name)):
            given = give_verdicts(self._context, (name,), reject=reject, comment=comment, by=by)
            return given[name]

    def waiting_table(self, choice: Choice = EVERYTHING) -> Table:
        """Return what waits for a person.

        Raises
        ------
        DataError
            If no AB is of the raw type.
        """
        return waiting_table(waiting(self._context, choice), choice.pool)

    def give_verdicts(
        self,
        names: tuple[str, ...],
        choice: Choice = EVERYTHING,
        *,
        reject: bool = False,
        withdraw: bool = False,
        comment: str = "",
        by: str = "",
    ) -> dict[str, Verdict]:
        """Certify, reject or take back what was said of several ABs, as a person.

        Parameters
        ----------
        names : tuple of str
            ABs, with or without the suffix; empty for those that wait and that `choice` names.

        Returns
        -------
        dict of str to Verdict
            AB name to what was said. All are looked at before the first is judged.

        Raises
        ------
        DataError
            If the line knows one of them not, or a rejection or withdrawal has no comment.
        BusyError
            If a run holds the night of a withdrawal.
        """
        given = map(full_name, names) if names else self._waiting(choice)
        chosen = tuple(dict.fromkeys(given))
        nights = sorted({night_of(self._context, name) for name in chosen})
        if withdraw:
            return {name: self.withdraw_verdict(name, comment=comment, by=by) for name in chosen}
        with self.recorded("certify", ", ".join(nights) or choice.pool):
            return give_verdicts(self._context, chosen, reject=reject, comment=comment, by=by)

    def _waiting(self, choice: Choice) -> Iterator[str]:
        yield from (row.name for row in waiting(self._context, choice))

    def comment(self, *names: str, text: str, by: str) -> None:
        """Keep a comment on ABs, with or without the suffix, and show it on their pages.

        Raises
        ------
        DataError
            If the line knows one of the ABs not, or the comment is empty or longer than
            10,000 characters; none is kept then.
        """
        chosen = tuple(dict.fromkeys(map(full_name, names)))
        nights = sorted({night_of(self._context, name) for name in chosen})
        with self.recorded("comment", ", ".join(nights)):
            add_comment(self._context, chosen, text, by)

    def comments(self, *names: str) -> Table:
        """Return the comments on ABs, the newest last.

        Raises
        ------
        DataError
            If the line knows one of the ABs not.
        """
        return comment_table(self._context, tuple(map(full_name, names)))

    def dependents(self, name: str) -> Table:
        """Return what was made with products of an AB, and what of it the archive has.

        Raises
        ------
        DataError
            If the line knows no such AB.
        """
        rows = dependents(self._context, name)
        cells = tuple((ab_name, idp) for ab_name, idps in rows for idp in (idps or ("",)))
        title = f"made with products of {name}: {len(rows)} ABs"
        return Table(title, ("AB", "IDP in the archive"), cells)

    def withdraw_verdict(self, name: str, *, comment: str, by: str) -> Verdict:
        """Take back what a person said of an AB; the rules judge it again at the next run.

        Raises
        ------
        DataError
            If the line knows no such AB, no person said anything, or there is no comment.
        BusyError
            If a run holds the night.
        """
        with self.recorded("certify", night_of(self._context, name)):
            return withdraw_verdict(self._context, name, comment=comment, by=by)

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
            return tally.files(convert_night(self._context, pool, progress))

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
