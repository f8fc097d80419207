"""The work of :mod:`engine_noop`: none."""

from __future__ import annotations

from phoenix.engine.job import Done
from phoenix.model.report import ABResult, JobState


def done_nothing(name: str) -> Done:
    """Return at once."""
    return Done(ABResult(name, JobState.SUCCESSFUL))
