"""Calibration lamps: a halogen continuum, and emission lines in the manner of thorium-argon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["ArcLines", "arc_lines", "halogen"]


@frozen
class ArcLines:
    """Lines of an arc lamp: air wavelengths in nm and their flux (1 = the brightest)."""

    wavelength: npt.NDArray[np.float64] = field(eq=False)
    flux: npt.NDArray[np.float64] = field(eq=False)


def halogen(wavelength: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Photon spectrum of a halogen lamp of 3000 K, 1 at 550 nm (wavelength in nm)."""
    planck = wavelength**-4 / np.expm1(1.438777e7 / (wavelength * 3000.0))
    reference = 550.0**-4 / np.expm1(1.438777e7 / (550.0 * 3000.0))
    return np.asarray(planck / reference)


def arc_lines(low: float, high: float, spacing: float) -> ArcLines:
    """Lines between `low` and `high`, about one per `spacing` (all in nm).

    The wavelengths are invented (a lamp of ours, not thorium); each keeps its place whatever
    range is asked for, and no two are nearer than 0.4 of the spacing.
    """
    cells = np.arange(int(low / spacing), int(high / spacing) + 1)
    draws = np.array([np.random.default_rng([9018, int(cell)]).uniform(0, 1, 2) for cell in cells])
    wavelength = np.round((cells + 0.2 + 0.6 * draws[:, 0]) * spacing, 4)
    flux = 10.0 ** (-1.2 * draws[:, 1])
    inside = (wavelength > low) & (wavelength < high)
    return ArcLines(wavelength=wavelength[inside], flux=flux[inside])
