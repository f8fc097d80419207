"""Lines of the history: nights, added up to months and years."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from phoenix.model.report import JobState
    from phoenix.model.score import VerdictKind

__all__ = ["NightRow", "by_month", "by_year"]


@frozen
class NightRow:
    """One line of the history: a night, a month or a year.

    Attributes
    ----------
    date : str
        ``2020-01-01``, ``2020-01`` or ``2020``.
    states : mapping of JobState to int
        Number of ABs in each state that occurs.
    recipe_s : float
        Wall seconds of its recipes, added up.
    products : int
        Number of products.
    verdicts : mapping of VerdictKind to int
        Number of ABs with each verdict that counts.
    """

    date: str
    states: Mapping[JobState, int]
    recipe_s: float = 0.0
    products: int = 0
    verdicts: Mapping[VerdictKind, int] = field(factory=dict)

    @property
    def blocks(self) -> int:
        """Number of ABs."""
        return sum(self.states.values())


def by_month(nights: Iterable[NightRow]) -> tuple[NightRow, ...]:
    """Add nights up to months."""
    return _added(nights, lambda date: date[:7])


def by_year(nights: Iterable[NightRow]) -> tuple[NightRow, ...]:
    """Add nights or months up to years."""
    return _added(nights, lambda date: date[:4])


def _added(nights: Iterable[NightRow], period: Callable[[str], str]) -> tuple[NightRow, ...]:
    sums: dict[str, NightRow] = {}
    for night in nights:
        label = period(night.date)
        total = sums.get(label, NightRow(label, {}))
        sums[label] = evolve(
            total,
            states=dict(Counter(total.states) + Counter(night.states)),
            recipe_s=total.recipe_s + night.recipe_s,
            products=total.products + night.products,
            verdicts=dict(Counter(total.verdicts) + Counter(night.verdicts)),
        )
    return tuple(sums.values())
