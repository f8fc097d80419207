"""Limits of scores on the panels of a report: lines where they are fixed, bands of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from phoenix.drawing.scales import FAINT, Scales
from phoenix.model.score import Outcome
from phoenix.model.threshold import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from phoenix.drawing.paper import Paper
    from phoenix.drawing.scales import Range
    from phoenix.model.score import Score

__all__ = ["RED", "Limits", "draw_limits", "is_red", "limits_of", "limits_text", "with_limits"]

RED = "#c04a00"
_FIXED, _USUAL = "#d55e00", "#009e73"
"""Colours of a fixed limit, and of what is usual by the history."""
_NEAR = 0.7
"""A limit that is that near, in units of the range without it, widens the range (ours)."""
_SMALL = 7.0


@frozen
class Limits:
    """Limits of one score: of all that is drawn, or of each element.

    Attributes
    ----------
    kind : Kind
        Fixed, or from the history.
    low, high : float or None
        Of all.
    by_element : tuple of (int, float, float)
        Of each element, which is then what the other axis shows.
    """

    kind: Kind
    low: float | None
    high: float | None
    by_element: tuple[tuple[int, float, float], ...] = ()

    @property
    def ends(self) -> tuple[float, ...]:
        """The limits that there are."""
        return tuple(limit for limit in (self.low, self.high) if limit is not None)


def limits_of(scores: Iterable[Score], parameters: Collection[str]) -> tuple[Limits, ...]:
    """Return the limits of what an axis measures: QC parameters, each judged once or twice."""
    found = (
        Limits(score.rule.kind, score.rule.low, score.rule.high, score.rule.by_element)
        for score in scores
        if score.rule.parameter in parameters and not score.rule.is_open
    )
    return tuple(dict.fromkeys(found))


def with_limits(values: Range, limits: Iterable[Limits]) -> Range:
    """Return the range of an axis, widened to near limits; far ones would hide the data."""
    low, high = sorted(values)
    room = _NEAR * (high - low)
    near = [end for one in limits for end in one.ends if low - room <= end <= high + room]
    margin = 0.03 * (high - low)
    least = min((low, *(end - margin for end in near)))
    most = max((high, *(end + margin for end in near)))
    return (least, most) if values[0] <= values[1] else (most, least)


def draw_limits(paper: Paper, scales: Scales, limits: Sequence[Limits], *, along_x: bool) -> None:
    """Draw limits of the values along an axis; say which of them lie outside the frame."""
    outside: list[str] = []
    for one in limits:
        if one.by_element:
            _draw_each(paper, scales, one)
            continue
        seen = sorted(scales.x if along_x else scales.y)
        if one.kind is Kind.DYNAMIC:
            _draw_band(paper, scales, one, seen, along_x=along_x)
        _draw_ends(paper, scales, one, seen, along_x=along_x)
        if not any(seen[0] <= end <= seen[1] for end in one.ends):
            word = "usual" if one.kind is Kind.DYNAMIC else "limits"
            outside.append(f"{word} {limits_text(one.low, one.high)}")
    if outside:
        box = scales.box
        text = "; ".join(dict.fromkeys(outside))
        paper.write(box.right, box.top + 0.05, text, _SMALL, FAINT, anchor="rs")


def _draw_band(
    paper: Paper, scales: Scales, one: Limits, seen: Sequence[float], *, along_x: bool
) -> None:
    low = seen[0] if one.low is None else one.low
    high = seen[1] if one.high is None else one.high
    across = scales.y if along_x else scales.x
    corners = np.array([(low, across[0]), (high, across[0]), (high, across[1]), (low, across[1])])
    if not along_x:
        corners = corners[:, ::-1]
    places = scales.places(corners[:, 0], corners[:, 1])
    paper.polygon(places, _USUAL, opacity=0.12, within=scales.box)


def _draw_ends(
    paper: Paper, scales: Scales, one: Limits, seen: Sequence[float], *, along_x: bool
) -> None:
    box = scales.box
    colour = _USUAL if one.kind is Kind.DYNAMIC else _FIXED
    for end in one.ends:
        if not seen[0] <= end <= seen[1]:
            continue
        value = np.array([end])
        x, y = scales.places(value, value)[0]
        stroke = [(x, box.bottom), (x, box.top)] if along_x else [(box.left, y), (box.right, y)]
        paper.strokes(np.array([stroke]), colour, 0.9, opacity=0.8)
        if not along_x:
            word = "usual" if one.kind is Kind.DYNAMIC else "limit"
            paper.write(
                box.right - 0.05, y + 0.03, f"{word} {end:.4g}", _SMALL, colour, anchor="rs"
            )


def _draw_each(paper: Paper, scales: Scales, one: Limits) -> None:
    rows = np.array(one.by_element, dtype=np.float64)
    ends = np.stack((scales.places(rows[:, 0], rows[:, 1]), scales.places(rows[:, 0], rows[:, 2])))
    paper.strokes(ends.transpose(1, 0, 2), _USUAL, 2.2, opacity=0.25, within=scales.box)


def is_red(scores: Iterable[Score], parameters: Collection[str]) -> bool:
    """Whether one of these parameters has a red score."""
    return any(
        score.outcome is Outcome.RED for score in scores if score.rule.parameter in parameters
    )


def limits_text(low: float | None, high: float | None) -> str:
    """Return limits as text."""
    if low is None:
        return f"≤ {high:.5g}" if high is not None else ""
    return f"≥ {low:.5g}" if high is None else f"{low:.5g} to {high:.5g}"
