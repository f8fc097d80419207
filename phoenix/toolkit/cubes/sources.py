"""Sources in the image of a field: found, measured, and their spectra taken out of the cube.

This serves quality control: is anything there, how sharp is it, does its spectrum look like one.
It is no catalogue; who wants one has better tools.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen

from phoenix.toolkit.cubes.noise import background, smoothed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from phoenix.toolkit.cubes.cube import Cube, Volume

    Array = npt.NDArray[np.float64]

__all__ = ["FieldSpectra", "Source", "field_spectra", "find_sources"]

THRESHOLD = 8.0
"""Scatter of the smoothed background by which a source stands out (ours: the background of slices
is never as even as its noise)."""

MOST = 50
"""Sources that are kept, the brightest (ours)."""

EDGE = 3
"""Pixels from the end of the field within which nothing is believed (ours)."""

SKY_SAMPLE = 2048
"""Spaxels that stand for the sky (ours): their median is good to 3 % of the noise."""

CLIP = 3.0
"""Scatter of the white light around its mode within which a spaxel is sky (ours)."""

_FEWEST_PIXELS = 9  # of a fit of six numbers
_BETA = (1.3, 12.0)  # of a Moffat profile; above it is a Gaussian


@frozen
class Source:
    """One source of a field.

    Attributes
    ----------
    x, y : float
        Its centre in pixels, counted from 0.
    flux : float
        Sum above the background within an aperture of 1.5 FWHM around it, unit of the image.
    peak : float
        Height above the background, in scatter of the background.
    fwhm : float or None
        Of a round Moffat profile in pixels; None where none fits.
    elongation : float
        Longest over shortest axis of the light.
    """

    x: float
    y: float
    flux: float
    peak: float
    fwhm: float | None
    elongation: float


def find_sources(image: Array, fwhm: float) -> tuple[Source, ...]:
    """Find sources in the image of a field, the brightest first.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
        Mean over wavelength; nan where there is none.
    fwhm : float
        Of a point source in pixels, about: the image is smoothed by it.
    """
    from scipy import ndimage  # noqa: PLC0415 - loads 0.2 CPU s

    inner = ndimage.binary_erosion(np.isfinite(image), iterations=EDGE, border_value=0)
    if not inner.any():
        return ()
    soft = np.where(inner, smoothed(image, fwhm), np.nan)
    known = soft[inner]
    level, scatter = background(known)
    if scatter <= 0:
        return ()
    stand_out = (soft - level) / scatter
    peaks = _peaks(np.where(inner, stand_out, -np.inf), fwhm)
    return tuple(
        source
        for row, column in peaks[:MOST]
        if (source := _measured(image, row, column, fwhm, float(stand_out[row, column])))
    )


def _peaks(height: Array, fwhm: float) -> list[tuple[int, int]]:
    """Return rows and columns of local maxima above the threshold, the highest first."""
    from scipy import ndimage  # noqa: PLC0415 - loads 0.2 CPU s

    reach = 2 * max(round(fwhm), 1) + 1
    top = ndimage.maximum_filter(height, size=reach, mode="constant", cval=-np.inf)
    rows, columns = np.nonzero((height >= top) & (height > THRESHOLD))
    order = np.argsort(-height[rows, columns], kind="stable")
    return [(int(rows[i]), int(columns[i])) for i in order]


def _measured(image: Array, row: int, column: int, fwhm: float, peak: float) -> Source | None:
    half = max(round(2.5 * fwhm), 4)
    low_y, low_x = max(row - half, 0), max(column - half, 0)
    cut = image[low_y : row + half + 1, low_x : column + half + 1]
    known = np.isfinite(cut)
    if known.sum() < _FEWEST_PIXELS:
        return None
    y, x = np.mgrid[: cut.shape[0], : cut.shape[1]].astype(np.float64)
    border = np.hypot(x - (column - low_x), y - (row - low_y)) > half - 1.5
    ring = cut[known & border]
    level = float(np.median(ring)) if ring.size else float(np.nanmin(cut))
    light = np.where(known, cut - level, 0.0)
    near = np.hypot(x - (column - low_x), y - (row - low_y)) <= 1.5 * fwhm
    weights = np.clip(light, 0.0, None) * near
    total = float(weights.sum())
    if total <= 0:
        return None
    centre_x, centre_y = float((weights * x).sum()) / total, float((weights * y).sum()) / total
    width = _moffat_width(cut, known, (centre_x, centre_y), level, fwhm)
    if width is not None:
        centre_x, centre_y = width[1], width[2]
    return Source(
        x=low_x + centre_x,
        y=low_y + centre_y,
        flux=float((light * near).sum()),
        peak=peak,
        fwhm=None if width is None else width[0],
        elongation=_elongation(weights, x - centre_x, y - centre_y, total),
    )


def _moffat_width(
    cut: Array,
    known: npt.NDArray[np.bool_],
    centre: tuple[float, float],
    level: float,
    fwhm: float,
) -> tuple[float, float, float] | None:
    """Fit a round Moffat profile; return FWHM and centre in pixels, None where none fits."""
    from scipy import optimize  # noqa: PLC0415 - loads 0.35 CPU s

    rows, columns = np.nonzero(known)
    values = cut[rows, columns]
    height = float(np.nanmax(cut)) - level

    def misfit(guess: Array) -> Array:
        amplitude, x, y, alpha, beta, base = guess
        radius2 = (columns - x) ** 2 + (rows - y) ** 2
        model = base + amplitude * (1.0 + radius2 / alpha**2) ** -beta
        return np.asarray((model - values) / max(height, 1e-30))

    start = [height, *centre, fwhm, 2.8, level]
    far = float(max(cut.shape))
    least = [0.0, -1.0, -1.0, 0.3, _BETA[0], -np.inf]
    most = [np.inf, far, far, 2.0 * far, _BETA[1], np.inf]
    try:
        found = optimize.least_squares(misfit, start, bounds=(least, most), max_nfev=200)
    except ValueError:
        return None
    _, x, y, alpha, beta, _ = (float(value) for value in found.x)
    width = 2.0 * alpha * math.sqrt(2.0 ** (1.0 / beta) - 1.0)
    near = math.hypot(x - centre[0], y - centre[1]) < 0.5 * max(fwhm, 1.0)
    return (width, x, y) if found.success and near and width < far else None


def _elongation(weights: Array, x: Array, y: Array, total: float) -> float:
    xx, yy, xy = (float((weights * p).sum()) / total for p in (x * x, y * y, x * y))
    mean, half = 0.5 * (xx + yy), math.hypot(0.5 * (xx - yy), xy)
    return math.sqrt((mean + half) / max(mean - half, 1e-12))


@frozen
class FieldSpectra:
    """Spectra of sources and of the empty field: the second pass through a cube.

    Attributes
    ----------
    flux, error : ndarray, shape (sources, planes)
        Sum within the aperture above the sky, and its error by the variances of the cube; nan
        where a voxel is missing. An aperture ends where the field does.
    sky : ndarray, shape (planes,)
        Median of the spaxels without source: what was left of the sky.
    scatter : ndarray, shape (planes,)
        Their scatter, as the standard deviation of a normal distribution.
    stated : ndarray, shape (planes,)
        Their error as the cube gives it: the root of the median variance; nan where that is not
        known.
    """

    flux: Array = field(eq=False, repr=False)
    error: Array = field(eq=False, repr=False)
    sky: Array = field(eq=False, repr=False)
    scatter: Array = field(eq=False, repr=False)
    stated: Array = field(eq=False, repr=False)

    @property
    def pull(self) -> float | None:
        """Median of scatter over stated error.

        1 for honest variances, less where the resampling made neighbours alike.
        """
        known = np.isfinite(self.scatter) & (self.stated > 0)
        ratio = self.scatter[known] / self.stated[known]
        return float(np.median(ratio)) if ratio.size else None


def field_spectra(
    cube: Cube, white: Array, sources: Sequence[Source], radius: float
) -> FieldSpectra:
    """Take the spectra of sources and of the sky out of a cube, in one more pass.

    Parameters
    ----------
    cube : Cube
        The cube.
    white : ndarray, shape (rows, columns)
        Its white light: spaxels without source within three sigma of its mode are the sky.
    sources : sequence of Source
        The sources.
    radius : float
        Of the apertures in pixels.

    Raises
    ------
    DataError
        If the file ends too early.
    """
    inside = np.isfinite(white).reshape(-1)
    discs = (_disc(white.shape, source, radius) for source in sources)
    masks = [disc[inside[disc]] for disc in discs]
    empty = _sky_spaxels(white, sources, radius)
    places = np.concatenate([*masks, empty])
    ends = np.cumsum([mask.size for mask in masks])
    flux, sky, scatter = _gathered(cube.data, places, ends)
    area = np.array([[mask.size] for mask in masks]).reshape(-1, 1)
    variance = np.full(flux.shape, np.nan)
    stated = np.full(cube.wave.size, np.nan)
    if cube.variance:
        variance, stated, _ = _gathered(cube.variance, places, ends)
    error = np.sqrt(np.maximum(variance, 0.0))
    return FieldSpectra(flux - area * sky, error, sky, scatter, np.sqrt(np.maximum(stated, 0.0)))


def _gathered(
    volume: Volume, places: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> tuple[Array, Array, Array]:
    """Return the sums of the apertures by plane, and median and scatter of the sky behind them."""
    sums, skies = [], []
    for run in volume.spaxels(places):
        *apertures, sky = np.split(run, ends, axis=1)
        sums.append([part.sum(axis=1) for part in apertures])
        skies.append(_medians(sky))
    middle, scatter = np.concatenate(skies, axis=1)
    if not ends.size:
        return np.zeros((0, middle.size)), middle, scatter
    return np.concatenate(sums, axis=1).astype(np.float64), middle, scatter


def _medians(values: npt.NDArray[np.float32]) -> Array:
    """Median, and half the range of the middle 68 %, of the finite values of each row.

    Returns
    -------
    ndarray, shape (2, rows)
        nan where there are too few.
    """
    rows, width = values.shape
    known = np.isfinite(values).sum(axis=1)
    if not width:
        return np.full((2, rows), np.nan)
    # What is no number is sorted to the end.
    ordered = np.sort(values, axis=1)
    parts = np.array([0.1587, 0.5, 0.8413])
    at = (parts * np.maximum(known - 1, 0)[:, np.newaxis]).astype(np.int64)
    low, middle, high = np.take_along_axis(ordered, at, axis=1).astype(np.float64).T
    found = np.stack([middle, 0.5 * (high - low)])
    found[:, known < _FEWEST_PIXELS] = np.nan
    return found


def _disc(shape: tuple[int, ...], source: Source, radius: float) -> npt.NDArray[np.int64]:
    """Return the places of an aperture in a flattened plane."""
    places = _places(shape, source, radius)
    return np.fromiter((row * shape[1] + column for row, column in places), dtype=np.int64)


def _places(shape: tuple[int, ...], source: Source, radius: float) -> Iterator[tuple[int, int]]:
    first, last = math.ceil(source.y - radius), math.floor(source.y + radius)
    for row in range(max(first, 0), min(last + 1, shape[0])):
        half = math.sqrt(max(radius**2 - (row - source.y) ** 2, 0.0))
        low, high = math.ceil(source.x - half), math.floor(source.x + half)
        for column in range(max(low, 0), min(high + 1, shape[1])):
            yield row, column


def _sky_spaxels(white: Array, sources: Sequence[Source], radius: float) -> npt.NDArray[np.int64]:
    from scipy import ndimage  # noqa: PLC0415 - loads 0.2 CPU s

    free = ndimage.binary_erosion(np.isfinite(white), iterations=EDGE, border_value=0)
    for source in sources:
        free.reshape(-1)[_disc(white.shape, source, 2.0 * radius)] = False
    if not free.any():
        free = np.isfinite(white)
    if not free.any():
        return np.zeros(0, dtype=np.int64)
    level, scatter = background(white[free])
    # On both sides alike: the fainter half alone would be too faint.
    free &= np.abs(np.where(free, white, np.inf) - level) <= CLIP * scatter
    places = np.flatnonzero(free)
    return places[:: max(math.ceil(places.size / SKY_SAMPLE), 1)]
