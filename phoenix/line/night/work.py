"""What a worker does: one function for every kind of task, found by its name on any machine."""

from __future__ import annotations

import gc
import threading
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from phoenix.engine.job import Done
from phoenix.instrument import load_instrument
from phoenix.model.recipe import Step
from phoenix.model.report import ABResult, JobState
from phoenix.steps.meter import Meter
from phoenix.steps.process_ab import process_ab
from phoenix.steps.quality.tasks import QualityTask, draw_quality, measure_quality
from phoenix.steps.task import ProcessTask

if TYPE_CHECKING:
    from phoenix.steps.quality.score import QCResult
    from phoenix.steps.quality.tasks import ReportTask

__all__ = ["PROCESS", "QC", "REPORT", "Task", "get_ready", "work"]

PROCESS, QC, REPORT = Step.RECIPE.value, Step.QC.value, Step.REPORT.value
"""The steps of an AB, in this order."""

# So long after it has been ordered a recipe runs, and Python has nothing to do.
_UNDER_WAY_S = 0.3

Task = "ProcessTask | QualityTask | ReportTask"


def get_ready(instrument: str) -> None:
    """Load what every task needs, in a worker process that has none yet."""
    load_instrument(instrument)


@cache
def _get_ready_to_draw() -> None:
    """Load what reports need, half a second, while this process waits for its first recipe."""
    timer = threading.Timer(_UNDER_WAY_S, _load_drawing)
    timer.daemon = True
    timer.start()


def _load_drawing() -> None:
    import_module("phoenix.drawing.report")
    # What is loaded stays; to look through it for garbage takes a tenth of every report's time.
    gc.freeze()


def work(task: ProcessTask | QualityTask | ReportTask) -> Done:
    """Do one task; what a task cannot do for want of good data is in its result."""
    if isinstance(task, ProcessTask):
        _get_ready_to_draw()
        result, published = process_ab(task)
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
