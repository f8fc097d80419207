"""A CCD: from photo-electrons to the counts that a raw frame holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Cosmics", "Detector", "RawPixels", "add_cosmics", "draw_cosmics", "read_out"]


@frozen
class Detector:
    """One CCD and its read-out.

    Attributes
    ----------
    id, name : str
        DET CHIP1 ID and NAME.
    columns, rows : int
        Light-sensitive pixels.
    prescan, overscan : int
        Extra columns on the left and on the right.
    conad : float
        Electrons per count (DET OUT1 CONAD).
    read_noise : float
        Electrons rms per pixel (DET OUT1 RON).
    bias : float
        Level in counts.
    dark : float
        Dark current in electrons per hour and pixel.
    saturation : int
        Highest count of the analogue-to-digital converter.
    pixel : float
        Size in micrometres.
    bad_columns : tuple of int
        Light-sensitive columns (from 0) with a trap: they lose their light.
    glow : float
        Electrons per second at the brightest point of a glow in the upper left corner; 0 if none.
    """

    id: str
    name: str
    columns: int
    rows: int
    prescan: int = 50
    overscan: int = 50
    conad: float = 2.35
    read_noise: float = 4.0
    bias: float = 200.0
    dark: float = 0.6
    saturation: int = 65535
    pixel: float = 15.0
    bad_columns: tuple[int, ...] = ()
    glow: float = 0.0

    @property
    def width(self) -> int:
        """Columns of the raw frame, prescan and overscan included."""
        return self.prescan + self.columns + self.overscan


@frozen
class Cosmics:
    """Pixels hit by cosmic rays: column and row (light-sensitive, from 0) and electrons."""

    column: npt.NDArray[np.int32] = field(eq=False)
    row: npt.NDArray[np.int32] = field(eq=False)
    electrons: npt.NDArray[np.float32] = field(eq=False)


@frozen
class RawPixels:
    """The counts of one chip as they are read out, and the cosmic rays among them."""

    counts: npt.NDArray[np.uint16] = field(eq=False)
    cosmics: Cosmics = field(eq=False)


def draw_cosmics(detector: Detector, events: int, rng: np.random.Generator) -> Cosmics:
    """Draw straight tracks of one to eight pixels with an exponential spread of charge."""
    length = rng.integers(1, 9, events)
    angle = rng.uniform(0.0, 2.0 * np.pi, events)
    charge = 300.0 + rng.exponential(1500.0, events)
    event = np.repeat(np.arange(events), length)
    step = np.arange(len(event)) - np.repeat(np.cumsum(length) - length, length)
    column = np.rint(rng.uniform(0, detector.columns, events)[event] + step * np.cos(angle)[event])
    row = np.rint(rng.uniform(0, detector.rows, events)[event] + step * np.sin(angle)[event])
    inside = (column >= 0) & (column < detector.columns) & (row >= 0) & (row < detector.rows)
    return Cosmics(
        column=column[inside].astype(np.int32),
        row=row[inside].astype(np.int32),
        electrons=charge[event][inside].astype(np.float32),
    )


def add_cosmics(electrons: npt.NDArray[np.float32], cosmics: Cosmics) -> None:
    """Add the charge of cosmic rays to an image of electrons, in place."""
    np.add.at(electrons, (cosmics.row, cosmics.column), cosmics.electrons)


def read_out(
    electrons: npt.NDArray[np.float32],
    detector: Detector,
    exptime: float,
    rng: np.random.Generator,
) -> npt.NDArray[np.uint16]:
    """Read a CCD out.

    Photon noise is drawn as a normal deviate of the right variance: with several electrons of
    read noise nobody can tell it from Poisson's, and it is ten times quicker.

    Parameters
    ----------
    electrons : ndarray of float32, shape (rows, columns)
        Expected photo-electrons, cosmics included.
    exptime : float
        Seconds, for dark current and glow.

    Returns
    -------
    ndarray of uint16, shape (rows, width)
        Counts with prescan and overscan.
    """
    signal = np.zeros((detector.rows, detector.width), dtype=np.float32)
    light = signal[:, detector.prescan : detector.prescan + detector.columns]
    light += electrons
    light += dark_signal(detector, exptime)
    light[:, list(detector.bad_columns)] *= np.float32(0.15)
    noise = rng.standard_normal(signal.shape, dtype=np.float32)
    noise *= np.sqrt(np.maximum(signal, 0.0) + np.float32(detector.read_noise**2))
    signal += noise
    signal /= np.float32(detector.conad)
    signal += bias_level(detector, rng)[:, None]
    np.rint(signal, out=signal)
    np.clip(signal, 0, detector.saturation, out=signal)
    return signal.astype(np.uint16)


def dark_signal(detector: Detector, exptime: float) -> npt.NDArray[np.float32]:
    """Dark current and glow in electrons, shape (rows, columns) or broadcastable to it."""
    dark = np.float32(detector.dark * exptime / 3600.0)
    if not detector.glow:
        return np.full((1, 1), dark, dtype=np.float32)
    row = np.arange(detector.rows, dtype=np.float32)[:, None] / detector.rows
    column = np.arange(detector.columns, dtype=np.float32)[None, :] / detector.columns
    shape = np.exp(-((1.0 - row) ** 2 + (0.85 - column) ** 2) / 0.02)
    return np.asarray(dark + detector.glow * exptime * shape, dtype=np.float32)


def bias_level(detector: Detector, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Bias of each row in counts: the level wanders slowly while the CCD is read."""
    phase = rng.uniform(0.0, 2.0 * np.pi)
    wander = 0.4 * np.sin(np.linspace(0.0, 4.0, detector.rows) + phase)
    return (detector.bias + wander).astype(np.float32)
