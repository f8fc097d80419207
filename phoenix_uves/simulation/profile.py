"""How the light of one column is spread along the slit, and an order laid onto the chip."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen

if TYPE_CHECKING:
    import numpy.typing as npt

    from phoenix_uves.simulation.optics import Format

    Array = npt.NDArray[np.float64]

__all__ = ["Profile", "normal_cdf", "slicer_profile", "slit_profile", "star_profile", "trace"]

STEP = 0.02  # rows between the samples of a profile
SOFT_EDGE = 0.7  # rows rms by which the ends of the slit are out of focus
SLICES = (-2.6, 0.0, 2.6)
"""Middles of the three slices of image slicer 1 along the slit, in arcsec."""

_GRID = np.linspace(-8.0, 8.0, 8001)
_CDF = np.array([0.5 * (1.0 + math.erf(x / math.sqrt(2.0))) for x in _GRID])


@frozen
class Profile:
    """Share of the light below a place in the slit.

    Attributes
    ----------
    place : ndarray
        Rows from the middle of the slit, rising.
    below : ndarray
        From 0 to 1.
    """

    place: Array = field(eq=False)
    below: Array = field(eq=False)

    def between(self, low: Array, high: Array) -> Array:
        """Share of the light from row `low` to row `high`."""
        return np.asarray(
            np.interp(high, self.place, self.below) - np.interp(low, self.place, self.below)
        )


def normal_cdf(deviation: Array) -> Array:
    """Cumulative normal distribution, to 1e-6."""
    return np.asarray(np.interp(deviation, _GRID, _CDF))


def slit_profile(length: float) -> Profile:
    """Make even light along a slit of so many rows."""
    place = _places(length / 2.0 + 5.0 * SOFT_EDGE)
    edges = normal_cdf((place + length / 2.0) / SOFT_EDGE)
    edges -= normal_cdf((place - length / 2.0) / SOFT_EDGE)
    below = np.cumsum(edges)
    return Profile(place + STEP / 2.0, below / below[-1])


def star_profile(sigma: float, offset: float = 0.0) -> Profile:
    """Make a star of so many rows rms, so many rows above the middle."""
    place = _places(6.0 * sigma + abs(offset))
    return Profile(place, normal_cdf((place - offset) / sigma))


def slicer_profile(sigma: float, row: float) -> Profile:
    """Make a star whose slices stand side by side in the slit (`row` in arcsec)."""
    stars = [star_profile(sigma, middle / row) for middle in SLICES]
    place = _places(float(stars[-1].place[-1]))
    below = np.mean([np.interp(place, star.place, star.below) for star in stars], axis=0)
    return Profile(place, below)


def trace(
    form: Format, electrons: Array, profile: Profile, image: npt.NDArray[np.float32]
) -> None:
    """Add the light of all orders to an image, in place.

    Parameters
    ----------
    electrons : ndarray, shape (orders, columns)
        Per column.
    image : ndarray of float32, shape (rows, columns)
        The rotated frame.
    """
    nearest = np.rint(form.row).astype(np.intp)
    fraction = nearest - form.row
    columns = np.broadcast_to(np.arange(image.shape[1]), nearest.shape)
    low, high = math.floor(profile.place[0]) - 1, math.ceil(profile.place[-1]) + 1
    # Within one step every order has a row of its own, so the indices never meet.
    for step in range(low, high + 1):
        row = nearest + step
        share = profile.between(fraction + (step - 0.5), fraction + (step + 0.5))
        on_chip = (row >= 0) & (row < image.shape[0])
        light = (electrons * share)[on_chip].astype(np.float32)
        image[row[on_chip], columns[on_chip]] += light


def _places(reach: float) -> Array:
    count = math.ceil(reach / STEP)
    return np.asarray(np.arange(-count, count + 1) * STEP)
