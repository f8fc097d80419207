"""Pixels whose flux is not to be trusted, because the response rises too steeply there.

The response is interpolated between medians 1.5 nm or so apart. Where it changes by more than 5 %
within a nanometre it cannot follow the steps at the ends of orders: below 600 nm in 760, at the
edge of the dichroic, the flux is off by up to 12 % (means over 40 pixels by 6.6 %), with a signal
that is otherwise good. In no other setting does any pixel change so fast (simulated nights of
seven settings; the limit is ours). Counts are not concerned.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from phoenix_uves.spectrum import BAD, GAP, STEEP, Spectrum

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["STEEPEST", "steep_pixels"]

STEEPEST = 0.05
"""Relative change of the flux of one count, a nanometre (ours, see above)."""

HALF = 5.0
"""Angstrom on either side over which it is measured (ours): together the nanometre of STEEPEST."""


def steep_pixels(spectrum: Spectrum) -> npt.NDArray[np.int32]:
    """Return STEEP for every pixel whose flux scale changes too fast, else 0.

    Parameters
    ----------
    spectrum : Spectrum
        Of one exposure or of a stack; one in counts has no such pixels.

    Returns
    -------
    ndarray of int32, shape (n,)
    """
    flags = np.zeros(spectrum.wave.size, dtype=np.int32)
    if spectrum.flux is None:
        return flags
    # Each chip has a response of its own.
    ends = np.flatnonzero(np.diff((spectrum.quality & GAP) > 0)) + 1
    for first, last in pairwise((0, *ends, spectrum.wave.size)):
        part = slice(first, last)
        good = (spectrum.quality[part] & (GAP | BAD)) == 0
        if np.count_nonzero(good) > 1:
            worth = spectrum.flux[part][good] / spectrum.counts[part][good]
            slope = _slope(spectrum.wave[part], spectrum.wave[part][good], worth)
            flags[part][slope > STEEPEST] = STEEP
    return flags


def _slope(wave: Array, known: Array, worth: Array) -> Array:
    """Relative change of a positive quantity a nanometre, without sign."""
    low, high = (np.clip(wave + step, known[0], known[-1]) for step in (-HALF, HALF))
    logarithm = np.log(np.abs(worth))
    change = np.interp(high, known, logarithm) - np.interp(low, known, logarithm)
    return np.abs(change) / np.maximum(high - low, HALF) * 10.0
