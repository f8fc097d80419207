"""Differential refraction of the atmosphere: blue light comes from nearer the zenith.

The refractive index is that of Filippenko (1982, PASP 94, 715), which the recipes use too; how it
moves an image in the field is worked out here on its own.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from phoenix.simulate.site import PARANAL, horizontal

if TYPE_CHECKING:
    from phoenix.simulate.exposure import Exposure

__all__ = ["PRESSURE", "TEMPERATURE", "index", "refraction"]

TEMPERATURE = 12.8  # C
PRESSURE = 743.6  # hPa
HUMIDITY = 12.0  # %

ARCSEC = 206264.806


def index(wavelength: float) -> float:
    """Return the refractive index of the air at Paranal, less 1 (wavelength in Angstrom)."""
    inverse = (1e4 / wavelength) ** 2
    standard = 64.328 + 29498.1 / (146.0 - inverse) + 255.4 / (41.0 - inverse)
    mercury = PRESSURE * 0.75006158
    air = standard * mercury * (1.0 + (1.049 - 0.0157 * TEMPERATURE) * 1e-6 * mercury)
    air /= 720.883 * (1.0 + 0.003661 * TEMPERATURE)
    # Magnus' formula for the pressure of saturated water vapour, in mm of mercury.
    saturated = 4.5845 * math.exp(17.62 * TEMPERATURE / (243.12 + TEMPERATURE))
    vapour = HUMIDITY / 100.0 * saturated
    air -= (0.0624 - 0.000680 * inverse) / (1.0 + 0.003661 * TEMPERATURE) * vapour
    return air * 1e-6


def refraction(exposure: Exposure, wavelength: float, reference: float) -> tuple[float, float]:
    """Return how far an image is from that at a reference wavelength, arcsec east and north."""
    block = exposure.block
    middle = exposure.start + 0.5 * (exposure.end - exposure.start)
    place = horizontal(block.ra, block.dec, middle, PARANAL)
    bent = ARCSEC * (index(wavelength) - index(reference))
    bent *= math.tan(math.radians(90.0 - place.altitude))
    angle = math.radians(place.parallactic)
    return bent * math.sin(angle), bent * math.cos(angle)
