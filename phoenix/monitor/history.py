"""The history, year, month and night, and the front page: rows to pages, pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from phoenix.model.dates import CivilDate
from phoenix.model.plain import shortened
from phoenix.model.report import JobState
from phoenix.model.score import REJECTIONS, VerdictKind
from phoenix.monitor.night import moment, states_of
from phoenix.monitor.page import BreakpointLine, FrontPage, HistoryPage, HistoryRow, Link, Note
from phoenix.monitor.places import FRONT, href, metrics_place, night_place, period_place, twin_of
from phoenix.monitor.record import Noted
from phoenix.monitor.runlines import run_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from phoenix.model.epoch import InstrumentBreakpoint
    from phoenix.store.rows import NotedRow, RunRow
    from phoenix.store.rows.night import NightRow

__all__ = ["front_page", "history_page", "periods"]

WRONG = {JobState.GATED, JobState.FAILED, JobState.BLOCKED}
"""States of ABs that ended without products and wait for somebody."""

_YEAR, _MONTH = len("2020"), len("2020-01")
_LATEST = 8
_NOTHING = Noted()


def periods(nights: Iterable[NightRow]) -> tuple[str, ...]:
    """Return the years and months that have nights, in order."""
    dates = [night.date for night in nights]
    return tuple(sorted({date[:length] for date in dates for length in (_YEAR, _MONTH)}))


def history_page(
    process: str,
    period: str,
    nights: Sequence[NightRow],
    idps: Mapping[str, int],
    runs: Sequence[RunRow] = (),
    breakpoints: Iterable[InstrumentBreakpoint] = (),
    noted: Noted = _NOTHING,
    *,
    has_metrics: bool = False,
) -> HistoryPage:
    """Return the page of a year or of a month.

    Parameters
    ----------
    process : str
        Whose history.
    period : str
        ``2020`` or ``2020-01``.
    nights : sequence of NightRow
        All nights of the process.
    idps : mapping of str to int
        Number of current IDPs of a night.
    runs : sequence of RunRow
        All calls, as they stand, the newest last.
    breakpoints : iterable of InstrumentBreakpoint
        All of the instrument, in order of time.
    noted : Noted
        What persons wrote.
    has_metrics : bool
        Whether there is a page of its workflow metrics.
    """
    place = period_place(period)
    inside = [night for night in nights if night.date.startswith(f"{period}-")]
    length = _MONTH if len(period) == _YEAR else None
    alike = [known for known in periods(nights) if len(known) == len(period)]
    rows = _rows(place, inside, idps, length, noted)
    return HistoryPage(
        process=process,
        title=f"{process} {period}",
        way=_way(place, process, period),
        twin=href(place, twin_of(place)),
        period=period,
        rows=rows,
        total=_row(place, "total", "", inside, idps, noted),
        nights=_rows(place, inside, idps, None, noted),
        earlier=_link(place, max((known for known in alike if known < period), default="")),
        later=_link(place, min((known for known in alike if known > period), default="")),
        runs=run_lines(place, [run for run in runs if _is_of(run, period)], _known(nights)),
        breakpoints=tuple(
            _breakpoint_line(one, [row.label for row in rows])
            for one in breakpoints
            if str(CivilDate.of(one.mjd)).startswith(f"{period}-")
        ),
        notes=tuple(_note(place, row, _known(nights)) for row in noted.latest),
        metrics=href(place, metrics_place(period) if has_metrics else ""),
    )


def front_page(
    process: str,
    nights: Sequence[NightRow],
    idps: Mapping[str, int],
    runs: Sequence[RunRow] = (),
    noted: Noted = _NOTHING,
) -> FrontPage:
    """Return the front page; arguments as for :func:`history_page`."""
    newest = sorted(nights, key=lambda night: night.date, reverse=True)
    wrong = [night for night in newest if _waits(night)]
    return FrontPage(
        process=process,
        title=process,
        way=(Link(process, ""),),
        twin=href(FRONT, twin_of(FRONT)),
        total=_row(FRONT, "total", "", nights, idps, noted),
        years=_rows(FRONT, nights, idps, _YEAR, noted),
        months=_rows(FRONT, nights, idps, _MONTH, noted),
        latest=_rows(FRONT, newest[:_LATEST], idps, None, noted),
        wrong=_rows(FRONT, wrong[:_LATEST], idps, None, noted),
        runs=run_lines(FRONT, runs, _known(nights)),
    )


def _waits(night: NightRow) -> bool:
    return bool(WRONG & night.states.keys()) or night.verdicts.get(VerdictKind.REVIEW, 0) > 0


def _breakpoint_line(one: InstrumentBreakpoint, labels: Sequence[str]) -> BreakpointLine:
    """Place a breakpoint before the first night that it concerns, or the month that it is in."""
    night = str(CivilDate.of(one.mjd))
    after = (label for label in labels if label >= night[: len(label)])
    return BreakpointLine(next(after, ""), str(one))


def _note(place: str, row: NotedRow, known: set[str]) -> Note:
    target = href(place, night_place(row.night)) if row.night in known else ""
    return Note(row.night, target, row.name, shortened(row.text), row.by, moment(row.at))


def _known(nights: Iterable[NightRow]) -> set[str]:
    """Return the dates, months and years that have a page."""
    dates = {night.date for night in nights}
    return dates | {date[:length] for date in dates for length in (_YEAR, _MONTH)}


def _is_of(run: RunRow, period: str) -> bool:
    """Whether a call was for nights of a period."""
    length = len(period)
    return bool(run.since) and run.since[:length] <= period <= run.until[:length]


def _way(place: str, process: str, period: str) -> tuple[Link, ...]:
    links = [Link(process, href(place, FRONT))]
    if len(period) == _MONTH:
        links.append(Link(period[:_YEAR], href(place, period_place(period[:_YEAR]))))
    return (*links, Link(period, ""))


def _link(place: str, period: str) -> Link:
    return Link(period, href(place, period_place(period) if period else ""))


def _rows(
    place: str,
    nights: Sequence[NightRow],
    idps: Mapping[str, int],
    length: int | None,
    noted: Noted = _NOTHING,
) -> tuple[HistoryRow, ...]:
    """Add nights up by the first letters of their dates, in the order given."""
    groups: dict[str, list[NightRow]] = {}
    for night in nights:
        groups.setdefault(night.date[:length], []).append(night)
    where = night_place if length is None else period_place
    return tuple(
        _row(place, label, where(label), group, idps, noted) for label, group in groups.items()
    )


def _row(
    place: str,
    label: str,
    target: str,
    nights: Sequence[NightRow],
    idps: Mapping[str, int],
    noted: Noted = _NOTHING,
) -> HistoryRow:
    states: Counter[JobState] = Counter()
    for night in nights:
        states.update(night.states)
    return HistoryRow(
        label=label,
        href=href(place, target),
        blocks=states.total(),
        nights=len(nights),
        states=states_of(state.value for state in states.elements()),
        wrong=sum(states[state] for state in WRONG),
        recipe_s=sum(night.recipe_s for night in nights),
        products=sum(night.products for night in nights),
        idps=sum(idps.get(night.date, 0) for night in nights),
        comments=sum(noted.counts.get(night.date, 0) for night in nights),
        review=sum(night.verdicts.get(VerdictKind.REVIEW, 0) for night in nights),
        rejected=sum(night.verdicts.get(kind, 0) for night in nights for kind in REJECTIONS),
    )
