"""The jobs of a night: which steps of which ABs are still to be done, and what they are given."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from phoenix.engine.job import Job
from phoenix.errors import PluginError
from phoenix.line.jobs.work import PROCESS, QC, REPORT
from phoenix.model.plain import plain_log
from phoenix.model.recipe import Step
from phoenix.steps.do_without import optional_parents
from phoenix.steps.quality.tasks import QualityTask, ReportTask
from phoenix.steps.shelf.checksum import ab_checksum
from phoenix.steps.task import ProcessTask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phoenix.archive.source import Source
    from phoenix.engine.job import Key
    from phoenix.instrument import Instrument
    from phoenix.line.jobs.thresholds import Thresholds
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.cascade import Cascade
    from phoenix.model.process import Process
    from phoenix.model.recipe import Resources, Spent
    from phoenix.model.report import ABResult
    from phoenix.model.threshold import ScoreRule
    from phoenix.model.workspace import Workspace
    from phoenix.steps.recipe.runner import RunnerSettings

__all__ = ["STEPS", "JobMaker", "job_keys"]

_log = plain_log(__name__)

_Group = tuple[str, "tuple[AssociationBlock, ...]"]
"""Name of a group of ABs that share a coversheet, and its ABs."""

_ALONE: _Group = ("", ())

STEPS = (PROCESS, QC, REPORT)
"""Of every AB, in this order."""

# Recipes hold up others, measurements hold up scores, reports nobody.
_PRIORITY = {PROCESS: 2, QC: 1, REPORT: 0}


def job_keys(cascade: Cascade, masters: Mapping[str, tuple[str, ...]]) -> dict[Key, str]:
    """Return what each job is made from, as a checksum: the AB's text and that of its parents.

    A job whose key changes is a new job, and so are those that depend on it.

    Parameters
    ----------
    cascade : Cascade
        The ABs.
    masters : mapping of str to tuple of str
        AB name to the checksums of masters that have left their cascade: their names stay when
        they are made again.
    """
    keys: dict[str, str] = {}
    for ab in cascade:
        parts = [ab_checksum(ab), *(keys[parent] for parent in ab.waits_for)]
        parts += masters.get(str(ab.name), ())
        keys[str(ab.name)] = hashlib.sha256(" ".join(parts).encode()).hexdigest()
    return {(name, step): key for name, key in keys.items() for step in STEPS}


def _tell_of_lost(task: ProcessTask, lost: tuple[ABResult, ...]) -> ProcessTask:
    """Tell a task which parents it has to do without."""
    return evolve(task, lost=tuple((parent.ab_name, parent.culprit) for parent in lost))


@frozen
class JobMaker:
    """Makes the jobs of a cascade.

    Attributes
    ----------
    instrument, process
        Whose ABs they are.
    workspace : Workspace
        Where files go.
    sources : tuple of Source
        Where raw frames and master calibrations come from.
    runner : RunnerSettings
        How recipes are started.
    time_limit_s : float
        Upper limit for every step, in wall seconds.
    thresholds : Thresholds
        What ABs are judged by.
    history : mapping of (recipe, step) to tuple of Spent
        What the latest ABs took, the newest first.
    back : frozenset of str
        ABs whose products were taken away and are needed again.
    """

    instrument: Instrument
    process: Process
    workspace: Workspace
    sources: tuple[Source, ...]
    runner: RunnerSettings
    time_limit_s: float
    thresholds: Thresholds
    history: Mapping[tuple[str, str], tuple[Spent, ...]] = field(factory=dict)
    back: frozenset[str] = frozenset()

    def jobs(self, cascade: Cascade, ended: Mapping[Key, ABResult]) -> tuple[Job, ...]:
        """Return the jobs that have not ended."""
        groups = self._groups(cascade)
        jobs = (
            job for ab in cascade for job in self._of_block(ab, groups.get(str(ab.name), _ALONE))
        )
        return tuple(job for job in jobs if job.key not in ended)

    def _groups(self, cascade: Cascade) -> dict[str, _Group]:
        """Return the ABs that share a coversheet, by the name of each of them."""
        try:
            names = self.instrument.cover_groups(self.process, tuple(cascade))
        except PluginError as error:
            # Nobody waits for a coversheet.
            _log.warning("%s", error)
            return {}
        found: dict[tuple[str, str], list[AssociationBlock]] = {}
        for ab in cascade:
            if name := names.get(str(ab.name)):
                found.setdefault((str(ab.date), name), []).append(ab)
        return {
            str(ab.name): (name, tuple(blocks))
            for (_, name), blocks in found.items()
            for ab in blocks
        }

    def _of_block(self, ab: AssociationBlock, group: _Group) -> tuple[Job, Job, Job]:
        name, rules = str(ab.name), self.thresholds.of(ab)
        resources, spare = self._resources(ab, Step.RECIPE), self._spare(ab)
        measuring, drawing = self._resources(ab, Step.QC), self._resources(ab, Step.REPORT)
        process = Job(
            name,
            PROCESS,
            ProcessTask(
                ab=ab,
                instrument=self.instrument.name,
                process=self.process.name,
                workspace=self.workspace.root,
                # mypy cannot follow attrs' converter=tuple.
                sources=self.sources,
                resources=resources,
                runner=self.runner,
                rules=rules,
                bring_back=name in self.back,
            ),
            after=tuple((parent, PROCESS) for parent in ab.waits_for if parent not in spare),
            soft_after=tuple((parent, PROCESS) for parent in ab.waits_for if parent in spare),
            resources=resources,
            priority=_PRIORITY[PROCESS],
            tell=_tell_of_lost,
        )
        return process, self._quality(ab, measuring, rules), self._report(ab, drawing, group)

    def _quality(
        self, ab: AssociationBlock, needs: Resources, rules: tuple[ScoreRule, ...]
    ) -> Job:
        name = str(ab.name)
        return Job(
            name,
            QC,
            QualityTask(*self._about(ab), rules, self.sources),
            after=((name, PROCESS),),
            # A parent that could not be measured is no reason not to measure this one.
            soft_after=tuple((parent, QC) for parent in ab.waits_for),
            resources=needs,
            limit_s=needs.time_limit_s,
            priority=_PRIORITY[QC],
        )

    def _report(self, ab: AssociationBlock, needs: Resources, group: _Group) -> Job:
        name = str(ab.name)
        return Job(
            name,
            REPORT,
            ReportTask(*self._about(ab), *group),
            after=((name, PROCESS),),
            soft_after=((name, QC),),
            resources=needs,
            limit_s=needs.time_limit_s,
            priority=_PRIORITY[REPORT],
        )

    def _about(self, ab: AssociationBlock) -> tuple[AssociationBlock, str, str, Workspace]:
        return ab, self.instrument.name, self.process.name, self.workspace

    def _spare(self, ab: AssociationBlock) -> frozenset[str]:
        """Return the parents that the AB can do without."""
        try:
            return optional_parents(self.instrument, self.process, ab)
        except PluginError as error:
            # An AB for which the plugin raises does not stop the night: it waits for all parents.
            _log.warning("%s", error)
            return frozenset()

    def _resources(self, ab: AssociationBlock, step: Step) -> Resources:
        seen = self.history.get((ab.recipe, step), ())
        wanted = self.instrument.resources(self.process, ab, step, seen)
        return evolve(wanted, time_limit_s=min(wanted.time_limit_s, self.time_limit_s))
