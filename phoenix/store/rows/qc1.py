"""What was measured and how it was scored, as it comes out of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.threshold import Kind

if TYPE_CHECKING:
    import datetime as dt

    from phoenix.model.qc import QCValue
    from phoenix.model.score import Outcome

__all__ = ["QC1Row", "ScoreRow", "TrendPoint"]


@frozen
class QC1Row:
    """One measurement with what is needed to plot it against time or setup.

    Attributes
    ----------
    ab_name, date, raw_type, setup : str
        Of the AB.
    mjd_obs : float
        MJD (days, UTC) of its first raw file.
    parameter : str
        QC parameter.
    element : int
        Fibre, order or IFU number from 1; 0 for the whole AB.
    value : float, int, str or None
        In the parameter's unit.
    """

    ab_name: str
    date: str
    mjd_obs: float
    raw_type: str
    setup: str
    parameter: str
    element: int
    value: QCValue


@frozen
class ScoreRow:
    """One score of one AB; attributes as in :class:`~phoenix.model.score.Score`.

    Attributes
    ----------
    element : int
        The fibre, order, detector or IFU that it is of; 0 is the AB.
    part : int
        0 is the score of a rule; above, that of one element of a rule that looks at each.
    place : int
        Place of the rule among those of the AB.
    kind : Kind
        Where the limits come from.
    rule, source : str
        The rule as a person reads it; who set it, and its version. Empty for what was scored
        before these were kept.
    at : datetime or None
        When it was judged.
    """

    ab_name: str
    parameter: str
    value: QCValue
    low: float | None
    high: float | None
    outcome: Outcome
    comment: str = ""
    element: int = 0
    part: int = 0
    place: int = 0
    kind: Kind = Kind.STATIC
    rule: str = ""
    source: str = ""
    at: dt.datetime | None = None


@frozen
class TrendPoint:
    """One value of a trend.

    Attributes
    ----------
    ab_name, date : str
        The AB and its night.
    mjd_obs : float
        MJD (days, UTC) of its first raw file.
    value : float
        In the parameter's unit.
    """

    ab_name: str
    date: str
    mjd_obs: float
    value: float
