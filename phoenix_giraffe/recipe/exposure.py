"""Whether an exposure shows what it should: light, in the fibres, at its wavelengths.

giscience extracts where the flat was, whatever is there: bias alone after a shutter that stayed
closed, the gap between two fibres, a spectrum moved along the dispersion; each ends with exit code
0 and plausible numbers. A faint target is no fault. So no fibre is judged by itself, but the light
of all fibres together, against the noise of the detector.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import erfa
import numpy as np

from phoenix.toolkit.files import find, first_of, raw_paths
from phoenix.toolkit.fits import read_image, read_middle, read_table
from phoenix.toolkit.headers import number, read_header, required_number
from phoenix.toolkit.rawframes import level_spread, mean_level
from phoenix.toolkit.skylines import line_shift
from phoenix_giraffe.fibres import TARGET

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.model.gate import RecipeOutcome

    Array = npt.NDArray[np.float64]

__all__ = [
    "bias_spread",
    "fibre_light",
    "field_apart",
    "flat_shift",
    "master_level",
    "simcal_shift",
    "sky_shift",
    "slit_profile",
    "trace_shift",
]

BANDS = 8
"""Bands of rows, spread over the detector, in which the slit is looked at (ours)."""
HALF_BAND = 50
"""Rows on either side of the middle of a band: traces run straight over so many (ours)."""
REACH = 8
"""Largest shift along the slit that is looked for, in pixels: more than half the distance of two
fibres, beyond which the next fibre looks the same (ours)."""
STEP = 0.25
"""Step of the search, in pixels (ours)."""
SPARSE = 8
"""Every so many columns tell the noise of a band: some 27,000 pixels of it (ours)."""
DIM = 0.1
"""Light of a flat, as part of the brightest one, below which its lamp did not burn (ours)."""
LEAST_LIGHT = 5.0
"""Light of all fibres, in units of its own noise, below which there is none (ours)."""


def field_apart(outcome: RecipeOutcome) -> float | None:
    """Return degrees from where the raw frame points to the middle of its targets.

    Each fibre takes its coordinates from the table of the positioner, which nothing in the pixels
    confirms; of another exposure all of them are wrong.
    """
    product = outcome.product("SCIENCE_RBNSPECTRA")
    raws = raw_paths(outcome.ab, outcome.frames)
    if product is None or not raws:
        return None
    table, header = read_table(product.path, "FIBER_SETUP"), read_header(raws[0])
    ra, dec = number(header, "RA"), number(header, "DEC")
    targets = table["TYPE"] == TARGET
    if ra is None or dec is None or not targets.any():
        return None
    places = erfa.s2c(*np.radians([table["RA"][targets], table["DEC"][targets]]))
    towards = erfa.s2c(np.radians(ra), np.radians(dec))
    return float(np.degrees(erfa.sepp(np.mean(places, axis=0), towards)))


def fibre_light(outcome: RecipeOutcome) -> float | None:
    """Return the light of all fibres together over its noise, None where it cannot be told.

    It is the contrast along the slit: light in the fibres less that between them. Of bias,
    scattered light or a dark there is as much in both.
    """
    found = _contrast(outcome)
    return None if found is None else found[1]


def trace_shift(outcome: RecipeOutcome) -> float | None:
    """Return how far the spectra lie beside those of the flat along the slit, in pixels.

    None without light, and where it cannot be told.
    """
    found = _contrast(outcome)
    return None if found is None or found[1] < LEAST_LIGHT else found[0]


def sky_shift(outcome: RecipeOutcome) -> float | None:
    """Return how far lines of the night sky lie beside their wavelengths, in pixels.

    None for setups without strong lines, and where the sky is too faint to show them.
    """
    product = outcome.product("SCIENCE_RBNSPECTRA")
    if product is None:
        return None
    header = read_header(product.path)
    step, first, reference = (number(header, key) for key in ("CDELT2", "CRVAL2", "CRPIX2"))
    if step is None or first is None or reference is None:
        return None
    spectra = np.nan_to_num(read_image(product.path).astype(np.float64))
    wavelength = first + step * (np.arange(len(spectra)) + 1.0 - reference)
    table = read_table(product.path, "FIBER_SETUP")
    sky = np.flatnonzero(table["TYPE"] == "S")
    # Without sky fibres the fainter half of the others, in which the sky shows most.
    faint = np.argsort(np.median(spectra, axis=0))[: max(spectra.shape[1] // 2, 1)]
    spectrum = np.median(spectra[:, sky if sky.size else faint], axis=1)
    shift = line_shift(np.asarray(wavelength, dtype=np.float64), spectrum)
    return None if shift is None else shift / step


def simcal_shift(outcome: RecipeOutcome) -> float | None:
    """Return the largest shift that the recipe found in SIMCAL fibres, in pixels.

    None where the lamp did not burn.
    """
    product = outcome.product("SCIENCE_RBNSPECTRA")
    shifts = read_table(product.path, "FIBER_SETUP").get("WLRES") if product else None
    if product is None or shifts is None or not np.isfinite(shifts).any():
        return None
    step = required_number(read_header(product.path), "CDELT2")
    return float(np.nanmax(np.abs(shifts))) / step


# ---- calibrations ------------------------------------------------------------------------------


def bias_spread(outcome: RecipeOutcome) -> float | None:
    """Return how far the mean of one raw bias lies from those of the others, in ADU."""
    return level_spread(raw_paths(outcome.ab, outcome.frames))


def master_level(outcome: RecipeOutcome) -> float | None:
    """Return how far the mean of the master bias lies from that of the raw ones, in ADU."""
    master, raws = outcome.product("MASTER_BIAS"), raw_paths(outcome.ab, outcome.frames)
    if master is None or not raws:
        return None
    means = [mean_level(path) for path in raws]
    return abs(mean_level(master.path) - float(np.median(means)))


def flat_shift(outcome: RecipeOutcome) -> float | None:
    """Return the largest shift between two raw flats along the slit, in pixels."""
    profiles = [_middle(path) for path in raw_paths(outcome.ab, outcome.frames)]
    # A flat whose lamp did not burn is nowhere: that is for FLAT_EVENNESS to say.
    brightest = max((float(profile.max()) for profile in profiles), default=0.0)
    lit = [profile for profile in profiles if profile.max() > DIM * brightest]
    shifts = [abs(_lag(lit[0], profile)) for profile in lit[1:]]
    return max(shifts, default=0.0) if lit else None


def _middle(path: Path) -> Array:
    """Return the light along the slit in the middle rows, without what is in all columns."""
    profile = np.median(read_middle(path, 0, HALF_BAND), axis=0)
    return np.asarray(profile - np.median(profile), dtype=np.float64)


def _lag(one: Array, other: Array) -> float:
    """Return the shift at which two profiles are most alike."""
    alike = np.correlate(other, one[REACH:-REACH], mode="valid")
    return float(alike.argmax() - REACH)


# ---- along the slit ----------------------------------------------------------------------------


def slit_profile(image: Array, centres: Array, offsets: Array) -> tuple[Array, float]:
    """Return the mean light at so many pixels beside the traces, and its noise.

    Parameters
    ----------
    image : ndarray, shape (n_row, n_column)
        Without bias.
    centres : ndarray, shape (n_row, n_fibre)
        Column of each fibre, from 0.
    offsets : ndarray, shape (n_offset,)
        In pixels along the slit.

    Returns
    -------
    ndarray, shape (n_offset,)
        Mean over bands and fibres, in the units of the image.
    float
        Noise of one of these means, from the scatter of neighbouring rows.
    """
    rows = len(image)
    half = max(min(HALF_BAND, rows // (4 * BANDS)), 1)
    middles = np.linspace(half, rows - half - 1, BANDS).astype(int)
    columns = np.arange(image.shape[1])
    profiles, noises = [], []
    for middle in middles:
        band = image[middle - half : middle + half + 1].astype(np.float64)
        profile = _median_row(band)
        places = centres[middle][:, np.newaxis] + offsets
        profiles.append(np.interp(places, columns, profile).mean(axis=0))
        # Differences of neighbouring rows know the noise of the detector, and of the light.
        steps = np.abs(np.diff(band[:, ::SPARSE], axis=0))
        noise = 1.4826 * np.median(steps) / np.sqrt(2.0)
        # The median of n values scatters 1.25 times as much as their mean.
        noises.append(1.25 * noise / np.sqrt(len(band) * centres.shape[1]))
    return np.mean(profiles, axis=0), float(np.sqrt(np.mean(np.square(noises)) / len(middles)))


def _median_row(band: Array) -> Array:
    """Return the median of an odd number of rows; numpy.median takes eight times as long."""
    half = len(band) // 2
    middle = np.partition(band, half, axis=0)[half]
    return np.asarray(np.where(np.isnan(band).any(axis=0), np.nan, middle))


def _contrast(outcome: RecipeOutcome) -> tuple[float, float] | None:
    """Return where along the slit the light is, in pixels, and its contrast over the noise."""
    reduced = find(outcome.products, "SCIENCE_REDUCED")
    centres = first_of(outcome.frames, "FF_PSFCENTROID", "FF_LOCCENTROID")
    if reduced is None or centres is None:
        return None
    return _contrast_in(reduced, reduced.stat().st_mtime_ns, centres)


# Two gates ask for it, one after the other.
@lru_cache(maxsize=1)
def _contrast_in(reduced: Path, _written: int, centres: Path) -> tuple[float, float] | None:
    image = read_image(reduced)
    traces = read_image(centres).astype(np.float64)
    if len(image) != len(traces) or not traces.shape[1]:
        return None
    offsets = np.arange(-REACH, REACH + STEP, STEP)
    light, noise = slit_profile(image, traces, offsets)
    if not np.isfinite(light).all() or noise <= 0:
        return None
    best = int(light.argmax())
    # The largest of many values that scatter is never zero: taken off, nothing is left of nothing.
    chance = np.sqrt(2.0 * np.log(len(offsets) * STEP))
    contrast = (light[best] - light.min()) / (np.sqrt(2.0) * noise) - 2.0 * chance
    return float(offsets[best]), float(contrast)
