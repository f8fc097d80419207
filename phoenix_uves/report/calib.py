"""Panels of calibration products, chip by chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.panel import Curve, Panel, Plot
from phoenix.toolkit.files import find
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.panels import histogram, picture, profile
from phoenix_uves.process import chips_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.model.qc import Measurement

    Products = tuple[Product, ...]

__all__ = [
    "arc_panels",
    "flat_panels",
    "format_panels",
    "frame_panels",
    "order_panels",
    "standard_panels",
]

BLOCK = (4, 4)  # rows and columns of a frame in one pixel of its picture (ours)
COLUMN, WAVELENGTH = "column along the dispersion / px", "air wavelength / nm"
_LEVEL = ("BIAS_LEVEL", "DARK_LEVEL")
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
        yield picture(f"Master, {chip}", frame, BLOCK)
        mean = frame.mean(axis=0, dtype=np.float64)
        yield profile(f"Mean of all rows, {chip}", mean, COLUMN, "ADU", limits=_LEVEL)
        yield histogram(f"Histogram, {chip}", frame, "ADU", _LEVEL)


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
        yield picture(f"Master flat, {chip}", frame, BLOCK)
        middle = frame.shape[1] // 2
        cut = frame[:, middle - 4 : middle + 4].mean(axis=1, dtype=np.float64)
        yield profile(f"Cut across the orders, {chip}", cut, "row / px", "ADU/s", wide=True)


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
        limits = ("RESOLVING_POWER",)
        yield Plot(f"Resolving power, {chip}", (power,), WAVELENGTH, "R", y_limits=limits)


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
        # A response rises steeply at its ends: there it may leave the panel (ours).
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
