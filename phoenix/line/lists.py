"""The results of nights, as tables: jobs, QC parameters, measurements, scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.line.night.work import PROCESS
from phoenix.line.table import Table
from phoenix.model.dates import nights_of
from phoenix.model.report import JobState
from phoenix.model.score import Outcome

if TYPE_CHECKING:
    import datetime as dt

    from phoenix.line.context import LineContext
    from phoenix.model.dates import CivilDate

__all__ = ["limits_of", "measurement_table", "parameter_table", "score_table", "status_table"]


def limits_of(pool: str) -> tuple[CivilDate, CivilDate]:
    """Return the first and the last night of a pool."""
    nights = nights_of(pool)
    return nights[0], nights[-1]


def status_table(line: LineContext, pool: str) -> Table:
    """Return where every AB of a pool stands."""
    since, until = limits_of(pool)
    blocks = {row.name: row for row in line.store.blocks.rows(since=since, until=until)}
    rows = tuple(
        (
            blocks[job.ab_name].date,
            job.ab_name,
            blocks[job.ab_name].recipe,
            job.step,
            job.state.value,
            job.wall_s or None,
            job.peak_memory_mb or None,
            job.reason,
        )
        for job in line.store.jobs.rows(since=since, until=until)
        # What was not measured because there is nothing to measure needs no row of its own.
        if job.step == PROCESS or job.state is JobState.FAILED
    )
    columns = ("night", "AB", "recipe", "step", "state", "wall s", "memory MB", "reason")
    return Table(f"{pool}: {len(blocks)} ABs", columns, rows)


def parameter_table(line: LineContext) -> Table:
    """Return the declared QC parameters."""
    rows = tuple(
        (row.name, row.unit, "element" if row.per_element else "AB", row.meaning)
        for row in line.instrument.qc_parameters(line.process_row)
    )
    title = f"QC parameters of {line.process_row.name}"
    return Table(title, ("parameter", "unit", "per", "meaning"), rows)


def measurement_table(
    line: LineContext, pool: str, parameters: tuple[str, ...], *, elements: bool
) -> Table:
    """Return what was measured of a pool, from the database."""
    since, until = limits_of(pool)
    units = {row.name: row.unit for row in line.instrument.qc_parameters(line.process_row)}
    found = line.store.qc1.measurements(
        parameters=parameters or None, since=since, until=until, whole_ab=not elements
    )
    rows = tuple(
        (
            row.ab_name,
            row.raw_type,
            row.parameter,
            row.element,
            row.value,
            units.get(row.parameter, ""),
        )
        for row in found
    )
    columns = ("AB", "raw type", "parameter", "element", "value", "unit")
    return Table(f"QC of {pool}", columns, rows)


def score_table(line: LineContext, pool: str, *, every: bool = False) -> Table:
    """Return the scores of a pool, from the database.

    Parameters
    ----------
    line : LineContext
        Whose store is read.
    pool : str
        A night, nights, a month or a year.
    every : bool, optional
        Also those that no longer count; with their rules, who set them, and when it was judged.
    """
    since, until = limits_of(pool)
    rows = tuple(
        (
            row.ab_name,
            f"{row.parameter} of {row.element}" if row.element else row.parameter,
            row.value,
            row.low,
            row.high,
            row.outcome.value,
            row.kind.value,
            "" if row.outcome is Outcome.GREEN else row.comment,
            *((row.rule, row.source, _moment(row.at)) if every else ()),
        )
        for row in line.store.qc1.scores(since=since, until=until, every=every)
    )
    columns: tuple[str, ...] = (
        "AB",
        "parameter",
        "value",
        "low",
        "high",
        "score",
        "kind",
        "comment",
    )
    columns += ("rule", "set by", "judged") if every else ()
    return Table(f"scores of {pool}", columns, rows)


def _moment(when: dt.datetime | None) -> str:
    return when.isoformat(sep=" ", timespec="seconds") if when else ""
