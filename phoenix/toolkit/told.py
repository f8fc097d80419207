"""Whether the header of a raw frame agrees with itself: what it tells twice must be the same.

Coordinates, times and exposure times go from the raw header into the product, and nothing in the
pixels says that they are wrong. But the telescope wrote down where it stood, and the detector how
long it counted: a header that was mended by hand, or taken from another exposure, contradicts
itself.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

import erfa
import numpy as np

from phoenix.model.gate import Gate
from phoenix.toolkit.barycentre import site_of
from phoenix.toolkit.files import raw_paths
from phoenix.toolkit.headers import number, read_header, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phoenix.formats.fits.cards import Value
    from phoenix.model.gate import RecipeOutcome

__all__ = ["TOLD", "exposure_ratio", "pointing_apart"]

_MJD = 2_400_000.5  # days, from MJD to Julian date
_FURTHEST = 1.0
"""Degrees between where a header points and where the telescope stood (ours): refraction, offsets
and a start some seconds away are below 0.3, another field or hour is far above."""
_EVEN = 1.1
"""Ratio of two exposure times that are the same but for the shutter (ours)."""


def pointing_apart(header: Mapping[str, Value]) -> float | None:
    """Return how far coordinates and time of a header are from where the telescope stood.

    RA, DEC and MJD-OBS say where on the sky of Paranal the target was; ESO TEL ALT and AZ (south
    0, west 90) say where the telescope looked when the exposure began.

    Returns
    -------
    float or None
        Degrees; None where the header does not tell it twice.
    """
    keys = ("RA", "DEC", "MJD-OBS", "ESO TEL ALT", "ESO TEL AZ")
    ra, dec, mjd, altitude, azimuth = (number(header, key) for key in keys)
    if ra is None or dec is None or mjd is None or altitude is None or azimuth is None:
        return None
    site = site_of(header)
    equinox = number(header, "EQUINOX") or 2000.0
    with warnings.catch_warnings():
        # Dates beyond the known leap seconds: a second is 0.004 degrees.
        warnings.simplefilter("ignore", erfa.ErfaWarning)
        _, _, from_j2000 = erfa.bp06(_MJD, mjd)
        _, _, from_own = erfa.bp06(*erfa.epj2jd(equinox))
        turn = erfa.gmst06(_MJD, mjd, _MJD, mjd) + math.radians(site.longitude)
    target = from_j2000 @ from_own.T @ erfa.s2c(math.radians(ra), math.radians(dec))
    of_date, declination = erfa.c2s(target)
    place = erfa.hd2ae(turn - of_date, declination, math.radians(site.latitude))
    return float(
        np.degrees(erfa.seps(*place, math.radians(azimuth + 180), math.radians(altitude)))
    )


def exposure_ratio(header: Mapping[str, Value]) -> float | None:
    """Return EXPTIME over the time that the detector tells, None where it tells none.

    CCDs tell ESO DET WIN1 DIT1, the time that it was in the end; arrays tell ESO DET DIT and
    NDIT, and EXPTIME is that of one integration or of all. An exposure of no time, or less, is 0,
    whatever the detector tells.
    """
    exptime, ccd = number(header, "EXPTIME"), number(header, "ESO DET WIN1 DIT1")
    if exptime is not None and exptime <= 0:
        return 0.0
    one = number(header, "ESO DET DIT")
    told = ccd if one is None else one
    if exptime is None or told is None or told <= 0:
        return None
    count = number(header, "ESO DET WIN1 NDIT" if one is None else "ESO DET NDIT") or 1.0
    ratios = (exptime / told, exptime / (told * max(count, 1.0)))
    return min(ratios, key=lambda ratio: abs(math.log(ratio)))


def _worst_pointing(outcome: RecipeOutcome) -> float | None:
    headers = map(read_header, raw_paths(outcome.ab, outcome.frames))
    # By day RA and DEC are what was left of the night.
    found = (pointing_apart(header) for header in headers if _on_sky(header))
    return max((apart for apart in found if apart is not None), default=None)


def _on_sky(header: Mapping[str, Value]) -> bool:
    kind = text(header, "ESO DPR TYPE")
    return text(header, "ESO DPR CATG") == "SCIENCE" or kind.startswith("STD")


def _worst_exposure(outcome: RecipeOutcome) -> float | None:
    headers = map(read_header, raw_paths(outcome.ab, outcome.frames))
    found = [ratio for header in headers if (ratio := exposure_ratio(header)) is not None]
    return max(found, key=lambda ratio: abs(math.log(ratio)) if ratio else math.inf, default=None)


TOLD = (
    Gate(
        "POINTING",
        _worst_pointing,
        None,
        _FURTHEST,
        "degrees between RA, DEC, MJD-OBS and TEL ALT, AZ: the header is not that of this "
        "exposure, or was changed (below 0.3 usual)",
    ),
    Gate(
        "EXPOSURE_TIME",
        _worst_exposure,
        1 / _EVEN,
        _EVEN,
        "EXPTIME over the time that the detector counted: the header is not that of this "
        "exposure, or was changed",
    ),
)
"""Gates of recipes that reduce exposures of the sky."""
