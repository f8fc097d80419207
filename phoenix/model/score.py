"""Scores: what a measurement is worth, and QCFLAG, what the archive user is told."""

from __future__ import annotations

from enum import Enum
from statistics import median
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from phoenix.model.qc import Measurement, QCValue

__all__ = [
    "BY_PERSON",
    "REJECTIONS",
    "Outcome",
    "Score",
    "ScoreBit",
    "ScoreRule",
    "StatisticalRule",
    "Verdict",
    "VerdictKind",
    "judge",
    "qcflag",
    "thresholds",
]


class Outcome(Enum):
    """Colours of a score (QC Handbook, 5.6.3)."""

    GREEN = "green"
    RED = "red"
    GREY = "grey"


def _within(value: QCValue, low: float | None, high: float | None) -> bool:
    if value is None or isinstance(value, str):
        return False
    return (low is None or value >= low) and (high is None or value <= high)


@frozen
class ScoreRule:
    """The threshold of one QC parameter.

    Attributes
    ----------
    parameter : str
        QC parameter of the whole AB (element 0).
    low, high : float or None
        Limits in the parameter's unit, both allowed; None = no limit on that side.
    comment : str
        What the monitor says when it is broken.
    raw_types : tuple of str
        The raw types it holds for; empty for all.
    """

    parameter: str
    low: float | None = None
    high: float | None = None
    comment: str = ""
    raw_types: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise DataError(f"score rule {self.parameter}: expected a limit, found none")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise DataError(f"score rule {self.parameter}: low {self.low} is above {self.high}")


# The median absolute deviation of a normal distribution in units of its sigma.
_MAD_OF_SIGMA = 0.6745


@frozen
class StatisticalRule:
    """A threshold that follows from the history of a QC parameter (QC Handbook, 5.5.5).

    The limits are median +- max(nsigma * robust sigma, least_width) of the same raw type and
    setup, the AB itself and rejected ones left out.

    Attributes
    ----------
    parameter : str
        QC parameter of the whole AB (element 0).
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
        With fewer values there is no opinion.
    """

    parameter: str
    nsigma: float
    least_width: float
    comment: str = ""
    raw_types: tuple[str, ...] = ()
    least_history: int = 4

    def __attrs_post_init__(self) -> None:
        if self.nsigma <= 0 or self.least_width < 0:
            raise DataError(
                f"statistical rule {self.parameter}: found {self.nsigma} sigma and least width "
                f"{self.least_width}, expected numbers above 0"
            )


def thresholds(rule: StatisticalRule, history: Iterable[float]) -> ScoreRule | None:
    """Return the limits that follow from a history, None where it is too short."""
    values = sorted(history)
    if len(values) < rule.least_history:
        return None
    middle = median(values)
    sigma = median(abs(value - middle) for value in values) / _MAD_OF_SIGMA
    width = max(rule.nsigma * sigma, rule.least_width)
    comment = f"{rule.comment} (median of {len(values)}: {middle:.4g})"
    return ScoreRule(rule.parameter, middle - width, middle + width, comment, rule.raw_types)


@frozen
class Score:
    """0 or 1, and against what.

    Attributes
    ----------
    rule : ScoreRule
        The row that was applied.
    value : float, int, str or None
        What was measured.
    outcome : Outcome
        GREY where nothing was measured.
    """

    rule: ScoreRule
    value: QCValue
    outcome: Outcome


def judge(
    measurements: Iterable[Measurement], rules: Iterable[ScoreRule], raw_type: str
) -> tuple[Score, ...]:
    """Apply the rules of a raw type to the measurements of one AB."""
    values = {row.parameter: row.value for row in measurements if row.element == 0}
    return tuple(
        Score(rule, values.get(rule.parameter), _outcome(values.get(rule.parameter), rule))
        for rule in rules
        if not rule.raw_types or raw_type in rule.raw_types
    )


def _outcome(value: QCValue, rule: ScoreRule) -> Outcome:
    if value is None:
        return Outcome.GREY
    return Outcome.GREEN if _within(value, rule.low, rule.high) else Outcome.RED


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
        "0" if _within(values.get(bit.parameter), bit.low, bit.high) else "1" for bit in ordered
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
