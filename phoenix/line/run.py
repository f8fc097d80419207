"""One night on the line."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.archive.cache import clear_window
from phoenix.engine.cluster import open_cluster
from phoenix.engine.lock import night_lock
from phoenix.engine.run import run as run_jobs
from phoenix.line.jobs import JobMaker, job_keys
from phoenix.line.record import (
    record_changes,
    record_finished,
    record_manifest,
    record_prepared,
    record_refused,
)
from phoenix.line.report import NightReport
from phoenix.line.work import PROCESS, QC, REPORT, work
from phoenix.model.report import ABResult, JobState
from phoenix.model.score import VerdictKind
from phoenix.steps.certify import certify
from phoenix.steps.done_before import done_before
from phoenix.steps.finish import finish_blocks, qc_path
from phoenix.steps.process_ab import Published, merged
from phoenix.steps.release_raw import release_raw
from phoenix.steps.runner import RunnerSettings
from phoenix.steps.score_qc import read_qc

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from phoenix.engine.job import Change, Job, Key
    from phoenix.line.production import ProductionLine
    from phoenix.line.report import PreparedNight
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.score import Verdict
    from phoenix.steps.score_qc import QCResult
    from phoenix.store.rows import JobRow

__all__ = ["NightRun", "ProgressBar"]

ProgressBar = Callable[[int, int, str], None]
"""Told the number of jobs done, of all jobs, and a text."""

_log = logging.getLogger(__name__)
_BY_PERSON = {VerdictKind.OK, VerdictKind.REJECTED}
_TO_REDO = {JobState.FAILED, JobState.GATED, JobState.BLOCKED, JobState.CANCELLED}


class NightRun:
    """One night on the line: each method does one part and can be called again at any time.

    Parameters
    ----------
    line : ProductionLine
        Workspace, instrument, store.
    night : PreparedNight
        Its ABs.
    progress : callable, optional
        Told after every AB.
    """

    def __init__(
        self, line: ProductionLine, night: PreparedNight, progress: ProgressBar | None = None
    ) -> None:
        self.line = line
        self.date = night.date
        self.cascade = night.prepared.cascade
        self.refused = night.prepared.refused
        self.progress = progress
        self.keys = job_keys(self.cascade)

    # ---- the parts -------------------------------------------------------------------------

    def everything(self, until: str) -> NightReport:
        """Process; unless stopped at P, certify and finish."""
        with self._lock():
            report = self._process()
            return report if until == "P" else self._certify_and_finish(report)

    def take_up(self, until: str) -> NightReport:
        """Take up behind breakpoint P."""
        with self._lock():
            report = self._report()
            return report if until == "P" else self._certify_and_finish(report)

    def process(self) -> NightReport:
        """Run what is not done."""
        with self._lock():
            return self._process()

    def certify(self) -> NightReport:
        """Give verdicts."""
        with self._lock():
            return self._certify(self._report())

    def finish(self) -> NightReport:
        """Move what may move."""
        with self._lock():
            return self._finish(self._report())

    def to_redo(self) -> tuple[str, ...]:
        """Return the ABs that failed, were gated or hang on such, in order."""
        states = {row.ab_name: row.state for row in self._rows(PROCESS)}
        wanted = {name for name, state in states.items() if state in _TO_REDO}
        for name in tuple(wanted & {str(ab.name) for ab in self.cascade}):
            wanted.update(self.cascade.descendants(name))
        return tuple(str(ab.name) for ab in self.cascade if str(ab.name) in wanted)

    def again(self) -> NightReport:
        """Do again what failed and what hung on it, then the rest of the night."""
        with self._lock():
            names = self.to_redo()
            known = {(row.ab_name, row.step) for row in self._rows(None)}
            again = [(name, step) for name in names for step in (PROCESS, QC, REPORT)]
            self.line.store.jobs.reset(key for key in again if key in known)
            return self._certify_and_finish(self._process())

    def _lock(self) -> AbstractContextManager[None]:
        path = self.line.workspace.folder("scratch") / f"{self.date}.lock"
        return night_lock(path, self.line.clock())

    def _certify_and_finish(self, report: NightReport) -> NightReport:
        return self._finish(self._certify(report))

    # ---- process ---------------------------------------------------------------------------

    def _process(self) -> NightReport:
        store = self.line.store
        record_prepared(store, self.cascade, self.keys)
        record_refused(store, self.date, self.refused, self.line.clock())
        ended = self._ended()
        jobs = self._maker().jobs(self.cascade, ended)
        if jobs:
            self._run(jobs, ended)
        return self._report()

    def _ended(self) -> dict[Key, ABResult]:
        """Return the jobs that need not be done, by the store or by what is on disk."""
        rows = {(row.ab_name, row.step): row for row in self._rows(None)}
        ended = {key: row.result() for key, row in rows.items() if row.state.is_final}
        for ab in self.cascade:
            name = str(ab.name)
            if (name, PROCESS) in ended:
                continue
            found = self._done_on_disk(ab)
            if found is not None:
                ended[name, PROCESS] = record_manifest(
                    self.line.store, self.line.workspace, found, self.line.clock()
                )
        return ended

    def _done_on_disk(self, ab: AssociationBlock) -> Published | None:
        recipe = self.line.process_row.recipe(ab.recipe)
        if recipe is None:
            return None
        parameters = merged(recipe.parameters, ab.parameters)
        found = done_before(self.line.workspace, ab, recipe, parameters)
        return Published(*found, done_before=True) if found else None

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
        tell = _Teller(len(self.cascade), self.progress)

        def stored(changes: tuple[Change, ...]) -> None:
            record_changes(self.line.store, self.line.workspace, changes)
            tell(changes)

        with open_cluster(self.line.settings.engine) as cluster:
            run_jobs(jobs, work, cluster, stored, self.line.clock, ended=ended)

    def _clear_window(self) -> None:
        clear_window(
            self.line.workspace.root,
            (self.date,),
            self.line.sources,
            days=self.line.settings.calibrations.window_days,
        )

    # ---- certify and finish ----------------------------------------------------------------

    def _certify(self, report: NightReport) -> NightReport:
        given = self.line.store.verdicts.current(since=self.date, until=self.date)
        by_person = {name for name, row in given.items() if row.verdict.kind in _BY_PERSON}
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
        return evolve(report, verdicts=self._verdicts())

    def _finish(self, report: NightReport) -> NightReport:
        blocks = tuple(ab for ab in self.cascade if self._may_move(ab, report))
        waited_for = {
            parent
            for ab in self.cascade
            if report.results[str(ab.name)].state is not JobState.SUCCESSFUL
            for parent in ab.waits_for
        }
        done = finish_blocks(
            self.line.instrument, self.line.process_row, self.line.workspace, blocks, waited_for
        )
        record_finished(self.line.store, done)
        if not waited_for:
            release_raw(self.line.workspace, self.date, self.line.sources)
        report = evolve(self._report(), moved=sum(done.products.values()))
        notes = tuple(f"{name}: {why}" for name, why in done.refused)
        return evolve(report, notes=(*report.notes, *notes))

    def _may_move(self, ab: AssociationBlock, report: NightReport) -> bool:
        name = str(ab.name)
        if report.results[name].state is not JobState.SUCCESSFUL:
            return False
        verdict = report.verdicts.get(name)
        if self.line.process_row.review.mandatory:
            return verdict is not None and verdict.kind in {VerdictKind.OK, VerdictKind.AUTO}
        return verdict is None or verdict.kind is not VerdictKind.REJECTED

    # ---- what stands in the store and on disk ----------------------------------------------

    def _rows(self, step: str | None) -> tuple[JobRow, ...]:
        return self.line.store.jobs.rows(since=self.date, until=self.date, step=step)

    def _report(self) -> NightReport:
        rows = [row for row in self._rows(None) if row.state.is_final]
        results = {row.ab_name: row.result() for row in rows if row.step == PROCESS}
        process = self.line.process_row
        return NightReport(
            date=self.date,
            blocks=self.cascade.blocks,
            results=results,
            quality=self._quality(),
            verdicts=self._verdicts(),
            declared={row.name: row for row in self.line.instrument.qc_parameters(process)},
            notes=tuple(
                f"{row.ab_name}, {row.step}: {row.reason}"
                for row in rows
                if row.step != PROCESS and row.state is JobState.FAILED
            ),
        )

    def _quality(self) -> dict[str, QCResult]:
        found = (read_qc(qc_path(self.line.workspace, ab)) for ab in self.cascade)
        return {result.ab_name: result for result in found if result is not None}

    def _verdicts(self) -> dict[str, Verdict]:
        rows = self.line.store.verdicts.current(since=self.date, until=self.date)
        return {name: row.verdict for name, row in rows.items()}


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
        text = f"{result.ab_name} {result.state.value} in {result.wall_s:.1f} s"
        if result.reason:
            text += f": {result.reason}"
        _log.info("%s", text)
        if self.progress is not None:
            self.progress(self.done, self.total, text)
