"""Photo-electrons: what stars, sky and lamps give in each row of each order."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from phoenix.simulate.spread import add_line
from phoenix.simulate.star import SPEED_OF_LIGHT, StarClass, star_spectrum
from phoenix_xshooter.simulation.arms import SAMPLES, SPECTROGRAPHS, order_of

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = [
    "BANDS",
    "blocked",
    "efficiency",
    "electron_rate",
    "extinction",
    "flux_density",
    "grid_of",
    "lamp_rate",
    "line_rows",
    "line_spread",
    "rows_of_light",
    "sky_rate",
    "slit_share",
    "telluric",
]

PHOTON = 1.98645e-16  # erg cm: energy of a photon times its wavelength
MIRROR = 5.1e5  # cm2
FWHM = 2.3548  # of a Gaussian in units of its rms
ZERO_MAGNITUDE = 3.63e-9  # erg/s/cm2/Angstrom of V = 0 at 550 nm

CROSSINGS = (556.0, 1010.0)
"""nm at which the dichroics hand the light from arm to arm."""

STEEPNESS = 6.0  # nm
BLOCKED_FROM = 2100.0
"""nm from which the filter of the slits ``JH`` lets nothing pass."""

PEAK = {"UVB": 0.14, "VIS": 0.18, "NIR": 0.16}
"""Electrons a photon, at the best wavelength."""

LAMP_RATE = {"UVB": 0.10e6, "VIS": 0.13e6, "NIR": 0.03e6}
"""Electrons/s/nm of the flat lamp in one arcsec of slit width and length."""

ARC_RATE = 2.5e4  # electrons/s of the brightest arc line behind a pinhole

SKY_RATE = 0.03  # electrons/s/nm/arcsec2 of the continuum of the sky
THERMAL = 40.0  # the same of the warm slit at 2.4 micron, in units of the continuum

BANDS: tuple[tuple[float, float], ...] = (
    (686.0, 695.0), (716.0, 735.0), (759.0, 771.0), (812.0, 836.0), (890.0, 990.0),
    (1090.0, 1180.0), (1255.0, 1285.0), (1320.0, 1500.0), (1560.0, 1620.0), (1730.0, 2090.0),
    (2300.0, 2500.0),
)  # fmt: skip
"""nm between which the air of the Earth absorbs."""

_STRENGTH = (0.25, 0.15, 0.6, 0.25, 0.5, 0.6, 0.3, 1.4, 0.15, 1.5, 0.5)
_LINES_PER_NM, _LINE_WIDTH = 1.0, 0.06

EMISSION: tuple[tuple[float, float], ...] = (
    # Air wavelength in nm and photons in nm of the continuum at 550 nm.
    (372.88, 4.0), (386.88, 2.0), (486.133, 4.0), (495.891, 3.0), (500.684, 9.0), (656.280, 12.0),
    (658.346, 4.0), (671.644, 1.5), (673.082, 1.5), (906.860, 5.0), (953.060, 12.0),
    (1083.03, 8.0), (1256.68, 4.0), (1281.81, 5.0), (1643.55, 4.0), (2165.53, 5.0),
)  # fmt: skip
"""Lines of a nebula."""

EMISSION_WIDTH = 60.0  # km/s rms


def extinction(wavelength: Array, arm: str) -> Array:
    """Extinction in magnitudes per airmass (wavelength in nm); none in the near infrared."""
    if arm == "NIR":
        return np.zeros_like(wavelength)
    air = 0.1451 * (wavelength / 500.0) ** -4.0
    dust = 0.030 * (wavelength / 500.0) ** -1.0
    return np.asarray(0.75 * air + dust)


@lru_cache(maxsize=1)
def _telluric_lines() -> tuple[Array, Array]:
    rng = np.random.default_rng(2537)
    places, depths = [], []
    for (low, high), strength in zip(BANDS, _STRENGTH, strict=True):
        count = round((high - low) * _LINES_PER_NM)
        places.append(rng.uniform(low, high, count))
        depths.append(strength * rng.exponential(1.0, count))
    return np.concatenate(places), np.concatenate(depths)


def telluric(wavelength: Array, airmass: float) -> Array:
    """Part of the light that passes the absorbing bands (wavelength in nm, rising)."""
    depth = np.zeros_like(wavelength)
    for place, strength in zip(*_telluric_lines(), strict=True):
        add_line(depth, wavelength, float(place), _LINE_WIDTH, float(strength))
    return np.asarray(np.exp(-depth * airmass))


def efficiency(wavelength: Array, arm: str) -> Array:
    """Electrons per photon on the mirror, without blaze and slit (wavelength in nm)."""
    smooth = 1.0 - 0.25 * ((wavelength - _middle(arm)) / _width(arm)) ** 2
    blue, red = CROSSINGS
    into = {
        "UVB": 1.0 / (1.0 + np.exp((wavelength - blue) / STEEPNESS)),
        "VIS": 1.0
        / (1.0 + np.exp((blue - wavelength) / STEEPNESS))
        / (1.0 + np.exp((wavelength - red) / STEEPNESS)),
        "NIR": 1.0 / (1.0 + np.exp((red - wavelength) / STEEPNESS)),
    }[arm]
    return np.asarray(PEAK[arm] * smooth * into)


def _middle(arm: str) -> float:
    return {"UVB": 430.0, "VIS": 760.0, "NIR": 1600.0}[arm]


def _width(arm: str) -> float:
    return {"UVB": 140.0, "VIS": 270.0, "NIR": 900.0}[arm]


def electron_rate(flux: Array, wavelength: Array, airmass: float, arm: str) -> Array:
    """Electrons/s/nm of a star, before slit and blaze.

    Parameters
    ----------
    flux : ndarray, shape (n,)
        Above the atmosphere, erg/s/cm2/Angstrom.
    wavelength : ndarray, shape (n,)
        nm, rising.
    """
    photons = 10.0 * flux * wavelength * 1e-7 / PHOTON * MIRROR
    air = 10.0 ** (-0.4 * extinction(wavelength, arm) * airmass) * telluric(wavelength, airmass)
    return np.asarray(photons * air * efficiency(wavelength, arm))


def flux_density(
    wavelength: Array, magnitude: float, star: StarClass, velocity: float, nebula: float
) -> Array:
    """Flux of a target above the atmosphere in erg/s/cm2/Angstrom.

    Parameters
    ----------
    wavelength : ndarray, shape (n,)
        Air wavelengths in nm, rising.
    magnitude : float
        V of the star; of a nebula alone the measure of its lines.
    velocity : float
        km/s, as the telescope sees it.
    nebula : float
        Strength of the lines; a negative one stands for a nebula without a star.
    """
    photons = np.zeros_like(wavelength)
    if nebula >= 0:
        photons = star_spectrum(wavelength, star, velocity)
    for rest, strength in EMISSION if nebula else ():
        centre = rest * (1.0 + velocity / SPEED_OF_LIGHT)
        sigma = centre * EMISSION_WIDTH / SPEED_OF_LIGHT
        height = abs(nebula) * strength / sigma / np.sqrt(2.0 * np.pi)
        add_line(photons, wavelength, centre, sigma, height)
    return np.asarray(ZERO_MAGNITUDE * 10.0 ** (-0.4 * magnitude) * photons * 550.0 / wavelength)


@lru_cache(maxsize=1)
def _airglow() -> tuple[Array, Array]:
    rng = np.random.default_rng(6300)
    places = np.concatenate(
        [[557.734, 630.030, 636.378], np.sort(rng.uniform(690.0, 2250.0, 420))]
    )
    strength = np.concatenate([[12.0, 9.0, 3.0], 4.0 + rng.exponential(25.0, 420)])
    # The hydroxyl of the near infrared is some ten times that of the red.
    return places, strength * np.where(places > CROSSINGS[1], 10.0, 1.0)


def airglow() -> tuple[Array, Array]:
    """Lines of the night sky: air wavelengths in nm, photons in nm of the continuum."""
    return _airglow()


def sky_rate(wavelength: Array, arm: str) -> Array:
    """Electrons/s/nm of one square arcsec of sky, before blaze (wavelength in nm, rising)."""
    spectrum = np.ones_like(wavelength)
    for place, strength in zip(*_airglow(), strict=True):
        add_line(spectrum, wavelength, float(place), 0.03, strength / 0.03 / np.sqrt(2 * np.pi))
    if arm == "NIR":
        spectrum += THERMAL * np.exp((wavelength - 2400.0) / 90.0)
    return np.asarray(SKY_RATE * spectrum * efficiency(wavelength, arm) / PEAK[arm])


def lamp_rate(wavelength: Array, arm: str) -> Array:
    """Electrons/s/nm of the flat lamp in one square arcsec: smooth, redder than the sky."""
    return np.asarray(LAMP_RATE[arm] * wavelength / _middle(arm))


def slit_share(seeing: float, slit: float) -> float:
    """Share of a star's light that passes a slit (both in arcsec, seeing as FWHM)."""
    from math import erf, sqrt  # noqa: PLC0415 - scipy would take longer to load than to run

    return erf(0.5 * slit / (seeing / FWHM) / sqrt(2.0))


def line_spread(arm: str, slit: float) -> float:
    """Rms width in unbinned rows of a line seen through a slit of so many arcsec."""
    row = SPECTROGRAPHS[arm]
    return float(np.hypot(row.sharpness, row.slit * slit))


def grid_of(arm: str) -> Array:
    """Wavelengths in nm on which spectra are computed before they are laid onto the orders."""
    row = SPECTROGRAPHS[arm]
    blue, red = row.reach(row.orders[-1], 0.8)[0], row.reach(row.orders[0], 0.8)[1]
    return np.arange(blue, red, {"UVB": 0.004, "VIS": 0.004, "NIR": 0.012}[arm])


def rows_of_light(arm: str, wavelength: Array, rate: Array, sigma: float) -> dict[int, Array]:
    """Electrons/s per row of every order, at its samples, behind the echelle.

    Parameters
    ----------
    wavelength, rate : ndarray, shape (n,)
        nm, rising, and electrons/s/nm.
    sigma : float
        Rms in rows by which the spectrograph blurs it.
    """
    found = {}
    for number in SPECTROGRAPHS[arm].orders:
        order = order_of(arm, number)
        light = np.interp(order.wavelength, wavelength, rate) * order.blaze * order.dispersion
        found[number] = blurred(light, sigma)
    return found


def line_rows(arm: str, wavelength: Array, rate: Array, sigma: float) -> dict[int, Array]:
    """Electrons/s per row of every order, of lines alone.

    Parameters
    ----------
    wavelength, rate : ndarray, shape (n,)
        nm, and electrons/s of each line.
    """
    found = {}
    row = SPECTROGRAPHS[arm]
    reach = 5.0 * sigma + 2.0
    for number in row.orders:
        order = order_of(arm, number)
        light = np.zeros_like(order.row)
        ends = order.wavelength[[0, -1]]
        inside = (wavelength > ends.min()) & (wavelength < ends.max())
        blaze = np.interp(
            wavelength[inside], order.wavelength[:: row.direction], order.blaze[:: row.direction]
        )
        places = row.row(number, wavelength[inside])
        for place, height in zip(places, rate[inside] * blaze, strict=True):
            first, last = np.searchsorted(order.row, (place - reach, place + reach))
            near = order.row[first:last] - place
            light[first:last] += height * np.exp(-0.5 * (near / sigma) ** 2)
        found[number] = light / sigma / np.sqrt(2.0 * np.pi)
    return found


def blocked(arm: str, light: dict[int, Array]) -> dict[int, Array]:
    """Return what the filter of the K band leaves of the light in the rows of each order."""
    return {
        number: rows * _passed(order_of(arm, number).wavelength) for number, rows in light.items()
    }


def _passed(wavelength: Array) -> Array:
    beyond = np.clip((wavelength - BLOCKED_FROM) / STEEPNESS, -50.0, 50.0)
    return np.asarray(1.0 / (1.0 + np.exp(beyond)))


def blurred(light: Array, sigma: float) -> Array:
    """Convolve samples of an order with a Gaussian (rms in rows) and one row."""
    from scipy import ndimage  # noqa: PLC0415 - loaded where it is used

    soft = ndimage.gaussian_filter1d(light, sigma * SAMPLES, mode="nearest")
    # Four samples have no middle: the mean of both neighbours of it.
    boxes = (ndimage.uniform_filter1d(soft, SAMPLES, origin=origin) for origin in (0, -1))
    return np.asarray(0.5 * sum(boxes))
