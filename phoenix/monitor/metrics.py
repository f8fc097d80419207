"""The workflow metrics of a year or a month (QC Handbook, 8.2): rows to a page, pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.monitor.page import Link, Page
from phoenix.monitor.places import (
    FRONT,
    href,
    metrics_place,
    night_place,
    period_place,
    twin_of,
)
from phoenix.store.rows.metrics import added_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phoenix.store.rows.metrics import MetricsRow, SpentRow, WorkloadRow

__all__ = ["MetricsLine", "MetricsPage", "metrics_page"]

_YEAR, _MONTH = len("2020"), len("2020-01")
_TOTAL = "total"


@frozen
class MetricsLine:
    """A night or a month: its page, and its metrics by category.

    Attributes
    ----------
    label, href : str
        ``2020-01-01`` or ``2020-01``, and its page.
    rows : tuple of MetricsRow
        One for each category that there is; bytes and seconds.
    """

    label: str
    href: str
    rows: tuple[MetricsRow, ...]


@frozen
class MetricsPage(Page):
    """The workflow metrics of a year or a month.

    Attributes
    ----------
    period, history : str
        ``2020`` or ``2020-01``, and the page of its history.
    lines : tuple of MetricsLine
        Its months or nights.
    total : MetricsLine
        Their sum.
    sum : MetricsRow
        The sum over categories, too.
    spent : tuple of SpentRow
        What jobs took, by recipe and step.
    workload : tuple of WorkloadRow
        What was said of ABs, by who said it.
    """

    period: str
    history: str
    lines: tuple[MetricsLine, ...]
    total: MetricsLine
    sum: MetricsRow
    spent: tuple[SpentRow, ...]
    workload: tuple[WorkloadRow, ...]


def metrics_page(
    process: str,
    period: str,
    rows: Sequence[MetricsRow],
    spent: Sequence[SpentRow] = (),
    workload: Sequence[WorkloadRow] = (),
) -> MetricsPage:
    """Return the page of a year or a month.

    Parameters
    ----------
    process : str
        Whose metrics.
    period : str
        ``2020`` or ``2020-01``.
    rows : sequence of MetricsRow
        Metrics of its nights, at least one that is not empty.
    spent, workload : sequence of rows
        As on the page.
    """
    place = metrics_place(period)
    told = [row for row in rows if not row.is_empty]
    length = _MONTH if len(period) == _YEAR else None
    page_of = metrics_place if length else night_place
    totals = added_up(told, lambda _: _TOTAL)
    (whole,) = added_up(totals, str, category="all")
    lines: dict[str, list[MetricsRow]] = {}
    for row in added_up(told, lambda date: date[:length]):
        lines.setdefault(row.date, []).append(row)
    return MetricsPage(
        process=process,
        title=f"{process} {period}: workflow",
        way=_way(place, process, period),
        twin=href(place, twin_of(place)),
        period=period,
        history=href(place, period_place(period)),
        lines=tuple(
            # A night without ABs has no page of its own.
            MetricsLine(
                label, href(place, page_of(label)) if _has_page(found) else "", tuple(found)
            )
            for label, found in lines.items()
        ),
        total=MetricsLine(_TOTAL, "", totals),
        sum=whole,
        spent=tuple(spent),
        workload=tuple(workload),
    )


def _has_page(rows: Sequence[MetricsRow]) -> bool:
    return any(row.blocks for row in rows)


def _way(place: str, process: str, period: str) -> tuple[Link, ...]:
    links = [Link(process, href(place, FRONT))]
    if len(period) == _MONTH:
        links.append(Link(period[:_YEAR], href(place, period_place(period[:_YEAR]))))
    return (*links, Link(period, href(place, period_place(period))), Link("workflow", ""))
