"""Panels of calibration products."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.panel import Curve, Panel, Picture, Plot
from phoenix.toolkit.files import find
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.panels import by_element, histogram, picture
from phoenix_muse.quality.keywords import paths_of_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.model.qc import Measurement

    Products = tuple[Product, ...]
    Array = npt.NDArray[np.float64]

__all__ = ["bias_panels", "exposure_panels", "flat_panels", "sky_panels", "standard_panels",
           "twilight_panels", "wave_panels"]  # fmt: skip

MOST_ROWS = 64
"""Rows of a detector in a picture (ours): the detector is read once, and shown by block means."""

WAVELENGTH = "air wavelength / nm"


def bias_panels(_ab: AssociationBlock, products: Products, qc: tuple[Measurement, ...]
                ) -> Iterator[Panel]:  # fmt: skip
    """Show the master of the first IFU, its histogram, and the read-out noise of all."""
    for pro_catg, unit in (("MASTER_BIAS", "ADU"), ("MASTER_DARK", "electron/h")):
        frame = _first_detector(products, pro_catg)
        if frame is not None:
            yield _detector(f"{pro_catg}, first IFU", frame)
            yield histogram("Histogram", frame, unit)
    yield from _of_ifus(
        qc, ("RON", "electron"), ("BIAS_LEVEL", "ADU"), ("DARK_LEVEL", "electron/h")
    )


def flat_panels(_ab: AssociationBlock, products: Products, qc: tuple[Measurement, ...]
                ) -> Iterator[Panel]:  # fmt: skip
    """Show the master of the first IFU, a cut through its slices, and their level by IFU."""
    frame = _first_detector(products, "MASTER_FLAT")
    if frame is not None:
        yield _detector("MASTER_FLAT, first IFU", frame)
        middle = frame.shape[0] // 2
        cut = np.nanmean(frame[max(middle - 4, 0) : middle + 4], axis=0).astype(float)
        place = np.arange(1.0, cut.size + 1)
        yield Plot("Cut through the slices", (Curve(place, cut),), "column / px", "relative",
                   wide=True)  # fmt: skip
    yield from _of_ifus(qc, ("FLAT_LEVEL", "electron"), ("SLICE_WIDTH", "px"))


def wave_panels(_ab: AssociationBlock, _products: Products, qc: tuple[Measurement, ...]
                ) -> Iterator[Panel]:  # fmt: skip
    """Show the scatter, the lines and the resolving power of the IFUs."""
    yield from _of_ifus(
        qc, ("WAVE_RMS", "Angstrom"), ("WAVE_LINES", "lines"), ("ARC_RESOLUTION", "R"),
        ("LSF_FWHM", "Angstrom"),
    )  # fmt: skip


def twilight_panels(_ab: AssociationBlock, products: Products, qc: tuple[Measurement, ...]
                    ) -> Iterator[Panel]:  # fmt: skip
    """Show the field in twilight: the middle plane of the smooth cube, and its spectrum."""
    path = find(products, "TWILIGHT_CUBE")
    if path is not None:
        cube = np.asarray(read_image(path, "DATA"), dtype=float)
        yield Picture("Twilight, middle of the range", cube[len(cube) // 2], "x / px", "y / px")
    yield from _of_ifus(qc, ("SKYFLAT_LEVEL", "electron"), ("SKYFLAT_FLUX", "electron"))


def exposure_panels(_ab: AssociationBlock, _products: Products, qc: tuple[Measurement, ...]
                    ) -> Iterator[Panel]:  # fmt: skip
    """Show what was found in the IFUs: saturated pixels, and the shift of the sky lines."""
    yield from _of_ifus(qc, ("WDEL_MAX", "shift / Angstrom"), ("NUM_SAT", "pixels"))


def standard_panels(_ab: AssociationBlock, products: Products, _qc: tuple[Measurement, ...]
                    ) -> Iterator[Panel]:  # fmt: skip
    """Show response, throughput and telluric correction."""
    path, telluric = find(products, "STD_RESPONSE"), find(products, "STD_TELLURIC")
    if path is not None:
        table = read_table(path)
        wave = np.asarray(table["lambda"], float) / 10.0
        curves = [_curve(wave, table["response"], "smooth")]
        if "response_unsmoothed" in table:
            curves.insert(0, _curve(wave, table["response_unsmoothed"], "as measured"))
        yield Plot("Response", tuple(curves), WAVELENGTH, "mag", wide=True)
        if "throughput" in table:
            yield Plot("Throughput", (_curve(wave, table["throughput"], ""),), WAVELENGTH, "")
    if telluric is not None:
        table = read_table(telluric)
        wave = np.asarray(table["lambda"], float) / 10.0
        yield Plot("Telluric correction", (_curve(wave, table["ftelluric"], ""),), WAVELENGTH,
                   "factor")  # fmt: skip


def sky_panels(_ab: AssociationBlock, products: Products, _qc: tuple[Measurement, ...]
               ) -> Iterator[Panel]:  # fmt: skip
    """Show where the sky was taken, its spectrum, its continuum, and the fitted lines."""
    yield from mask_panels(products)
    spectrum = find(products, "SKY_SPECTRUM")
    if spectrum is not None:
        table = read_table(spectrum)
        wave = np.asarray(table["lambda"], float) / 10.0
        curves = (_curve(wave, table["data"], ""),)
        yield Plot("Spectrum of the sky", curves, WAVELENGTH, "1e-20 erg/s/cm2/Å",
                   wide=True)  # fmt: skip
    continuum = find(products, "SKY_CONTINUUM")
    if continuum is not None:
        table = read_table(continuum, "CONTINUUM")
        wave = np.asarray(table["lambda"], float) / 10.0
        yield Plot("Continuum of the sky", (_curve(wave, table["flux"], ""),), WAVELENGTH,
                   "1e-20 erg/s/cm2/arcsec2")  # fmt: skip
    lines = find(products, "SKY_LINES")
    if lines is not None:
        table = read_table(lines, "LINES")
        points = Curve(np.asarray(table["lambda"], float) / 10.0, np.asarray(table["flux"], float),
                       style="points")  # fmt: skip
        yield Plot("Fitted lines of the sky", (points,), WAVELENGTH, "1e-20 erg/s/cm2/arcsec2")


def mask_panels(products: Products) -> Iterator[Panel]:
    """Show which spaxels were taken for the sky."""
    mask = find(products, "SKY_MASK")
    if mask is not None:
        yield Picture("Taken for sky", np.asarray(read_image(mask), dtype=float), "x / px",
                      "y / px", 0.0, 1.0)  # fmt: skip


def _first_detector(products: Products, pro_catg: str) -> npt.NDArray[np.floating] | None:
    paths = paths_of_all(products, pro_catg)
    if not paths:
        return None
    # Of one IFU, or the first of all: the pixels stand in the first extension either way.
    return np.asarray(read_image(paths[0], 1))


def _detector(title: str, frame: npt.NDArray[np.floating]) -> Picture:
    return picture(title, frame, (max(frame.shape[0] // MOST_ROWS, 1), 16))


def _of_ifus(qc: tuple[Measurement, ...], *rows: tuple[str, str]) -> Iterator[Plot]:
    for name, label in rows:
        ifu, values = by_element(qc, name)
        if ifu.size > 1:
            points = Curve(ifu, values, style="points")
            yield Plot(f"{name} of the IFUs", (points,), "IFU", label, x_range=(0.0, 25.0))


def _curve(wave: Array, values: npt.NDArray[np.generic], label: str) -> Curve:
    numbers = np.asarray(values, dtype=float)
    known = np.isfinite(wave) & np.isfinite(numbers)
    return Curve(wave[known], numbers[known], label=label)
