"""Panels of calibration products."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.panel import Curve, Listing, Panel, Picture, Plot
from phoenix.toolkit.files import find
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.headers import number, read_header
from phoenix.toolkit.panels import by_element, edges, histogram, picture, profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.model.frames import Product
    from phoenix.model.qc import Measurement

    Array = npt.NDArray[np.float64]

__all__ = ["arc_panels", "bias_panels", "dark_panels", "flat_panels", "lost_listing"]

BLOCK = (8, 4)  # rows and columns of a frame in one pixel of its picture (ours)
COLUMN, ROW, FPS = "column / px", "row / px", "fibre (FPS)"
WAVELENGTH = "wavelength / nm"
_LEVEL = ("BIAS_MASTER_MEAN", "BIAS_MASTER_MEDIAN")


def bias_panels(products: tuple[Product, ...], _qc: tuple[Measurement, ...]) -> Iterator[Panel]:
    """Show the master, its profiles along both axes and its histogram."""
    path = find(products, "MASTER_BIAS")
    if path is not None:
        yield from _frame(path, "Master bias", "level / ADU", _LEVEL)


def dark_panels(products: tuple[Product, ...], _qc: tuple[Measurement, ...]) -> Iterator[Panel]:
    """Show the master, its profiles along both axes and its histogram."""
    path = find(products, "MASTER_DARK")
    if path is not None:
        yield from _frame(path, "Master dark", "ADU / s")


def flat_panels(products: tuple[Product, ...], qc: tuple[Measurement, ...]) -> Iterator[Panel]:
    """Show frame, a cut across the fibres, their spectra, transmissions and widths."""
    master, spectra = find(products, "MASTER_FIBER_FLAT"), find(products, "FF_EXTSPECTRA")
    if master is not None:
        frame = read_image(master)
        yield picture("Master fibre flat", frame, BLOCK)
        middle = frame[len(frame) // 2 - 4 : len(frame) // 2 + 4].mean(axis=0)
        yield profile("Cut through the middle rows", middle, COLUMN, "ADU", wide=True)
    if spectra is not None:
        flats = read_image(spectra)
        curves = tuple(
            Curve(_count(flats[:, i]), flats[:, i].astype(float), label=f"{part} fibre")
            for part, i in _ranked(flats)
        )
        yield Plot("Extracted flats, mean 1", curves, ROW, "relative flux")
        yield _transmission(qc)
        yield from lost_listing(qc)
    yield from _image_plot(
        products, "FF_PSFWIDTH", "Fitted width; FIBRE_WIDTH_MEAN is as localised", "px"
    )


def arc_panels(products: tuple[Product, ...], _qc: tuple[Measurement, ...]) -> Iterator[Panel]:
    """Show the rebinned arc of all fibres, one spectrum, residuals and resolution."""
    rebinned, lines = find(products, "ARC_RBNSPECTRA"), find(products, "LINE_DATA")
    if rebinned is not None:
        arcs = read_image(rebinned)
        logged = np.log10(np.clip(arcs.T, 1.0, None))
        wave, middle = _grid(rebinned, len(arcs)), arcs[:, arcs.shape[1] // 2].astype(float)
        yield Picture(
            "Rebinned arc, log ADU: lines must be straight",
            logged,
            WAVELENGTH,
            "fibre index",
            wide=True,
            x_range=edges(wave),
        )
        yield Plot("Arc of the middle fibre", (Curve(wave, middle),), WAVELENGTH, "ADU", wide=True)
    if lines is not None:
        yield from _line_panels(lines)


def _line_panels(path: Path) -> Iterator[Panel]:
    wave = read_table(path, "LINES")["WLEN"]
    good = read_image(path, "LINE_FLAGS") == 0
    left = read_image(path, "Xoff").astype(float) - read_image(path, "Xres")
    residual = np.where(good, left, np.nan)
    x = np.repeat(wave, left.shape[1])
    points = Curve(x, 1000.0 * residual.ravel(), style="points")
    yield Plot("Residuals of the lines", (points,), WAVELENGTH, "0.001 px")
    width = np.where(good, read_image(path, "FWHM"), np.nan)
    widths = Curve(np.asarray(wave, dtype=float), _median(width), style="points")
    yield Plot("Width of the lines", (widths,), WAVELENGTH, "FWHM / px")


def _frame(path: Path, title: str, label: str, limits: tuple[str, ...] = ()) -> Iterator[Panel]:
    frame = read_image(path)
    yield picture(title, frame, BLOCK)
    for name, axis, place in (("rows", 0, COLUMN), ("columns", 1, ROW)):
        mean = np.asarray(frame.mean(axis=axis, dtype=np.float64))
        yield profile(f"Mean of all {name}", mean, place, label, limits=limits)
    yield histogram("Histogram", frame, label, limits)


def lost_listing(qc: tuple[Measurement, ...]) -> Iterator[Panel]:
    """List the fibres that give no light, if there are any."""
    lost = [row.element for row in qc if row.parameter == "LOST" and row.element]
    if lost:
        yield Listing("Lost fibres", tuple((f"FPS {fps}", "no light in the flat") for fps in lost))


def _transmission(qc: tuple[Measurement, ...]) -> Plot:
    fps, values = by_element(qc, "TRANSMISSION")
    points = Curve(fps, values, style="points")
    limits = ("TRANSMISSION",)
    return Plot("Fibre transmission", (points,), FPS, "relative", y_limits=limits)


def _image_plot(
    products: tuple[Product, ...], pro_catg: str, title: str, unit: str
) -> Iterator[Panel]:
    path = find(products, pro_catg)
    if path is not None:
        values = _median(read_image(path).astype(float).T)
        curve = Curve(read_table(path, "FIBER_SETUP")["FPS"].astype(float), values, style="points")
        yield Plot(title, (curve,), FPS, unit)


def _median(values: Array) -> Array:
    """Median along the last axis, nan where nothing is known."""
    known = np.isfinite(values).any(axis=1)
    result = np.full(len(values), np.nan)
    result[known] = np.nanmedian(values[known], axis=1)
    return result


def _ranked(flats: npt.NDArray[np.floating]) -> tuple[tuple[str, int], ...]:
    order = np.argsort(flats.mean(axis=0))
    places = (("faintest", 0), ("median", len(order) // 2), ("brightest", -1))
    return tuple((name, int(order[place])) for name, place in places)


def _count(values: npt.NDArray[np.generic]) -> Array:
    return np.arange(values.size, dtype=np.float64)


def _grid(path: Path, size: int) -> Array:
    header = read_header(path)
    first, step = number(header, "CRVAL2") or 0.0, number(header, "CDELT2") or 1.0
    return np.asarray(first + np.arange(size) * step, dtype=np.float64)
