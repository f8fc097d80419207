"""Scores: what a measurement is worth, and QCFLAG, what the archive user is told."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import DataError
from phoenix.model.threshold import is_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from phoenix.model.qc import Measurement, QCValue
    from phoenix.model.threshold import ScoreRule

__all__ = [
    "BY_PERSON",
    "REJECTIONS",
    "UNDECIDED",
    "ElementScore",
    "Outcome",
    "Score",
    "ScoreBit",
    "Verdict",
    "VerdictKind",
    "judge",
    "qcflag",
]


class Outcome(Enum):
    """Colours of a score (QC Handbook, 5.6.3)."""

    GREEN = "green"
    RED = "red"
    GREY = "grey"


@frozen
class ElementScore:
    """What one fibre, order, detector or IFU is worth by a rule that looks at each.

    Attributes
    ----------
    element : int
        Its number, from 1.
    value : float, int, str or None
        What was measured of it.
    outcome : Outcome
        GREY where nothing was measured.
    """

    element: int
    value: QCValue
    outcome: Outcome


@frozen
class Score:
    """0 or 1, and against what.

    Attributes
    ----------
    rule : ScoreRule
        The row that was applied.
    value : float, int, str or None
        What was measured; of a rule that looks at each element the number of those outside.
    outcome : Outcome
        GREY where nothing was measured, and where the history is too short to know limits.
    elements : tuple of ElementScore
        The elements one by one, if the rule looks at each.
    """

    rule: ScoreRule
    value: QCValue
    outcome: Outcome
    elements: tuple[ElementScore, ...] = ()

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """The limits of the value, of which each is allowed."""
        if self.rule.element is not None:
            return self.rule.low, self.rule.high
        return None, self.rule.may_break(len(self.elements))

    @property
    def comment(self) -> str:
        """What the rule says where it is broken, with the count of elements."""
        if self.rule.element is not None or not self.elements:
            return self.rule.comment
        return f"{self.rule.comment} ({self.value} of {len(self.elements)})"


def judge(
    measurements: Iterable[Measurement], rules: Iterable[ScoreRule], raw_type: str
) -> tuple[Score, ...]:
    """Apply the rules of a raw type to the measurements of one AB."""
    values: dict[str, dict[int, QCValue]] = {}
    for row in measurements:
        values.setdefault(row.parameter, {})[row.element] = row.value
    return tuple(
        _judged(values.get(rule.parameter, {}), rule) for rule in rules if rule.is_for(raw_type)
    )


def _judged(values: Mapping[int, QCValue], rule: ScoreRule) -> Score:
    if rule.element is not None:
        value = values.get(rule.element)
        return Score(rule, value, _outcome(value, rule, rule.element))
    elements = tuple(
        ElementScore(number, value, _outcome(value, rule, number))
        for number, value in sorted(values.items())
        if number > 0
    )
    judged = [one for one in elements if one.outcome is not Outcome.GREY]
    if not judged:
        return Score(rule, None, Outcome.GREY, elements)
    outside = sum(one.outcome is Outcome.RED for one in judged)
    is_good = outside <= rule.may_break(len(elements))
    return Score(rule, outside, Outcome.GREEN if is_good else Outcome.RED, elements)


def _outcome(value: QCValue, rule: ScoreRule, element: int) -> Outcome:
    low, high = rule.limits_of(element)
    if value is None or (low is None and high is None):
        return Outcome.GREY
    return Outcome.GREEN if is_within(value, low, high) else Outcome.RED


@frozen
class ScoreBit:
    """One place in QCFLAG: 0 is good, 1 tells the archive user to look twice.

    Attributes
    ----------
    position : int
        Place in the published table; the first place is the leftmost character.
    name : str
        As published.
    parameter : str
        The QC parameter that decides, of the element if it has one, else of the AB.
    low, high : float or None
        The bit is 0 within these limits, 1 outside and where nothing was measured.
    meaning : str
        One line for the user.
    """

    position: int
    name: str
    parameter: str
    low: float | None
    high: float | None
    meaning: str


def qcflag(bits: Sequence[ScoreBit], values: Mapping[str, QCValue]) -> str:
    """Return QCFLAG, one character per bit.

    Parameters
    ----------
    bits : sequence of ScoreBit
        The table of the process.
    values : mapping of str to number
        QC parameter to its value.
    """
    ordered = sorted(bits, key=lambda bit: bit.position)
    return "".join(
        "0" if is_within(values.get(bit.parameter), bit.low, bit.high) else "1" for bit in ordered
    )


class VerdictKind(Enum):
    """Certification: by rule, or by a person."""

    AUTO = "auto"
    """Green, certified by rule."""
    REVIEW = "review"
    """Waits for a person."""
    OK = "ok"
    """Certified by a person."""
    REJECTED = "rejected"
    """Rejected by a person: the pipeline is at fault, or its parameters; raw data stay."""
    RAW_BAD = "raw bad"
    """Rejected by a person, because the raw data are bad: nothing else is to be made of them."""
    WITHDRAWN = "withdrawn"
    """A person took back what a person had said; rules judge again at the next run."""


REJECTIONS = frozenset({VerdictKind.REJECTED, VerdictKind.RAW_BAD})
"""What takes products out of the chain (QC Handbook, 4.1.4, 4.1.7)."""

UNDECIDED = frozenset({VerdictKind.REVIEW, VerdictKind.WITHDRAWN})
"""What is neither certified nor rejected: it waits for a person, or for the rules."""

BY_PERSON = frozenset({VerdictKind.OK, *REJECTIONS})
"""What only a person says."""


@frozen
class Verdict:
    """Whether the products of an AB are certified.

    Raises
    ------
    DataError
        For a rejection or a withdrawal without comment.
    """

    kind: VerdictKind
    comment: str = ""
    by: str = ""

    def __attrs_post_init__(self) -> None:
        if self.rejects and not self.comment.strip():
            raise DataError("a rejection needs a comment: say what is wrong with the product")
        if self.kind is VerdictKind.WITHDRAWN and not self.comment.strip():
            raise DataError("a withdrawal needs a comment: say why the verdict is taken back")

    @property
    def rejects(self) -> bool:
        """Whether the products leave the chain."""
        return self.kind in REJECTIONS

    def __str__(self) -> str:
        raw = ", raw data bad" if self.kind is VerdictKind.RAW_BAD else ""
        what = "rejected" if self.rejects else self.kind.value
        return f"{what}{raw} by {self.by or 'nobody named'}: {self.comment}"
