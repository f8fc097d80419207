"""The optical model of GIRAFFE: where light of one wavelength from one fibre falls.

The same model as the pipeline's ``xoptmod2`` and ``yoptmod2``, so that giwavecalibration can find
the injected constants again.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["PAD", "Format", "Optics", "project", "spectral_format"]

PAD = 16
"""Rows that a format knows beyond either edge, from where light still spills in."""


@frozen
class Optics:
    """Constants of the spectrograph in one setup.

    Attributes
    ----------
    wavelength : float
        Central wavelength WLEN0 in nm.
    order : int
        Grating order, positive: rows rise with wavelength.
    grooves : float
        Grooves per mm.
    theta : float
        Angle of the grating in radians.
    collimator : float
        Focal length FCOLL in mm.
    camera : float
        Camera magnification GCAM.
    sdx, sdy, sphi : float
        Offsets (mm) and rotation of the slit.
    pixel : float
        Pixel size in mm.
    columns, rows : int
        Light-sensitive pixels of the detector.
    """

    columns: int
    rows: int
    sdx: float
    wavelength: float = 543.1
    order: int = 3
    grooves: float = 600.0
    theta: float = 0.51070
    collimator: float = 1410.0
    camera: float = 0.2547
    sdy: float = 0.0
    sphi: float = 0.0
    pixel: float = 0.015

    @property
    def dispersion(self) -> float:
        """Nanometres per row in the middle of the detector."""
        focal = self.collimator * self.camera
        return math.cos(self.theta) / (self.order * self.grooves) * self.pixel / focal * 1e6


@frozen
class Format:
    """Where the spectra of all fibres lie on the detector.

    Attributes
    ----------
    wavelength : ndarray, shape (fibres, rows + 2 PAD)
        Air wavelength in nm at the centre of each row; the first PAD rows lie below the detector.
    column : ndarray, same shape
        Column of the trace (light-sensitive, from 0).
    """

    wavelength: Array = field(eq=False)
    column: Array = field(eq=False)

    @property
    def dispersion(self) -> Array:
        """Nanometres per row, shape (fibres, rows + 2 PAD)."""
        return np.asarray(np.gradient(self.wavelength, axis=1))

    def shifted(self, columns: float, rows: float) -> Format:
        """Return the format after a flexure by so many columns and rows."""
        slope = np.gradient(self.column, axis=1)
        return Format(
            wavelength=self.wavelength - rows * self.dispersion,
            column=self.column + columns - rows * slope,
        )


def project(optics: Optics, wavelength: Array, xf: Array, yf: Array) -> tuple[Array, Array]:
    """Project light onto the detector.

    Parameters
    ----------
    wavelength : ndarray
        Air wavelength in nm.
    xf, yf : ndarray
        Fibre position in the slit in mm; all three broadcast.

    Returns
    -------
    column, row : ndarray
        Position in pixels, light-sensitive, from 0.
    """
    xs = optics.sdx + xf * (1.0 + optics.sphi * yf)
    ys = optics.sdy + yf * math.sqrt(1.0 - optics.sphi**2)
    distance = np.sqrt(xs**2 + ys**2 + optics.collimator**2)
    cos, sin = math.cos(optics.theta), math.sin(optics.theta)
    grating = wavelength * 1e-6 * optics.order * optics.grooves
    xa = cos * xs / distance - grating + optics.collimator * sin / distance
    yb = ys / distance
    zb = np.sqrt(1.0 - yb**2 - xa**2)
    scale = optics.collimator * optics.camera / (cos * zb - sin * xa) / optics.pixel
    row = optics.rows / 2 - scale * (cos * xa + sin * zb)
    return optics.columns / 2 - scale * yb, row


def spectral_format(optics: Optics, xf: Array, yf: Array) -> Format:
    """Find the wavelength at every row of every fibre (Newton's method on the model)."""
    rows = np.arange(-PAD, optics.rows + PAD, dtype=np.float64)[None, :]
    x, y = xf[:, None], yf[:, None]
    wavelength = optics.wavelength + optics.dispersion * (rows - optics.rows / 2) + 0.0 * x
    step = 1e-3
    for _ in range(5):
        here = project(optics, wavelength, x, y)[1]
        there = project(optics, wavelength + step, x, y)[1]
        wavelength -= (here - rows) * step / (there - here)
    return Format(wavelength=wavelength, column=project(optics, wavelength, x, y)[0])
