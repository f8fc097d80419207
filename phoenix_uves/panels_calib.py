"""Panels of calibration products, chip by chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.panel import Curve, Panel, Picture, Plot
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.measures import block_mean
from phoenix_uves.process import chips_of
from phoenix_uves.spectrum import find

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.model.qc import Measurement

    Array = npt.NDArray[np.float64]
    Products = tuple[Product, ...]

__all__ = [
    "arc_panels",
    "flat_panels",
    "format_panels",
    "frame_panels",
    "order_panels",
    "standard_panels",
]

BLOCK = (4, 4)  # rows and columns of a frame in one pixel of its picture
BINS = 20
COLUMN, WAVELENGTH = "column along the dispersion / px", "air wavelength / nm"
_OBJECT_WINDOW = 4  # extension of the lines of the object window in LINE_TABLE


def _chips(ab: AssociationBlock, products: Products, family: str) -> Iterator[tuple[str, Path]]:
    for chip in chips_of(ab.raw_type):
        path = find(products, f"{family}_{chip}")
        if path is not None:
            yield chip, path


def frame_panels(
    ab: AssociationBlock, products: Products, _qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show the master of every chip, its profile and its histogram."""
    family = f"MASTER_{ab.raw_type.rpartition('_')[0]}"
    for chip, path in _chips(ab, products, family):
        frame = read_image(path)
        yield _picture(f"Master, {chip}", frame)
        profile = frame.mean(axis=0, dtype=np.float64)
        yield Plot(f"Mean of all rows, {chip}", (Curve(_count(profile), profile),), COLUMN, "ADU")
        low, high = np.percentile(frame[::4, ::4], (0.5, 99.5))
        counts, edges = np.histogram(frame[::4, ::4], BINS, range=(low, max(high, low + 1e-6)))
        bars = Curve(0.5 * (edges[1:] + edges[:-1]), counts.astype(float), style="steps")
        yield Plot(f"Histogram, {chip}", (bars,), "ADU", "pixels")


def format_panels(
    ab: AssociationBlock, products: Products, _qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show where the lines lie beside the model."""
    for chip, path in _chips(ab, products, "LINE_GUESS_TAB"):
        table = read_table(path)
        for axis, name in (("XDIF", "along the dispersion"), ("YDIF", "across the orders")):
            known = np.isfinite(table[axis]) & np.isfinite(table["X"])
            points = Curve(
                table["X"][known].astype(float), table[axis][known].astype(float), style="points"
            )
            yield Plot(f"Measured minus model {name}, {chip}", (points,), COLUMN, "px")


def order_panels(
    ab: AssociationBlock, products: Products, _qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show the traces and their residuals."""
    for chip, path in _chips(ab, products, "ORDER_TABLE"):
        table = read_table(path)
        x = table["X"].astype(float)
        traces = Curve(x, table["Yfit"].astype(float), style="points")
        yield Plot(f"Traces of the orders, {chip}", (traces,), COLUMN, "row / px")
        residuals = Curve(x, table["Residual"].astype(float), style="points")
        yield Plot(f"Residuals of the traces, {chip}", (residuals,), COLUMN, "px")


def flat_panels(
    ab: AssociationBlock, products: Products, _qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show the frame and a cut across the orders."""
    for chip, path in _chips(ab, products, "MASTER_FLAT"):
        frame = read_image(path)
        yield _picture(f"Master flat, {chip}", frame)
        middle = frame.shape[1] // 2
        cut = frame[:, middle - 4 : middle + 4].mean(axis=1, dtype=np.float64)
        curve = Curve(_count(cut), cut)
        yield Plot(f"Cut across the orders, {chip}", (curve,), "row / px", "ADU/s", wide=True)


def arc_panels(
    ab: AssociationBlock, products: Products, _qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show residuals and resolving power of the lines."""
    for chip, path in _chips(ab, products, "LINE_TABLE"):
        table = read_table(path, _OBJECT_WINDOW)
        wave, used = table["WaveC"].astype(float) / 10.0, np.isfinite(table["Residual_pix"])
        residuals = Curve(
            wave[used], 1000.0 * table["Residual_pix"][used].astype(float), style="points"
        )
        yield Plot(f"Residuals of the lines, {chip}", (residuals,), WAVELENGTH, "0.001 px")
        sharp = np.isfinite(table["Resol"])
        power = Curve(wave[sharp], table["Resol"][sharp].astype(float), style="points")
        yield Plot(f"Resolving power of the lines, {chip}", (power,), WAVELENGTH, "R")


def standard_panels(
    ab: AssociationBlock, products: Products, _qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show response and efficiency."""
    for chip, path in _chips(ab, products, "INSTR_RESPONSE_FINE"):
        smooth, raw = read_table(path, 1), read_table(path, 2)
        curves = (
            _curve(raw["wavelength"], raw["response_raw"], "measured"),
            _curve(smooth["wavelength"], smooth["response_smo"], "smoothed"),
        )
        high = float(np.percentile(smooth["response_smo"], 95)) * 3.0
        yield Plot(
            f"Response, {chip}",
            curves,
            WAVELENGTH,
            "erg/cm2/Angstrom/ADU",
            y_range=(0.0, high or 1.0),
            wide=True,
        )
    for chip, path in _chips(ab, products, "EFFICIENCY_TABLE"):
        table = read_table(path)
        curve = _curve(table["Wave"], 100.0 * table["Eff"], "")
        yield Plot(f"Efficiency, {chip}", (curve,), WAVELENGTH, "%", wide=True)


def _curve(wave: npt.NDArray[np.generic], values: npt.NDArray[np.generic], label: str) -> Curve:
    x, y = np.asarray(wave, dtype=float) / 10.0, np.asarray(values, dtype=float)
    known = np.isfinite(x) & np.isfinite(y)
    return Curve(x[known], y[known], label=label)


def _picture(title: str, frame: npt.NDArray[np.floating]) -> Picture:
    rows, columns = BLOCK
    return Picture(title, block_mean(frame, *BLOCK), f"column / {columns} px", f"row / {rows} px")


def _count(values: npt.NDArray[np.generic]) -> Array:
    return np.arange(values.size, dtype=np.float64)
