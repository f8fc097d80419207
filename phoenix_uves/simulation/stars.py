"""What UVES looks at: standard stars, and targets with absorption and emission lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve, frozen

from phoenix.simulate.motion import as_seen, observer_velocity
from phoenix.simulate.site import PARANAL
from phoenix.simulate.spread import add_line
from phoenix.simulate.star import SPEED_OF_LIGHT, STAR_CLASSES, StarClass, star_spectrum

if TYPE_CHECKING:
    from datetime import datetime

    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["EMISSION", "INTERSTELLAR", "STANDARDS", "Target", "flux_density", "iodine_cell"]

ZERO_MAGNITUDE = 3.63e-9
"""erg/s/cm2/Angstrom of V = 0 at 550 nm."""

WHITE_DWARF = StarClass("DA", 20000, -0.1, hydrogen=1.0, metals=0.0, broadening=30.0, share=0)
"""Hydrogen lines, from which uves_cal_response takes the star's velocity, and nothing else."""

EMISSION: tuple[tuple[float, float], ...] = (
    # Air wavelength in nm and flux in nm of the star's continuum at 550 nm.
    (372.88, 0.030),  # [O II]
    (386.876, 0.025),  # [Ne III]
    (410.174, 0.010),
    (434.046, 0.020),
    (436.321, 0.012),  # [O III]
    (468.571, 0.015),  # He II
    (486.133, 0.025),
    (495.891, 0.012),  # [O III]
    (500.684, 0.036),
    (587.562, 0.012),  # He I
    (630.030, 0.010),  # [O I]
    (654.805, 0.008),  # [N II]
    (656.280, 0.040),
    (658.346, 0.024),
    (671.644, 0.014),  # [S II]
    (673.082, 0.016),
    (706.525, 0.010),  # He I
    (713.579, 0.018),  # [Ar III]
    (775.112, 0.008),
    (906.860, 0.030),  # [S III]
    (953.060, 0.060),
)
EMISSION_WIDTH = 10.0  # km/s rms

INTERSTELLAR: tuple[tuple[float, float], ...] = (
    # Air wavelength in nm and optical depth.
    (330.237, 0.4),  # Na I
    (393.366, 1.2),  # Ca II
    (396.847, 0.8),
    (422.673, 0.3),  # Ca I
    (423.254, 0.3),  # CH+
    (430.031, 0.4),  # CH
    (588.995, 1.4),  # Na I
    (589.592, 1.0),
    (769.896, 0.7),  # K I
)
CLOUD_WIDTH = 5.0  # km/s rms
CLOUD_VELOCITY = -12.0  # km/s

IODINE = (490, 640)  # nm between which the cell absorbs
IODINE_SPACING = 0.012  # nm between its lines
IODINE_WIDTH = 0.0018  # nm rms


@frozen
class Target:
    """What the slit is put on.

    Attributes
    ----------
    name : str
        OBS TARG NAME.
    ra, dec : float
        Degrees (J2000).
    magnitude : float
        V.
    star : StarClass
        Its continuum and photospheric lines.
    velocity : float
        Of star and nebula in km/s, barycentric.
    nebula : float
        Factor on the emission lines, 0 for none.
    cloud : bool
        Whether interstellar lines are in front of it.
    observer : float
        With which velocity (km/s) the telescope approaches it.
    """

    name: str
    ra: float
    dec: float
    magnitude: float
    star: StarClass
    velocity: float = 0.0
    nebula: float = 0.0
    cloud: bool = False
    observer: float = 0.0

    @property
    def seen(self) -> float:
        """Velocity in km/s as the telescope sees it."""
        return as_seen(self.velocity, self.observer)

    def seen_at(self, time: datetime) -> Target:
        """Return the target as the moving Earth sees it."""
        observer = float(observer_velocity(self.ra, self.dec, time, PARANAL))
        return evolve(self, observer=observer)


STANDARDS = tuple(
    Target(f"SIMSTD-{hour:02d}", 15.0 * hour, -30.0 + 2.5 * (hour % 8), magnitude, WHITE_DWARF)
    for hour, magnitude in zip(
        range(0, 24, 2),
        (11.2, 10.8, 11.5, 11.0, 10.6, 11.3, 11.1, 10.9, 11.4, 10.7, 11.2, 11.0),
        strict=True,
    )
)
"""Invented spectrophotometric standards, one every two hours of right ascension."""

GIANT = next(star for star in STAR_CLASSES if star.name == "K1III")
METALLIC = StarClass("A5m", 8600, 0.14, hydrogen=0.8, metals=0.7, broadening=6.0, share=0)
"""Bright in the blue, and with sharp lines everywhere: positions can be had in all settings."""
SUNLIKE = next(star for star in STAR_CLASSES if star.name == "G2V")


def flux_density(target: Target, wavelength: Array) -> Array:
    """Flux of a target above the atmosphere.

    Parameters
    ----------
    wavelength : ndarray, shape (n,)
        Air wavelengths in nm, rising.

    Returns
    -------
    ndarray, shape (n,)
        erg/s/cm2/Angstrom.
    """
    photons = star_spectrum(wavelength, target.star, target.seen)
    photons = photons + target.nebula * _emission(wavelength, target.seen)
    if target.cloud:
        photons = photons * np.exp(
            -_absorption(wavelength, as_seen(CLOUD_VELOCITY, target.observer))
        )
    brightness = ZERO_MAGNITUDE * 10.0 ** (-0.4 * target.magnitude)
    return np.asarray(brightness * photons * 550.0 / wavelength)


def iodine_cell(wavelength: Array) -> Array:
    """Throughput of the iodine cell: a dense comb of narrow lines (wavelength in nm, rising)."""
    low, high = max(IODINE[0], int(wavelength[0])), min(IODINE[1], int(wavelength[-1]) + 1)
    depth = np.zeros_like(wavelength)
    for nanometre in range(low, high):
        # One seed per nanometre: a line does not move when the range changes.
        rng = np.random.default_rng([2537, nanometre])
        count = round(1.0 / IODINE_SPACING)
        for centre, core in zip(
            nanometre + rng.uniform(0, 1, count), rng.uniform(0.05, 0.7, count), strict=True
        ):
            add_line(depth, wavelength, float(centre), IODINE_WIDTH, float(core))
    return np.asarray(np.exp(-depth))


def _emission(wavelength: Array, velocity: float) -> Array:
    spectrum = np.zeros_like(wavelength)
    for rest, strength in EMISSION:
        centre = rest * (1.0 + velocity / SPEED_OF_LIGHT)
        sigma = centre * EMISSION_WIDTH / SPEED_OF_LIGHT
        add_line(spectrum, wavelength, centre, sigma, strength / sigma / np.sqrt(2 * np.pi))
    return spectrum


def _absorption(wavelength: Array, velocity: float) -> Array:
    depth = np.zeros_like(wavelength)
    for rest, core in INTERSTELLAR:
        centre = rest * (1.0 + velocity / SPEED_OF_LIGHT)
        add_line(depth, wavelength, centre, centre * CLOUD_WIDTH / SPEED_OF_LIGHT, core)
    return depth
