"""How a night stands: what the store and the workspace say of its ABs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.line.night.verdict import BY_PERSON
from phoenix.line.night.work import PROCESS
from phoenix.line.report import NightReport
from phoenix.model.report import ABResult, JobState
from phoenix.steps.quality.score import read_qc
from phoenix.steps.shelf.places import Places, Record

if TYPE_CHECKING:
    from phoenix.line.context import LineContext
    from phoenix.line.report import PreparedNight
    from phoenix.model.dates import CivilDate
    from phoenix.model.score import Verdict
    from phoenix.steps.quality.score import QCResult
    from phoenix.store.rows import JobRow

__all__ = ["job_rows", "limits_of_night", "report_of"]


def limits_of_night(night: PreparedNight) -> tuple[CivilDate, CivilDate]:
    """Return the first and the last night of the ABs."""
    dates = {*night.every_night, *(ab.date for ab in night.cascade if ab.date)}
    return min(dates), max(dates)


def job_rows(
    line: LineContext, night: PreparedNight, step: str | None = None
) -> tuple[JobRow, ...]:
    """Return the jobs of the nights that the ABs are of, of one step or of all."""
    first, last = limits_of_night(night)
    return line.store.jobs.rows(since=first, until=last, step=step)


def report_of(line: LineContext, night: PreparedNight) -> NightReport:
    """Return how the ABs of a night ended, what was measured, and their verdicts."""
    names = {*(str(ab.name) for ab in night.cascade), *dict(night.refused)}
    jobs = [row for row in job_rows(line, night) if row.state.is_final and row.ab_name in names]
    processed = [row for row in jobs if row.step == PROCESS]
    failed = [row for row in jobs if row.step != PROCESS and row.state is JobState.FAILED]
    declared = line.instrument.qc_parameters(line.process_row)
    refused = {name: ABResult(name, JobState.FAILED, why) for name, why in night.refused}
    return NightReport(
        date=night.date,
        blocks=night.cascade.blocks,
        results=refused | {row.ab_name: row.result() for row in processed},
        quality=_quality(line, night, processed),
        verdicts=_verdicts(line, night, processed),
        declared={row.name: row for row in declared},
        unmeasured=frozenset(row.ab_name for row in failed),
        notes=tuple(f"{row.ab_name}, {row.step}: {row.reason}" for row in failed),
        pool=night.pool,
    )


def _quality(
    line: LineContext, night: PreparedNight, processed: list[JobRow]
) -> dict[str, QCResult]:
    good = {row.ab_name for row in processed if row.state is JobState.SUCCESSFUL}
    places = (Places.of(line.workspace, ab) for ab in night.cascade if str(ab.name) in good)
    results = (read_qc(place.now(Record.QC)) for place in places)
    return {result.ab_name: result for result in results if result is not None}


def _verdicts(
    line: LineContext, night: PreparedNight, processed: list[JobRow]
) -> dict[str, Verdict]:
    """Return the verdicts that count: a person's is on the products that there were then."""
    ended = {row.ab_name: row.ended for row in processed}
    first, last = limits_of_night(night)
    rows = line.store.verdicts.current(since=first, until=last)
    return {
        name: row.verdict
        for name, row in rows.items()
        if row.verdict.kind not in BY_PERSON or row.at >= (ended.get(name) or row.at)
    }
