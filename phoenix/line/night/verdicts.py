"""Verdicts by rule that follow their scores, when those are judged again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.ab import ABName
from phoenix.model.score import Outcome, VerdictKind
from phoenix.steps.quality.certify import certify, complaints

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phoenix.line.context import LineContext
    from phoenix.model.score import Score, Verdict
    from phoenix.store.qc1row import ScoreRow
    from phoenix.store.rows import BlockRow

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
    red_before = [row for row in before if row.outcome is Outcome.RED and row.part == 0]
    if verdict.kind is VerdictKind.AUTO:
        return any(score.outcome is Outcome.RED for score in now)
    told = complaints((row.comment, row.parameter, row.value) for row in red_before)
    return verdict.kind is VerdictKind.REVIEW and bool(red_before) and verdict.comment == told
