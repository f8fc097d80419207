"""What shines and what takes light away, as functions of the air wavelength in Angstrom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from phoenix_muse.simulation.layout import DISPERSION, LSF_FWHM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = [
    "ARC_LINES",
    "SKY_LINES",
    "ArcLine",
    "SkyLine",
    "count_rate",
    "extinction",
    "flat_lamp",
    "line_profile",
    "sky_continuum",
    "smeared",
    "telluric",
    "twilight",
]

SIGMA = LSF_FWHM / 2.3548


@frozen
class SkyLine:
    """One emission line of the night sky.

    Attributes
    ----------
    name : str
        As the table of the pipeline names it.
    wavelength : float
        Angstrom, air.
    flux : float
        1e-20 erg/s/cm2/arcsec2.
    group : int
        Lines of one group vary together; the numbers of the pipeline's table.
    """

    name: str
    wavelength: float
    flux: float
    group: int


# Wavelengths as in any atlas of the night sky; fluxes of the right order (ours).
SKY_LINES = (
    SkyLine("O1 5577", 5577.339, 90000.0, 1),
    SkyLine("Na 5890", 5889.950, 15000.0, 2),
    SkyLine("Na 5896", 5895.924, 9000.0, 2),
    SkyLine("OH 6257", 6257.961, 6000.0, 4),
    SkyLine("OH 6287", 6287.434, 9000.0, 4),
    SkyLine("O1 6300", 6300.304, 80000.0, 3),
    SkyLine("OH 6329", 6329.747, 4000.0, 4),
    SkyLine("O1 6364", 6363.776, 27000.0, 3),
    SkyLine("OH 6465", 6465.000, 5000.0, 4),
    SkyLine("OH 6499", 6498.729, 14000.0, 4),
    SkyLine("OH 6533", 6533.044, 11000.0, 4),
    SkyLine("OH 6864", 6863.955, 20000.0, 4),
    SkyLine("OH 6923", 6923.220, 22000.0, 4),
    SkyLine("OH 7276", 7276.405, 40000.0, 4),
    SkyLine("OH 7316", 7316.282, 45000.0, 4),
    SkyLine("OH 7340", 7340.885, 30000.0, 4),
    SkyLine("OH 7751", 7750.640, 32000.0, 4),
    SkyLine("OH 7794", 7794.112, 55000.0, 4),
    SkyLine("OH 7821", 7821.503, 35000.0, 4),
    SkyLine("OH 7914", 7913.708, 60000.0, 4),
    SkyLine("OH 7993", 7993.332, 60000.0, 4),
    SkyLine("OH 8344", 8344.602, 55000.0, 4),
    SkyLine("OH 8399", 8399.170, 80000.0, 4),
    SkyLine("OH 8430", 8430.174, 70000.0, 4),
    SkyLine("OH 8827", 8827.096, 70000.0, 4),
    SkyLine("OH 8886", 8885.850, 120000.0, 4),
    SkyLine("OH 8920", 8919.641, 110000.0, 4),
)


@frozen
class ArcLine:
    """One line of the arc lamps: ion, Angstrom in air, strength, and its quality in the list."""

    ion: str
    wavelength: float
    strength: float
    quality: int


# Bright lines of mercury, cadmium, neon and xenon; strengths are ours.
_MERCURY = "4678.149 4799.912 5085.822 5460.753 5769.610 5790.670 6438.470 6907.460"
_NEON = (
    "5400.562 5852.488 5881.895 5944.834 5975.534 6030.000 6074.338 6096.163 6143.063 6163.594 "
    "6217.281 6266.495 6304.789 6334.428 6382.992 6402.248 6506.528 6532.882 6598.953 6678.276 "
    "6717.043 6929.467 7032.413 7173.938 7245.167 7438.898 8136.406 8300.325 8377.608 8495.360 "
    "8654.384 8780.621 8853.867"
)
_XENON = (
    "4734.152 4807.019 4843.294 4916.507 4923.152 5028.279 6827.315 6976.182 7119.598 7642.024 "
    "8231.634 8280.116 8346.822 8409.190 8739.370 8819.411 8930.830 8952.251 9045.446 9162.652 "
    "9374.760 9513.377"
)
_ARCS = (("HgI", _MERCURY), ("NeI", _NEON), ("XeI", _XENON))
_CADMIUM = frozenset({4678.149, 4799.912, 5085.822, 6438.470})


def _arc_lines() -> tuple[ArcLine, ...]:
    places = [(ion, float(word)) for ion, words in _ARCS for word in words.split()]
    alone = [
        all(abs(wave - other) > 12.0 or wave == other for _, other in places)  # noqa: PLR2004 - A
        for _, wave in places
    ]
    return tuple(
        ArcLine(
            "CdI" if wave in _CADMIUM else ion,
            wave,
            0.3 + 0.7 * ((7 * number) % 10) / 10.0,
            5 if is_alone else 2,
        )
        for number, ((ion, wave), is_alone) in enumerate(zip(places, alone, strict=True))
    )


ARC_LINES = _arc_lines()


def count_rate(wavelength: Array) -> Array:
    """Return electrons per second and Angstrom of 1 erg/s/cm2/Angstrom above the atmosphere.

    2.5 log10 of it is what the pipeline calls the response; 41.6 is that of the instrument.
    """
    magnitude = 41.6 - 0.35 * ((wavelength - 7000.0) / 2500.0) ** 2
    return np.asarray(10.0 ** (0.4 * magnitude))


def extinction(wavelength: Array) -> Array:
    """Magnitudes a unit of airmass."""
    return np.asarray(0.09 * (wavelength / 6400.0) ** -2.5)


BANDS = ((6868.0, 6944.0, 0.15), (7160.0, 7340.0, 0.08), (7590.0, 7700.0, 0.45),
         (8140.0, 8340.0, 0.10), (8940.0, 9200.0, 0.20))  # fmt: skip
"""First and last Angstrom of telluric bands, and the part of light that they take at airmass 1."""


def telluric(wavelength: Array, airmass: float) -> Array:
    """Part of light that the bands of oxygen and water let pass."""
    passed = np.ones_like(wavelength)
    for low, high, depth in BANDS:
        place = (wavelength - low) / (high - low)
        inside = (place > 0) & (place < 1)
        passed[inside] *= (1.0 - depth * np.sin(np.pi * place[inside]) ** 2) ** airmass
    return passed


def sky_continuum(wavelength: Array) -> Array:
    """1e-20 erg/s/cm2/Angstrom/arcsec2."""
    return np.asarray(900.0 + 0.05 * (wavelength - 6400.0))


def flat_lamp(wavelength: Array) -> Array:
    """Relative light of the continuum lamps."""
    return np.asarray(1.0 + 0.5 * (wavelength - 7000.0) / 2500.0)


def twilight(wavelength: Array) -> Array:
    """Relative light of the twilight sky: blue, with a few lines of the Sun."""
    light = (wavelength / 7000.0) ** -1.2
    for centre, depth in (
        (4861.3, 0.4),
        (5173.0, 0.4),
        (5893.0, 0.4),
        (6562.8, 0.4),
        (8542.1, 0.4),
    ):
        light = light * (1.0 - depth * np.exp(-0.5 * ((wavelength - centre) / 2.0) ** 2))
    return np.asarray(light)


def line_profile(wavelength: Array, centre: float, sigma: float = 0.0) -> Array:
    """Light of a line in rows, per Angstrom: Gaussian of its own width, of the slit and of a row.

    Parameters
    ----------
    wavelength : ndarray
        Middle of rows in Angstrom.
    centre, sigma : float
        Of the line itself.
    """
    from scipy.special import erf  # noqa: PLC0415 - takes a while to import

    width = np.sqrt(2.0) * np.hypot(sigma, SIGMA)
    high = erf((wavelength + 0.5 * DISPERSION - centre) / width)
    low = erf((wavelength - 0.5 * DISPERSION - centre) / width)
    return np.asarray(0.5 * (high - low) / DISPERSION)


def smeared(function: Callable[[Array], Array], wavelength: Array) -> Array:
    """Blur a spectrum as the spectrograph does, by Gauss-Hermite quadrature of 5 points."""
    points, weights = np.polynomial.hermite.hermgauss(5)
    sigma = np.hypot(SIGMA, DISPERSION / np.sqrt(12.0))
    parts: Iterable[Array] = (
        w * function(wavelength + np.sqrt(2.0) * sigma * p)
        for p, w in zip(points, weights, strict=True)
    )
    return np.asarray(sum(parts) / np.sqrt(np.pi))
