"""Photo-electrons: what lamps, stars and sky give in each column of each order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.simulate.sky import sky_spectrum
from phoenix.simulate.spread import OVERSAMPLING, at_pixels, spread
from phoenix_uves.simulation.optics import PAD
from phoenix_uves.simulation.profile import normal_cdf

if TYPE_CHECKING:
    import numpy.typing as npt

    from phoenix.simulate.lamp import ArcLines
    from phoenix_uves.simulation.optics import Format

    Array = npt.NDArray[np.float64]

__all__ = [
    "arc_columns",
    "columns_of",
    "efficiency",
    "electron_rate",
    "extinction",
    "lamp_rate",
    "line_width",
    "sky_rate",
    "slit_share",
]

PHOTON = 1.98645e-16  # erg cm: energy of a photon times its wavelength
MIRROR = 5.1e5  # cm2
PEAK_EFFICIENCY = 0.13  # of telescope, spectrograph and chip at the best wavelength
BEST_WAVELENGTH = 600.0  # nm
OPTICS_WIDTH = 1.0  # unbinned columns rms that the spectrograph adds to a line
SLIT_COLUMNS = 1.78  # unbinned columns rms of the image of a slit of one arcsec
SKY_RATE = 0.04  # electrons/s/nm of the sky's continuum in one square arcsec
LAMP_RATE = 8.0e6  # electrons/s/nm of the flat lamp in one arcsec of slit
ARC_RATE = 3.0e4  # electrons/s of the brightest arc line in one arcsec of slit
FWHM = 2.3548  # of a Gaussian in units of its rms


def extinction(wavelength: Array) -> Array:
    """Extinction in magnitudes per airmass (wavelength in nm): air, dust and a little ozone."""
    air = 0.1451 * (wavelength / 500.0) ** -4.0
    dust = 0.030 * (wavelength / 500.0) ** -1.0
    ozone = 0.025 * np.exp(-0.5 * ((wavelength - 600.0) / 45.0) ** 2)
    return np.asarray(0.75 * air + dust + ozone)


def efficiency(wavelength: Array) -> Array:
    """Electrons per photon on the mirror, without blaze and slit (wavelength in nm)."""
    return np.asarray(
        PEAK_EFFICIENCY * np.exp(-0.5 * (np.log(wavelength / BEST_WAVELENGTH) / 0.32) ** 2)
    )


def electron_rate(flux: Array, wavelength: Array, airmass: float) -> Array:
    """Electrons/s/nm of a star, before slit and blaze.

    Parameters
    ----------
    flux : ndarray, shape (n,)
        Above the atmosphere, erg/s/cm2/Angstrom.
    wavelength : ndarray, shape (n,)
        nm.
    """
    photons = 10.0 * flux * wavelength * 1e-7 / PHOTON * MIRROR
    air = 10.0 ** (-0.4 * extinction(wavelength) * airmass)
    return np.asarray(photons * air * efficiency(wavelength))


def sky_rate(wavelength: Array) -> Array:
    """Electrons/s/nm of one square arcsec of sky, before blaze (wavelength in nm, rising)."""
    relative = efficiency(wavelength) / PEAK_EFFICIENCY
    return SKY_RATE * relative * sky_spectrum(wavelength, sigma=0.002)


def lamp_rate(wavelength: Array, centre: float) -> Array:
    """Electrons/s/nm of the flat lamp in one arcsec of slit (nm), evened out around `centre`."""
    return np.asarray(LAMP_RATE * wavelength / centre)


def line_width(slit: float, binning: int) -> float:
    """Rms width in binned columns of a line seen through a slit of so many arcsec."""
    return float(np.hypot(OPTICS_WIDTH, SLIT_COLUMNS * slit)) / binning


def slit_share(seeing: float, slit: float) -> float:
    """Share of a star's light that passes a slit (both in arcsec, seeing as FWHM)."""
    edge = np.array([0.5 * slit / (seeing / FWHM)])
    return float(2.0 * normal_cdf(edge)[0] - 1.0)


def columns_of(form: Format, density: Array, sigma: float) -> Array:
    """Electrons per column, behind the echelle.

    Parameters
    ----------
    density : ndarray, shape (orders, OVERSAMPLING x (columns + 2 PAD))
        Electrons/nm at the samples of the format.

    Returns
    -------
    ndarray, shape (orders, columns)
    """
    fine = spread(density * form.blaze * form.dispersion, sigma)
    return at_pixels(fine)[:, PAD:-PAD]


def arc_columns(form: Format, lines: ArcLines, sigma: float) -> Array:
    """Electrons/s per column of the arc lamp in one arcsec of slit, shape (orders, columns)."""
    columns = form.row.shape[1]
    reach = int(5 * sigma) + 2
    window = np.arange(-reach, reach + 1)
    spectrum = np.zeros((len(form.order), columns + 2 * PAD))
    place = (np.arange(form.wavelength.shape[1]) + 0.5) / OVERSAMPLING - 0.5
    for i, wavelength in enumerate(form.wavelength):
        inside = (lines.wavelength > wavelength[0]) & (lines.wavelength < wavelength[-1])
        centre = np.interp(lines.wavelength[inside], wavelength, place)[:, None]
        light = ARC_RATE * lines.flux[inside] * np.interp(centre[:, 0], place, form.blaze[i])
        column = np.rint(centre).astype(int) + window
        share = normal_cdf((column + 0.5 - centre) / sigma)
        share -= normal_cdf((column - 0.5 - centre) / sigma)
        near = (column >= 0) & (column < spectrum.shape[1])
        np.add.at(spectrum[i], column[near], (light[:, None] * share)[near])
    return spectrum[:, PAD:-PAD]
