"""Panels of a science spectrum: what a person wants to see before certifying it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve

from phoenix.model.panel import Curve, Panel, Picture, Plot
from phoenix.toolkit.features import Feature, features
from phoenix.toolkit.files import find
from phoenix.toolkit.fits import read_image
from phoenix.toolkit.headers import read_header, required_number
from phoenix.toolkit.panels import by_element, edges, picture, thinned
from phoenix_xshooter.process import arm_of, spectrum_catg
from phoenix_xshooter.spectrum import barycentric, read_spectrum

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.model.qc import Measurement

    Array = npt.NDArray[np.float64]

__all__ = ["COUNTS", "FLUX", "MOST_POINTS", "WAVELENGTH", "science_panels"]

WAVELENGTH = "air wavelength / nm"
FLUX, COUNTS = "erg/s/cm2/Angstrom", "ADU"

LINES = features(
    *("H beta", "[O III] 5007", "H alpha", "Ca II 8542", "[Fe II] 16436", "Br gamma"),
    *("[S III] 9531", "H delta"),
)
CLOSE_UPS, HALF_WIDTH = 2, 3.0  # how many of them, and nm on either side (ours)
MOST_POINTS = 3000  # of the whole spectrum: more than a report has pixels
_MIDDLE = (0.25, 0.75)  # parts of a spectrum to show where no line is worth a look (ours)
_SLIT_BLOCK = (
    1,
    16,
)  # rows along the slit and bins of wavelength in a pixel of the picture (ours)


def science_panels(
    ab: AssociationBlock, products: tuple[Product, ...], qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show the spectrum, its SNR, close-ups, the 2-D spectrum, and the SNR of the orders."""
    arm = arm_of(ab.raw_type)
    spectrum = read_spectrum(products, arm)
    if spectrum is None or not spectrum.good.any():
        return
    spectrum = barycentric(spectrum, ())
    flux, error = spectrum.main
    unit = COUNTS if spectrum.flux is None else FLUX
    wave, good = spectrum.wave, spectrum.good
    yield whole("Spectrum", wave, flux, good, unit)
    ratio = np.divide(flux, error, out=np.full(flux.size, np.nan), where=good)
    yield whole("Signal-to-noise ratio per bin", wave, ratio, good, "SNR")
    yield from _close_ups(wave, flux, error, good, unit)
    path = find(products, spectrum_catg("SLIT_MERGE2D", ab.raw_type))
    if path is not None:
        yield two_dimensional(path)
    yield from _orders(qc)


def two_dimensional(path: Path) -> Picture:
    """Show the rectified spectrum, its slit by wavelength as the telescope sees it."""
    frame = np.nan_to_num(np.asarray(read_image(path), dtype=np.float32))
    image = picture("2-D spectrum", frame, _SLIT_BLOCK)
    header = read_header(path)
    axes = [
        required_number(header, f"CRVAL{axis}")
        + required_number(header, f"CDELT{axis}") * np.arange(frame.shape[-axis], dtype=float)
        for axis in (1, 2)
    ]
    return evolve(
        image,
        x_label=WAVELENGTH,
        y_label="slit / arcsec",
        x_range=edges(axes[0]),
        y_range=edges(axes[1]),
    )


def whole(
    title: str,
    wave: Array,
    values: Array,
    good: npt.NDArray[np.bool_],
    unit: str,
    *,
    wide: bool = True,
) -> Plot:
    """Show all of a spectrum; the scale leaves out the wildest percent."""
    x, mean = thinned(wave, values, good, MOST_POINTS)
    low, high = np.nanpercentile(mean, (0.5, 99.5))
    room = 0.08 * (high - low) or 1.0
    limits = (float(low - room), float(high + room))
    return Plot(title, (Curve(x, mean),), WAVELENGTH, unit, y_range=limits, wide=wide)


def _close_ups(
    wave: Array, flux: Array, error: Array, good: npt.NDArray[np.bool_], unit: str
) -> Iterator[Plot]:
    inside = [line for line in LINES if wave[0] < line.wavelength < wave[-1]]
    places = [Feature(f"{p:.1f} nm", p) for p in np.quantile(wave[good], _MIDDLE).tolist()]
    for line in (*inside, *places)[:CLOSE_UPS]:
        near = (np.abs(wave - line.wavelength) <= HALF_WIDTH) & good
        if near.any():
            curve = Curve(wave[near], flux[near], error[near])
            yield Plot(f"{line.name} with error", (curve,), WAVELENGTH, unit)


def _orders(qc: tuple[Measurement, ...]) -> Iterator[Plot]:
    order, ratio = by_element(qc, "SNR")
    if order.size:
        points = Curve(order, ratio, style="points")
        yield Plot("SNR of the orders", (points,), "order", "SNR")
