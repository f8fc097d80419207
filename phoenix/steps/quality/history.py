"""The history of QC parameters, and the limits that follow from it (QC Handbook, 5.6.6, 6.1.3)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.model.threshold import DynamicRule, ScoreRule, with_limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["History", "PastValue", "Peer", "rules_of_ab"]

_Key = tuple[str, str, int, str]


@frozen
class Peer:
    """An AB among others of its raw type and setup.

    Attributes
    ----------
    ab_name, raw_type, setup : str
        The AB.
    night : float
        MJD of its night, in days.
    epoch : int
        ABs of other epochs, across an instrument breakpoint, are not compared.
    """

    ab_name: str
    raw_type: str
    setup: str
    night: float
    epoch: int = 0

    def key(self, parameter: str) -> _Key:
        """Return what values must share to be compared."""
        return self.raw_type, self.setup, self.epoch, parameter


@frozen
class PastValue:
    """One measurement of the history.

    Attributes
    ----------
    peer : Peer
        The AB.
    parameter : str
        QC parameter.
    value : float
        What was measured.
    element : int
        Fibre, order, detector or IFU; 0 for a value of the whole AB.
    """

    peer: Peer
    parameter: str
    value: float
    element: int = 0


@frozen
class History:
    """What was measured, by raw type, setup, epoch and parameter."""

    _rows: Mapping[_Key, Sequence[PastValue]] = field(factory=dict)

    @classmethod
    def of(cls, rows: Iterable[PastValue]) -> History:
        """Sort measurements; what others must not be compared with is not among them."""
        found: dict[_Key, list[PastValue]] = defaultdict(list)
        for row in rows:
            found[row.peer.key(row.parameter)].append(row)
        return cls(found)

    def others(
        self,
        own: Peer,
        parameter: str,
        window_days: float,
        least: int,
        element: int | None = None,
    ) -> dict[int, list[float]]:
        """Return what an AB is compared with, by element.

        That is what was measured of others within so many nights before. Where that is not enough
        its own night counts too, and where that is not enough either, so many nights after. So a
        change is seen in the first night that has it, whatever else changed in that night; judged
        again an AB is compared with what it was compared with in the run, when its night was not
        measured yet; and the first nights of a campaign are compared with the next ones.

        Parameters
        ----------
        own : Peer
            The AB that is judged.
        parameter : str
            QC parameter.
        window_days : float
            Nights.
        least : int
            How many values are enough.
        element : int, optional
            Of which element; if not given, of any.
        """
        rows = [
            row
            for row in self._rows.get(own.key(parameter), ())
            if row.peer.ab_name != own.ab_name and abs(row.peer.night - own.night) <= window_days
        ]
        earlier = _by_element(row for row in rows if row.peer.night < own.night)
        if _is_enough(earlier, least, element):
            return earlier
        with_own = _by_element(row for row in rows if row.peer.night <= own.night)
        return with_own if _is_enough(with_own, least, element) else _by_element(rows)


def _is_enough(found: Mapping[int, Sequence[float]], least: int, element: int | None) -> bool:
    counted = found.values() if element is None else [found.get(element, ())]
    return any(len(values) >= least for values in counted)


def _by_element(rows: Iterable[PastValue]) -> dict[int, list[float]]:
    found: dict[int, list[float]] = defaultdict(list)
    for row in rows:
        found[row.element].append(row.value)
    return found


def rules_of_ab(
    rules: Iterable[ScoreRule | DynamicRule], history: History, own: Peer, usual_days: float
) -> tuple[ScoreRule, ...]:
    """Return the rules that an AB is judged by, those with a history with their limits.

    Parameters
    ----------
    rules : iterable of ScoreRule and DynamicRule
        Of the process.
    history : History
        What others are like.
    own : Peer
        The AB.
    usual_days : float
        Nights that are its history, where a rule does not say.
    """
    found = []
    for rule in rules:
        if not rule.is_for(own.raw_type):
            continue
        if isinstance(rule, DynamicRule):
            days = rule.window_days or usual_days
            least, element = rule.least_history, rule.element
            others = history.others(own, rule.parameter, days, least, element)
            found.append(with_limits(rule, others))
        else:
            found.append(rule)
    return tuple(found)
