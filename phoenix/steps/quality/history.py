"""The history of QC parameters, and the limits that follow from it (QC Handbook, 5.6.6, 6.1.3)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.model.threshold import DynamicRule, ScoreRule, with_limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    _Key = tuple[str, str, str]

__all__ = ["History", "PastValue", "rules_of_ab"]


@frozen
class PastValue:
    """One measurement of the history.

    Attributes
    ----------
    ab_name, raw_type, setup, parameter : str
        Of what.
    value : float
        What was measured.
    night : float
        MJD of the night, in days.
    element : int
        Fibre, order, detector or IFU; 0 for a value of the whole AB.
    """

    ab_name: str
    raw_type: str
    setup: str
    parameter: str
    value: float
    night: float = 0.0
    element: int = 0


@frozen
class History:
    """What was measured, by raw type, setup and parameter."""

    _rows: Mapping[_Key, Sequence[PastValue]] = field(factory=dict)

    @classmethod
    def of(cls, rows: Iterable[PastValue]) -> History:
        """Sort measurements; what others must not be compared with is not among them."""
        found: dict[_Key, list[PastValue]] = defaultdict(list)
        for row in rows:
            found[row.raw_type, row.setup, row.parameter].append(row)
        return cls(found)

    def others(
        self, ab_name: str, key: _Key, night: float, window_days: float
    ) -> dict[int, list[float]]:
        """Return what was measured of other ABs within so many nights, by element.

        Parameters
        ----------
        ab_name : str
            The AB that is judged.
        key : tuple of str
            Raw type, setup and parameter.
        night : float
            MJD of its night, in days.
        window_days : float
            Nights before and after.
        """
        found: dict[int, list[float]] = defaultdict(list)
        for row in self._rows.get(key, ()):
            if row.ab_name != ab_name and abs(row.night - night) <= window_days:
                found[row.element].append(row.value)
        return found


def rules_of_ab(
    rules: Iterable[ScoreRule | DynamicRule],
    history: History,
    ab_name: str,
    raw_type: str,
    setup: str,
    night: float,
    usual_days: float,
) -> tuple[ScoreRule, ...]:
    """Return the rules that an AB is judged by, those with a history with their limits.

    Parameters
    ----------
    rules : iterable of ScoreRule and DynamicRule
        Of the process.
    history : History
        What others are like.
    ab_name, raw_type, setup : str
        The AB.
    night : float
        MJD of its night, in days.
    usual_days : float
        Nights before and after that are its history, where a rule does not say.
    """
    own = []
    for rule in rules:
        if not rule.is_for(raw_type):
            continue
        if isinstance(rule, DynamicRule):
            key = raw_type, setup, rule.parameter
            days = rule.window_days or usual_days
            own.append(with_limits(rule, history.others(ab_name, key, night, days)))
        else:
            own.append(rule)
    return tuple(own)
