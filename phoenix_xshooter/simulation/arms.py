"""The three arms: format of the orders and detectors, as rows.

All positions are those of the pipeline's own frames (PRE): dispersion along y, slit along x,
pixels counted from 1. How they lie in a raw frame stands in
:mod:`phoenix_xshooter.simulation.render`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen

from phoenix.simulate.detector import Detector

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["LIT", "PINHOLES", "SLIT", "SPECTROGRAPHS", "Order", "Spectrograph"]

SLIT = (-5.3, 5.7)
"""Ends of the slit in arcsec: where the recipes look for light by default."""

PINHOLES = tuple(1.4 * (hole - 4) for hole in range(9))
"""Places of the nine pinholes along the slit in arcsec."""

LIT = 0.68
"""Distance from the blaze, in orders, to which the tables speak of an order."""

BLAZE_WIDTH = 0.62
"""Distance from the blaze, in orders, at which a quarter of the light is left."""

_USED = 0.56
"""The same, to which the pipeline looks at it."""

_OVERLAP = 0.5
"""The same, at which one order takes over from the next: the free spectral range."""


@frozen
class Order:
    """Where an order lies on an unbinned frame of the pipeline.

    Attributes
    ----------
    number : int
        Of the order.
    row : ndarray, shape (n,)
        Pixels along the dispersion, four samples a pixel, from below the frame to above it.
    wavelength : ndarray, shape (n,)
        In air, nm, of the middle of the slit.
    blaze : ndarray, shape (n,)
        1 at most.
    dispersion : ndarray, shape (n,)
        nm per pixel, positive.
    """

    number: int
    row: Array = field(eq=False)
    wavelength: Array = field(eq=False)
    blaze: Array = field(eq=False)
    dispersion: Array = field(eq=False)


@frozen
class Spectrograph:
    """One row: an arm.

    Attributes
    ----------
    arm : str
        UVB, VIS or NIR.
    orders : tuple of int
        From the reddest to the bluest.
    constant : float
        Order number times central wavelength, nm.
    range, curve : float
        By which part wavelengths change from the middle row to the last, and its curvature.
    direction : int
        1 where wavelengths grow with the rows.
    columns, rows : int
        Of the pipeline's frame.
    first, spacing : float
        Column of the bluest order, and columns from there to the next one.
    bow : float
        Columns by which the ends of an order are off its middle.
    scale : float
        Columns per arcsec of slit; negative where the slit runs against the columns.
    tilt : float
        Rows per arcsec by which the image of the slit is inclined.
    sharpness : float
        Rows rms that the spectrograph adds to a line.
    slit : float
        Rows rms of the image of a slit of one arcsec.
    detector : Detector
        Unbinned.
    """

    arm: str
    orders: tuple[int, ...]
    constant: float
    range: float
    curve: float
    direction: int
    columns: int
    rows: int
    first: float
    spacing: float
    bow: float
    scale: float
    tilt: float
    sharpness: float
    slit: float
    detector: Detector

    def wavelength(self, order: int, row: Array) -> Array:
        """Return wavelengths (nm) of the middle of the slit at rows from 1."""
        t = self.direction * (row - 0.5 * (self.rows + 1)) / (0.5 * self.rows)
        return np.asarray(self.constant / order * (1.0 + self.range * t + self.curve * t * t))

    def row(self, order: int, wavelength: Array, slit: float = 0.0) -> Array:
        """Return the row (from 1) of a wavelength (nm) at a place of the slit (arcsec)."""
        fraction = wavelength * order / self.constant - 1.0
        root = np.sqrt(self.range**2 + 4.0 * self.curve * fraction)
        t = 2.0 * fraction / (self.range + root)
        middle = 0.5 * (self.rows + 1) + self.direction * 0.5 * self.rows * t
        return np.asarray(middle + self.tilt * slit)

    def column(self, order: int, row: Array, slit: Array | float = 0.0) -> Array:
        """Return the column (from 1) of a row of an order at a place of the slit (arcsec)."""
        place = (row - 0.5 * self.rows) / (0.5 * self.rows)
        middle = self.first + self.spacing * (self.orders[-1] - order)
        return np.asarray(middle + self.bow * place * place + self.scale * slit)

    def reach(self, order: int, distance: float) -> tuple[float, float]:
        """Return the wavelengths (nm) so many orders from the blaze."""
        return self.constant / (order + distance), self.constant / (order - distance)

    def used(self, order: int) -> tuple[float, float]:
        """Return the wavelengths (nm) between which the pipeline looks at an order."""
        return self.reach(order, _USED)

    def free(self, order: int) -> tuple[float, float]:
        """Return the free spectral range (nm)."""
        return self.reach(order, _OVERLAP)

    def rows_of(self, order: int, distance: float) -> tuple[float, float]:
        """Return the first and last row so many orders from the blaze, on the detector."""
        ends = sorted(float(self.row(order, np.array(w))) for w in self.reach(order, distance))
        return max(1.0, ends[0]), min(float(self.rows), ends[1])


def _ccd(chip: str, columns: int, rows: int, margins: tuple[int, int], conad: float) -> Detector:
    return Detector(
        id=chip,
        name=chip,
        columns=columns,
        rows=rows,
        prescan=margins[0],
        overscan=margins[1],
        conad=conad,
        read_noise=3.0,
        bias=1000.0,
        dark=1.0,
    )


SPECTROGRAPHS = {
    row.arm: row
    for row in (
        Spectrograph(
            "UVB", tuple(range(13, 25)), 7400.0, 0.055, -0.003, 1, 2048, 3000,
            230.0, 152.0, -120.0, -6.21, 0.25, 1.0, 1.65,
            _ccd("CCD-44-82", 2048, 3000, (48, 48), 1.6),
        ),
        Spectrograph(
            "VIS", tuple(range(16, 31)), 16260.0, 0.046, -0.002, 1, 2048, 4000,
            210.0, 126.0, -110.0, -6.33, 0.25, 0.9, 1.65,
            _ccd("MIT/LL CCID-20", 2048, 4000, (10, 48), 1.6),
        ),
        Spectrograph(
            "NIR", tuple(range(11, 27)), 26180.0, 0.066, -0.003, -1, 1056, 2040,
            60.0, 62.5, -7.0, 4.76, 0.15, 0.95, 0.75,
            Detector(
                id="ESO-Hawaii2RG", name="ESO-Hawaii2RG", columns=1056, rows=2040, prescan=0,
                overscan=0, conad=2.12, read_noise=8.0, bias=80.0, dark=40.0, pixel=18.0,
            ),
        ),
    )
}  # fmt: skip
"""Arm to its row. The figures are like those of the instrument, not its own."""

SAMPLES = 4
"""Of an order per row."""

MARGIN = 12
"""Rows beyond the frame for which orders are computed."""


@lru_cache(maxsize=64)
def order_of(arm: str, number: int) -> Order:
    """Compute an order of an arm."""
    spectrograph = SPECTROGRAPHS[arm]
    count = SAMPLES * (spectrograph.rows + 2 * MARGIN)
    row = 1.0 - MARGIN + (np.arange(count) - 0.5 * (SAMPLES - 1)) / SAMPLES
    wavelength = spectrograph.wavelength(number, row)
    distance = spectrograph.constant / wavelength - number
    # Lit from end to end: xsh_orderpos traces that far, and xsh_mflat divides by the median.
    blaze = np.where(np.abs(distance) < LIT, np.sinc(distance) ** 2, 0.0)
    return Order(number, row, wavelength, blaze, np.abs(np.gradient(wavelength, row)))
