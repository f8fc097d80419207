"""Pixels of a fibre spectrum that cosmic rays hit.

The release sums over the profile of a fibre and rejects nothing: a cosmic ray becomes a spike. It
is narrower than any line can be, since the spectrograph spreads all light over its line width:
what changes faster than that passes no spectrograph. So each spectrum is freed of all that a line
could be (a low pass that ends where a line keeps 1 % of its strength), and what then stands up by
five times its own scatter is a hit, if it is a good part of what stands there: a strong emission
line leaks a little. Two pixels on either side go with it, because of the rebinning.

On a simulated night with five times the usual rays the scatter of all pixels, nothing clipped,
falls from 1.6 to 1.85 times the errors to 1.2, and 0.7 % of the pixels are flagged. Wide
tracks along a fibre look like light and stay. Horne's extraction, which rejects, left 2.5 times
the errors there, as the profile had moved since the flat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.toolkit.headers import text
from phoenix_giraffe.setups import RESOLVING_POWER

if TYPE_CHECKING:
    import numpy.typing as npt

    from phoenix_giraffe.fibres import FibreSpectra

__all__ = ["hit_pixels", "hits"]

THRESHOLD = 5.0
"""Times the scatter of what no line can be (ours)."""

SHARE = 0.15
"""Part of the light above the surroundings that must be faster than lines. A hit has 0.3 to 0.6, a
line 0.03 (ours)."""

AROUND = 10
"""Pixels on either side that are the surroundings: wider than a line and its wings (ours)."""

GROW = 2
"""Pixels on either side of a hit that are flagged with it (ours)."""

HALF = 10
"""Half the length of the low pass in pixels (ours)."""

LEFT = 0.01
"""Part of a line's strength that is left at the end of the low pass (ours)."""

FINEST = 0.42
"""Cycles a pixel at which the low pass must end; finer lines look like hits
(ours; no pixels show more than 0.5)."""

FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))


def hits(
    flux: npt.NDArray[np.float32], error: npt.NDArray[np.float32], width: float
) -> npt.NDArray[np.bool_]:
    """Tell which pixels are hit.

    Parameters
    ----------
    flux, error : ndarray of float32, shape (n_fibre, n_pixel)
        Pixels without an error are never hit.
    width : float
        Full width of a line at half its height in pixels.

    Returns
    -------
    ndarray of bool, shape (n_fibre, n_pixel)
        All false where lines are too narrow to be told from hits, or the spectrum too short.
    """
    cutoff = np.sqrt(-np.log(LEFT) / 2.0) / np.pi / (width / FWHM)
    if cutoff > FINEST or flux.shape[1] <= 2 * AROUND:
        return np.zeros(flux.shape, dtype=bool)
    # A worker loads it when there is science.
    from scipy import ndimage  # noqa: PLC0415 - loaded where it is used

    known = error > 0
    light = np.where(known, np.nan_to_num(flux), np.float32(0.0))
    weights = np.sinc(2.0 * cutoff * np.arange(-HALF, HALF + 1)) * np.hamming(2 * HALF + 1)
    fast = light - ndimage.correlate1d(light, weights / weights.sum(), axis=1, mode="mirror")
    above = light - ndimage.uniform_filter1d(light, 2 * AROUND + 1, axis=1, mode="mirror")
    ratio = np.where(known, fast / np.where(known, error, np.float32(1.0)), np.float32(0.0))
    scatter = 1.4826 * np.median(np.abs(ratio), axis=1, keepdims=True)
    peaks = ratio > THRESHOLD * np.maximum(scatter, np.finfo(np.float32).tiny)
    peaks &= (fast > SHARE * above) & (2.0 * above > fast)  # beside a hole there is a false peak
    return np.asarray(ndimage.binary_dilation(peaks, np.ones((1, 2 * GROW + 1), bool)) & known)


def hit_pixels(spectra: FibreSpectra) -> npt.NDArray[np.bool_]:
    """Tell which pixels of a product are hit, shape (n_fibre, n_pixel); lines as wide as usual.

    None is hit in a setup whose resolving power nobody knows.
    """
    power = RESOLVING_POWER.get(text(spectra.header, "ESO INS EXP MODE"))
    if power is None or spectra.wave.size <= 2 * AROUND:
        return np.zeros(spectra.flux.shape, dtype=bool)
    step = float(spectra.wave[1] - spectra.wave[0])
    width = float(spectra.wave[spectra.wave.size // 2]) / power / step
    return hits(spectra.flux, spectra.error, width)
