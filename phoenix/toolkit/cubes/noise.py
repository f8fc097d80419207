"""How deep a cube goes: PIXNOISE and ABMAGLIM as the data standard defines them.

The numbers are those of the pipeline of MUSE and of ESO's library for imaging, so that cubes of
the archive can be compared: PIXNOISE is the mode of the variances, ABMAGLIM five times the scatter
of the background of the smoothed white-light image, on the side where there are no sources.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from phoenix.toolkit.measures import robust_sigma

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = [
    "VARIANCE_STEP",
    "VARIANCE_STEPS",
    "background",
    "background_reach",
    "limiting_magnitude",
    "mode",
    "pixel_noise",
    "smoothed",
]

VARIANCE_STEP = 0.04
"""Width of a step of the histogram of variances, in squares of the unit of the pixels."""

VARIANCE_STEPS = 625
"""Steps of the histogram: from 0 to below 25 squares of the unit."""

SIGMAS = 5.0
"""Of a point source at the limit."""

AB_ZERO = 3631.0  # Jy of magnitude 0
TO_JY = 3.34e4  # Jy per (erg/s/cm2/Angstrom) and square Angstrom
FWHM_TO_SIGMA = 1.0 / 2.354820045030949
ROUNDING = 1e-12
ONE_SIDED = 1.0 / math.sqrt(1.0 - 2.0 / math.pi)  # of a normal distribution cut at its top
_BINS = 3.49  # Scott (1979): width of a bin in sigma over the cube root of the sample


def pixel_noise(variances: npt.NDArray[np.int64]) -> float | None:
    """Return the noise of the typical voxel in the unit of the pixels: the root of the mode.

    Parameters
    ----------
    variances : ndarray, shape (VARIANCE_STEPS,)
        Voxels by their variance.

    Returns
    -------
    float or None
        None where no variance lies in the range.
    """
    if not variances.any():
        return None
    return math.sqrt((int(variances.argmax()) + 0.5) * VARIANCE_STEP)


def limiting_magnitude(
    white: Array, fwhm: float, limits: tuple[float, float], scale: float
) -> float | None:
    """AB magnitude of a point source that stands five times above the background.

    Parameters
    ----------
    white : ndarray, shape (rows, columns)
        Mean over wavelength; nan where there is none.
    fwhm : float
        Of a point source in pixels.
    limits : tuple of float
        First and last wavelength in nm.
    scale : float
        Unit of the pixels in erg/s/cm2/Angstrom, 1e-20 for MUSE.

    Returns
    -------
    float or None
        None where the image has no background that can be measured.
    """
    values = _known(smoothed(white, fwhm))
    if values.size == 0 or fwhm <= 0:
        return None
    _, noise = background(values)
    if noise <= 0:
        return None
    # A peak of height 1, smoothed by its own width, has this sum.
    peak = 4.0 * math.pi * (fwhm * FWHM_TO_SIGMA) ** 2
    low, high = (10.0 * limit for limit in limits)
    zero = -2.5 * math.log10(TO_JY * low * high / AB_ZERO) - 2.5 * math.log10(scale)
    return -2.5 * math.log10(SIGMAS * noise * peak) + zero


def background(values: Array) -> tuple[float, float]:
    """Return level and scatter of a background by its faint side, where there are no sources.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Finite, at least one.

    Returns
    -------
    tuple of float
        The mode, and the standard deviation of the normal distribution that is cut there.
    """
    level = mode(values)
    faint = values[values <= level]
    return level, robust_sigma(faint) * ONE_SIDED if faint.size > 1 else 0.0


def smoothed(image: Array, fwhm: float) -> Array:
    """Smooth with a Gaussian; what is no number has no weight, and stays none where all is."""
    size = int(fwhm) * 2 + 1
    place = np.arange(size) - 0.5 * (size - 1)
    sigma = max(fwhm * FWHM_TO_SIGMA, 1e-6)
    kernel = np.exp(-0.5 * (place / sigma) ** 2)
    known = np.isfinite(image)
    sums = _convolved(np.where(known, image, 0.0), kernel)
    weights = _convolved(known.astype(np.float64), kernel)
    blank = np.full(image.shape, np.nan)
    np.divide(sums, weights, out=blank, where=weights > ROUNDING)
    return blank


def _convolved(image: Array, kernel: Array) -> Array:
    from scipy import ndimage  # noqa: PLC0415 - loads 0.2 CPU s

    rows = ndimage.convolve1d(image, kernel, axis=0, mode="reflect")
    return np.asarray(ndimage.convolve1d(rows, kernel, axis=1, mode="reflect"))


def mode(values: Array) -> float:
    """Most frequent value of a sample, between the bins of its histogram by their neighbours.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Finite, at least one.
    """
    width = 2.0 * _BINS * robust_sigma(values) / values.size ** (1.0 / 3.0)
    low = float(values.min())
    if width <= 0 or not np.isfinite(width):
        return float(np.median(values))
    # One far outlier must not ask for memory without end.
    count = min(math.floor((float(values.max()) - low) / width + 1.0) + 1, 10_000_000)
    low -= 0.5 * width
    places = np.minimum(((values - low) / width).astype(np.int64), count - 1)
    histogram = np.bincount(places, minlength=count)
    best = int(histogram.argmax())
    top = int(histogram[best])
    left = top - int(histogram[best - 1]) if best > 0 else top
    right = top - int(histogram[best + 1]) if best + 1 < count else top
    part = left / (left + right) if left and left + right else 0.5
    edge = low + width * float(np.flatnonzero(histogram == top).mean())
    return float(edge + width * part)


def background_reach(white: Array, fall: float, bins: int = 400) -> float | None:
    """Flux below the mode at which the histogram has fallen by so many decades.

    Far below zero the background was taken off too much; close to zero there is little noise.

    Parameters
    ----------
    white : ndarray, shape (rows, columns)
        Mean over wavelength; nan where there is none.
    fall : float
        Decades, as 1.7.
    bins : int
        Over the range between the extreme percentiles (ours).

    Returns
    -------
    float or None
        None where the image has no number.
    """
    values = _known(white)
    if values.size == 0:
        return None
    top, spread = background(values)
    spread = spread or 1e-12
    below = values[values <= top + spread]
    low, high = float(below.min()), top + spread
    if high <= low:
        return top
    width = max((high - low) / bins, spread / 5.0)
    counts, edges = np.histogram(below, bins=max(math.ceil((high - low) / width), 1),
                                 range=(low, high))  # fmt: skip
    enough = counts >= counts.max() * 10.0**-fall
    return float(edges[int(enough.argmax())])


def _known(image: Array) -> Array:
    return image[np.isfinite(image)]
