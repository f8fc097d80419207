"""Under which conditions exposures were taken, and how far a calibration is from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.qc import Measurement
from phoenix.toolkit.headers import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from phoenix.model.qc import QCValue
    from phoenix.toolkit.headers import Header

__all__ = ["difference", "first_number", "inherited", "measure_sky", "middle"]

_S_PER_DAY = 86400.0

SKY = (("AIRMASS", "ESO TEL AIRM"), ("SEEING", "ESO TEL AMBI FWHM"))
"""QC parameter to its keyword without START and END."""


def middle(headers: Sequence[Header]) -> float | None:
    """Middle of one or more exposures (MJD, days, UTC), None where no header has both times."""
    pairs = ((number(one, "MJD-OBS"), number(one, "EXPTIME")) for one in headers)
    known = [(a, t) for a, t in pairs if a is not None and t is not None]
    if not known:
        return None
    return 0.5 * (min(a for a, _ in known) + max(a + t / _S_PER_DAY for a, t in known))


def first_number(headers: Sequence[Header], key: str) -> float | None:
    """Return a number of the first header, None where there is none."""
    return number(headers[0], key) if headers else None


def difference(one: float | None, other: float | None) -> float | None:
    """Subtract, None where one is missing; rounded to six decimals.

    So 12.3 - 13.8 is -1.5 and stands on the limit of a score, not beyond it.
    """
    return round(one - other, 6) if one is not None and other is not None else None


def measure_sky(headers: Sequence[Header]) -> Iterator[Measurement]:
    """Measure AIRMASS and SEEING (arcsec): the mean of begin and end of all exposures."""
    for name, key in SKY:
        ends = (number(header, f"{key} {end}") for header in headers for end in ("START", "END"))
        known = [value for value in ends if value is not None and value > 0]
        yield Measurement(name, float(np.mean(known)) if known else None)


def inherited(parents_qc: Mapping[str, tuple[Measurement, ...]], parameter: str) -> QCValue:
    """Return what the first parent that knows it measured of the whole AB, else None."""
    rows = (row for of_parent in parents_qc.values() for row in of_parent)
    values = (row.value for row in rows if row.parameter == parameter and row.element == 0)
    return next((value for value in values if value is not None), None)
