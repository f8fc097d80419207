"""The first pass through a cube: white light, the spectrum of the field, and its noise.

One look at every voxel gives all of them. Sums run over some planes in single precision and are
then added in double: each voxel costs little more than reading it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen

from phoenix.toolkit.cubes.noise import VARIANCE_STEP, VARIANCE_STEPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from phoenix.toolkit.cubes.cube import Cube

    Array = npt.NDArray[np.float64]

__all__ = ["Light", "band_image", "collapse"]

_PLANES_IN_SINGLE = 16  # of some digits in seven, sixteen terms cost one (ours)


@frozen
class Light:
    """A cube, collapsed.

    Attributes
    ----------
    white : ndarray, shape (rows, columns)
        Mean over wavelength of the voxels that are numbers; nan where there is none.
    white_error : ndarray, shape (rows, columns)
        Its error, as the variance of the cube gives it; nan where that is not known.
    planes : ndarray of int, shape (rows, columns)
        How many voxels are numbers.
    spectrum : ndarray, shape (planes,)
        Mean over the field; nan where there is none.
    noise : ndarray, shape (planes,)
        Square root of the mean variance; nan where that is not known.
    variances : ndarray of int, shape (:data:`~phoenix.toolkit.cubes.noise.VARIANCE_STEPS`,)
        Voxels by their variance, in steps of 0.04 units.
    """

    white: Array = field(eq=False, repr=False)
    white_error: Array = field(eq=False, repr=False)
    planes: npt.NDArray[np.int64] = field(eq=False, repr=False)
    spectrum: Array = field(eq=False, repr=False)
    noise: Array = field(eq=False, repr=False)
    variances: npt.NDArray[np.int64] = field(eq=False, repr=False)

    @property
    def filled(self) -> float:
        """The part of the voxels that are numbers."""
        return float(self.planes.sum()) / max(self.planes.size * self.spectrum.size, 1)


class _Sums:
    """Sums over planes, with their counts."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        planes, rows, columns = shape
        self.image = np.zeros((rows, columns))
        self.count = np.zeros((rows, columns), dtype=np.int64)
        self.spectrum = np.zeros(planes)
        self.known = np.zeros(planes, dtype=np.int64)
        self._part = np.zeros((rows, columns), dtype=np.float32)
        self._finite = np.ones((rows, columns), dtype=bool)
        self._missing = np.zeros(0, dtype=np.int64)
        self._same = 0

    def add(self, plane: npt.NDArray[np.float32], number: int) -> None:
        """Add a plane; what is no number in it becomes zero."""
        finite = np.isfinite(plane)
        if not np.array_equal(finite, self._finite):
            self._flush_count()
            self._finite, self._missing = finite, np.flatnonzero(~finite)
        self._same += 1
        if self._missing.size:
            plane.reshape(-1)[self._missing] = 0.0
        self._part += plane
        self.spectrum[number] = plane.sum()
        self.known[number] = plane.size - self._missing.size
        if number % _PLANES_IN_SINGLE == _PLANES_IN_SINGLE - 1:
            self._flush()

    def _flush(self) -> None:
        self.image += self._part
        self._part[:] = 0.0

    def _flush_count(self) -> None:
        self.count += self._same * self._finite
        self._same = 0

    def end(self) -> None:
        """Bring all sums up to date."""
        self._flush()
        self._flush_count()


def collapse(cube: Cube) -> Light:
    """Collapse a cube in one pass over its pixels and one over their variances.

    Raises
    ------
    DataError
        If the file ends too early.
    """
    data = _Sums(cube.data.shape)
    for number, plane in enumerate(cube.data.planes()):
        data.add(plane, number)
    data.end()
    variance = _Sums(cube.data.shape)
    histogram = np.zeros(VARIANCE_STEPS, dtype=np.int64)
    for number, plane in enumerate(cube.variance.planes() if cube.variance else ()):
        variance.add(plane, number)
        histogram += _by_variance(plane)
    variance.end()
    if cube.variance:
        # What is no number was set to zero before it was counted.
        histogram[0] -= math.prod(cube.variance.shape) - int(variance.known.sum())
    error = np.sqrt(np.maximum(_over(variance.image, variance.count), 0.0))
    return Light(
        white=_over(data.image, data.count),
        white_error=error / np.sqrt(np.maximum(variance.count, 1)),
        planes=data.count,
        spectrum=_over(data.spectrum, data.known),
        noise=np.sqrt(np.maximum(_over(variance.spectrum, variance.known), 0.0)),
        variances=histogram,
    )


def _by_variance(plane: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Count by variance; places before and behind take what is beyond the range, and are cut."""
    steps = plane.reshape(-1) * np.float32(1.0 / VARIANCE_STEP)
    np.clip(steps, -1.0, VARIANCE_STEPS, out=steps)
    steps += 1.0
    counts = np.bincount(steps.astype(np.int64), minlength=VARIANCE_STEPS + 2)
    return counts[1 : VARIANCE_STEPS + 1]


def _over(total: Array, count: npt.NDArray[np.int64]) -> Array:
    mean = np.full(total.shape, np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean


def band_image(cube: Cube, bands: Iterable[tuple[int, int]]) -> Array:
    """Mean image of some runs of planes, from `first` on, below `stop`; nan where none is known.

    Only these planes are read.
    """
    total = np.zeros(cube.data.shape[1:])
    count = np.zeros(cube.data.shape[1:], dtype=np.int64)
    for first, stop in bands:
        for plane in cube.data.planes(max(first, 0), stop):
            finite = np.isfinite(plane)
            total += np.where(finite, plane, 0.0)
            count += finite
    return _over(total, count)
