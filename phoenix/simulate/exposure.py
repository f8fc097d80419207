"""The words of an exposure that all instruments share: OB, template, times and kind."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from phoenix.model.dates import CivilDate

__all__ = [
    "Exposure",
    "ObservationBlock",
    "Template",
    "calibration_block",
    "observing_period",
    "timestamp",
]


def timestamp(time: datetime) -> str:
    """Spell a time as the archive does: ``2020-01-02T03:04:05.678``."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}"


def observing_period(date: CivilDate) -> int:
    """Return the number of ESO's observing period; they begin in April and October."""
    return 2 * (date.year - 2019) + 103 + (date.month >= 10) - (date.month < 4)  # noqa: PLR2004 - April and October


@frozen
class ObservationBlock:
    """What was asked for: one Observation Block (OB) of a programme.

    Attributes
    ----------
    id : int
        OBS ID.
    name, target : str
        OBS NAME and OBS TARG NAME.
    programme : str
        Run ID, for example ``0104.D-0001(A)``.
    ra, dec : float
        Pointing in degrees (J2000).
    pi : str
        Name of the principal or co-investigator.
    container : int
        Container ID, 0 for a loose OB.
    execution_time : int
        Expected execution time in s.
    """

    id: int
    name: str
    target: str
    programme: str
    ra: float = 0.0
    dec: float = 0.0
    pi: str = "MAINTENANCE"
    container: int = 0
    execution_time: int = 0


def calibration_block(
    instrument: str, title: str, number: int, programme: str
) -> ObservationBlock:
    """Give the OB of a calibration that is called like its template, as those of a plan are.

    Parameters
    ----------
    instrument, title : str
        Of the telescope's words: ``UVES``, and TPL NAME.
    number : int
        OBS ID.
    programme : str
        Run ID.
    """
    name = f"{instrument}_{title.replace(' ', '_')}"
    return ObservationBlock(number, name, title.upper(), programme)


@frozen
class Template:
    """One template of an OB: signature, name, when it began and how many exposures it takes."""

    signature: str
    name: str
    start: datetime
    exposures: int
    number: int = 1


@frozen
class Exposure:
    """One exposure of a template.

    Attributes
    ----------
    prefix : str
        First part of the file name: ``GIRAF``, ``UVES``, ``XSHOO``, ``MUSE``.
    start : datetime
        Begin of the exposure, UTC.
    exptime : float
        Seconds.
    category, kind, technique : str
        DPR CATG, DPR TYPE and DPR TECH.
    number : int
        Exposure number within the template (TPL EXPNO), from 1.
    """

    prefix: str
    start: datetime
    exptime: float
    category: str
    kind: str
    technique: str
    block: ObservationBlock
    template: Template
    number: int = 1

    @property
    def root(self) -> str:
        """Archive name without suffix: ``GIRAF.2020-01-02T03:04:05.678``."""
        return f"{self.prefix}.{timestamp(self.start)}"

    @property
    def end(self) -> datetime:
        """End of the exposure, UTC."""
        return self.start + timedelta(seconds=self.exptime)
