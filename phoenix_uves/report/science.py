"""Panels of a science spectrum: what a person wants to see before certifying it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.panel import Curve, Panel, Plot
from phoenix.toolkit.features import Feature, features
from phoenix.toolkit.files import find
from phoenix.toolkit.panels import by_element, thinned
from phoenix_uves.process import STACK, arm_of
from phoenix_uves.spectrum import Spectrum, read_spectrum, read_stack
from phoenix_uves.velocity import barycentric

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


LINES = features(
    "H epsilon",
    "Ca II K",
    "H delta",
    "H gamma",
    "[O III] 4363",
    "H beta",
    "[O III] 5007",
    "Mg b",
    "[O I] 5577 (sky)",
    "Na D",
    "[O I] 6300 (sky)",
    "H alpha",
    "Li I 6708",
    "O2 A band",
    "Ca II 8498",
    "Ca II 8542",
    "Ca II 8662",
    "[S III] 9069",
    "[S III] 9531",
)
CLOSE_UPS, HALF_WIDTH = 3, 0.6  # how many of them, and nm on either side (ours)
MOST_POINTS = 4000  # of the whole spectrum: more than a report has pixels
_MIDDLE = (0.2, 0.5, 0.8)  # parts of a spectrum to show where no line is worth a look (ours)


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
    x, mean = thinned(wave, values, good, MOST_POINTS)
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
    places = [Feature(f"{p:.1f} nm", p) for p in np.quantile(wave[good], _MIDDLE).tolist()]
    for line in (*inside, *places)[:CLOSE_UPS]:
        near = (np.abs(wave - line.wavelength) <= HALF_WIDTH) & good
        if near.any():
            curve = Curve(wave[near], flux[near], error[near])
            yield Plot(f"{line.name} with error", (curve,), WAVELENGTH, unit)


def _covered(wave: Array, good: npt.NDArray[np.bool_], place: float) -> bool:
    near = np.abs(wave - place) <= HALF_WIDTH
    return bool(near.any() and good[near].mean() > 0.9)  # noqa: PLR2004 - next to all of it


def _orders(qc: tuple[Measurement, ...]) -> Iterator[Plot]:
    order, ratio = by_element(qc, "SNR")
    if order.size:
        points = Curve(order, ratio, style="points")
        yield Plot("SNR of the orders at the blaze", (points,), "order", "SNR")
