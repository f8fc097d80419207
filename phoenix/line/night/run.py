"""One night on the line."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.archive.cache import clear_window
from phoenix.engine.cluster import open_cluster
from phoenix.engine.run import run as run_jobs
from phoenix.errors import PhoenixError
from phoenix.line.night.done_jobs import ended_jobs
from phoenix.line.night.hold import alone, hold_night
from phoenix.line.night.jobs import JobMaker, job_keys
from phoenix.line.night.remember import (
    record_changes,
    record_finished,
    record_gone,
    record_prepared,
    record_refused,
)
from phoenix.line.night.renew import renew_inputs
from phoenix.line.night.work import PROCESS, QC, REPORT, get_ready, work
from phoenix.line.pages import get_ready_for_pages, pages_are_due
from phoenix.line.report import NightReport
from phoenix.model.report import ABResult, JobState
from phoenix.model.score import VerdictKind
from phoenix.steps.finish import finish_blocks
from phoenix.steps.prepare import NOT_SELECTED, write_blocks
from phoenix.steps.quality.certify import certify
from phoenix.steps.quality.score import read_qc
from phoenix.steps.recipe.runner import RunnerSettings
from phoenix.steps.release_raw import release_raw
from phoenix.steps.shelf.places import Places, Record
from phoenix.store.rows import JobRow

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from phoenix.engine.job import Change, Job, Key
    from phoenix.line.context import LineContext
    from phoenix.line.report import PreparedNight
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.cascade import Cascade
    from phoenix.model.dates import CivilDate
    from phoenix.model.score import Verdict
    from phoenix.steps.quality.score import QCResult

__all__ = ["NightRun", "ProgressBar"]

ProgressBar = Callable[[int, int, str], None]
"""Told the number of jobs done, of all jobs, and a text."""

_log = logging.getLogger(__name__)
_BY_PERSON = {VerdictKind.OK, VerdictKind.REJECTED}
_STAYING = {VerdictKind.REJECTED, VerdictKind.WITHDRAWN}
_TO_REDO = set(JobState) - {JobState.SUCCESSFUL, JobState.CREATED}


class NightRun:
    """One night on the line: each method does one part and can be called again at any time.

    Parameters
    ----------
    line : LineContext
        Workspace, instrument, store.
    night : PreparedNight
        Its ABs.
    progress : callable, optional
        Told after every AB.
    """

    def __init__(
        self, line: LineContext, night: PreparedNight, progress: ProgressBar | None = None
    ) -> None:
        self.line = line
        self.date = night.date
        self.cascade = night.prepared.cascade
        self.refused = night.prepared.refused
        self.nights = night.every_night
        self.progress = progress
        self.partial = any(why == NOT_SELECTED for _, why in night.prepared.left_out)
        self.keys = job_keys(self.cascade)

    # ---- the parts -------------------------------------------------------------------------

    def everything(self, until: str) -> NightReport:
        """Process; unless stopped at P, certify and finish."""
        with self._hold():
            report = self._process()
            return report if until == "P" else self._certify_and_finish(report)

    def take_up(self, until: str) -> NightReport:
        """Take up behind breakpoint P."""
        with self._hold():
            report = self._report()
            return report if until == "P" else self._certify_and_finish(report)

    def process(self) -> NightReport:
        """Run what is not done."""
        with self._hold():
            return self._process()

    def certify(self) -> NightReport:
        """Give verdicts."""
        with self._hold():
            return self._certify(self._report())

    def finish(self) -> NightReport:
        """Move what may move."""
        with self._hold():
            return self._finish(self._report())

    def to_redo(self) -> tuple[str, ...]:
        """Return the ABs that failed, were gated or hang on such, in order.

        What a killed run had begun is among them, and what was processed well and could not be
        measured or drawn: of that, and of what was measured without it, only measuring and drawing
        is done again.
        """
        whole, wanted = self._recipes_to_redo(), self._qualities_to_redo()
        return tuple(str(ab.name) for ab in self.cascade if str(ab.name) in whole | wanted)

    def _recipes_to_redo(self) -> set[str]:
        wrong = self._wrong(PROCESS)
        hanging = {child for name in wrong for child in self.cascade.descendants(name)}
        return wrong | hanging

    def _qualities_to_redo(self) -> set[str]:
        wrong = self._wrong(QC)
        hanging = {child for name in wrong for child in self.cascade.descendants(name)}
        return wrong | hanging | self._wrong(REPORT)

    def _wrong(self, step: str) -> set[str]:
        known = {str(ab.name) for ab in self.cascade}
        return {row.ab_name for row in self._rows(step) if row.state in _TO_REDO} & known

    def again(self) -> NightReport:
        """Do again what failed and what hung on it, and no more."""
        with self._hold():
            wanted, whole = self.to_redo(), self._recipes_to_redo()
            store, workspace = self.line.store, self.line.workspace
            renew_inputs(
                store,
                workspace,
                self.line.sources,
                (ab for ab in self.cascade if str(ab.name) in whole),
            )
            wrong = self._qualities_to_redo()
            # Waiting, not merely created: if this run is killed, the next one takes them up.
            store.jobs.record(
                JobRow(row.ab_name, row.step, JobState.WAITING)
                for row in self._rows(None)
                if row.ab_name in whole or (row.ab_name in wrong and row.step != PROCESS)
            )
            report = self._process(self.cascade.with_parents(wanted))
            return self._certify_and_finish(report)

    def _hold(self) -> AbstractContextManager[None]:
        return hold_night(self.line.workspace, self.date, self.line.clock())

    def _certify_and_finish(self, report: NightReport) -> NightReport:
        return self._finish(self._certify(report))

    # ---- process ---------------------------------------------------------------------------

    def _process(self, wanted: Cascade | None = None) -> NightReport:
        """Run what is not done of the night, or of a part of it."""
        cascade, store = self.cascade if wanted is None else wanted, self.line.store
        self._write_blocks()
        record_prepared(store, self.cascade, self.keys)
        self._record_refused()
        ended = ended_jobs(self.line, self.cascade)
        jobs = self._maker().jobs(cascade, ended)
        if jobs:
            self._pages_are_due()
            self._run(jobs, ended)
        return self._report()

    def _write_blocks(self) -> None:
        write_blocks(self.line.workspace, self.date, self.cascade)

    def _record_refused(self) -> None:
        record_refused(self.line.store, self.date, self.refused, self.line.clock())
        if not self.partial:
            known = {*(str(ab.name) for ab in self.cascade), *dict(self.refused)}
            record_gone(self.line.store, self.date, known, self.line.clock())

    def _pages_are_due(self) -> None:
        for date in self.nights:
            pages_are_due(self.line.workspace, date)

    def _maker(self) -> JobMaker:
        settings = self.line.settings
        return JobMaker(
            instrument=self.line.instrument,
            process=self.line.process_row,
            workspace=self.line.workspace,
            sources=self.line.sources,
            runner=RunnerSettings(
                esorex=settings.recipes.esorex,
                plugin_dir=settings.recipes.plugin_dir,
                grace_s=settings.recipes.kill_grace_s,
            ),
            time_limit_s=settings.engine.time_limit_s,
        )

    def _run(self, jobs: tuple[Job, ...], ended: dict[Key, ABResult]) -> None:
        self._clear_window()
        tell = _Teller(len({job.ab_name for job in jobs}), self.progress)

        def stored(changes: tuple[Change, ...]) -> None:
            record_changes(self.line.store, self.line.workspace, changes)
            tell(changes)
            if any(change.state is JobState.RUNNING for change in changes):
                # A job that is told to be running lasts: there is time.
                get_ready_for_pages()

        first = get_ready, self.line.instrument.name
        with open_cluster(self.line.settings.engine, first) as cluster:
            run_jobs(jobs, work, cluster, stored, self.line.clock, ended=ended)

    def _clear_window(self) -> None:
        if not alone(self.line.workspace, self.date):
            # The masters of another night that is being run must stay.
            return
        clear_window(
            self.line.workspace.root,
            (self.date,),
            self.line.sources,
            days=self.line.settings.calibrations.window_days,
        )

    # ---- certify and finish ----------------------------------------------------------------

    def _certify(self, report: NightReport) -> NightReport:
        by_person = {name for name, row in report.verdicts.items() if row.kind in _BY_PERSON}
        share = self.line.settings.review.random_green_percent
        policy = evolve(self.line.process_row.review, random_green_percent=share)
        scores = {
            name: quality.scores
            for name, quality in report.quality.items()
            if name not in by_person
        }
        verdicts = certify(scores, policy, f"{self.line.process_row.name} {self.date}")
        with self.line.store.transaction():
            for name, verdict in verdicts.items():
                self.line.store.verdicts.give(name, verdict, self.line.clock())
        return self._report()

    def _finish(self, report: NightReport) -> NightReport:
        blocks = tuple(ab for ab in self.cascade if self._may_move(ab, report))
        if any(Places.of(self.line.workspace, ab).published.exists() for ab in blocks):
            self._pages_are_due()
        waited_for = self._waited_for(report)
        done = finish_blocks(
            self.line.instrument, self.line.process_row, self.line.workspace, blocks, waited_for
        )
        record_finished(self.line.store, self.line.workspace, done)
        notes = [f"{name}: {why}" for name, why in done.refused]
        if not waited_for and report.is_complete:
            notes += self._release_raw()
        report = evolve(self._report(), moved=sum(done.products.values()))
        return evolve(report, notes=(*report.notes, *notes))

    def _waited_for(self, report: NightReport) -> set[str]:
        """Return the ABs whose intermediate products may still be needed."""
        if self.partial:
            return {str(ab.name) for ab in self.cascade}
        return {
            parent
            for ab in self.cascade
            if not report.is_done(str(ab.name))
            for parent in ab.waits_for
        }

    def _release_raw(self) -> list[str]:
        try:
            release_raw(self.line.workspace, self.date, self.line.sources)
        except (PhoenixError, OSError) as error:
            return [f"raw frames stay: {error}"]
        return []

    def _may_move(self, ab: AssociationBlock, report: NightReport) -> bool:
        """Whether products are certified.

        What was not measured or drawn, or was measured without its parents, only by a person.
        """
        name = str(ab.name)
        result, verdict = report.results.get(name), report.verdicts.get(name)
        if result is None or result.state is not JobState.SUCCESSFUL or verdict is None:
            return False
        unsure = report.unmeasured.intersection((name, *ab.waits_for))
        if self.line.process_row.review.mandatory or unsure:
            return verdict.kind is VerdictKind.OK
        return verdict.kind not in _STAYING

    # ---- what stands in the store and on disk ----------------------------------------------

    @property
    def _limits(self) -> tuple[CivilDate, CivilDate]:
        """First and last night of the ABs."""
        dates = {*self.nights, *(ab.date for ab in self.cascade if ab.date)}
        return min(dates), max(dates)

    def _rows(self, step: str | None) -> tuple[JobRow, ...]:
        first, last = self._limits
        return self.line.store.jobs.rows(since=first, until=last, step=step)

    def _report(self) -> NightReport:
        names = {*(str(ab.name) for ab in self.cascade), *dict(self.refused)}
        jobs = [row for row in self._rows(None) if row.state.is_final and row.ab_name in names]
        processed = [row for row in jobs if row.step == PROCESS]
        failed = [row for row in jobs if row.step != PROCESS and row.state is JobState.FAILED]
        declared = self.line.instrument.qc_parameters(self.line.process_row)
        refused = {name: ABResult(name, JobState.FAILED, why) for name, why in self.refused}
        return NightReport(
            date=self.date,
            blocks=self.cascade.blocks,
            results=refused | {row.ab_name: row.result() for row in processed},
            quality=self._quality(processed),
            verdicts=self._verdicts(processed),
            declared={row.name: row for row in declared},
            unmeasured=frozenset(row.ab_name for row in failed),
            notes=tuple(f"{row.ab_name}, {row.step}: {row.reason}" for row in failed),
        )

    def _quality(self, processed: list[JobRow]) -> dict[str, QCResult]:
        good = {row.ab_name for row in processed if row.state is JobState.SUCCESSFUL}
        places = (
            Places.of(self.line.workspace, ab) for ab in self.cascade if str(ab.name) in good
        )
        results = (read_qc(place.now(Record.QC)) for place in places)
        return {result.ab_name: result for result in results if result is not None}

    def _verdicts(self, processed: list[JobRow]) -> dict[str, Verdict]:
        """Return the verdicts that count: a person's is on the products that there were then."""
        ended = {row.ab_name: row.ended for row in processed}
        first, last = self._limits
        rows = self.line.store.verdicts.current(since=first, until=last)
        return {
            name: row.verdict
            for name, row in rows.items()
            if row.verdict.kind not in _BY_PERSON or row.at >= (ended.get(name) or row.at)
        }


class _Teller:
    """Tells the progress bar of every AB whose recipe has ended."""

    def __init__(self, total: int, progress: ProgressBar | None) -> None:
        self.total = total
        self.progress = progress
        self.done = 0

    def __call__(self, changes: tuple[Change, ...]) -> None:
        for change in changes:
            if change.step == PROCESS and change.result is not None:
                self._tell(change.result)
            elif change.result is not None and change.result.state is JobState.FAILED:
                _log.warning("%s %s failed: %s", change.ab_name, change.step, change.result.reason)

    def _tell(self, result: ABResult) -> None:
        self.done += 1
        took = f" in {result.wall_s:.1f} s" if result.wall_s else ""
        text = f"{result.ab_name} {result.state.value}{took}"
        if result.reason:
            text += f": {result.reason}"
        _log.info("%s", text)
        if self.progress is not None:
            self.progress(self.done, self.total, text)
