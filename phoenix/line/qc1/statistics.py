"""Statistics of the QC1 table by a column: made by the database where it can, else of rows."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from phoenix.line.context import LineContext
    from phoenix.line.qc1.query import Question
    from phoenix.model.qc import QCValue
    from phoenix.store.qc1.wide import Choice, Moments

    Row = dict[str, QCValue]
    Told = tuple[tuple[str, ...], list[Row]]

__all__ = ["NUMBER", "from_moments", "from_rows", "has_moments"]

NUMBER = "NUMBER"
"""Column that says of how many rows a statistic is."""


def _sigma(values: Sequence[float]) -> float | None:
    return statistics.stdev(values) if len(values) > 1 else None


_OF_VALUES: dict[str, Callable[[Sequence[float]], float | None]] = {
    "mean": statistics.fmean,
    "median": statistics.median,
    "sigma": _sigma,
    "number": len,
    "sum": math.fsum,
}


@frozen
class _Sum:
    """Number, sum and squared deviations of the values of several ABs together."""

    number: int
    total: float
    squares: float

    @classmethod
    def of(cls, parts: Sequence[Moments]) -> _Sum:
        """Put ABs together (Chan, Golub and LeVeque 1979); no difference of large squares."""
        number = sum(one.number for one in parts)
        total = math.fsum(one.total for one in parts)
        mean = total / number
        between = (one.number * (one.total / one.number - mean) ** 2 for one in parts)
        within = (one.squares for one in parts)
        return cls(number, total, math.fsum((*within, *between)))

    def sigma(self) -> float | None:
        return math.sqrt(self.squares / (self.number - 1)) if self.number > 1 else None


_OF_MOMENTS: dict[str, Callable[[_Sum], float | None]] = {
    "mean": lambda one: one.total / one.number,
    "sigma": _Sum.sigma,
    "number": lambda one: one.number,
    "sum": lambda one: one.total,
}


def has_moments(asked: Question) -> bool:
    """Tell whether the database makes the statistic: no median, no groups within an AB."""
    grouped = not asked.by or asked.by in asked.columns.of_ab
    return asked.statistic in _OF_MOMENTS and grouped and not asked.rest


def from_moments(
    line: LineContext, asked: Question, choice: Choice, blocks: Mapping[int, Row]
) -> Told:
    """Return a statistic of each group of ABs, by what the database says of each AB."""
    groups: dict[QCValue, dict[str, list[Moments]]] = {}
    numbers: dict[QCValue, int] = defaultdict(int)
    moments = line.store.wide.moments(choice, squares=asked.statistic == "sigma")
    for ab_id, number in _rows_of(line, choice, moments).items():
        numbers[blocks[ab_id].get(asked.by)] += number
    for one in moments:
        group = groups.setdefault(blocks[one.ab_id].get(asked.by), defaultdict(list))
        group[one.parameter].append(one)
    names = asked.names
    if names is None:
        names = tuple(sorted({name for group in groups.values() for name in group}))
    tell = _OF_MOMENTS[asked.statistic]
    rows: list[Row] = []
    for value in _in_order(numbers, blocks, asked.by):
        parts = groups.get(value, {})
        told: Row = {name: _told(tell, parts.get(name, ())) for name in names}
        rows.append({**_begin(asked, value, numbers[value]), **told})
    return (*_begin(asked, None, 0), *names), rows


def _rows_of(line: LineContext, choice: Choice, moments: Iterable[Moments]) -> dict[int, int]:
    """Return of every AB how many elements have a value of any parameter.

    Where one parameter has all elements from the first to the last of any, that is their number;
    only the other ABs are looked through once more.
    """
    spans: dict[int, tuple[int, int]] = {}
    whole: dict[int, int] = {}
    for one in moments:
        first, last = spans.get(one.ab_id, (one.first, one.last))
        spans[one.ab_id] = (min(first, one.first), max(last, one.last))
        whole[one.ab_id] = max(whole.get(one.ab_id, 0), one.elements)
    unsure = [ab_id for ab_id, (first, last) in spans.items() if whole[ab_id] < last - first + 1]
    return whole | line.store.wide.number(evolve(choice, blocks=tuple(unsure)))


def _told(tell: Callable[[_Sum], float | None], parts: Iterable[Moments]) -> float | None:
    having = [one for one in parts if one.number]
    return tell(_Sum.of(having)) if having else None


def _in_order(
    numbers: Mapping[QCValue, int], blocks: Mapping[int, Row], by: str
) -> Iterable[QCValue]:
    """Yield the groups that have rows, in order of observation."""
    values = dict.fromkeys(row.get(by) for row in blocks.values())
    return (value for value in values if value in numbers)


def _begin(asked: Question, value: QCValue, number: int) -> Row:
    """Return the columns of a statistic before the parameters."""
    return {asked.by: value, NUMBER: number} if asked.by else {NUMBER: number}


def from_rows(rows: Sequence[Row], asked: Question, names: tuple[str, ...]) -> Told:
    """Return a statistic of each group of rows."""
    groups: dict[QCValue, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.get(asked.by)].append(row)
    statistic = _OF_VALUES[asked.statistic]
    told: list[Row] = []
    for value, members in groups.items():
        one = _begin(asked, value, len(members))
        for name in names:
            numbers = [
                float(found)
                for row in members
                if (found := row.get(name)) is not None and not isinstance(found, str)
            ]
            one[name] = statistic(numbers) if numbers else None
        told.append(one)
    return (*_begin(asked, None, 0), *names), told
