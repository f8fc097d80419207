"""Panels of calibration products."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve

from phoenix.model.panel import Curve, Panel, Plot
from phoenix.toolkit.files import find
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.headers import read_header, required_number
from phoenix.toolkit.panels import histogram, picture, profile
from phoenix_xshooter.process import RESPONSE, arm_of

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
    "dark_panels",
    "flat_panels",
    "format_panels",
    "order_panels",
    "standard_panels",
    "wave_panels",
]

BLOCK = (4, 4)  # rows and columns of a frame in one pixel of its picture (ours)
WAVELENGTH = "air wavelength / nm"
ROW = "row along the dispersion / px"
_LEVEL = ("BIAS_LEVEL", "DARK_LEVEL")


def dark_panels(
    ab: AssociationBlock, products: Products, _qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show the master bias or dark, its profile and its histogram."""
    path = find(products, f"MASTER_{ab.raw_type}")
    if path is None:
        return
    frame = read_image(path)
    yield picture("Master", frame, BLOCK)
    mean = frame.mean(axis=1, dtype=np.float64)
    yield profile("Mean of all columns", mean, ROW, "ADU", limits=_LEVEL)
    yield histogram("Histogram", frame, "ADU", _LEVEL)


def format_panels(
    ab: AssociationBlock, products: Products, _qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show how far the lines lie from the fitted format."""
    path = find(products, f"FMTCHK_RESID_TAB_LINES_GFIT_{arm_of(ab.raw_type)}")
    if path is not None:
        yield from _residuals(read_table(path))


def wave_panels(
    ab: AssociationBlock, products: Products, _qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show how far the lines lie from the dispersion solution, and the map of wavelengths."""
    arm = arm_of(ab.raw_type)
    path, wave = find(products, f"WAVE_RESID_TAB_LINES_{arm}"), find(products, f"WAVE_MAP_{arm}")
    if path is not None:
        yield from _residuals(read_table(path))
    if wave is not None:
        frame = np.asarray(read_image(wave), dtype=np.float64)
        # Between the orders the map holds zeros: they are darker than the shortest wavelength.
        yield evolve(picture("Wavelength / nm", frame, BLOCK), low=_below(frame[frame > 0]))


def _below(lit: npt.NDArray[np.float64]) -> float | None:
    """Return where a scale begins of which the upper four fifths are what is lit."""
    if not lit.size:
        return None
    return float(lit.min() - 0.25 * (lit.max() - lit.min()))


def _residuals(table: dict[str, npt.NDArray[np.generic]]) -> Iterator[Plot]:
    wave = next((table[name] for name in ("Wavelength", "WAVELENGTH") if name in table), None)
    for name, words in (("ResidXpoly", "across"), ("ResidYpoly", "along")):
        if wave is None or name not in table:
            continue
        x, y = np.asarray(wave, dtype=float), np.asarray(table[name], dtype=float)
        known = np.isfinite(x) & np.isfinite(y)
        points = Curve(x[known], 1000.0 * y[known], style="points")
        yield Plot(f"Residuals {words} the orders", (points,), WAVELENGTH, "0.001 px")


def order_panels(
    ab: AssociationBlock, products: Products, _qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show where the orders lie, by their fitted polynomials."""
    path = find(products, f"ORDER_TAB_CENTR_{arm_of(ab.raw_type)}")
    if path is not None:
        yield _traces("Centres of the orders", read_table(path), ("CENCOEF",))


def flat_panels(
    ab: AssociationBlock, products: Products, _qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show the frame, a cut across the orders, and their edges."""
    arm = arm_of(ab.raw_type)
    path, edges = (
        find(products, f"MASTER_FLAT_SLIT_{arm}"),
        find(products, f"ORDER_TAB_EDGES_SLIT_{arm}"),
    )
    if path is not None:
        frame = read_image(path)
        middle = frame.shape[0] // 2
        cut = frame[middle - 4 : middle + 4].mean(axis=0, dtype=np.float64)
        # The polynomial of the background goes anywhere in the corners, where there is no order.
        high = float(np.nanpercentile(cut, 99.0))
        yield evolve(picture("Master flat", frame, BLOCK), low=-0.1 * high, high=1.1 * high)
        yield profile("Cut across the orders", cut, "column / px", "relative", wide=True)
    if edges is not None:
        yield _traces("Edges of the orders", read_table(edges), ("EDGLOCOEF", "EDGUPCOEF"))


_MOST_COEFFICIENTS = 10


def _traces(
    title: str, table: dict[str, npt.NDArray[np.generic]], families: tuple[str, ...]
) -> Plot:
    """Plot polynomials of the column in the row, one an order."""
    curves = []
    for row in range(len(table["ABSORDER"])):
        y = np.linspace(float(table["STARTY"][row]), float(table["ENDY"][row]), 50)
        for family in families:
            names = (f"{family}{power}" for power in range(_MOST_COEFFICIENTS))
            values = [float(table[name][row]) for name in names if name in table]
            curves.append(Curve(y, np.polynomial.polynomial.polyval(y, values)))
    return Plot(title, tuple(curves), ROW, "column / px", wide=True)


LINES = (
    ("SPECRES", "Resolving power of the lines", "wavelength over FWHM"),
    ("FWHM", "Widths of the lines", "FWHM / px"),
    ("TILT", "Tilt of the lines", "rows per column"),
)
"""Column of the table of lines, title, and label of its axis."""


def arc_panels(
    ab: AssociationBlock, products: Products, _qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show the widths of the arc lines."""
    path = find(products, f"TILT_TAB_SLIT_{arm_of(ab.raw_type)}")
    if path is None:
        return
    table = read_table(path)
    wave = next((table[name] for name in ("Wavelength", "WAVELENGTH") if name in table), None)
    for name, title, label in LINES:
        if wave is not None and name in table:
            points = Curve(np.asarray(wave, float), np.asarray(table[name], float), style="points")
            yield Plot(title, (points,), WAVELENGTH, label)


def standard_panels(
    ab: AssociationBlock, products: Products, _qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show the response, and the standard star as it came out beside its catalogue."""
    path = find(products, f"{RESPONSE}_{arm_of(ab.raw_type)}")
    if path is None:
        return
    table = read_table(path)
    raw, smooth = (np.asarray(table[name], float) for name in ("REF_DIV_OBS", "RESPONSE"))
    wave = np.asarray(table["LAMBDA"], float)
    known = np.isfinite(smooth) & (smooth > 0)
    # Beyond the dichroics it rises to any height.
    high = 3.0 * float(np.median(smooth[known])) if known.any() else 1.0
    curves = (
        _curve(wave, raw, "reference over measured"),
        _curve(wave, smooth, "response"),
    )
    yield Plot(
        "Response", curves, WAVELENGTH, "erg/cm2/Angstrom/ADU", y_range=(0.0, high), wide=True
    )
    yield _standard(wave, np.asarray(table["REF"], float), find(products, _calibrated(ab)))


def _calibrated(ab: AssociationBlock) -> str:
    """Return the PRO.CATG of the standard star with its own response."""
    return f"FLUX_SLIT_FLUX_MERGE1D_{arm_of(ab.raw_type)}"


def _standard(
    wave: npt.NDArray[np.float64], catalogue: npt.NDArray[np.float64], path: Path | None
) -> Plot:
    """Show the standard star as it came out beside its catalogue, on the scale of the latter."""
    curves = [_curve(wave, catalogue, "catalogue")]
    if path is not None:
        flux = np.asarray(read_image(path), dtype=np.float64)
        header = read_header(path)
        first, step = (required_number(header, key) for key in ("CRVAL1", "CDELT1"))
        place = np.asarray(first + step * np.arange(flux.size), dtype=np.float64)
        curves.insert(0, _curve(place, flux, "measured"))
    known = catalogue[np.isfinite(catalogue)]
    high = 1.3 * float(known.max()) if known.size else 1.0
    return Plot(
        "Standard star",
        tuple(curves),
        WAVELENGTH,
        "erg/s/cm2/Angstrom",
        y_range=(-0.05 * high, high),
        wide=True,
    )


def _curve(wave: npt.NDArray[np.float64], values: npt.NDArray[np.float64], label: str) -> Curve:
    known = np.isfinite(wave) & np.isfinite(values)
    return Curve(wave[known], values[known], label=label)
