"""What the store knows of nights and calls as wholes. Reads only."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.engine.calls import as_seen, is_on, job_as_seen
from phoenix.model.grade import contradictions, newest
from phoenix.model.report import JobState
from phoenix.monitor.gather.records import PROCESS_STEP
from phoenix.monitor.record import Noted, Observed
from phoenix.steps.shelf.grades import read_grades

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phoenix.model.workspace import Workspace
    from phoenix.monitor.record import ABRecord
    from phoenix.store import Store
    from phoenix.store.rows import RunRow
    from phoenix.store.rows.night import NightRow

__all__ = ["is_live", "nights", "noted", "observed", "runs"]

_ENDS = {state for state in JobState if state.is_final}
# Comments on the page of a year or a month (ours).
_NOTES = 30


def nights(store: Store, workspace: Workspace) -> tuple[NightRow, ...]:
    """Return the history, night by night, as it stands."""
    return tuple(_as_seen(store, workspace, row) for row in store.history.nights(PROCESS_STEP))


def _as_seen(store: Store, workspace: Workspace, row: NightRow) -> NightRow:
    if row.states.keys() <= _ENDS or is_on(workspace, store.locks, row.date):
        return row
    jobs = store.jobs.rows(since=row.date, until=row.date, step=PROCESS_STEP)
    return evolve(row, states=Counter(job_as_seen(job, on=False).state for job in jobs))


def runs(store: Store, workspace: Workspace) -> tuple[RunRow, ...]:
    """Return all calls of the line as they stand, the newest last."""
    return as_seen(workspace, store.locks, store.runs.rows())


def noted(store: Store, period: str, counts: Mapping[str, int]) -> Noted:
    """Return what persons wrote of a year or a month, given how much of each night."""
    if not any(night.startswith(f"{period}-") for night in counts):
        return Noted(counts)
    return Noted(counts, store.verdicts.latest(period, f"{period}-99", _NOTES))


def is_live(store: Store, workspace: Workspace, date: str, records: Iterable[ABRecord]) -> bool:
    """Whether a run is on that will bring ABs of a night to an end."""
    return is_on(workspace, store.locks, date) and any(
        not job.state.is_final
        for record in records
        for job in (record.job, *record.quality)
        if job is not None
    )


def observed(store: Store, workspace: Workspace, date: str) -> Observed:
    """Return what observers and persons said of the OBs and raw files of a night."""
    obs = {row.grade.ob_id for row in store.grades.rows(nights=[date])}
    rows = store.grades.rows(nights=["", date], obs=obs)
    found = {ob_id: newest(rows, ob_id, date) for ob_id in obs}
    return Observed(
        {ob_id: row.grade for ob_id, row in found.items() if row is not None},
        (*contradictions(rows), *read_grades(workspace, date).told),
        store.verdicts.raw_comments(since=date, until=date),
    )
