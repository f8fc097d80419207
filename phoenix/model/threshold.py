"""Thresholds: what a QC parameter must be, by fixed limits or by its history (Handbook, 6.1.3)."""

from __future__ import annotations

import math
from enum import Enum
from statistics import median
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from phoenix.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from phoenix.model.qc import QCValue

__all__ = ["DynamicRule", "Kind", "ScoreRule", "is_within", "with_limits"]


class Kind(Enum):
    """Where the limits of a score come from (QC Handbook, 6.1.3)."""

    STATIC = "static"
    """From a table: specifications and experience."""
    DYNAMIC = "dynamic"
    """From what was measured before and after."""


def is_within(value: QCValue, low: float | None, high: float | None) -> bool:
    """Whether a value is a number within limits, both allowed; None is no limit."""
    if value is None or isinstance(value, str):
        return False
    return (low is None or value >= low) and (high is None or value <= high)


def _check_elements(parameter: str, element: int | None, spare: float) -> None:
    if element is not None and element < 0:
        raise DataError(f"score rule {parameter}: found element {element}, expected 0 or above")
    if not (math.isfinite(spare) and spare >= 0):
        raise DataError(f"score rule {parameter}: found spare {spare}, expected 0 or above")
    if spare and element is not None:
        raise DataError(
            f"score rule {parameter}: found spare {spare} with one element, expected it with each"
        )


@frozen
class ScoreRule:
    """The threshold of one QC parameter.

    Attributes
    ----------
    parameter : str
        QC parameter.
    low, high : float or None
        Limits in the parameter's unit, both allowed; None = no limit on that side.
    comment : str
        What the monitor says when it is broken.
    raw_types : tuple of str
        The raw types it holds for; empty for all.
    element : int or None
        The fibre, order, detector or IFU whose value counts; 0 is the AB; None is each element.
    spare : float
        Of each element so many may be outside: a number, or a share where it is below 1.
    kind : Kind
        Whether the limits are from a table or from the history.
    text : str
        The rule as a person reads it; made from the limits where it is empty.
    source : str
        Who set it, and its version; the plugin where it is empty.
    by_element : tuple of (int, float, float)
        Limits from the history of each element, for a rule that looks at each.
    """

    parameter: str
    low: float | None = None
    high: float | None = None
    comment: str = ""
    raw_types: tuple[str, ...] = ()
    element: int | None = 0
    spare: float = 0.0
    kind: Kind = field(default=Kind.STATIC, converter=Kind)
    text: str = ""
    source: str = ""
    by_element: tuple[tuple[int, float, float], ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.low is None and self.high is None and self.kind is Kind.STATIC:
            raise DataError(f"score rule {self.parameter}: expected a limit, found none")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise DataError(f"score rule {self.parameter}: low {self.low} is above {self.high}")
        _check_elements(self.parameter, self.element, self.spare)

    def is_for(self, raw_type: str) -> bool:
        """Whether it holds for a raw type."""
        return not self.raw_types or raw_type in self.raw_types

    @property
    def is_open(self) -> bool:
        """Whether its limits are not known: the history was too short."""
        return self.low is None and self.high is None and not self.by_element

    def limits_of(self, element: int) -> tuple[float | None, float | None]:
        """Return the limits of one element, or of the AB."""
        for number, low, high in self.by_element:
            if number == element:
                return low, high
        return self.low, self.high

    def may_break(self, number: int) -> int:
        """Return how many of so many elements may be outside."""
        return math.floor(self.spare * number if self.spare < 1 else self.spare)

    def __str__(self) -> str:
        return self.text or _limits_text(self)


def _limits_text(rule: ScoreRule) -> str:
    low = "" if rule.low is None else f"{rule.low:g} <= "
    high = "" if rule.high is None else f" <= {rule.high:g}"
    return f"{low}{_subject(rule.parameter, rule.element)}{high}{_spare_text(rule.spare)}"


def _subject(parameter: str, element: int | None) -> str:
    if element == 0:
        return parameter
    return f"{parameter} of each" if element is None else f"{parameter} of {element}"


def _spare_text(spare: float) -> str:
    if not spare:
        return ""
    return f", all but {spare:.3g}" if spare >= 1 else f", all but {100 * spare:.3g} %"


# The median absolute deviation of a normal distribution in units of its sigma.
_MAD_OF_SIGMA = 0.6745


@frozen
class DynamicRule:
    """A threshold that follows from the history of a QC parameter (QC Handbook, 5.5.5, 6.1.3).

    The limits are median +- max(nsigma * robust sigma, least_width) of the same raw type and
    setup, the AB itself and rejected ones left out.

    Attributes
    ----------
    parameter : str
        QC parameter.
    nsigma : float
        Half width in units of the robust sigma, MAD / 0.6745.
    least_width : float
        Least half width in the parameter's unit: where the history hardly scatters, a difference
        that matters to nobody is no reason to look.
    comment : str
        What the monitor says when it is broken.
    raw_types : tuple of str
        The raw types it holds for; empty for all.
    least_history : int
        With fewer values there is no opinion: the score is grey.
    window_days : int
        So many nights before the AB's own are its history, and so many after where those are too
        few; 0 is ``review.history_days``.
    element, spare, source
        As those of :class:`ScoreRule`; each element is compared with its own history.
    """

    parameter: str
    nsigma: float
    least_width: float
    comment: str = ""
    raw_types: tuple[str, ...] = ()
    least_history: int = 4
    window_days: int = 0
    element: int | None = 0
    spare: float = 0.0
    source: str = ""

    def __attrs_post_init__(self) -> None:
        if not (self.nsigma > 0 and self.least_width >= 0):
            raise DataError(
                f"dynamic rule {self.parameter}: found {self.nsigma} sigma and least width "
                f"{self.least_width}, expected numbers above 0"
            )
        if self.least_history < 1 or self.window_days < 0:
            raise DataError(
                f"dynamic rule {self.parameter}: found least history {self.least_history} and "
                f"window {self.window_days} d, expected 1 or above, and 0 or above"
            )
        _check_elements(self.parameter, self.element, self.spare)

    def is_for(self, raw_type: str) -> bool:
        """Whether it holds for a raw type."""
        return not self.raw_types or raw_type in self.raw_types

    def __str__(self) -> str:
        return (
            f"{_subject(self.parameter, self.element)} within {self.nsigma:g} sigma, or "
            f"{self.least_width:g}, of the median of {self.least_history} or more"
            f"{_spare_text(self.spare)}"
        )


def with_limits(rule: DynamicRule, history: Mapping[int, Sequence[float]]) -> ScoreRule:
    """Return a rule with the limits that follow from a history; open where it is too short.

    Parameters
    ----------
    rule : DynamicRule
        The row.
    history : mapping of int to sequence of float
        Element (0 is the AB) to what was measured of others.
    """
    open_rule = ScoreRule(
        parameter=rule.parameter,
        comment=rule.comment,
        raw_types=rule.raw_types,
        element=rule.element,
        spare=rule.spare,
        kind=Kind.DYNAMIC,
        text=str(rule),
        source=rule.source,
    )
    if rule.element is None:
        limits = {number: _limits(rule, values) for number, values in history.items() if number}
        rows = tuple((number, row[1], row[2]) for number, row in sorted(limits.items()) if row)
        most = max((len(values) for number, values in history.items() if number), default=0)
        return evolve(open_rule, by_element=rows) if rows else _not_scored(open_rule, rule, most)
    values = tuple(history.get(rule.element, ()))
    found = _limits(rule, values)
    if found is None:
        return _not_scored(open_rule, rule, len(values))
    middle, low, high = found
    comment = f"{rule.comment} (median of {len(values)}: {middle:.4g})"
    return evolve(open_rule, low=low, high=high, comment=comment)


def _not_scored(open_rule: ScoreRule, rule: DynamicRule, number: int) -> ScoreRule:
    told = f"not scored: {number} of {rule.least_history} values to compare with"
    return evolve(open_rule, comment=told)


def _limits(rule: DynamicRule, history: Iterable[float]) -> tuple[float, float, float] | None:
    """Return the median and the limits around it."""
    values = sorted(history)
    if len(values) < rule.least_history:
        return None
    middle = median(values)
    sigma = median(abs(value - middle) for value in values) / _MAD_OF_SIGMA
    width = max(rule.nsigma * sigma, rule.least_width)
    return middle, middle - width, middle + width
