"""Curves made ready for paper: thinned to its columns, within a range that outliers do not set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen

from phoenix.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from phoenix.model.panel import Curve

    Band = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]

__all__ = ["Trace", "as_steps", "cleaned", "pieces", "robust_range", "trace"]

# The usual range of a curve: between these percentiles (ours, as all numbers of the drawing).
_PERCENTILES = (1.0, 99.0)
# How far beyond the percentiles the range follows the data, in units of their distance: emission
# lines are seen whole, cosmics are cut.
_REACH = 1.5
_PADDING = 0.06  # part of the range that is left free at either end
# A range that begins that near to zero, in units of its top, begins at zero.
_NEAR_ZERO = 0.4
# No measurement is that large or, but for zero, that small; squares overflow while drawing.
_ABSURD, _NOTHING = 1e100, 1e-100
# A range that is narrower, in units of its values, could not be told from a point.
_FINEST = 1e-9
# Fewer points for each column of the paper are drawn as they are.
_CROWDED = 4


@frozen
class Trace:
    """A curve as it is drawn.

    Attributes
    ----------
    x, y : ndarray, shape (m,)
        Points of the line, NaN where it is broken.
    band : tuple of three ndarray, shape (k,), or None
        x, lower and upper edge of the one-sigma band.
    """

    x: npt.NDArray[np.float64] = field(eq=False)
    y: npt.NDArray[np.float64] = field(eq=False)
    band: Band | None = field(default=None, eq=False)


def cleaned(values: Any) -> npt.NDArray[np.float64]:  # noqa: ANN401 - whatever a plugin gives
    """Return an array of floats in which everything masked, infinite or absurd is NaN."""
    # Masked arrays and numbers of other byte order come straight out of FITS tables.
    clean = np.ma.filled(np.ma.array(values, dtype=np.float64), np.nan)
    with np.errstate(invalid="ignore"):
        clean[~(np.abs(clean) < _ABSURD)] = np.nan
        clean[np.abs(clean) < _NOTHING] = 0.0
    return clean


def trace(curve: Curve, columns: int) -> Trace:
    """Thin a curve to the extremes of each column of the paper, which look the same.

    Parameters
    ----------
    curve : Curve
        Any number of points.
    columns : int
        Width of the plot in pixels.

    Raises
    ------
    DataError
        If x, y and error differ in length.
    """
    x, y = cleaned(curve.x).ravel(), cleaned(curve.y).ravel()
    error = None if curve.error is None else np.abs(cleaned(curve.error).ravel())
    if len(x) != len(y) or (error is not None and len(error) != len(x)):
        sizes = f"{len(x)} x, {len(y)} y" + ("" if error is None else f", {len(error)} error")
        raise DataError(f"curve {curve.label!r}: found {sizes} values, expected equal numbers")
    if len(x) <= _CROWDED * columns or not np.all(np.diff(x) > 0):
        return Trace(x, y, None if error is None else (x, y - error, y + error))
    starts = np.linspace(0, len(x), columns, endpoint=False).astype(int)
    low, high = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    line = Trace(np.repeat(x[starts], 2), np.column_stack((low, high)).ravel())
    if error is None:
        return line
    # The band keeps its typical width: the extremes of y -+ error would only show the noise twice.
    middle, width = _middles(y, starts), _middles(error, starts)
    return Trace(line.x, line.y, (x[starts], middle - width, middle + width))


def _middles(values: npt.NDArray[np.float64], starts: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the mean of the finite values that begin at each start."""
    known = np.isfinite(values)
    sums = np.add.reduceat(np.where(known, values, 0.0), starts)
    numbers = np.add.reduceat(known.astype(float), starts)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums / numbers)


def as_steps(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the corners of steps that change half-way between points."""
    middles = (x[:-1] + x[1:]) / 2
    return np.concatenate((x[:1], np.repeat(middles, 2), x[-1:])), np.repeat(y, 2)


def pieces(known: npt.NDArray[np.bool_]) -> list[slice]:
    """Return the runs of values that are known."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False]))))
    return [slice(*pair) for pair in edges.reshape(-1, 2).tolist()]


def robust_range(
    curves: Iterable[Curve], x_range: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Return the range of y that shows the curves whole but for outliers.

    Parameters
    ----------
    curves : iterable of Curve
        Over the same axes.
    x_range : (float, float), optional
        What is seen of x; points outside do not count.

    Returns
    -------
    low, high : float
        In the unit of y; 0 and 1 where there is nothing finite.
    """
    known = np.concatenate([_seen(curve, x_range) for curve in curves] or [np.empty(0)])
    if not len(known):
        return 0.0, 1.0
    usual_low, usual_high = np.percentile(known, _PERCENTILES)
    span = float(usual_high - usual_low) or abs(float(usual_high)) or 1.0
    low = max(float(known.min()), float(usual_low) - _REACH * span)
    high = min(float(known.max()), float(usual_high) + _REACH * span)
    if 0 < low < _NEAR_ZERO * high:
        low = 0.0
    padding = _PADDING * (high - low) or 0.1 * span
    padding = max(padding, _FINEST * max(abs(low), abs(high)))
    return low - padding, high + padding


def _seen(curve: Curve, x_range: tuple[float, float] | None) -> npt.NDArray[np.float64]:
    x, y = cleaned(curve.x).ravel(), cleaned(curve.y).ravel()
    seen = np.isfinite(y)
    if x_range is not None:
        seen &= (x >= min(x_range)) & (x <= max(x_range))
    return np.asarray(y[seen])
