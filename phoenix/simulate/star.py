"""Spectra of stars: a black body with the lines that a reader will look for.

Not a model atmosphere: enough lines at the right places, and enough difference between a hot
and a cool star, that velocities, fluxes and previews can be judged.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["SPEED_OF_LIGHT", "STAR_CLASSES", "StarClass", "star_spectrum"]

SPEED_OF_LIGHT = 299792.458  # km/s
REFERENCE = 550.0  # nm, where every spectrum is 1


@frozen
class StarClass:
    """One row of the table of stars.

    Attributes
    ----------
    name : str
        Spectral type.
    temperature : float
        Of the black body, in K.
    colour : float
        B - V in magnitudes.
    hydrogen, metals : float
        Strength of the hydrogen and of the metal lines, 1 at their maximum.
    broadening : float
        Rms width of the lines in km/s, rotation included.
    share : float
        How many of a field's stars are of this class, relative.
    """

    name: str
    temperature: float
    colour: float
    hydrogen: float
    metals: float
    broadening: float
    share: float


STAR_CLASSES = (
    StarClass("A0V", 9700, 0.00, 1.00, 0.10, 30.0, 1),
    StarClass("F5V", 6500, 0.44, 0.55, 0.40, 14.0, 3),
    StarClass("G2V", 5800, 0.65, 0.40, 0.60, 8.0, 4),
    StarClass("G8III", 4900, 0.95, 0.30, 0.80, 8.0, 5),
    StarClass("K1III", 4600, 1.09, 0.25, 0.90, 8.0, 5),
    StarClass("K5III", 4000, 1.50, 0.20, 1.00, 8.0, 2),
)

# Air wavelength in nm, optical depth at the core in a star where it is strongest,
# extra width in nm (pressure broadening of hydrogen), and whether it is hydrogen.
LINES: tuple[tuple[float, float, float, bool], ...] = (
    (377.063, 0.9, 0.30, True),
    (379.790, 1.1, 0.40, True),
    (383.539, 1.2, 0.50, True),
    (388.905, 1.3, 0.60, True),
    (393.366, 2.5, 0.25, False),
    (396.847, 2.2, 0.25, False),
    (397.007, 1.3, 0.60, True),
    (410.174, 1.4, 0.60, True),
    (422.673, 1.6, 0.06, False),
    (434.046, 1.4, 0.60, True),
    (438.355, 1.3, 0.02, False),
    (486.133, 1.5, 0.60, True),
    (495.760, 1.2, 0.01, False),
    (500.612, 0.9, 0.01, False),
    (504.982, 0.9, 0.01, False),
    (511.041, 0.9, 0.01, False),
    (516.733, 1.7, 0.03, False),
    (517.268, 1.9, 0.03, False),
    (518.360, 2.1, 0.04, False),
    (522.719, 1.0, 0.01, False),
    (526.954, 1.4, 0.01, False),
    (527.036, 1.0, 0.01, False),
    (532.804, 1.4, 0.01, False),
    (534.102, 0.9, 0.01, False),
    (537.149, 1.3, 0.01, False),
    (539.713, 1.1, 0.01, False),
    (540.577, 1.2, 0.01, False),
    (542.970, 1.2, 0.01, False),
    (543.452, 0.9, 0.01, False),
    (544.692, 1.2, 0.01, False),
    (545.561, 1.1, 0.01, False),
    (549.752, 0.9, 0.01, False),
    (550.147, 0.8, 0.01, False),
    (550.678, 0.8, 0.01, False),
    (552.842, 1.1, 0.02, False),
    (558.676, 0.8, 0.01, False),
    (561.564, 0.9, 0.01, False),
    (570.909, 0.5, 0.01, False),
    (576.299, 0.6, 0.01, False),
    (588.995, 2.0, 0.04, False),
    (589.592, 1.7, 0.04, False),
    (610.272, 0.7, 0.01, False),
    (612.222, 0.9, 0.02, False),
    (616.217, 1.0, 0.02, False),
    (656.280, 1.6, 0.50, True),
    (849.802, 1.2, 0.05, False),
    (854.209, 2.0, 0.08, False),
    (866.214, 1.7, 0.07, False),
    (886.278, 0.5, 0.70, True),
    (901.491, 0.6, 0.80, True),
    (922.901, 0.7, 0.90, True),
    (954.597, 0.8, 1.00, True),
    (1004.94, 0.8, 1.10, True),
    (1093.81, 0.6, 1.20, True),
    (1282.16, 0.6, 1.20, True),
    (2166.12, 0.5, 1.50, True),
)

FOREST_PER_NM = 3  # weak metal lines, so that a velocity can be had everywhere


def star_spectrum(
    wavelength: npt.NDArray[np.float64], star: StarClass, velocity: float
) -> npt.NDArray[np.float64]:
    """Photon spectrum of a star that recedes with `velocity`.

    Parameters
    ----------
    wavelength : ndarray, shape (n,)
        Air wavelengths in nm, rising.
    velocity : float
        km/s, positive when it moves away.

    Returns
    -------
    ndarray, shape (n,)
        Photons per nm, 1 at 550 nm outside of lines.
    """
    rest = wavelength / (1.0 + velocity / SPEED_OF_LIGHT)
    low, high = int(rest[0]) - 2, int(rest[-1]) + 3
    grid, values = _template(star, low, high)
    return np.interp(rest, grid, values)


@lru_cache(maxsize=64)
def _template(
    star: StarClass, low: int, high: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    grid = np.arange(low, high, 0.002)
    continuum = _planck(grid, star.temperature) / _planck(np.array(REFERENCE), star.temperature)
    return grid, continuum * np.exp(-_optical_depth(grid, star))


def _planck(wavelength: npt.NDArray[np.float64], temperature: float) -> npt.NDArray[np.float64]:
    """Photons per nm of a black body, unscaled (wavelength in nm, temperature in K)."""
    return wavelength**-4 / np.expm1(1.438777e7 / (wavelength * temperature))


def _optical_depth(grid: npt.NDArray[np.float64], star: StarClass) -> npt.NDArray[np.float64]:
    depth = np.zeros_like(grid)
    for centre, core, extra, is_hydrogen in _lines(int(grid[0]), int(grid[-1]) + 1):
        sigma = float(np.hypot(extra, centre * star.broadening / SPEED_OF_LIGHT))
        first, last = np.searchsorted(grid, (centre - 6 * sigma, centre + 6 * sigma))
        strength = core * (star.hydrogen if is_hydrogen else star.metals)
        profile = np.exp(-0.5 * ((grid[first:last] - centre) / sigma) ** 2)
        depth[first:last] += strength * profile
    return depth


@lru_cache(maxsize=64)
def _lines(low: int, high: int) -> tuple[tuple[float, float, float, bool], ...]:
    """Give the strong lines of the table and the forest of weak ones between `low` and `high`."""
    strong = [row for row in LINES if low - 5 < row[0] < high + 5]
    weak: list[tuple[float, float, float, bool]] = []
    for nanometre in range(low, high):
        # One seed per nanometre: a line does not move when the range changes.
        rng = np.random.default_rng([5500, nanometre])
        centres = nanometre + rng.uniform(0, 1, FOREST_PER_NM)
        cores = rng.uniform(0.05, 0.45, FOREST_PER_NM)
        weak += [
            (float(x), float(tau), 0.005, False) for x, tau in zip(centres, cores, strict=True)
        ]
    return tuple(strong + weak)
