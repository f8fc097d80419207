"""What a worker does: one function for every kind of task, found by its name on any machine."""

from __future__ import annotations

import threading
from importlib import import_module
from typing import TYPE_CHECKING

from phoenix.engine.job import Done
from phoenix.instrument import load_instrument
from phoenix.model.report import ABResult, JobState
from phoenix.steps.process_ab import ProcessTask, process_ab
from phoenix.steps.quality import QualityTask, draw_quality, measure_quality

if TYPE_CHECKING:
    from phoenix.steps.quality import ReportTask

__all__ = ["PROCESS", "QC", "REPORT", "Task", "get_ready", "work"]

PROCESS, QC, REPORT = "process", "qc", "report"
"""The steps of an AB, in this order."""

Task = "ProcessTask | QualityTask | ReportTask"


def get_ready(instrument: str) -> None:
    """Load what tasks will need, in a worker process that has none yet.

    What drawing needs takes longest and is needed last: it is loaded while the first recipe runs.
    """
    load_instrument(instrument)
    threading.Thread(target=import_module, args=("phoenix.steps.draw",), daemon=True).start()


def work(task: ProcessTask | QualityTask | ReportTask) -> Done:
    """Do one task; what a task cannot do for want of good data is in its result."""
    if isinstance(task, ProcessTask):
        result, published = process_ab(task)
        return Done(result, published)
    success = ABResult(str(task.ab.name), JobState.SUCCESSFUL)
    if isinstance(task, QualityTask):
        return Done(success, measure_quality(task))
    draw_quality(task)
    return Done(success)
