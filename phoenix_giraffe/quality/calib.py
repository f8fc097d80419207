"""QC of calibration products, beyond what the recipes write into their headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.qc import Measurement
from phoenix.toolkit.files import find, raw_paths
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.headers import number, read_header
from phoenix.toolkit.measures import finite
from phoenix.toolkit.rawframes import evenness
from phoenix_giraffe.fibres import TARGET
from phoenix_giraffe.recipe.lost import lost_fibres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames

__all__ = ["measure_arc", "measure_bias", "measure_flat", "measure_lost"]


def measure_bias(products: tuple[Product, ...]) -> Iterator[Measurement]:
    """Count the bad pixels."""
    bad = find(products, "BAD_PIXEL_MAP")
    yield Measurement("NUM_BAD", int(np.count_nonzero(read_image(bad))) if bad else None)


def measure_flat(
    ab: AssociationBlock, frames: SetOfFrames, products: tuple[Product, ...]
) -> Iterator[Measurement]:
    """Compare the raw flats, and take the transmission of every fibre."""
    yield Measurement("FLAT_EVENNESS", finite(evenness(raw_paths(ab, frames))))
    spectra = find(products, "FF_EXTSPECTRA")
    table = read_table(spectra, "FIBER_SETUP") if spectra else {}
    yield Measurement("NUM_FIB", len(table["FPS"]) if table else None)
    if table:
        yield from measure_lost(raw_paths(ab, frames), table["FPS"].astype(int).tolist())
    for fps, value in zip(table.get("FPS", ()), table.get("TRANSMISSION", ()), strict=False):
        yield Measurement("TRANSMISSION", finite(value), int(fps))


def measure_lost(
    raws: tuple[Path, ...], found: list[int], *, science: bool = False
) -> Iterator[Measurement]:
    """Count the listed fibres that a product does not have, and name them."""
    lost = lost_fibres(raws[0], found) if raws else ()
    yield Measurement("NUM_LOST", len(lost))
    yield Measurement("LOST", int(bool(lost)))
    if science:
        yield Measurement("LOST_TARGET", sum(fibre.kind == TARGET for fibre in lost))
    for fibre in lost:
        yield Measurement("LOST", 1, fibre.fps)
        # By day every button is listed as a target.
        if science and fibre.kind == TARGET:
            yield Measurement("LOST_TARGET", fibre.name, fibre.fps)


def measure_arc(products: tuple[Product, ...]) -> Iterator[Measurement]:
    """Measure how well the lines of every fibre lie on the dispersion solution."""
    lines, spectra = find(products, "LINE_DATA"), find(products, "ARC_EXTSPECTRA")
    fps = read_table(spectra, "FIBER_SETUP")["FPS"] if spectra else np.zeros(0, dtype=int)
    yield Measurement("NUM_FIB", len(fps) if spectra else None)
    if lines is None:
        yield from (Measurement(name, None) for name in ("LINES_ACCEPTED", "WAVE_RMS"))
        return
    residuals = _residuals(lines)
    yield Measurement("LINES_ACCEPTED", finite(float(np.isfinite(residuals).mean())))
    yield Measurement("WAVE_RMS", finite(_rms(residuals)))
    for number_in_slit, column in zip(fps, residuals.T, strict=False):
        yield Measurement("FIBRE_WAVE_RMS", finite(_rms(column)), int(number_in_slit))


def _residuals(lines: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Wavelength residuals in nm, shape (lines, fibres); nan for lines that were rejected.

    Xoff is where a line lies beside the optical model, Xres the polynomial laid through that.
    """
    scale = number(read_header(lines), "ESO PRO WSOL WLEN SCALE") or np.nan
    left = read_image(lines, "Xoff").astype(np.float64) - read_image(lines, "Xres")
    return np.where(read_image(lines, "LINE_FLAGS") == 0, left * scale, np.nan)


def _rms(residuals: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float | None:
    known = residuals[np.isfinite(residuals)]
    return float(np.sqrt(np.mean(known**2))) if known.size else None
