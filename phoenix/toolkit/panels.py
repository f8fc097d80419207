"""Panels of the QC report that are the same for every instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.panel import Curve, Listing, Picture, Plot
from phoenix.toolkit.measures import block_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from phoenix.model.qc import Measurement, QCParameter, QCValue

    Array = npt.NDArray[np.float64]

__all__ = ["by_element", "histogram", "listing", "picture", "profile"]

_BINS = 20  # few enough that the steps of an average of five integers do not show (ours)


def listing(qc: Iterable[Measurement], parameters: Iterable[QCParameter]) -> Listing:
    """List the declared QC parameters of the whole AB with their units."""
    units = {row.name: row.unit for row in parameters}
    rows = (
        (row.parameter, _text(row.value, units[row.parameter]))
        for row in qc
        if row.element == 0 and row.parameter in units
    )
    return Listing("QC parameters", tuple(rows))


def _text(value: QCValue, unit: str) -> str:
    if value is None:
        return "not measured"
    number = f"{value:.5g}" if isinstance(value, float) else str(value)
    return f"{number} {unit}".strip()


def picture(title: str, frame: npt.NDArray[np.floating], block: tuple[int, int]) -> Picture:
    """Show a frame by means over blocks of so many rows and columns."""
    rows, columns = block
    return Picture(title, block_mean(frame, *block), f"column / {columns} px", f"row / {rows} px")


def profile(
    title: str, values: npt.NDArray[np.floating], place: str, label: str, *, wide: bool = False
) -> Plot:
    """Plot values against their number, from 0."""
    number = np.arange(values.size, dtype=np.float64)
    return Plot(title, (Curve(number, values.astype(float)),), place, label, wide=wide)


def histogram(title: str, frame: npt.NDArray[np.floating], label: str) -> Plot:
    """Count the pixels of a frame by their level; the wildest percent is left out (ours)."""
    sample = frame[::4, ::4]
    low, high = np.percentile(sample, (0.5, 99.5))
    counts, edges = np.histogram(sample, bins=_BINS, range=(low, max(high, low + 1e-6)))
    bars = Curve(0.5 * (edges[1:] + edges[:-1]), counts.astype(float), style="steps")
    return Plot(title, (bars,), label, "pixels")


def by_element(qc: Iterable[Measurement], parameter: str) -> tuple[Array, Array]:
    """Return the elements that a parameter was measured of, rising, and its values."""
    rows = sorted(
        (row.element, row.value)
        for row in qc
        if row.parameter == parameter and row.element and isinstance(row.value, float)
    )
    elements, values = np.array(rows, dtype=np.float64).reshape(-1, 2).T
    return elements, values
