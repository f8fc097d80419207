"""The score report of an AB: each score, its trend, its elements (QC Handbook, figures 5, 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.threshold import Kind
from phoenix.monitor.page import NOWHERE, Link, Square
from phoenix.monitor.places import ab_place, href

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from phoenix.monitor.record import ABDetail, ABRecord, Before
    from phoenix.store.rows.qc1 import ScoreRow

__all__ = [
    "ScoreLine",
    "ScoreReport",
    "Trend",
    "judged_by",
    "limits_text",
    "score_report",
    "square_of",
    "value_text",
]


@frozen
class Trend:
    """What was measured lately of the same raw type and setup.

    Attributes
    ----------
    days : tuple of float
        MJD (days, UTC).
    values : tuple of float
        In the parameter's unit.
    own : int
        Place of the AB itself; -1 where it is not among them.
    low, high : float or None
        The limits of the score.
    """

    days: tuple[float, ...]
    values: tuple[float, ...]
    own: int
    low: float | None
    high: float | None


@frozen
class ScoreLine:
    """One score in full.

    Attributes
    ----------
    square : Square
        Colour, value, limits.
    rule, source : str
        The rule as a person reads it; who set it, and its version.
    before : str
        The value of the AB before in the same setup; empty for single elements.
    trend : Trend or None
        None for single elements, and for what is no number.
    parts : tuple of Square
        The elements, where the rule looks at each; the parameter is their number.
    """

    square: Square
    rule: str
    source: str
    before: str
    trend: Trend | None
    parts: tuple[Square, ...]


@frozen
class ScoreReport:
    """All scores of an AB.

    Attributes
    ----------
    lines : tuple of ScoreLine
        In the order of the rules.
    judged : str
        When, to the second (UTC).
    best : Link
        The AB of the same raw type and setup with the fewest red scores.
    best_score : str
        Its score, red of all.
    before : Link
        The AB before in the same raw type and setup.
    before_reports : (str, str)
        href of its QC report, and where else that may be.
    since, until : str
        First and last night of the trends.
    """

    lines: tuple[ScoreLine, ...]
    judged: str
    best: Link
    best_score: str
    before: Link
    before_reports: tuple[str, str]
    since: str
    until: str


def score_report(place: str, record: ABRecord, detail: ABDetail) -> ScoreReport | None:
    """Return the score report of an AB, None where nothing was scored."""
    if not record.scores:
        return None
    nights = [point.date for points in detail.trends.values() for point in points]
    name, date, red, scores = detail.best or ("", "", 0, 0)
    return ScoreReport(
        lines=tuple(_line(score, record.block.name, detail) for score in record.scores),
        judged=_moment(record.scores[0].at),
        best=Link(name, href(place, ab_place(date, name.removesuffix(".ab")) if date else "")),
        best_score=f"{red}/{scores}" if name else "",
        before=_link(place, detail.before),
        before_reports=_reports(place, detail.before),
        since=min(nights, default=""),
        until=max(nights, default=""),
    )


def _link(place: str, before: Before | None) -> Link:
    if before is None:
        return NOWHERE
    return Link(before.name, href(place, ab_place(before.date, before.name.removesuffix(".ab"))))


def _reports(place: str, before: Before | None) -> tuple[str, str]:
    here, elsewhere = before.reports if before else ("", "")
    return href(place, here), href(place, elsewhere)


def _moment(when: dt.datetime | None) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ") if when else ""


def _line(score: ScoreRow, ab_name: str, detail: ABDetail) -> ScoreLine:
    return ScoreLine(
        square=square_of(score),
        rule=score.rule,
        source=score.source,
        before=_before(score, detail),
        trend=_trend(score, ab_name, detail),
        parts=_parts(score, detail.parts),
    )


def _before(score: ScoreRow, detail: ABDetail) -> str:
    if detail.before is None or _is_of_elements(score, detail):
        return ""
    return value_text(detail.before.values.get(score.parameter))


def _is_of_elements(score: ScoreRow, detail: ABDetail) -> bool:
    return score.element != 0 or any(row.place == score.place for row in detail.parts)


def _trend(score: ScoreRow, ab_name: str, detail: ABDetail) -> Trend | None:
    points = detail.trends.get(score.parameter, ())
    if _is_of_elements(score, detail) or not points:
        return None
    own = [number for number, point in enumerate(points) if point.ab_name == ab_name]
    return Trend(
        tuple(point.mjd_obs for point in points),
        tuple(point.value for point in points),
        own[-1] if own else -1,
        score.low,
        score.high,
    )


def _parts(score: ScoreRow, parts: Sequence[ScoreRow]) -> tuple[Square, ...]:
    return tuple(
        Square(
            str(row.part),
            row.outcome.value,
            value_text(row.value),
            limits_text(row.low, row.high),
            row.comment,
            judged_by(row),
        )
        for row in parts
        if row.place == score.place
    )


def square_of(score: ScoreRow) -> Square:
    """Return a score as a square."""
    return Square(
        parameter=f"{score.parameter} of {score.element}" if score.element else score.parameter,
        outcome=score.outcome.value,
        value=value_text(score.value),
        limits=limits_text(score.low, score.high),
        comment=score.comment,
        by=judged_by(score),
    )


def judged_by(score: ScoreRow) -> str:
    """Return what the limits of a score are from: ``fixed``, or ``history``."""
    return "history" if score.kind is Kind.DYNAMIC else "fixed"


def value_text(value: object) -> str:
    """Return a QC value as text: floats to five digits, nothing for what was not measured."""
    if value is None:
        return ""
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def limits_text(low: float | None, high: float | None) -> str:
    """Return limits as text."""
    if low is None:
        return f"at most {high:g}" if high is not None else ""
    return f"at least {low:g}" if high is None else f"{low:g} to {high:g}"
