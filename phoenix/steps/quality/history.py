"""Compare master calibrations with their history: the qualityChecker (QC Handbook, 5.6.6)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from phoenix.model.score import judge, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from phoenix.model.score import ScoreRule, StatisticalRule
    from phoenix.steps.quality.score import QCResult

__all__ = ["PastValue", "check_history"]


@frozen
class PastValue:
    """One measurement of the history.

    Attributes
    ----------
    ab_name, raw_type, setup, parameter : str
        Of what.
    value : float
        What was measured.
    counts : bool
        False for what others must not be compared with: it was rejected.
    epoch : int
        Values of other epochs, across an instrument breakpoint, are not compared.
    """

    ab_name: str
    raw_type: str
    setup: str
    parameter: str
    value: float
    counts: bool = True
    epoch: int = 0


def check_history(
    quality: Mapping[str, QCResult],
    fixed: Sequence[ScoreRule],
    statistical: Sequence[StatisticalRule],
    history: Iterable[PastValue],
) -> dict[str, QCResult]:
    """Score ABs by fixed thresholds and by those that follow from the history.

    Parameters
    ----------
    quality : mapping of str to QCResult
        What was measured, by AB name. An AB whose raw type and setup are not in the history is
        scored by the fixed thresholds alone.
    fixed, statistical : sequence of ScoreRule, of StatisticalRule
        The rows.
    history : iterable of PastValue
        Past and present values, those of the AB itself too, which are left out when it is judged.

    Returns
    -------
    dict of str to QCResult
        The same with their scores.
    """
    past: dict[tuple[str, str, int, str], dict[str, float]] = defaultdict(dict)
    kinds: dict[str, tuple[str, str, int]] = {}
    for row in history:
        kind = kinds[row.ab_name] = (row.raw_type, row.setup, row.epoch)
        if row.counts:
            past[*kind, row.parameter][row.ab_name] = row.value
    scored = {}
    for name, result in quality.items():
        raw_type, setup, epoch = kinds.get(name, ("", "", 0))
        limits = (
            thresholds(rule, _others(past[raw_type, setup, epoch, rule.parameter], name))
            for rule in statistical
            if not rule.raw_types or raw_type in rule.raw_types
        )
        rules = [*fixed, *(row for row in limits if row is not None)]
        scores = judge(result.measurements, rules, raw_type)
        scored[name] = evolve(result, scores=scores) if raw_type else result
    return scored


def _others(values: Mapping[str, float], name: str) -> list[float]:
    return [value for other, value in values.items() if other != name]
