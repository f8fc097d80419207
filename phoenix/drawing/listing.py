"""Listings of a report: QC parameters with their limits, red ones marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.drawing.limits import RED, limits_text
from phoenix.drawing.paper import Box, plain
from phoenix.drawing.scales import FAINT, INK
from phoenix.model.score import Outcome
from phoenix.model.threshold import Kind

if TYPE_CHECKING:
    from phoenix.drawing.paper import Paper
    from phoenix.model.panel import Listing
    from phoenix.model.score import Score

__all__ = ["draw_listing", "height_of_listing"]

_STRIPE = "#f3f5f7"
_ROW = 0.205
"""Height of a line of a listing, in inches."""
_LIMITS = 1.4
"""Width of the column of limits of a listing, in inches."""
_LISTING_ROWS = 24
"""Lines of a listing that fit into a panel."""


def height_of_listing(panel: Listing) -> float:
    """Return the height of a listing, in inches."""
    lines = min(_LISTING_ROWS, -(-len(panel.rows) // _columns(panel)))
    return 0.55 + _ROW * max(lines, 2)


def _columns(panel: Listing) -> int:
    return 3 if panel.wide else 1


def draw_listing(paper: Paper, panel: Listing, frame: Box, scores: tuple[Score, ...]) -> Box:
    """Draw names, values, and the limits of those that are scored; return its frame."""
    if not panel.rows:
        paper.write(*frame.at(0.5, 0.5), "no values", 10, FAINT, anchor="mm")
        return frame
    columns = _columns(panel)
    lines = max(1, min(_LISTING_ROWS, -(-len(panel.rows) // columns)))
    width = frame.width / columns
    judged = _judged(scores)
    limits = _LIMITS if any(name in judged for name, _ in panel.rows) else 0.0
    letters = int((width - limits) * 13)
    for number, (name, value) in enumerate(panel.rows[: lines * columns]):
        left = frame.left + number // lines * width
        middle = frame.top - (number % lines + 0.5) * _ROW
        if number % lines % 2 == 0:
            paper.fill(Box(left - 0.06, middle - _ROW / 2, width - 0.12, _ROW), _STRIPE)
        share = min(len(value), letters * 2 // 3)
        score = judged.get(name)
        bad = score is not None and score.outcome is Outcome.RED
        label = plain(f"✗ {name}" if bad else name, letters - share - 1)
        look = {"colour": RED, "strong": True} if bad else {"colour": INK}
        paper.write(left, middle, label, 8.2, RED if bad else FAINT, anchor="lm")
        end = left + width - 0.24
        paper.write(end - limits, middle, plain(value, share), 8.2, anchor="rm", **look)
        if score is not None:
            paper.write(end, middle, _limits_of_score(score), 7.2, FAINT, anchor="rm")
    more = len(panel.rows) - lines * columns
    if more > 0:
        place = frame.right - 0.24, frame.top + 0.1
        paper.write(*place, f"{more} more not shown", 7.5, INK, anchor="rs")
    return frame


def _judged(scores: tuple[Score, ...]) -> dict[str, Score]:
    """Return the score of each parameter that tells most: a red one, else one by the history."""
    found: dict[str, Score] = {}
    for score in scores:
        if score.rule.element == 0 and not score.rule.is_open:
            before = found.get(score.rule.parameter)
            if before is None or before.outcome is not Outcome.RED:
                found[score.rule.parameter] = score
    return found


def _limits_of_score(score: Score) -> str:
    usual = "usual " if score.rule.kind is Kind.DYNAMIC else ""
    return plain(usual + limits_text(*score.limits), 27)
