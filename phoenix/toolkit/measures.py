"""Measures on frames and on many spectra at once: pure functions for QC."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from phoenix.model.qc import QCValue

__all__ = [
    "FULL_WELL_16_BIT",
    "block_mean",
    "count_saturated",
    "finite",
    "percentile",
    "read_noise",
    "robust_sigma",
]

FULL_WELL_16_BIT = 65535
"""The largest number that a converter of 16 bits can give."""

_MAD_TO_SIGMA = 1.482602  # standard deviation of a normal distribution over its MAD


def count_saturated(frame: npt.NDArray[Any], limit: float) -> int:
    """Count the pixels at or above a limit (ADU).

    Parameters
    ----------
    frame : ndarray
        Raw pixels of any type; integers are compared as integers, which is five times faster.
    limit : float
        ADU.
    """
    bound = math.ceil(limit) if frame.dtype.kind in "iu" else limit
    return int(np.count_nonzero(frame >= bound))


def robust_sigma(values: npt.NDArray[Any]) -> float:
    """Return the standard deviation of a normal distribution with the same MAD."""
    return _MAD_TO_SIGMA * float(np.median(np.abs(values - np.median(values))))


def read_noise(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    """Read-out noise (ADU) from the difference of two biases of the same shape."""
    difference = first.astype(np.float32) - second.astype(np.float32)
    return robust_sigma(difference) / math.sqrt(2.0)


def percentile(values: npt.NDArray[Any], percent: float) -> float | None:
    """Return a percentile of the finite values, None where there are none."""
    known = values[np.isfinite(values)]
    return float(np.percentile(known, percent)) if known.size else None


def finite(value: float | None) -> QCValue:
    """Return a number as a measurement takes it: None where it is missing or not finite."""
    return float(value) if value is not None and math.isfinite(value) else None


def block_mean(frame: npt.NDArray[Any], rows: int, columns: int) -> npt.NDArray[np.float32]:
    """Shrink a frame for a preview by means over blocks; what is left over at the edge is cut.

    Parameters
    ----------
    frame : ndarray, shape (n, m)
        Any type.
    rows, columns : int
        Size of a block in pixels; a block larger than the frame is the frame.

    Returns
    -------
    ndarray of float32, shape (n // rows, m // columns)
    """
    rows, columns = min(rows, frame.shape[0]), min(columns, frame.shape[1])
    n, m = frame.shape[0] // rows, frame.shape[1] // columns
    blocks = frame[: n * rows, : m * columns].reshape(n, rows, m, columns)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32))
