"""The spread of a spectrum over its neighbours: optics and pixels, several samples to a pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["OVERSAMPLING", "add_line", "at_pixels", "spread"]

OVERSAMPLING = 4
"""Samples per pixel along the dispersion; even."""


def add_line(values: Array, wavelength: Array, centre: float, sigma: float, height: float) -> None:
    """Add a Gaussian to samples at rising wavelengths, in place and within 6 sigma."""
    first, last = np.searchsorted(wavelength, (centre - 6 * sigma, centre + 6 * sigma))
    distance = (wavelength[first:last] - centre) / sigma
    values[first:last] += height * np.exp(-0.5 * distance**2)


def spread(samples: Array, sigma: float) -> Array:
    """Convolve spectra with a Gaussian and with one pixel.

    Parameters
    ----------
    samples : ndarray, shape (spectra, OVERSAMPLING x pixels)
        Any density; the ends meet, so that what matters stays away from them.
    sigma : float
        Rms width in pixels.

    Returns
    -------
    ndarray, same shape
    """
    n = samples.shape[1]
    lag = np.minimum(np.arange(n), n - np.arange(n))
    kernel = np.exp(-0.5 * (lag / (sigma * OVERSAMPLING)) ** 2)
    box = np.where(lag < OVERSAMPLING / 2, 1.0, np.where(lag == OVERSAMPLING // 2, 0.5, 0.0))
    transfer = np.fft.rfft(kernel / kernel.sum()) * np.fft.rfft(box / box.sum())
    return np.asarray(np.fft.irfft(np.fft.rfft(samples, axis=1) * transfer, n=n, axis=1))


def at_pixels(samples: Array) -> Array:
    """Values at the centres of the pixels, shape (spectra, pixels), from those of the samples."""
    middle = OVERSAMPLING // 2
    before, behind = samples[:, middle - 1 :: OVERSAMPLING], samples[:, middle::OVERSAMPLING]
    return np.asarray(0.5 * (before + behind))
