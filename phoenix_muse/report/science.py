"""Panels of a cube: what a person wants to see before certifying it.

White light with its sources, narrow bands around emission lines, spectra of the brightest sources,
their signal-to-noise ratio along the range, what is left of the sky, and the histogram of the
background as ESO's previews show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.panel import Curve, Map, Panel, Picture, Plot
from phoenix.toolkit.cubes.cube import open_cube
from phoenix.toolkit.cubes.light import band_image
from phoenix.toolkit.cubes.lines import find_lines
from phoenix.toolkit.cubes.noise import mode
from phoenix.toolkit.cubes.sources import field_spectra, find_sources
from phoenix.toolkit.files import find
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.panels import thinned
from phoenix_muse.quality.field import MOST_SPECTRA, SCALE, SKY_LINES, aperture_of
from phoenix_muse.quality.seeing import USUAL
from phoenix_muse.report.calib import mask_panels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.model.qc import Measurement
    from phoenix.toolkit.cubes.cube import Cube
    from phoenix.toolkit.cubes.lines import Line
    from phoenix.toolkit.cubes.sources import FieldSpectra, Source

    Array = npt.NDArray[np.float64]

__all__ = ["BRIGHTEST", "align_panels", "cube_panels", "field_picture", "white_light"]

WAVELENGTH = "air wavelength / nm"
FLUX = "1e-20 erg/s/cm2/Å"
"""So short that it fits the axis of a wide plot."""

SHOWN = 3
"""Sources whose spectra are shown (ours)."""

BANDS = 2
"""Narrow bands that are shown (ours)."""

MOST_POINTS = 3000
"""Of a curve: more than a report has pixels."""

BRIGHTEST = 99.0
"""Percentile at which the picture of the field is white (ours)."""

APART = 0.6
"""nm between two lines that are worth a picture each, and from one of the sky (ours)."""

_SIDE = 12  # planes on either side of a line that are its continuum
_BINS = 80


def cube_panels(
    _ab: AssociationBlock, products: tuple[Product, ...], qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show a cube."""
    path = find(products, "DATACUBE_FINAL")
    white = white_light(products)
    if path is None or white is None:
        return
    cube = open_cube(path)
    sky_res = _number(qc, "SKY_RES") or USUAL[0]
    sources = find_sources(white, sky_res / cube.pixel)
    spectra = field_spectra(cube, white, sources[:MOST_SPECTRA], aperture_of(cube, sky_res))
    yield field_picture("White light", white, _cuts(white))
    yield _marked(sources)
    yield from _narrow_bands(cube, spectra)
    yield from mask_panels(products)
    yield from _histograms(white)
    yield from _spectra(cube.wave, spectra)
    yield _residuals(cube.wave, spectra)


def white_light(products: Sequence[Product]) -> Array | None:
    """Return the image in white light, the first of those that the recipe makes."""
    path = find(products, "IMAGE_FOV")
    return None if path is None else np.asarray(read_image(path, 1), dtype=float)


def _number(qc: Sequence[Measurement], parameter: str) -> float | None:
    values = (row.value for row in qc if row.parameter == parameter and row.element == 0)
    return next((float(value) for value in values if isinstance(value, int | float)), None)


def _cuts(image: Array) -> tuple[float, float]:
    known = image[np.isfinite(image)]
    if not known.size:
        return 0.0, 1.0
    low, high = np.percentile(known, (1.0, BRIGHTEST))
    return float(low), float(max(high, low + 1e-9))


def field_picture(title: str, image: Array, cuts: tuple[float, float]) -> Picture:
    """Show an image of the field, on a square so that it keeps its proportions."""
    side = max(image.shape)
    square = np.full((side, side), np.nan)
    square[: image.shape[0], : image.shape[1]] = image
    return Picture(title, square, "x / px", "y / px", *cuts)


def _marked(sources: Sequence[Source]) -> Map:
    """Show where sources were found, coloured by their flux."""
    x, y, flux = (
        np.array([getattr(one, name) for one in sources], dtype=float)
        for name in ("x", "y", "flux")
    )
    magnitudes = -2.5 * np.log10(np.maximum(flux, 1e-3)) - 2.5 * np.log10(SCALE)
    return Map("Sources", x + 1.0, y + 1.0, magnitudes, (), "x / px", "y / px",
               "mean flux / mag(erg/s/cm2/Angstrom)")  # fmt: skip


def _narrow_bands(cube: Cube, spectra: FieldSpectra) -> Iterator[Picture]:
    """Show the strongest lines of the sources shown, their continuum taken off."""
    for line in _strongest(cube.wave, spectra):
        half = max(round(line.fwhm / cube.step), 1)
        middle = cube.plane_at(line.centre)
        low, high = middle - half, middle + half + 1
        beside = ((low - _SIDE, low - 3), (high + 3, high + _SIDE))
        image = band_image(cube, [(low, high)]) - band_image(cube, beside)
        yield field_picture(f"Line at {line.centre:.1f} nm", image, _cuts(image))


def _strongest(wave: Array, spectra: FieldSpectra) -> list[Line]:
    """Return the strongest lines of all sources, each once, none where the sky has its own."""
    lines = [line for flux in spectra.flux for line in find_lines(wave, flux, BANDS)]
    kept: list[Line] = []
    for line in sorted(lines, key=lambda line: -line.flux):
        others = (*SKY_LINES, *(one.centre for one in kept))
        if all(abs(line.centre - other) > APART for other in others):
            kept.append(line)
    return kept[:BANDS]


def _histograms(white: Array) -> Iterator[Plot]:
    known = white[np.isfinite(white)]
    if not known.size:
        return
    top = mode(known)
    low = float(known.min())
    reach = max(3.0 * (top - low), 1e-9)
    for title, high in (("Histogram (detail)", top + reach), ("Histogram (full)", known.max())):
        counts, edges = np.histogram(known, bins=_BINS, range=(low, max(float(high), low + 1e-9)))
        bars = np.log10(np.maximum(counts, 0.5))
        yield Plot(title, (Curve(0.5 * (edges[1:] + edges[:-1]), bars, style="steps"),), FLUX,
                   "log number of pixels")  # fmt: skip


def _spectra(wave: Array, spectra: FieldSpectra) -> Iterator[Plot]:
    if not len(spectra.flux):
        return
    shown = spectra.flux[:SHOWN]
    curves = [_curve(wave, row, f"source {i}") for i, row in enumerate(shown, 1)]
    yield Plot("Spectra of the brightest sources", tuple(curves), WAVELENGTH, FLUX, wide=True,
               y_range=_range(curves))  # fmt: skip
    ratios = [
        _curve(wave, np.divide(flux, error, out=np.full(flux.size, np.nan), where=error > 0),
               f"source {i}")
        for i, (flux, error) in enumerate(zip(shown, spectra.error, strict=False), 1)
    ]  # fmt: skip
    yield Plot("Spectral scan: signal-to-noise ratio per plane", tuple(ratios), WAVELENGTH, "SNR",
               wide=True, y_range=_range(ratios))  # fmt: skip


def _residuals(wave: Array, spectra: FieldSpectra) -> Plot:
    curves = (
        _curve(wave, spectra.scatter, "scatter of the sky"),
        _curve(wave, spectra.stated, "error that the cube states"),
        _curve(wave, spectra.sky, "what is left of the sky"),
    )
    limits = _range(curves)
    return Plot("Residuals of the sky", curves, WAVELENGTH, FLUX, wide=True, y_range=limits)


def _range(curves: Sequence[Curve]) -> tuple[float, float] | None:
    values = np.concatenate([curve.y for curve in curves]) if curves else np.zeros(0)
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    low, high = np.percentile(known, (0.2, 99.8))
    room = 0.08 * (high - low) or 1.0
    return float(low - room), float(high + room)


def _curve(wave: Array, values: Array, label: str) -> Curve:
    """Shorten a curve by means over blocks."""
    return Curve(*thinned(wave, values, np.isfinite(values), MOST_POINTS), label=label)


def align_panels(
    _ab: AssociationBlock, products: tuple[Product, ...], _qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Show by how much each exposure was moved, and the fields laid upon each other."""
    path, preview = find(products, "OFFSET_LIST"), find(products, "PREVIEW_FOV")
    if path is not None:
        yield _offsets(path)
    if preview is not None:
        image = np.asarray(read_image(preview, 1), dtype=float)
        yield field_picture("All exposures", image, _cuts(image))


def _offsets(path: Path) -> Plot:
    table = read_table(path)
    number = np.arange(1.0, len(table["RA_OFFSET"]) + 1)
    curves = tuple(
        Curve(number, 3600.0 * np.asarray(table[name], float), label=label, style="points")
        for name, label in (("RA_OFFSET", "right ascension"), ("DEC_OFFSET", "declination"))
    )
    return Plot("Offsets", curves, "exposure", "arcsec")
