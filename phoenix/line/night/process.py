"""Process a night (breakpoint P): run the recipes, measure, score and draw what is not done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.archive.cache import clear_window
from phoenix.archive.mapped import MappedSource
from phoenix.engine.job import Batch
from phoenix.line.bad_data import take_up_hides
from phoenix.line.jobs.done import ended_jobs
from phoenix.line.jobs.leaving import bring_back, tidy_up
from phoenix.line.jobs.machine import check_machine
from phoenix.line.jobs.masters import sums_of_masters
from phoenix.line.jobs.remember import (
    record_gone,
    record_prepared,
    record_refused,
    record_waiting,
)
from phoenix.line.jobs.thresholds import thresholds_of
from phoenix.line.jobs.to_do import STEPS, JobMaker, job_keys
from phoenix.line.jobs.work import PROCESS
from phoenix.line.night.created_blocks import changed_blocks
from phoenix.line.night.hold import alone
from phoenix.line.night.kept_comments import take_up_comments
from phoenix.line.night.ob_grades import take_up_grades
from phoenix.line.night.policy import nights_made, policy_of
from phoenix.line.pages import pages_are_due
from phoenix.model.ab import ABName
from phoenix.model.dates import CivilDate, mjd_of
from phoenix.model.limits import GB, MB
from phoenix.model.plain import LONGEST_REASON, plain_log
from phoenix.model.report import JobState, told
from phoenix.steps.prepare import NOT_SELECTED, write_block, write_blocks
from phoenix.steps.recipe.runner import RunnerSettings

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from phoenix.archive.source import Source
    from phoenix.engine.job import Change, Job, Key
    from phoenix.line.context import LineContext
    from phoenix.line.jobs.progress import ProgressBar
    from phoenix.line.report import PreparedNight
    from phoenix.model.cascade import Cascade
    from phoenix.model.report import ABResult

__all__ = ["COME", "Teller", "begin", "has_only_some", "sources_of", "tell_pages"]

COME = "batch jobs have started"
"""Told when what was waited for has come."""

_log = plain_log(__name__)


def begin(line: LineContext, night: PreparedNight, wanted: Cascade | None = None) -> Batch:
    """Write a night down and return the jobs that are not done, of all or of a part of it.

    Parameters
    ----------
    line : LineContext
        Workspace, instrument, store.
    night : PreparedNight
        Its ABs; it must be held.
    wanted : Cascade, optional
        The part; everything if not given.

    Raises
    ------
    SettingsError
        If no recipe could run on this machine.
    """
    _write_down(line, night)
    _take_up(line, night)
    ended = ended_jobs(line, night.cascade)
    part = night.cascade if wanted is None else wanted
    back = bring_back(line, part, ended)
    tidy_up(line, night.cascade, ended)
    if all((str(ab.name), step) in ended for ab in part for step in STEPS):
        # What jobs are made of is much to look up, for a year of nights that are done.
        return Batch((), ended)
    jobs = _job_maker(line, night, back).jobs(part, ended)
    if any(job.step == PROCESS for job in jobs):
        check_machine(line.workspace, line.settings, line.process_row, night.cascade)
    if jobs:
        tell_pages(line, night)
        _clear_window(line, night)
    return Batch(jobs, ended)


def tell_pages(line: LineContext, night: PreparedNight) -> None:
    """Note that the pages of its nights have to be written."""
    for date in night.every_night:
        pages_are_due(line.workspace, date)


def sources_of(line: LineContext, night: PreparedNight) -> tuple[Source, ...]:
    """Return where its inputs come from: the repositories, and files that none would find."""
    most = int(line.settings.limits.unpacked_gb * GB)
    own = (MappedSource(night.files, most),) if night.files else ()
    return (*line.sources, *own)


def has_only_some(night: PreparedNight) -> bool:
    """Whether somebody asked for some ABs of the night only."""
    return any(why == NOT_SELECTED for _, why in night.prepared.left_out)


# ---- before ------------------------------------------------------------------------------------


def _write_down(line: LineContext, night: PreparedNight) -> None:
    """Write the ABs into the workspace and into the store."""
    policy = policy_of(night)
    if policy.writes_blocks:
        write_blocks(line.workspace, night.date, night.cascade)
    else:
        for ab in changed_blocks(night):
            write_block(line.workspace, ab)
    record_prepared(line.store, night.cascade, _keys(line, night))
    _record_refused(line, night)
    _record_waiting(line, night)
    if policy.is_whole and not has_only_some(night):
        known = {*(str(ab.name) for ab in night.cascade), *dict(night.refused)}
        record_gone(line.store, night.date, known, line.clock())


def _take_up(line: LineContext, night: PreparedNight) -> None:
    """Take up what observers and persons said of its nights."""
    nights = tuple(sorted({*night.every_night, *nights_made(night)}))
    for text in take_up_grades(line, nights):
        _log.warning("%s", text)
    take_up_comments(line, nights)
    take_up_hides(line)


def _keys(line: LineContext, night: PreparedNight) -> dict[Key, str]:
    return job_keys(night.cascade, sums_of_masters(line, night.cascade))


def _record_refused(line: LineContext, night: PreparedNight) -> None:
    if not policy_of(night).crosses_midnight:
        record_refused(line.store, night.date, night.refused, line.clock())
        return
    for name, why in night.refused:
        date = CivilDate.of(mjd_of(ABName(name).timestamp[:19]))
        record_refused(line.store, date, [(name, why)], line.clock())


def _record_waiting(line: LineContext, night: PreparedNight) -> None:
    record_waiting(line.store, night.waiting)
    if night.waiting:
        tell_pages(line, night)


def _job_maker(line: LineContext, night: PreparedNight, back: frozenset[str]) -> JobMaker:
    settings = line.settings
    return JobMaker(
        instrument=line.instrument,
        process=line.process_row,
        workspace=line.workspace,
        sources=sources_of(line, night),
        runner=RunnerSettings(
            places=settings.recipes.places,
            grace_s=settings.recipes.kill_grace_s,
            environment=tuple(settings.recipes.environment.items()),
            most_logged=int(settings.limits.recipe_log_mb * MB),
        ),
        time_limit_s=settings.engine.time_limit_s,
        thresholds=thresholds_of(line, night.cascade),
        history=line.spent(),
        back=back,
    )


def _clear_window(line: LineContext, night: PreparedNight) -> None:
    # The masters of another night that is being run must stay.
    if policy_of(night).clears_window and alone(line, night.date):
        days = line.settings.calibrations.window_days
        clear_window(line.workspace.root, (night.date,), line.sources, days=days)


# ---- the run -----------------------------------------------------------------------------------


class Teller:
    """Tells the progress bar of every AB whose recipe has ended."""

    def __init__(self, progress: ProgressBar | None) -> None:
        self.total = 0
        self.progress = progress
        self.done = 0
        self.running: dict[str, dt.datetime] = {}

    def expect(self, jobs: Iterable[Job]) -> None:
        """Count the ABs of more jobs."""
        self.total += len({job.ab_name for job in jobs})
        if self.progress is not None and self.total:
            self.progress(self.done, self.total, "")

    def __call__(self, changes: tuple[Change, ...]) -> None:
        """Tell what has ended; a step after the recipe is told only if it failed."""
        self._tell_running(changes)
        for change in changes:
            if change.step == PROCESS and change.result is not None:
                self._tell(change.result)
            elif change.result is not None and change.result.state is JobState.FAILED:
                _log.warning("%s %s failed: %s", change.ab_name, change.step, change.result.reason)

    def waits(self, text: str) -> None:
        """Tell what machines are waited for; an empty text when they have come."""
        if self.progress is not None:
            self.progress(self.done, self.total, text or COME)

    def _tell_running(self, changes: tuple[Change, ...]) -> None:
        """Tell what is running, whenever that changes, to who wants to know."""
        before = dict(self.running)
        for change in changes:
            if change.step == PROCESS:
                self.running.pop(change.ab_name, None)
                if change.state is JobState.RUNNING and change.started is not None:
                    self.running[change.ab_name] = change.started
        tell = getattr(self.progress, "runs", None)
        if tell is not None and self.running != before:
            tell(dict(self.running))

    def _tell(self, result: ABResult) -> None:
        self.done += 1
        took = f" in {result.wall_s:.1f} s" if result.wall_s else ""
        reason = told(result.state, result.reason)
        how = "" if reason.startswith("blocked by ") else f"{result.state.value}{took}"
        text = f"{result.ab_name} {': '.join(filter(None, (how, reason)))}"
        if len(result.reason) > LONGEST_REASON:
            # Pages and terminals show its begin.
            _log.error("%s", text)
        _log.info("%s", text)
        if self.progress is not None:
            self.progress(self.done, self.total, text)
