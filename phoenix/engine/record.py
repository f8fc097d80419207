"""Changes of jobs into the rows of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.store.rows import JobRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.engine.job import Change
    from phoenix.store import Store

__all__ = ["job_row", "record"]


def job_row(change: Change) -> JobRow:
    """Return where a job stands after a change."""
    result = change.result
    return JobRow(
        ab_name=change.ab_name,
        step=change.step,
        state=change.state,
        reason=result.reason if result else "",
        attempt=change.attempt,
        worker=change.worker,
        started=change.started,
        ended=change.when if result else None,
        wall_s=result.wall_s if result else 0.0,
        cpu_s=result.cpu_s if result else 0.0,
        peak_memory_mb=result.peak_memory_mb if result else 0.0,
        products=result.products if result else 0,
        details=result.details if result else (),
    )


def record(store: Store, changes: Iterable[Change]) -> None:
    """Store where jobs stand, in one transaction; the ``on_change`` of a run that has no more."""
    store.jobs.record(map(job_row, changes))
