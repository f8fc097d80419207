"""What a worker does: one function for every kind of task, found by its name on any machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.engine.job import Done
from phoenix.line.preload import load_for_drawing
from phoenix.model.recipe import Step
from phoenix.model.report import ABResult, JobState
from phoenix.steps.meter import Meter
from phoenix.steps.process_ab import process_ab
from phoenix.steps.quality.gated import examine
from phoenix.steps.quality.tasks import QualityTask, draw_quality, measure_quality
from phoenix.steps.task import ProcessTask

if TYPE_CHECKING:
    from phoenix.steps.quality.score import QCResult
    from phoenix.steps.quality.tasks import ReportTask

__all__ = ["PROCESS", "QC", "REPORT", "Task", "work"]

PROCESS, QC, REPORT = Step.RECIPE.value, Step.QC.value, Step.REPORT.value
"""The steps of an AB, in this order."""

Task = "ProcessTask | QualityTask | ReportTask"


def work(task: ProcessTask | QualityTask | ReportTask) -> Done:
    """Do one task; what a task cannot do for want of good data is in its result."""
    if isinstance(task, ProcessTask):
        load_for_drawing()
        result, published = process_ab(task)
        if result.state is JobState.GATED:
            examine(task, published)
        return Done(result, published)
    with Meter() as meter:
        quality = _measure_or_draw(task)
    success = ABResult(
        str(task.ab.name),
        JobState.SUCCESSFUL,
        cpu_s=meter.cpu_s,
        peak_memory_mb=meter.peak_memory_mb,
    )
    return Done(success, quality)


def _measure_or_draw(task: QualityTask | ReportTask) -> QCResult | None:
    if isinstance(task, QualityTask):
        return measure_quality(task)
    draw_quality(task)
    return None
