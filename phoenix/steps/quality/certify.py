"""Certification: green by rule, red and a random share of green to a person.

The review policy of a process says how large that share is and whether a person must have looked
before anything moves on (QC Handbook, 5.6.3).
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from phoenix.model.process import Look
from phoenix.model.score import Outcome, Verdict, VerdictKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phoenix.model.qc import QCValue
    from phoenix.model.score import Score

__all__ = ["NEVER_REVIEWED", "RULE", "certify", "complaints"]

RULE = "rule"

NEVER_REVIEWED = "never reviewed"
"""Begins what is said of an AB that no person looks at, though it has red scores."""


def certify(
    scores: Mapping[str, Iterable[Score]], looks: Mapping[str, Look | float], seed: str
) -> dict[str, Verdict]:
    """Give every AB its verdict.

    Parameters
    ----------
    scores : mapping of str to iterable of Score
        The scores of each AB by name.
    looks : mapping of str to Look or float
        Whether a person looks at an AB, or the share of green ones in percent.
    seed : str
        Makes the draw repeatable; the name of process and night, for example. Whether an AB is
        drawn does not depend on which others there are.

    Returns
    -------
    dict of str to Verdict
        AUTO, or REVIEW with the reason as its comment.
    """
    return {
        name: _verdict(tuple(rows), looks[name], _drawn(f"{seed} {name}"))
        for name, rows in sorted(scores.items())
    }


def _drawn(seed: str) -> float:
    """Return a number from 0 to 100 (percent), always the same for the same text."""
    return 100 * random.Random(seed).random()


def _verdict(scores: tuple[Score, ...], look: Look | float, drawn: float) -> Verdict:
    red = complaints(
        (score.comment, score.rule.parameter, score.value)
        for score in scores
        if score.outcome is Outcome.RED
    )
    if look is Look.NEVER:
        return Verdict(VerdictKind.AUTO, f"{NEVER_REVIEWED}: {red}" if red else "", RULE)
    if red:
        return Verdict(VerdictKind.REVIEW, red, RULE)
    if look is Look.MANDATORY:
        return Verdict(VerdictKind.REVIEW, "a person looks at every product", RULE)
    if drawn < look:
        return Verdict(VerdictKind.REVIEW, "drawn at random among the green", RULE)
    return Verdict(VerdictKind.AUTO, by=RULE)


def complaints(red: Iterable[tuple[str, str, QCValue]]) -> str:
    """Return what a person is told of red scores: of each its comment, parameter and value."""
    return "; ".join(comment or f"{parameter} is {value}" for comment, parameter, value in red)
