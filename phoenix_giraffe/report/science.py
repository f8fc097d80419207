"""Panels of a science product: what a person wants to see before certifying it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.panel import Curve, Map, Panel, Picture, Plot
from phoenix.toolkit.features import features
from phoenix.toolkit.files import find
from phoenix.toolkit.panels import edges
from phoenix_giraffe.fibres import SKY, TARGET, FibreSpectra, read_fibre_spectra
from phoenix_giraffe.report.calib import lost_listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from phoenix.model.frames import Product
    from phoenix.model.qc import Measurement

    Array = npt.NDArray[np.float64]

__all__ = ["LINES", "science_panels"]

WAVELENGTH, COUNTS, FPS = "air wavelength / nm", "ADU", "fibre (FPS)"


LINES = features(
    "Ca II K",
    "H delta",
    "H gamma",
    "H beta",
    "Mg b",
    "Fe I 5270",
    "Fe I 5328",
    "[O I] 5577 (sky)",
    "Na D",
    "[O I] 6300 (sky)",
    "H alpha",
    "Li I 6708",
    "O2 A band",
    "Ca II 8498",
    "Ca II 8542",
    "Ca II 8662",
)
CLOSE_UPS, HALF_WIDTH = 3, 1.2  # how many of them, and nm on either side (ours)


def science_panels(products: tuple[Product, ...], qc: tuple[Measurement, ...]) -> Iterator[Panel]:
    """Show all spectra, three of them, SNR against counts and fibre, close-ups, the plate."""
    flux, error = find(products, "SCIENCE_RBNSPECTRA"), find(products, "SCIENCE_RBNERRORS")
    if flux is None or error is None:
        return
    spectra = read_fibre_spectra(flux, error)
    snr, counts = _by_fibre(spectra, qc, "SNR"), _by_fibre(spectra, qc, "MEAN_COUNTS")
    yield _overview(spectra)
    targets = spectra.rows(TARGET)
    ranked = targets[np.argsort(np.nan_to_num(snr[targets]))]
    yield from _chosen(spectra, ranked, snr)
    yield _root_law(spectra, snr, counts)
    yield _along_slit(spectra, snr)
    yield _plate(spectra, snr)
    yield from _close_ups(spectra, ranked)
    yield from _sky(spectra)
    yield from lost_listing(qc)


def _by_fibre(spectra: FibreSpectra, qc: tuple[Measurement, ...], parameter: str) -> Array:
    """Measured values in the order of the spectra, nan where there is none."""
    known = {row.element: row.value for row in qc if row.parameter == parameter and row.element}
    values = (known.get(fps) for fps in spectra.fps.tolist())
    return np.array([v if isinstance(v, float) else np.nan for v in values], dtype=np.float64)


def _overview(spectra: FibreSpectra) -> Picture:
    """Every spectrum over its own median, so that faint ones show as well as bright ones."""
    flux = spectra.flux[spectra.rows(TARGET)]
    middle = np.median(flux, axis=1, keepdims=True)
    relative = flux / np.where(middle > 0, middle, 1.0)
    width = max(1, relative.shape[1] // 1000)
    size = relative.shape[1] // width * width
    image = relative[:, :size].reshape(len(relative), -1, width).mean(axis=2)
    return Picture(
        "All targets, each over its median",
        image,
        WAVELENGTH,
        "target",
        0.4,
        1.4,
        wide=True,
        x_range=edges(spectra.wave[:size]),
    )


def _chosen(spectra: FibreSpectra, ranked: npt.NDArray[np.intp], snr: Array) -> Iterator[Plot]:
    for name, place in (("Best", -1), ("Median", len(ranked) // 2), ("Faintest", 0)):
        if not ranked.size:
            return
        row = int(ranked[place])
        title = f"{name}: {spectra.table['OBJECT'][row]}, fibre {spectra.fps[row]}"
        yield Plot(
            f"{title}, SNR {snr[row]:.1f}", (_curve(spectra, row),), WAVELENGTH, COUNTS, wide=True
        )


def _curve(spectra: FibreSpectra, row: int, label: str = "") -> Curve:
    flux, error = spectra.flux[row].astype(float), spectra.error[row].astype(float)
    return Curve(spectra.wave, flux, error, label)


def _root_law(spectra: FibreSpectra, snr: Array, counts: Array) -> Plot:
    """Photon noise makes SNR grow with the root of the counts; what lies below is in trouble."""
    points = tuple(
        Curve(counts[rows], snr[rows], label=label, style="points")
        for kind, label in ((TARGET, "targets"), (SKY, "sky"))
        if (rows := spectra.rows(kind)).size
    )
    usable = np.isfinite(snr) & (counts > 0)
    factor = float(np.max(snr[usable] / np.sqrt(counts[usable]))) if usable.any() else 0.0
    x = np.geomspace(1.0, max(float(np.nanmax(counts, initial=1.0)), 2.0), 100)
    law = Curve(x, factor * np.sqrt(x), label="square-root law")
    return Plot("SNR against mean counts", (*points, law), "mean counts / ADU", "SNR per pixel")


def _along_slit(spectra: FibreSpectra, snr: Array) -> Plot:
    curves = tuple(
        Curve(spectra.fps[rows].astype(float), snr[rows], label=label, style="points")
        for kind, label in ((TARGET, "targets"), (SKY, "sky"))
        if (rows := spectra.rows(kind)).size
    )
    return Plot("SNR along the slit", curves, FPS, "SNR per pixel")


def _close_ups(spectra: FibreSpectra, ranked: npt.NDArray[np.intp]) -> Iterator[Plot]:
    inside = [
        line
        for line in LINES
        if spectra.wave[0] + HALF_WIDTH < line.wavelength < spectra.wave[-1] - HALF_WIDTH
    ]
    rows = [int(ranked[place]) for place in (-1, len(ranked) // 2)] if ranked.size else []
    for line in inside[:CLOSE_UPS]:
        near = np.abs(spectra.wave - line.wavelength) <= HALF_WIDTH
        yield Plot(
            line.name,
            tuple(_relative(spectra, row, near) for row in rows),
            WAVELENGTH,
            "over median",
        )


def _relative(spectra: FibreSpectra, row: int, near: npt.NDArray[np.bool_]) -> Curve:
    flux, error = spectra.flux[row, near].astype(float), spectra.error[row, near].astype(float)
    middle = float(np.median(flux)) or 1.0
    label = f"fibre {spectra.fps[row]}"
    return Curve(spectra.wave[near], flux / middle, error / abs(middle), label)


def _sky(spectra: FibreSpectra) -> Iterator[Plot]:
    rows = spectra.rows(SKY)
    if rows.size:
        middle = np.median(spectra.flux[rows], axis=0).astype(float)
        title = f"Sky: median of {rows.size} fibres"
        yield Plot(title, (Curve(spectra.wave, middle),), WAVELENGTH, COUNTS, wide=True)


def _plate(spectra: FibreSpectra, snr: Array) -> Map:
    rows = np.flatnonzero(np.isin(spectra.kinds, (TARGET, SKY)))
    radius, angle = spectra.table["R"][rows] / 1000.0, spectra.table["THETA"][rows]
    return Map(
        "Fibres on the plate",
        radius * np.cos(angle),
        radius * np.sin(angle),
        np.nan_to_num(snr[rows]),
        tuple("target" if kind == TARGET else "sky" for kind in spectra.kinds[rows]),
        "x / mm",
        "y / mm",
        "SNR per pixel",
    )
