"""Lines in spectra of cubes: centre, width and flux, and which of them are worth an image."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from phoenix.toolkit.cubes.noise import FWHM_TO_SIGMA
from phoenix.toolkit.measures import robust_sigma

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["Line", "find_lines", "fit_line"]

CONTINUUM = 101
"""Planes over which a running median is the continuum (ours): wide beside any line of a galaxy."""

SIGNIFICANT = 8.0
"""Scatter of a spectrum by which an emission line stands out (ours)."""

_FEWEST = 7  # of a fit of four numbers


@frozen
class Line:
    """A line in emission, or in absorption with a negative flux.

    Attributes
    ----------
    centre, fwhm : float
        In nm.
    flux : float
        Unit of the spectrum times nm.
    continuum : float
        Unit of the spectrum.
    """

    centre: float
    fwhm: float
    flux: float
    continuum: float


def fit_line(wave: Array, spectrum: Array, centre: float, half_width: float) -> Line | None:
    """Fit a Gaussian and a constant to the surroundings of a line.

    Parameters
    ----------
    wave : ndarray, shape (n,)
        In nm, rising.
    spectrum : ndarray, shape (n,)
        nan where it is not known.
    centre, half_width : float
        Where to look, in nm.

    Returns
    -------
    Line or None
        None where there are too few points, or the fit leaves the window.
    """
    from scipy import optimize  # noqa: PLC0415 - loads 0.35 CPU s

    near = (np.abs(wave - centre) <= half_width) & np.isfinite(spectrum)
    if near.sum() < _FEWEST:
        return None
    x, y = wave[near], spectrum[near]
    level = float(np.median(y))
    best = int(np.abs(y - level).argmax())
    height = float(y[best] - level)
    if height == 0:
        return None
    step = float(np.median(np.diff(x)))

    def misfit(guess: Array) -> Array:
        amplitude, place, sigma, base = guess
        return np.asarray(
            (amplitude * np.exp(-0.5 * ((x - place) / sigma) ** 2) + base - y) / abs(height)
        )

    found = optimize.least_squares(misfit, [height, float(x[best]), 1.2 * step, level])
    amplitude, place, sigma, base = (float(value) for value in found.x)
    sigma = abs(sigma)
    if not found.success or abs(place - centre) > half_width or sigma > 2.0 * half_width:
        return None
    return Line(place, sigma / FWHM_TO_SIGMA, amplitude * sigma * math.sqrt(2.0 * math.pi), base)


def find_lines(wave: Array, spectrum: Array, most: int) -> tuple[Line, ...]:
    """Find the strongest emission lines of a spectrum.

    Parameters
    ----------
    wave : ndarray, shape (n,)
        In nm, rising.
    spectrum : ndarray, shape (n,)
        nan where it is not known.
    most : int
        How many at most.
    """
    from scipy import ndimage  # noqa: PLC0415 - loads 0.2 CPU s

    known = np.isfinite(spectrum)
    if known.sum() < _FEWEST:
        return ()
    filled = np.where(known, spectrum, np.median(spectrum[known]))
    width = min(CONTINUUM, filled.size)
    net = filled - ndimage.median_filter(filled, size=width, mode="nearest")
    scatter = robust_sigma(net[known])
    if scatter <= 0:
        return ()
    tops = (net >= ndimage.maximum_filter1d(net, size=9)) & (net > SIGNIFICANT * scatter) & known
    places = np.flatnonzero(tops)
    step = float(np.median(np.diff(wave)))
    lines = (
        fit_line(wave, spectrum, float(wave[place]), 8.0 * step)
        for place in places[np.argsort(-net[places])][: 3 * most]
    )
    # A spike of one plane is a cosmic or a gap, no line.
    return tuple(line for line in lines if line and line.fwhm > step and line.flux > 0)[:most]
