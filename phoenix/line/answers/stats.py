"""Workflow metrics as tables (QC Handbook, 8.2: what WISQ is for)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.line.answers.lists import limits_of
from phoenix.line.metrics import count, gather, record_metrics
from phoenix.line.pages import nights_due
from phoenix.line.table import Table
from phoenix.line.workspace import has_store
from phoenix.store.rows.metrics import added_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from phoenix.line.context import LineContext
    from phoenix.line.table import Cell
    from phoenix.model.dates import CivilDate
    from phoenix.store.rows.metrics import MetricsRow

__all__ = ["BY", "stats_table"]

NIGHT, MONTH, RECIPE, PERSON = BY = ("night", "month", "recipe", "person")
"""What a row of the table can be."""

_YEAR, _MONTH = len("2020"), len("2020-01")
_TOTAL = "total"
_BYTES_PER_MB = 1e6
_S_PER_H = 3600.0
_COLUMNS: dict[str, Callable[[MetricsRow], Cell]] = {
    "of": lambda row: row.category,
    "raw": lambda row: row.raw_files,
    "raw MB": lambda row: round(row.raw_bytes / _BYTES_PER_MB, 1),
    "ABs": lambda row: row.blocks,
    "processed": lambda row: row.processed,
    "wrong": lambda row: row.wrong,
    "products": lambda row: row.products,
    "products MB": lambda row: round(row.product_bytes / _BYTES_PER_MB, 1),
    "auto": lambda row: row.certified_auto,
    "certified": lambda row: row.certified,
    "rejected": lambda row: row.rejected,
    "waiting": lambda row: row.waiting,
    "recipes s": lambda row: round(row.recipe_s, 1),
    "QC s": lambda row: round(row.qc_s, 1),
    "reports s": lambda row: round(row.report_s, 1),
    "delay h": lambda row: _hours(row.delay_mean_s),
    "longest h": lambda row: _hours(row.delay_max_s if row.delays else None),
    "IDPs": lambda row: row.idps,
    "IDPs MB": lambda row: round(row.idp_bytes / _BYTES_PER_MB, 1),
    "obsolete": lambda row: row.idps_obsolete,
    "deprecated": lambda row: row.idps_deprecated,
    "unused raw": lambda row: row.raw_unused,
}


def stats_table(line: LineContext, pool: str, by: str = "") -> Table:
    """Return the workflow metrics of a pool.

    Parameters
    ----------
    line : LineContext
        Whose store is read.
    pool : str
        A night, nights, a month or a year.
    by : str
        What a row is: a ``night`` or a ``month`` (with CALIB and SCIENCE apart, and their totals),
        a ``recipe`` (what its jobs took), a ``person`` (what was said of ABs). If empty a night,
        or a month of a year.

    Raises
    ------
    DataError
        If a row cannot be that, or the text is no pool.
    """
    by = by or (MONTH if len(pool) == _YEAR else NIGHT)
    if by not in BY:
        raise DataError(f"--by: found {by!r}, expected one of {', '.join(BY)}")
    since, until = limits_of(pool)
    if not has_store(line.workspace, line.settings):
        return Table(f"workflow of {pool}", (), ())
    if by == RECIPE:
        return _recipe_table(line, pool, since, until)
    if by == PERSON:
        return _person_table(line, pool, since, until)
    return _metrics_table(_metrics(line, since, until), pool, by)


# ---- nights and months -------------------------------------------------------------------------


def _metrics(line: LineContext, since: CivilDate, until: CivilDate) -> tuple[MetricsRow, ...]:
    """Return the metrics of nights: those that are being worked on are counted as they stand."""
    first, last = str(since), str(until)
    due = {night for night in nights_due(line.workspace) if first <= night <= last}
    metrics = line.store.metrics
    uncounted = set(metrics.uncounted(since=since, until=until)) - due
    if line.store.read_only:
        due |= uncounted
    else:
        for night in uncounted:
            record_metrics(line, night)
    known = [row for row in metrics.rows(since=since, until=until) if row.date not in due]
    live = [row for night in due for row in count(gather(line, night))]
    return tuple(row for row in (*known, *live) if not row.is_empty)


def _metrics_table(rows: tuple[MetricsRow, ...], pool: str, by: str) -> Table:
    length = _MONTH if by == MONTH else None
    shown = added_up(rows, lambda date: date[:length])
    total = added_up(rows, lambda _: _TOTAL)
    both = added_up(total, str, category="all")
    # Of one night they would say the same again.
    sums = (*total, *both) if len({row.date for row in shown}) > 1 else both
    cells = tuple(
        (row.date, *(cell(row) for cell in _COLUMNS.values())) for row in (*shown, *sums)
    )
    return Table(f"workflow of {pool}", (by, *_COLUMNS), cells)


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / _S_PER_H, 3)


# ---- recipes and persons -----------------------------------------------------------------------


def _recipe_table(line: LineContext, pool: str, since: CivilDate, until: CivilDate) -> Table:
    columns = ("recipe", "step", "jobs", "mean s", "longest s", "sum s", "CPU s", "memory MB")
    rows = tuple(
        (
            row.recipe,
            row.step,
            row.jobs,
            round(row.mean_s, 3),
            round(row.longest_s, 3),
            round(row.wall_s, 1),
            round(row.cpu_s, 1),
            round(row.peak_memory_mb, 1),
        )
        for row in line.store.metrics.spent(since=since, until=until)
    )
    return Table(f"what the recipes of {pool} took", columns, rows)


def _person_table(line: LineContext, pool: str, since: CivilDate, until: CivilDate) -> Table:
    columns = ("by", "certified", "rejected", "taken back", "comments", "nights")
    rows = tuple(
        (row.by, row.certified, row.rejected, row.withdrawn, row.comments, row.nights)
        for row in line.store.metrics.workload(since=since, until=until)
    )
    return Table(f"what was said of the ABs of {pool}", columns, rows)
