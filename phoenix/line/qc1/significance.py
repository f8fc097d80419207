"""Score significance (QC Handbook, table 8): how often a rule was red, and a person agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

from phoenix.line.answers.lists import limits_of
from phoenix.line.table import Table
from phoenix.model.score import Outcome, VerdictKind

if TYPE_CHECKING:
    from phoenix.line.context import LineContext
    from phoenix.model.score import Verdict
    from phoenix.store.rows.qc1 import ScoreRow

__all__ = ["significance_table"]


@define
class _Count:
    """What became of the scores of one rule."""

    green: int = 0
    red: int = 0
    grey: int = 0
    rejected: int = 0
    certified: int = 0
    missed: int = 0


def significance_table(line: LineContext, pool: str = "") -> Table:
    """Return one row for each rule: its scores, and what persons said of those ABs.

    A rule that is often red and seldom agreed with asks for other limits; one that is never red
    for less of them. "missed" counts the ABs that a person rejected where the rule was green.

    Parameters
    ----------
    line : LineContext
        Whose store is read.
    pool : str
        A night, nights, a month or a year; all nights if empty.
    """
    since, until = limits_of(pool) if pool else (None, None)
    types = {row.name: row.raw_type for row in line.store.blocks.rows(since=since, until=until)}
    verdicts = line.store.verdicts.current(since=since, until=until)
    counts: dict[tuple[str, str, str], _Count] = {}
    for score in line.store.qc1.scores(since=since, until=until):
        name = f"{score.parameter} of {score.element}" if score.element else score.parameter
        count = counts.setdefault((types[score.ab_name], name, score.kind.value), _Count())
        said = verdicts.get(score.ab_name)
        _add(count, score, said.verdict if said else None)
    columns = (
        "raw type",
        "parameter",
        "kind",
        "green",
        "red",
        "grey",
        "red %",
        "rejected",
        "certified",
        "agreed %",
        "missed",
    )
    rows = tuple(
        (
            *rule,
            count.green,
            count.red,
            count.grey,
            _percent(count.red, count.green + count.red),
            count.rejected,
            count.certified,
            _percent(count.rejected, count.rejected + count.certified),
            count.missed,
        )
        for rule, count in sorted(counts.items())
    )
    return Table(f"significance of the scores of {pool or 'all nights'}", columns, rows)


def _add(count: _Count, score: ScoreRow, said: Verdict | None) -> None:
    match score.outcome:
        case Outcome.GREEN:
            count.green += 1
            count.missed += said is not None and said.rejects
        case Outcome.RED:
            count.red += 1
            count.rejected += said is not None and said.rejects
            count.certified += said is not None and said.kind is VerdictKind.OK
        case Outcome.GREY:
            count.grey += 1


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
