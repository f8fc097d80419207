"""QC of science spectra: what is in them, and how the calibrations fit them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.qc import Measurement
from phoenix.toolkit.barycentre import tells_site
from phoenix.toolkit.conditions import (
    difference,
    first_number,
    inherited,
    measure_sky,
    middle,
)
from phoenix.toolkit.files import find, first_of, raw_paths
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.headers import Header, number, read_header, text
from phoenix.toolkit.measures import finite
from phoenix.toolkit.spectra import snr
from phoenix_uves.process import arm_of, chips_of
from phoenix_uves.quality.calib import resolution_ratio
from phoenix_uves.setups import is_sliced
from phoenix_uves.spectrum import Spectrum, read_spectrum
from phoenix_uves.velocity import PIPELINE_CORRECTION, correction_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames

__all__ = ["CAMERA", "measure_conditions", "measure_merged", "measure_science"]

CAMERA = {"BLUE": "ESO INS TEMP1 MEAN", "RED": "ESO INS TEMP2 MEAN"}
"""Arm to the keyword of the temperature of its camera in C."""

_NM_PER_ANGSTROM = 0.1
_IODINE = "ABSORPTION-CELL"


def measure_science(
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: tuple[Product, ...],
    parents_qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterator[Measurement]:
    """Measure the merged spectrum, its orders, the distance to the arc, and the sky above."""
    headers = [read_header(path) for path in raw_paths(ab, frames)]
    spectrum = read_spectrum(products, ab.raw_type)
    yield from measure_merged(spectrum)
    yield Measurement("SNR_LAW", _snr_law(spectrum))
    yield Measurement("SKY_COUNTS", _sky(ab, products))
    yield from _measure_orders(ab, frames, products)
    yield Measurement("NUM_COSMIC", _cosmics(ab, products))
    yield from measure_conditions(headers)
    yield from _measure_arc(ab, frames, headers)
    yield Measurement("STD_SLIT", inherited(parents_qc, "STD_SLIT"))
    yield from _measure_velocity(spectrum)
    yield Measurement("SITE_TOLD", int(tells_site(spectrum.header)) if spectrum else None)
    # One exposure is a stack of one: the same bits hold for both.
    yield Measurement("STACK_NEXP", 1)
    yield Measurement("STACK_MISSING", 0)
    yield Measurement("STACK_DEV", 0.0)
    yield Measurement("STACK_LOST", 0.0)


def _measure_velocity(spectrum: Spectrum | None) -> Iterator[Measurement]:
    """Measure the motion of the observer, ours and that of the pipeline."""
    ours = correction_of(spectrum.header) if spectrum else None
    theirs = number(spectrum.header, PIPELINE_CORRECTION) if spectrum else None
    yield Measurement("BARYCORR", ours)
    yield Measurement("PIPE_BARYCORR", theirs)
    yield Measurement("BARYCORR_DIFF", difference(ours, theirs))


def measure_merged(spectrum: Spectrum | None) -> Iterator[Measurement]:
    """Measure the merged spectrum of an exposure or a stack."""
    if spectrum is None or not spectrum.good.any():
        names = ("SNR", "MEAN_COUNTS", "NEGATIVE", "FLUX_CALIBRATED")
        yield from (Measurement(name, None) for name in names)
        return
    flux, error = (values[spectrum.good] for values in spectrum.main)
    yield Measurement("SNR", finite(float(snr(flux, error))))
    yield Measurement("MEAN_COUNTS", finite(float(np.median(spectrum.counts[spectrum.good]))))
    yield Measurement("NEGATIVE", float(np.mean(flux < 0)))
    yield Measurement("FLUX_CALIBRATED", int(spectrum.flux is not None))


def _snr_law(spectrum: Spectrum | None) -> float | None:
    """Signal-to-noise ratio over the root of the electrons; well below 1 something adds noise."""
    if spectrum is None or not spectrum.good.any():
        return None
    counts = spectrum.counts[spectrum.good]
    gain = number(spectrum.header, "ESO DET OUT1 CONAD")
    electrons = float(np.median(counts)) * (gain or 0.0)
    ratio = float(snr(counts, spectrum.counts_error[spectrum.good]))
    return ratio / electrons**0.5 if electrons > 0 and np.isfinite(ratio) else None


def _sky(ab: AssociationBlock, products: tuple[Product, ...]) -> float | None:
    paths = [find(products, f"MERGED_SKY_{chip}") for chip in chips_of(ab.raw_type)]
    values = [read_image(path) for path in paths if path]
    known = [sky[(sky != 0) & np.isfinite(sky)] for sky in values]
    return float(np.median(np.concatenate(known))) if any(sky.size for sky in known) else None


def _cosmics(ab: AssociationBlock, products: tuple[Product, ...]) -> int | None:
    paths = [find(products, f"CRMASK_{chip}") for chip in chips_of(ab.raw_type)]
    tables = [read_table(path) for path in paths if path]
    counts = [len(next(iter(table.values()))) for table in tables if table]
    return sum(counts) if counts else None


# ---- the orders --------------------------------------------------------------------------------


def _measure_orders(
    ab: AssociationBlock, frames: SetOfFrames, products: tuple[Product, ...]
) -> Iterator[Measurement]:
    """Measure the signal-to-noise ratio of every order, by its true number."""
    best: dict[int, float] = {}
    widths: list[float] = []
    number_of_orders = 0
    for chip in chips_of(ab.raw_type):
        path, last = find(products, f"ORDER_EXTRACT_QC_{chip}"), _last_order(frames, chip)
        if path is None:
            continue
        table = read_table(path)
        number_of_orders += len(table["Order"])
        widths += [width for width in table["ObjFwhmAvg"].tolist() if np.isfinite(width)]
        if last is None:
            continue
        for relative, ratio in zip(table["Order"], table["ObjSnBlzCentre"].tolist(), strict=True):
            order = last + 1 - int(relative)
            if np.isfinite(ratio):
                best[order] = max(ratio, best.get(order, ratio))
    yield Measurement("NUM_ORDERS", number_of_orders or None)
    # Not positive where the recipe did not look for an object: means over the slit.
    known = [width for width in widths if width > 0]
    yield Measurement("OBJECT_FWHM", float(np.median(known)) if known else None)
    yield from (Measurement("SNR", ratio, order) for order, ratio in sorted(best.items()))


def _last_order(frames: SetOfFrames, chip: str) -> int | None:
    """Return the true number of the lowest trace of a chip, relative order 1."""
    path = first_of(frames, f"LINE_TABLE_{chip}")
    last = number(read_header(path), "ESO QC ORDMAX") if path else None
    return int(last) if last is not None else None


# ---- calibrations and conditions ---------------------------------------------------------------


def measure_conditions(headers: list[Header]) -> Iterator[Measurement]:
    """Measure what the headers of raw files say of light path and sky."""
    sliced = any(map(is_sliced, headers))
    iodine = any(_IODINE in text(header, "ESO DPR TECH") for header in headers)
    yield Measurement("SLICER", int(sliced) if headers else None)
    yield Measurement("IODINE", int(iodine) if headers else None)
    yield from measure_sky(headers)


def _measure_arc(
    ab: AssociationBlock, frames: SetOfFrames, headers: list[Header]
) -> Iterator[Measurement]:
    paths = [first_of(frames, f"LINE_TABLE_{chip}") for chip in chips_of(ab.raw_type)]
    known = [path for path in paths if path]
    arcs = [read_header(path) for path in known]
    camera = CAMERA.get(arm_of(ab.raw_type), "")
    yield Measurement("DELTATIME", difference(middle(headers), middle(arcs)))
    here, there = (first_number(rows, camera) for rows in (headers, arcs))
    yield Measurement("DELTATEMP", difference(here, there))
    yield Measurement("SPEC_RES", _all(min, arcs, "ESO QC RESOLMED"))
    yield Measurement("SPEC_RES_RATIO", _ratio(known))
    rms = _all(max, arcs, "ESO QC LINE RESIDRMS WLU")
    yield Measurement("LAMRMS", None if rms is None else rms * _NM_PER_ANGSTROM)
    lines = _all(min, arcs, "ESO QC NLINSOL")
    yield Measurement("LAMNLIN", None if lines is None else int(lines))


def _ratio(paths: list[Path]) -> float | None:
    values = (resolution_ratio(path) for path in paths)
    return min((value for value in values if value is not None), default=None)


def _all(
    worst: Callable[[Iterable[float]], float], headers: list[Header], key: str
) -> float | None:
    values = [value for header in headers if (value := number(header, key)) is not None]
    return worst(values) if values else None
