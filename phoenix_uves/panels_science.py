"""Panels of a science spectrum: what a person wants to see before certifying it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from phoenix.model.panel import Curve, Panel, Plot
from phoenix_uves.process import STACK, arm_of
from phoenix_uves.spectrum import Spectrum, find, read_spectrum, read_stack
from phoenix_uves.stack import barycentric

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.model.qc import Measurement

    Array = npt.NDArray[np.float64]

__all__ = ["LINES", "science_panels"]

WAVELENGTH = "air wavelength / nm"
FLUX, COUNTS = "erg/s/cm2/Angstrom", "ADU"


@frozen
class Line:
    """A feature worth a close look: its name and air wavelength in nm."""

    name: str
    wavelength: float


LINES = (
    Line("H epsilon", 397.01),
    Line("Ca II K", 393.37),
    Line("H delta", 410.17),
    Line("H gamma", 434.05),
    Line("[O III] 4363", 436.32),
    Line("H beta", 486.13),
    Line("[O III] 5007", 500.68),
    Line("Mg b", 517.80),
    Line("[O I] 5577 (sky)", 557.73),
    Line("Na D", 589.29),
    Line("[O I] 6300 (sky)", 630.03),
    Line("H alpha", 656.28),
    Line("Li I 6708", 670.78),
    Line("O2 A band", 762.00),
    Line("Ca II 8498", 849.80),
    Line("Ca II 8542", 854.21),
    Line("Ca II 8662", 866.21),
    Line("[S III] 9069", 906.90),
    Line("[S III] 9531", 953.10),
)
CLOSE_UPS, HALF_WIDTH = 3, 0.6  # how many of them, and nm on either side
MOST_POINTS = 4000  # of the whole spectrum: more than a report has pixels
_MIDDLE = (0.2, 0.5, 0.8)  # where to look in a setting without lines worth a look


def science_panels(
    ab: AssociationBlock, products: tuple[Product, ...], qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show the whole spectrum, its error and SNR, close-ups, and the SNR of the orders."""
    spectrum = _read(ab, products)
    if spectrum is None or not spectrum.good.any():
        return
    spectrum = barycentric(spectrum)
    flux, error = spectrum.main
    unit = COUNTS if spectrum.flux is None else FLUX
    wave, good = spectrum.wave / 10.0, spectrum.good
    yield _whole("Spectrum", wave, flux, good, unit)
    yield _whole("Error", wave, error, good, unit)
    ratio = np.divide(flux, error, out=np.full(flux.size, np.nan), where=good)
    yield _whole("Signal-to-noise ratio per pixel", wave, ratio, good, "SNR")
    yield from _close_ups(wave, flux, error, good, unit)
    yield from _orders(qc)
    if spectrum.flux is not None:
        yield _whole("Counts", wave, spectrum.counts, good, COUNTS)


def _read(ab: AssociationBlock, products: tuple[Product, ...]) -> Spectrum | None:
    if not ab.raw_type.startswith(STACK):
        return read_spectrum(products, ab.raw_type)
    path = find(products, f"{STACK}_{arm_of(ab.raw_type)}")
    return read_stack(path) if path else None


def _whole(title: str, wave: Array, values: Array, good: npt.NDArray[np.bool_], unit: str) -> Plot:
    """Show all of it, means over blocks of pixels; the scale leaves out the wildest percent."""
    width = max(1, wave.size // MOST_POINTS)
    size = wave.size // width * width
    shown = np.where(good, values, np.nan)[:size].reshape(-1, width)
    known = np.isfinite(shown).any(axis=1)
    mean = np.full(len(shown), np.nan)
    mean[known] = np.nanmean(shown[known], axis=1)
    x = wave[:size].reshape(-1, width).mean(axis=1)
    low, high = np.nanpercentile(mean, (0.5, 99.8))
    room = 0.08 * (high - low) or 1.0
    return Plot(
        title,
        (Curve(x, mean),),
        WAVELENGTH,
        unit,
        y_range=(float(low - room), float(high + room)),
        wide=True,
    )


def _close_ups(
    wave: Array, flux: Array, error: Array, good: npt.NDArray[np.bool_], unit: str
) -> Iterator[Plot]:
    inside = [line for line in LINES if _covered(wave, good, line.wavelength)]
    places = [Line(f"{p:.1f} nm", p) for p in np.quantile(wave[good], _MIDDLE).tolist()]
    for line in (*inside, *places)[:CLOSE_UPS]:
        near = (np.abs(wave - line.wavelength) <= HALF_WIDTH) & good
        if near.any():
            curve = Curve(wave[near], flux[near], error[near])
            yield Plot(f"{line.name} with error", (curve,), WAVELENGTH, unit)


def _covered(wave: Array, good: npt.NDArray[np.bool_], place: float) -> bool:
    near = np.abs(wave - place) <= HALF_WIDTH
    return bool(near.any() and good[near].mean() > 0.9)  # noqa: PLR2004 - next to all of it


def _orders(qc: tuple[Measurement, ...]) -> Iterator[Plot]:
    rows = sorted(
        (row.element, row.value)
        for row in qc
        if row.parameter == "SNR" and row.element and isinstance(row.value, float)
    )
    if rows:
        order, ratio = np.array(rows, dtype=np.float64).T
        points = Curve(order, ratio, style="points")
        yield Plot("SNR of the orders at the blaze", (points,), "order", "SNR")
