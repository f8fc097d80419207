"""Verdicts by rule that follow their scores, when those are judged again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.ab import ABName
from phoenix.model.score import Outcome
from phoenix.steps.quality.certify import RULE, certify, complaints

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phoenix.line.context import LineContext
    from phoenix.model.score import Score, Verdict
    from phoenix.store.rows import BlockRow
    from phoenix.store.rows.qc1 import ScoreRow

__all__ = ["told_again"]


def told_again(
    line: LineContext,
    scores: Mapping[str, tuple[Iterable[ScoreRow], tuple[Score, ...]]],
    blocks: Mapping[str, BlockRow],
) -> dict[str, Verdict]:
    """Return the verdicts by rule that change with the scores; what a person said stands.

    An AB that waits for another reason than a red score, for example because it was made with a
    rejected one, goes on waiting.

    Parameters
    ----------
    line : LineContext
        Process, settings, store.
    scores : mapping of str to (iterable of ScoreRow, tuple of Score)
        AB name to its scores before and now.
    blocks : mapping of str to BlockRow
        The same ABs.
    """
    dates = [blocks[name].date for name in scores]
    if not dates:
        return {}
    current = line.store.verdicts.current(since=min(dates), until=max(dates))
    found = {}
    for name, (before, now) in scores.items():
        row = current.get(name)
        if row is None or not _follows(row.verdict, before, now):
            continue
        seed = f"{line.process_row.name} {blocks[name].date}"
        look = line.review.look_at(blocks[name].raw_type, ABName(name).tag)
        verdict = certify({name: now}, {name: look}, seed)[name]
        if verdict != row.verdict:
            found[name] = verdict
    return found


def _follows(verdict: Verdict, before: Iterable[ScoreRow], now: tuple[Score, ...]) -> bool:
    """Whether a verdict is by the rules, and its scores have to do with it."""
    if verdict.by != RULE:
        return False
    red_before = [row for row in before if row.outcome is Outcome.RED and row.part == 0]
    told = complaints((row.comment, row.parameter, row.value) for row in red_before)
    is_red = any(score.outcome is Outcome.RED for score in now)
    return is_red or (bool(told) and verdict.comment.endswith(told))
