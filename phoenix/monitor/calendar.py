"""The nights of months as a calendar: rows of weeks, from Monday on."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.monitor.page import HistoryRow

__all__ = ["CalendarMonth", "Cell", "calendar", "strip"]


@frozen
class Cell:
    """One day: its number and its night, None for a day without; number 0 fills up a week."""

    day: int
    night: HistoryRow | None = None


@frozen
class CalendarMonth:
    """A month: its name (2020-01) and its days in weeks."""

    name: str
    cells: tuple[Cell, ...]


def calendar(nights: Iterable[HistoryRow]) -> tuple[CalendarMonth, ...]:
    """Return the months in which there are nights; pseudo-dates have no place in it."""
    months: dict[str, dict[int, HistoryRow]] = {}
    for night in nights:
        if _day(night.label):
            months.setdefault(night.label[:7], {})[int(night.label[8:])] = night
    return tuple(CalendarMonth(name, _cells(name, days)) for name, days in months.items())


def _day(label: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(label)
    except ValueError:
        return None


def _cells(name: str, nights: dict[int, HistoryRow]) -> tuple[Cell, ...]:
    first = dt.date.fromisoformat(f"{name}-01")
    length = ((first + dt.timedelta(days=31)).replace(day=1) - first).days
    filling = (Cell(0),) * first.weekday()
    return (*filling, *(Cell(day, nights.get(day)) for day in range(1, length + 1)))


def strip(months: Iterable[HistoryRow], year: str) -> tuple[tuple[str, HistoryRow | None], ...]:
    """Return the twelve months of a year and those that only pseudo-dates have, None if empty."""
    found = {month.label: month for month in months if month.label.startswith(f"{year}-")}
    labels = {f"{year}-{number:02d}" for number in range(1, 13)} | found.keys()
    return tuple((label, found.get(label)) for label in sorted(labels))
