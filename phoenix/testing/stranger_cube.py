"""A delivered cube as a stranger reads it: sources, lines and noise by arithmetic of its own.

Nothing here knows how the file was made: it is opened with astropy, places come from its WCS and
wavelengths from its third axis. What is found is held against a truth by the caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    Array = npt.NDArray[np.float64]
    Mask = npt.NDArray[np.bool_]

__all__ = ["DeliveredCube", "Noise", "Sources", "fit_sources", "line_centre", "noise", "read_cube"]

BETA = 2.8
"""Exponent of the Moffat profile of a star."""
FITTED, REACH = 12.0, 20.0
"""Pixels from a source within which an image is fitted, and a source shines (ours)."""
APERTURE = 8.0
"""Pixels from a source within which all light that is not its neighbours' is its own (ours)."""
ENDS = 10
"""Planes at either end that have not all slices (ours)."""
BINS = 3
"""Pixels of the side of a box, and planes, of which sums tell the covariance (ours)."""
AROUND = 4.0
"""Pixels around a source whose light makes its spectrum: about a seeing (ours)."""
BESIDE = 12.0
"""Angstrom on either side of a line within which it is fitted (ours)."""
STEP = 6
"""Planes between two that are compared: so far apart they share no light (ours)."""
_START_WIDTH = 4.4  # pixels
_START_SIGMA = 1.6  # Angstrom
_ANGSTROM = 1e10  # in a metre
_ROBUST = 1.4826


@frozen
class DeliveredCube:
    """A cube.

    Attributes
    ----------
    primary : mapping
        Cards of the primary HDU.
    wcs : astropy.wcs.WCS
        Of the two axes on the sky.
    wave : ndarray, shape (planes,)
        Angstrom, as the file says.
    data, variance : ndarray, shape (planes, rows, columns)
        NaN where there is nothing.
    """

    primary: dict[str, Any] = field(repr=False)
    wcs: Any = field(eq=False, repr=False)
    wave: Array = field(eq=False, repr=False)
    data: npt.NDArray[np.float32] = field(eq=False, repr=False)
    variance: npt.NDArray[np.float32] = field(eq=False, repr=False)

    @property
    def inside(self) -> slice:
        """Planes that have light, without those at their ends."""
        lit = np.flatnonzero(np.isfinite(self.data).any(axis=(1, 2)))
        return slice(int(lit[0]) + ENDS, int(lit[-1]) + 1 - ENDS)

    def image(self) -> Array:
        """Mean over all planes inside, shape (rows, columns); NaN where one of them is none."""
        return np.asarray(self.data[self.inside].mean(axis=0, dtype=float))

    def away(self, x: Array, y: Array) -> Array:
        """Distance of each pixel to the nearest of some places, in pixels from 0."""
        rows, columns = np.indices(self.data.shape[1:])
        nearest = np.full(rows.shape, np.inf)
        for at_x, at_y in zip(x, y, strict=True):
            nearest = np.minimum(nearest, np.hypot(columns - at_x, rows - at_y))
        return nearest


@frozen
class Sources:
    """Sources as they were found in an image: pixels from 0, and flux in its unit."""

    x: Array = field(eq=False)
    y: Array = field(eq=False)
    flux: Array = field(eq=False)


@frozen
class Noise:
    """How honest the variance of a cube is.

    Attributes
    ----------
    pull : float
        Scatter of single voxels of empty sky in units of the errors that the cube states.
    covariance : float
        By what sums over boxes of 3 x 3 pixels and 3 planes scatter more, beyond that.
    """

    pull: float
    covariance: float


def read_cube(path: Path) -> DeliveredCube:
    """Read a cube with the extensions DATA and STAT."""
    from astropy.io import fits  # noqa: PLC0415 - half a second, for who compares only
    from astropy.wcs import WCS  # noqa: PLC0415 - the same

    with fits.open(path) as hdus:
        wcs = WCS(hdus["DATA"].header)
        data = np.asarray(hdus["DATA"].data, dtype=np.float32)
        planes = np.arange(data.shape[0])
        wave = wcs.spectral.all_pix2world(planes, 0)[0] * _ANGSTROM
        return DeliveredCube(
            dict(hdus[0].header),
            wcs.celestial,
            np.asarray(wave, dtype=float),
            data,
            np.asarray(hdus["STAT"].data, dtype=np.float32),
        )


def fit_sources(image: Array, x: Array, y: Array, flux: Array, extended: Mask) -> Sources:
    """Fit Moffat profiles to all sources of an image together, so that neighbours do no harm.

    Stars have one width, what is extended has another one, and the sky is the same everywhere.
    Fluxes are those within an aperture, corrected for the light outside of it: the pixels of a
    cube blur a star, and the profile that fits it best has 3 percent more light than the star.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
        NaN where there is nothing.
    x, y, flux : ndarray, shape (n,)
        Where sources should be (pixels from 0), and with which flux: where the fit begins.
    extended : ndarray of bool, shape (n,)
        What is wider than a star.
    """
    from scipy.optimize import least_squares  # noqa: PLC0415 - takes a while to import
    from scipy.sparse import lil_matrix  # noqa: PLC0415 - the same

    count = len(x)
    places = np.indices(image.shape)
    rows, columns = places[0], places[1]
    distances = np.stack([np.hypot(columns - x[i], rows - y[i]) for i in range(count)])
    fitted = np.isfinite(image) & (distances.min(axis=0) < FITTED)
    at_x, at_y, values = columns[fitted], rows[fitted], image[fitted]
    near = [np.flatnonzero(one[fitted] < REACH) for one in distances]

    def residuals(told: Array) -> Array:
        model: Array = np.full(values.size, told[-1])
        for i, pixels in enumerate(near):
            width = told[3 * count + int(extended[i])]
            square = (at_x[pixels] - told[i]) ** 2 + (at_y[pixels] - told[count + i]) ** 2
            model[pixels] += told[2 * count + i] * _moffat(square, width)
        return np.asarray(model - values)

    shared = (3 * count, 3 * count + 1, 3 * count + 2)
    depends = lil_matrix((values.size, 3 * count + 3), dtype=int)
    for i, pixels in enumerate(near):
        for parameter in (i, count + i, 2 * count + i):
            depends[pixels, parameter] = 1
    for parameter in shared:
        depends[:, parameter] = 1
    start = np.concatenate([x, y, flux, [_START_WIDTH, 1.1 * _START_WIDTH, 0.0]])
    scale = np.concatenate([np.ones(2 * count), np.maximum(np.abs(flux), 1.0), [1.0, 1.0, 1.0]])
    found = least_squares(residuals, start, x_scale=scale, jac_sparsity=depends).x
    widths = found[3 * count + extended.astype(int)]
    left = -residuals(found)
    missed = [left[one[fitted] < APERTURE].sum() for one in distances]
    light = found[2 * count : 3 * count] + np.array(missed) / _enclosed(APERTURE, widths)
    return Sources(found[:count], found[count : 2 * count], light)


def _enclosed(radius: float, width: Array) -> Array:
    """Part of a star's light within a radius, by its FWHM."""
    return np.asarray(1.0 - (1.0 + radius**2 / _core(width)) ** (1.0 - BETA))


def _core(width: Array | float) -> Array:
    """Square of the scale of a Moffat profile by its FWHM."""
    return np.asarray(np.square(width) / (4.0 * (2.0 ** (1.0 / BETA) - 1.0)))


def _moffat(square: Array, width: float) -> Array:
    """Part of a star's light in a pixel, by the square of its distance and the FWHM in pixels."""
    core = _core(width)
    return np.asarray((BETA - 1.0) / (np.pi * core) * (1.0 + square / core) ** -BETA)


def line_centre(cube: DeliveredCube, x: float, y: float, line: float) -> float:
    """Return the centre of an emission line in Angstrom: of a Gaussian on a level.

    Parameters
    ----------
    x, y : float
        Where its source is, in pixels from 0.
    line : float
        About where the line should be, in Angstrom.
    """
    from scipy.optimize import curve_fit  # noqa: PLC0415 - takes a while to import

    near = cube.away(np.array([x]), np.array([y])) < AROUND
    here = np.abs(cube.wave - line) < BESIDE
    wave = cube.wave[here] - line
    flux = np.nansum(cube.data[here][:, near], axis=1, dtype=float)
    level = float(np.median(flux))
    start = (float(flux[np.abs(wave).argmin()]) - level, 0.0, _START_SIGMA, level)
    found, _ = curve_fit(_gaussian, wave, flux, start)
    return line + float(found[1])


def _gaussian(wave: Array, top: float, centre: float, sigma: float, level: float) -> Array:
    return np.asarray(level + top * np.exp(-0.5 * ((wave - centre) / sigma) ** 2))


def noise(cube: DeliveredCube, empty: Mask) -> Noise:
    """Compare the scatter of empty sky with the errors that a cube states.

    Differences of planes some way apart are looked at: what slices differ in, or sources leave, is
    in both of them.

    Parameters
    ----------
    empty : ndarray of bool, shape (rows, columns)
        Pixels far from all sources.
    """
    data = np.where(empty, cube.data[cube.inside], np.nan)
    variance = np.where(empty, cube.variance[cube.inside], np.nan)
    off, square = data[STEP:] - data[:-STEP], variance[STEP:] + variance[:-STEP]
    # Every plane counts in one difference only.
    once = (np.arange(len(off)) // STEP) % 2 == 0
    off, square = off[once], square[once]
    level = np.nanmedian(off, axis=(1, 2), keepdims=True)
    pull = _scatter((off - level) / np.sqrt(square))
    sums, squares = _boxes(off - level), _boxes(square)
    return Noise(pull, _scatter(sums / np.sqrt(squares)) / pull)


def _boxes(values: Array) -> Array:
    """Sum a cube over boxes; NaN where one voxel is none."""
    planes, rows, columns = (size // BINS * BINS for size in values.shape)
    cut = values[:planes, :rows, :columns]
    shape = (planes // BINS, BINS, rows // BINS, BINS, columns // BINS, BINS)
    return np.asarray(cut.reshape(shape).sum(axis=(1, 3, 5)))


def _scatter(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(_ROBUST * np.median(np.abs(known - np.median(known))))
