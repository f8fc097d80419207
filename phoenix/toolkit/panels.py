"""Panels of the QC report that are the same for every instrument."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.panel import Curve, Listing, Picture, Plot
from phoenix.toolkit.measures import block_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from phoenix.model.qc import Measurement, QCParameter, QCValue

    Array = npt.NDArray[np.float64]

__all__ = ["by_element", "edges", "histogram", "listing", "picture", "profile", "thinned"]

_NARROW = 24
"""Lines of a listing beside other panels; longer ones take a row of their own."""
_BINS = 20
"""Bins of a histogram, at most and about (ours)."""
_LOOKED_AT, _OFTEN, _FEWEST, _OFF = 4000, 0.25, 5, 0.02
"""Values have steps if among so many those that occur a quarter as often as the most frequent one
are five or more, each of which stands for five or more, at whole steps within so many (ours)."""


def listing(qc: Iterable[Measurement], parameters: Iterable[QCParameter]) -> Listing:
    """List the declared QC parameters of the whole AB with their units."""
    units = {row.name: row.unit for row in parameters}
    rows = (
        (row.parameter, _text(row.value, units[row.parameter]))
        for row in qc
        if row.element == 0 and row.parameter in units
    )
    found = tuple(rows)
    return Listing("QC parameters", found, wide=len(found) > _NARROW)


def _text(value: QCValue, unit: str) -> str:
    if value is None:
        return "not measured"
    number = f"{value:.5g}" if isinstance(value, float) else str(value)
    return f"{number} {unit}".strip()


def picture(title: str, frame: npt.NDArray[np.floating], block: tuple[int, int]) -> Picture:
    """Show a frame by means over blocks of so many rows and columns; its axes are in pixels."""
    image = block_mean(frame, *block)
    edges = [(0.5, size * step + 0.5) for size, step in zip(image.shape, block, strict=True)]
    return Picture(title, image, "column / px", "row / px", x_range=edges[1], y_range=edges[0])


def edges(values: Array) -> tuple[float, float]:
    """Return what the outer edges of pixels stand for whose middles are these, rising or falling.

    For the axis of a :class:`~phoenix.model.panel.Picture` of spectra.
    """
    step = (float(values[-1]) - float(values[0])) / max(values.size - 1, 1)
    return float(values[0]) - step / 2, float(values[-1]) + step / 2


def thinned(
    wave: Array, values: Array, good: npt.NDArray[np.bool_], most: int
) -> tuple[Array, Array]:
    """Take means over blocks of a spectrum that has more points than a report has pixels.

    Parameters
    ----------
    wave, values : ndarray, shape (n,)
        The spectrum.
    good : ndarray of bool, shape (n,)
        What is taken into the means.
    most : int
        Fewer than twice as many points are left.

    Returns
    -------
    wave, values : ndarray
        Means; NaN where nothing of a block is good.
    """
    width = max(1, wave.size // most)
    size = wave.size // width * width
    shown = np.where(good, values, np.nan)[:size].reshape(-1, width)
    known = np.isfinite(shown).any(axis=1)
    mean = np.full(len(shown), np.nan)
    mean[known] = np.nanmean(shown[known], axis=1)
    return wave[:size].reshape(-1, width).mean(axis=1), mean


def profile(
    title: str,
    values: npt.NDArray[np.floating],
    place: str,
    label: str,
    *,
    wide: bool = False,
    limits: tuple[str, ...] = (),
) -> Plot:
    """Plot values against their number, counted from 1 as FITS counts pixels.

    With the limits of QC parameters that are in the same unit.
    """
    number = np.arange(1.0, values.size + 1.0)
    curves = (Curve(number, values.astype(float)),)
    return Plot(title, curves, place, label, wide=wide, y_limits=limits)


def histogram(
    title: str, frame: npt.NDArray[np.floating], label: str, limits: tuple[str, ...] = ()
) -> Plot:
    """Count the pixels of a frame by their level; the wildest percent is left out (ours).

    A bin is as wide as some whole steps of the values, where they have steps: of the mean of five
    integers every fifth of an ADU. Others would hold now more of these steps, now fewer. With the
    limits of QC parameters that are in the same unit.
    """
    sample = frame[::4, ::4]
    low, high = (float(edge) for edge in np.percentile(sample, (0.5, 99.5)))
    first, step = _steps(sample, low, high)
    if step:
        width = step * max(1, math.ceil((high - low) / step / _BINS))
        low = first - step / 2
        edges = low + width * np.arange(math.ceil((high - low) / width) + 1)
    else:
        edges = np.linspace(low, max(high, low + 1e-6), _BINS + 1)
    counts, _ = np.histogram(sample, bins=edges)
    bars = Curve(0.5 * (edges[1:] + edges[:-1]), counts.astype(float), style="steps")
    return Plot(title, (bars,), label, "pixels", x_limits=limits)


def _steps(sample: npt.NDArray[np.floating], low: float, high: float) -> tuple[float, float]:
    """Return the first of the steps within limits, and their width; 0 where there are none."""
    some = sample.ravel()[:: max(1, sample.size // _LOOKED_AT)].astype(np.float64)
    values, numbers = np.unique(some[(some >= low) & (some <= high)], return_counts=True)
    often = values[numbers >= _OFTEN * numbers.max(initial=1)]
    if not _FEWEST <= often.size <= some.size / _FEWEST:
        return low, 0.0
    step = float(np.median(np.diff(often)))
    steps = np.diff(often) / step
    if np.any(np.abs(steps - np.round(steps)) > _OFF):
        return low, 0.0
    return float(often[0]) - step * math.ceil((float(often[0]) - low) / step), step


def by_element(qc: Iterable[Measurement], parameter: str) -> tuple[Array, Array]:
    """Return the elements that a parameter was measured of, rising, and its values."""
    rows = sorted(
        (row.element, row.value)
        for row in qc
        if row.parameter == parameter and row.element and isinstance(row.value, float)
    )
    elements, values = np.array(rows, dtype=np.float64).reshape(-1, 2).T
    return elements, values
