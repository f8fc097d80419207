"""The optical model of UVES: where light of one wavelength in one order falls on one chip.

The same closed form as the pipeline's physical model (uves_cal_predict of 6.1.8 recovers it to
0.001 pixels): echelle and cross-disperser in their grating equations, a camera whose focal length
depends on wavelength, a detector that is turned and shifted, and a small fixed distortion.

Pixels are those of the *rotated* frame: x along the dispersion, y across the orders.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen

from phoenix.simulate.spread import OVERSAMPLING

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = [
    "ARMS",
    "GROOVES",
    "PAD",
    "PRESSURE",
    "TEMPERATURE",
    "Arm",
    "Format",
    "Optics",
    "blaze_function",
    "project",
    "spectral_format",
]

PAD = 16
"""Columns that a format knows beyond either edge, from where light still spills in."""
PIXEL = 15e-6  # m
TEMPERATURE = 11.5  # C, of the cameras
PRESSURE = 744.0  # hPa
ORDERS = range(40, 180)
EDGE_ROWS = 20.0  # an order whose trace is so near to the chip still sheds light on it
GRAZING = 0.9995  # sine of the largest angle of diffraction that is looked at


@frozen
class Arm:
    """What the two arms of the spectrograph do not share.

    Attributes
    ----------
    grooves : float
        Of the echelle, per nm.
    blaze, delta : float
        Angle of incidence and of the blaze function, in degrees.
    beam : float
        Between the incident and the diffracted beam at the cross-disperser, in degrees.
    focal : tuple of float
        Polynomial of the camera's focal length (mm) in the wavelength (nm), highest power first.
    """

    grooves: float
    blaze: float
    delta: float
    beam: float
    focal: tuple[float, ...]


ARMS = {
    "BLUE": Arm(
        grooves=41.59e-6,
        blaze=75.90,
        delta=76.0,
        beam=46.0,
        focal=(5.3961886e-7, -0.00079597882, 0.41122805, 287.89644),
    ),
    "RED": Arm(
        grooves=31.6e-6,
        blaze=74.57,
        delta=75.04,
        beam=45.336,
        focal=(
            6.0172051e-13,
            -2.5623231e-9,
            4.3585543e-6,
            -0.0037286381,
            1.6289971,
            210.06767,
        ),
    ),
}

GROOVES = {"CD#1": 1000e-6, "CD#2": 660e-6, "CD#3": 600e-6, "CD#4": 312.5e-6}
"""Cross-disperser to grooves per nm."""


@frozen
class Optics:
    """One chip in one setting.

    Attributes
    ----------
    arm : Arm
        The spectrograph.
    grooves : float
        Of the cross-disperser, per nm.
    wavelength : float
        Central wavelength in nm.
    columns, rows : int
        Pixels of the rotated frame, binned.
    binning : int
        The same along both axes.
    offset : (float, float)
        Where the axis of the camera meets the chip: x and y in unbinned pixels.
    turn : float
        Rotation of the chip in degrees.
    shift : (float, float)
        Whatever else has moved the spectra: x and y in binned pixels.
    pressure, temperature : float
        Of the air in the spectrograph, hPa and C.
    """

    arm: Arm
    grooves: float
    wavelength: float
    columns: int
    rows: int
    binning: int
    offset: tuple[float, float]
    turn: float
    shift: tuple[float, float] = (0.0, 0.0)
    pressure: float = PRESSURE
    temperature: float = TEMPERATURE


@frozen
class Format:
    """Where the orders lie on a chip, and what falls there.

    Attributes
    ----------
    order : ndarray of int, shape (orders,)
        Absolute order numbers, falling: y rises.
    wavelength, dispersion : ndarray, shape (orders, OVERSAMPLING x (columns + 2 PAD))
        nm and nm per column.
    blaze : ndarray, same shape
        Throughput of the echelle, 1 at most.
    row : ndarray, shape (orders, columns)
        Middle of the slit, from 0.
    """

    order: npt.NDArray[np.int_] = field(eq=False)
    wavelength: Array = field(eq=False)
    dispersion: Array = field(eq=False)
    blaze: Array = field(eq=False)
    row: Array = field(eq=False)


def refractive_index(wavelength: Array, optics: Optics) -> Array:
    """Index of the air in the spectrograph (wavelength in nm), as the pipeline has it."""
    pressure, warmth = optics.pressure / 1.33322, optics.temperature
    # In the textbook the wavelength is in micrometres; the pipeline takes nm, and so do we.
    inverse = 1e-6 / wavelength**2
    dry = 64.328 + 29498.1 / (146.0 - inverse) + 255.4 / (41.0 - inverse)
    dense = pressure * (1.0 + 1e-6 * (1.049 - 0.0157 * warmth) * pressure)
    warm = 1.0 + 0.003661 * warmth
    vapour = 3.0 * (0.0624 - 0.000680 * inverse) / warm
    return np.asarray(1.0 + 1e-6 * (dry * dense / (720.883 * warm) - vapour))


def project(optics: Optics, wavelength: Array, order: npt.ArrayLike) -> tuple[Array, Array]:
    """Return x and y (from 1, binned pixels) of light of a wavelength (nm) in an order."""
    arm = optics.arm
    air = wavelength / refractive_index(wavelength, optics)
    focal = np.polyval(arm.focal, air) / 1000.0 / PIXEL / optics.binning
    centre = np.array(optics.wavelength)
    incidence = np.arcsin(
        centre
        / refractive_index(centre, optics)
        * optics.grooves
        / (2.0 * math.cos(math.radians(arm.beam) / 2.0))
    ) + math.radians(arm.beam / 2.0)
    crossed = np.arcsin(optics.grooves * air - np.sin(incidence))
    along = focal * np.tan(_diffraction(arm, air, order) - math.radians(arm.blaze))
    across = -focal * np.tan(incidence - crossed - math.radians(arm.beam))
    return _on_chip(optics, along, across)


def blaze_function(optics: Optics, wavelength: Array, order: npt.ArrayLike) -> Array:
    """Throughput of the echelle, 1 in the middle of an order (wavelength in nm)."""
    arm = optics.arm
    index = refractive_index(wavelength, optics)
    delta, blaze = math.radians(arm.delta), math.radians(arm.blaze)
    angle = _diffraction(arm, wavelength / index, order)
    path = np.sin(angle - delta) - math.sin(blaze - delta)
    phase = math.cos(delta) / arm.grooves * path / wavelength / index
    return np.asarray(np.sinc(phase) ** 2)


def spectral_format(optics: Optics) -> Format:
    """Find the orders on a chip and sample them."""
    found = [row for order in ORDERS[::-1] if (row := _order(optics, order)) is not None]
    found.sort(key=lambda row: float(np.median(row[2])))
    orders = np.array([row[0] for row in found])
    wavelength = np.stack([row[1] for row in found])
    return Format(
        order=orders,
        wavelength=wavelength,
        dispersion=np.gradient(wavelength, axis=1) * OVERSAMPLING,
        blaze=blaze_function(optics, wavelength, orders[:, None]),
        row=np.stack([row[2] for row in found]) - 1.0,
    )


def _order(optics: Optics, order: int) -> tuple[int, Array, Array] | None:
    """Wavelengths at the samples and y (from 1) in the columns of an order on the chip."""
    middle = 2.0 * math.sin(math.radians(optics.arm.blaze)) / (order * optics.arm.grooves)
    reach = middle * 1.5 / order
    limit = (1.0 + math.sin(math.radians(optics.arm.blaze))) / (order * optics.arm.grooves)
    grid = np.linspace(middle - reach, min(middle + reach, GRAZING * limit), 4001)
    try:
        with np.errstate(invalid="raise"):
            x, y = project(optics, grid, order)
    except FloatingPointError:
        return None  # far beyond what the cross-disperser sends to this chip
    columns = np.arange(1, optics.columns + 1, dtype=np.float64)
    row = np.interp(columns, x, y)
    if row.max() < -EDGE_ROWS or row.min() > optics.rows + EDGE_ROWS:
        return None
    return order, np.interp(_samples(optics), x, grid), row


def _samples(optics: Optics) -> Array:
    """Give x (from 1) of the samples, those in the margin included."""
    count = OVERSAMPLING * (optics.columns + 2 * PAD)
    return np.asarray((np.arange(count) + 0.5) / OVERSAMPLING + 0.5 - PAD)


def _diffraction(arm: Arm, air: Array, order: npt.ArrayLike) -> Array:
    sine = np.asarray(order) * arm.grooves * air - math.sin(math.radians(arm.blaze))
    return np.asarray(np.arcsin(sine))


def _on_chip(optics: Optics, along: Array, across: Array) -> tuple[Array, Array]:
    """Turn and shift the chip and add the distortion that the pipeline calls its regression."""
    turn = math.radians(optics.turn)
    x = optics.offset[0] / optics.binning + along * math.cos(turn) + across * math.sin(turn)
    y = optics.offset[1] / optics.binning - along * math.sin(turn) + across * math.cos(turn)
    bend = (x - optics.columns / 2.0) / (optics.columns / 2.0)
    return x - 7.0 * bend + optics.shift[0], y + 5.0 * bend**2 + optics.shift[1]
