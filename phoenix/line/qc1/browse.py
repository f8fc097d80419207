"""Rows of the QC1 table over any nights: chosen, sorted, cut, or their statistics."""

from __future__ import annotations

import statistics
from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import field, frozen, validators

from phoenix.line.lists import limits_of
from phoenix.line.qc1.filters import Filter, known_column
from phoenix.store.qc1 import SIGNS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from phoenix.line.context import LineContext
    from phoenix.model.qc import QCValue

    Row = dict[str, QCValue]

__all__ = ["MJD", "NUMBER", "OF_AB", "STATISTICS", "Query", "browse", "columns_of"]

MJD = "MJD_OBS"
OF_AB = ("AB", "NIGHT", MJD, "RAW_TYPE", "SETUP", "ELEMENT")
"""Columns before the parameters. MJD_OBS in days (UTC); ELEMENT 0 is the whole AB."""

NUMBER = "NUMBER"
"""Column that says of how many rows a statistic is."""


def _sigma(values: Sequence[float]) -> float | None:
    return statistics.stdev(values) if len(values) > 1 else None


STATISTICS: dict[str, Callable[[Sequence[float]], float | None]] = {
    "mean": statistics.fmean,
    "median": statistics.median,
    "sigma": _sigma,
    "sum": sum,
}
"""Name to function; sigma is that of a sample, none of a single value."""


@frozen
class Query:
    """What is asked of the QC1 table.

    Attributes
    ----------
    parameters : tuple of str
        Columns wanted; all that were measured if empty.
    where : tuple of str
        Conditions, all to be fulfilled: :class:`~phoenix.line.qc1.filters.Filter`.
    pool : str
        A night, nights or a month; all nights if empty.
    elements : bool
        One row a fibre, order or IFU in place of one an AB.
    sort : str
        Column to sort by, the largest first with a minus before it; by time if empty.
    limit : int
        At most so many rows; all if 0.
    by : str
        Column of whose values the statistic is told, each; no statistic if empty.
    statistic : str
        One of `STATISTICS`.
    """

    parameters: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    pool: str = ""
    elements: bool = False
    sort: str = ""
    limit: int = field(default=0, validator=validators.ge(0))
    by: str = ""
    statistic: str = field(default="median", validator=validators.in_(STATISTICS))


def browse(line: LineContext, query: Query) -> tuple[tuple[str, ...], list[Row]]:
    """Return the columns and the rows that answer a query.

    Raises
    ------
    DataError
        For a column that there is none of, or a condition that cannot be read.
    """
    declared = {row.name for row in line.instrument.qc_parameters(line.process_row)}
    known = {*OF_AB, *declared}
    filters = [Filter.parse(text) for text in query.where]
    descending, sort = query.sort.startswith("-"), query.sort.removeprefix("-")
    wanted = tuple(dict.fromkeys(known_column(name, known) for name in query.parameters))
    others = [one.column for one in filters]
    others += [query.by] if query.by else [sort] if sort else []
    needed = {*wanted, *(known_column(name, known) for name in others)} - {*OF_AB}
    rows = _rows(line, query, needed if wanted else None, _numbers(filters, declared))
    rows = [row for row in rows if all(one.keeps(row) for one in filters)]
    names = wanted or tuple(sorted({*columns_of(rows)} - {*OF_AB}))
    names = tuple(name for name in names if name not in OF_AB)
    columns: tuple[str, ...] = (*OF_AB, *names)
    if query.by:
        columns, rows = _statistics(rows, query.by.upper(), names, STATISTICS[query.statistic])
        sort = sort and known_column(sort, columns)
    if sort:
        rows = _sorted(rows, sort.upper(), descending=descending)
    return columns, rows[: query.limit or None]


def columns_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the columns that occur, each once."""
    return tuple(dict.fromkeys(name for row in rows for name in row))


def _numbers(filters: Sequence[Filter], declared: set[str]) -> list[tuple[str, str, float]]:
    """Return the conditions that spare the database rows; all are looked at again afterwards."""
    return [
        (one.column, one.operator, number)
        for one in filters
        if one.column in declared
        and one.operator in SIGNS
        and (number := one.number()) is not None
    ]


def _rows(
    line: LineContext,
    query: Query,
    parameters: set[str] | None,
    numbers: Sequence[tuple[str, str, float]],
) -> list[Row]:
    """Return one row an AB, or one an element, in order of observation."""
    since, until = limits_of(query.pool) if query.pool else (None, None)
    found: dict[tuple[str, int], Row] = {}
    for one in line.store.qc1.measurements(
        parameters=parameters or None,
        since=since,
        until=until,
        whole_ab=not query.elements,
        numbers=numbers,
    ):
        if query.elements and one.element == 0:
            continue
        cells = (one.ab_name, one.date, one.mjd_obs, one.raw_type, one.setup, one.element)
        row = found.setdefault((one.ab_name, one.element), dict(zip(OF_AB, cells, strict=True)))
        row[one.parameter] = one.value
    return list(found.values())


def _sorted(rows: list[Row], column: str, *, descending: bool) -> list[Row]:
    """Sort; what was not measured comes last, numbers before texts."""

    def key(row: Row) -> tuple[bool, float, str]:
        value = row[column]
        return (True, 0.0, value) if isinstance(value, str) else (False, float(value or 0), "")

    having = [row for row in rows if row.get(column) is not None]
    return sorted(having, key=key, reverse=descending) + [
        row for row in rows if row.get(column) is None
    ]


def _statistics(
    rows: list[Row],
    by: str,
    names: tuple[str, ...],
    statistic: Callable[[Sequence[float]], float | None],
) -> tuple[tuple[str, ...], list[Row]]:
    groups: dict[QCValue, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.get(by)].append(row)
    told: list[Row] = []
    for value, members in groups.items():
        one: Row = {by: value, NUMBER: len(members)}
        for name in names:
            numbers = [
                float(found)
                for row in members
                if (found := row.get(name)) is not None and not isinstance(found, str)
            ]
            one[name] = statistic(numbers) if numbers else None
        told.append(one)
    return (by, NUMBER, *names), told
