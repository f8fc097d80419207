"""What a gate held back is measured, scored and drawn too: it is what a person has to look at.

Its QC lies in the folder of what was held back and nowhere else: no history, no query and no later
limits are made with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import PhoenixError
from phoenix.model.plain import plain_log
from phoenix.model.workspace import Workspace
from phoenix.steps.quality.tasks import QualityTask, ReportTask, draw_in, measure_in

if TYPE_CHECKING:
    from phoenix.steps.task import ProcessTask, Published

__all__ = ["examine"]

_log = plain_log(__name__)


def examine(task: ProcessTask, published: Published) -> None:
    """Measure, score and draw what a gate held back, as far as that can be done.

    Products that a gate refuses may be anything; what cannot be measured or drawn changes nothing
    about how the AB ended.
    """
    folder, manifest = published.folder, published.manifest
    if folder is None or manifest is None or published.done_before:
        return
    about = task.ab, task.instrument, task.process, Workspace(task.workspace)
    try:
        measure_in(QualityTask(*about, task.rules, task.sources), folder, manifest)
    except (PhoenixError, OSError) as error:
        _log.warning("%s: held back by a gate, and not measured: %s", task.ab.name, error)
    try:
        draw_in(ReportTask(*about), folder, manifest)
    except (PhoenixError, OSError) as error:
        _log.warning("%s: held back by a gate, and not drawn: %s", task.ab.name, error)
