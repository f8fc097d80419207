"""Image quality at 700 nm: SKY_RES of a cube without adaptive optics, and how well it is known.

What the telescope measured on its image analyser is brought to the wavelength of the cube by the
formula of ESO's exposure time calculators: the atmosphere with an outer scale, telescope and
instrument in quadrature. The constants are those of the pipeline.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from phoenix.toolkit.headers import number

if TYPE_CHECKING:
    from phoenix.toolkit.headers import Header

__all__ = ["USUAL", "image_quality", "sky_resolution"]

USUAL = (0.853823, 0.495547)
"""Image quality and its uncertainty in arcsec where the night does not tell (the pipeline's)."""

OUTER_SCALE = 23.0  # m
DIAMETER = 8.1175  # m
WAVELENGTH = 700.0  # nm
LEAST_ERROR = 0.3  # arcsec: how far formula and stars differ

_KOLB = 1.0 / (1.0 + 300.0 * DIAMETER / OUTER_SCALE) - 1.0


def image_quality(seeing: float, airmass: float, wavelength: float = WAVELENGTH) -> float:
    """Return the width of a star in arcsec.

    Parameters
    ----------
    seeing : float
        In arcsec, at 500 nm in the zenith.
    airmass : float
        Of the target.
    wavelength : float
        In nm.
    """
    ratio = wavelength / 500.0
    fried = 0.1 / seeing * ratio**1.2 * airmass**-0.6
    atmosphere = seeing * airmass**0.6 * ratio**-0.2
    damped = 1.0 + _KOLB * 2.183 * (fried / OUTER_SCALE) ** 0.356
    telescope = 0.000212 * wavelength / DIAMETER
    return math.hypot(atmosphere * math.sqrt(max(damped, 0.0)), telescope)


def sky_resolution(header: Header) -> tuple[float, float] | None:
    """Return the image quality of an exposure and its uncertainty (arcsec), None if unknown.

    Parameters
    ----------
    header : Header
        Of the raw file or of what was made of it alone.
    """
    seeing = number(header, "ESO TEL IA FWHMLIN") or number(header, "ESO TEL IA FWHM")
    ends = [number(header, f"ESO TEL AIRM {end}") for end in ("START", "END")]
    airmasses = [value for value in ends if value is not None and value >= 1.0]
    if not seeing or seeing <= 0 or not airmasses:
        return None
    outside = [number(header, f"ESO TEL AMBI FWHM {end}") for end in ("START", "END")]
    known = [value for value in outside if value is not None and value > 0]
    half = 0.5 * (max(known) - min(known)) if known else 0.0
    airmass = sum(airmasses) / len(airmasses)
    return image_quality(seeing, airmass), math.hypot(half, LEAST_ERROR)
