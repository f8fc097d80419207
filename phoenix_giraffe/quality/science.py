"""QC of science products: the spectra, and how the calibrations fit them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.dates import CivilDate
from phoenix.model.qc import Measurement
from phoenix.toolkit.barycentre import tells_site, velocity_of_exposures
from phoenix.toolkit.conditions import (
    difference,
    first_number,
    inherited,
    measure_sky,
    middle,
)
from phoenix.toolkit.files import find, first_of, raw_paths
from phoenix.toolkit.headers import Header, flag, read_header, text
from phoenix.toolkit.measures import finite
from phoenix.toolkit.spectra import snr
from phoenix_giraffe.fibres import SIMCAL, SKY, TARGET, FibreSpectra, read_fibre_spectra
from phoenix_giraffe.quality.calib import measure_lost
from phoenix_giraffe.quality.cosmics import hit_pixels
from phoenix_giraffe.quality.scattered import scattered_light
from phoenix_giraffe.setups import RESOLVING_POWER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames

__all__ = ["TEMPERATURE", "mean_counts", "measure_science"]

NEW_DETECTOR = CivilDate(2008, 4, 1)
"""First night without bad column and glow (published GIRAFFE score bits 7 and 8)."""

BAD_COLUMN_FIBRES = frozenset({23, 24})
GLOW_FIBRES = frozenset(range(109, 125))
"""FPS of the fibres that those faults of the old detector touched."""

ATTACHED_TAGS = frozenset({"SIMCAL_ARC", "SIMCAL_FLAT"})
LAMPS = ("ESO INS LAMP4 ST", "ESO INS LAMP5 ST")

TEMPERATURE = "ESO INS TEMP1 VAL"
"""Temperature of the grating in C: score bit 0 compares that of science and arc."""


def measure_science(
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: tuple[Product, ...],
    parents_qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterator[Measurement]:
    """Measure the spectra, the distance to the arc, the lamps and the sky above."""
    spectra, errors = find(products, "SCIENCE_RBNSPECTRA"), find(products, "SCIENCE_RBNERRORS")
    raws = raw_paths(ab, frames)
    headers = [read_header(path) for path in raws]
    if spectra is not None and errors is not None:
        found = read_fibre_spectra(spectra, errors)
        yield from _measure_fibres(ab, found)
        yield from _measure_velocity(headers, found)
        yield from measure_lost(raws, found.fps.tolist(), science=True)
        level, part = scattered_light(frames, products, found.rows(SKY))
        yield Measurement("SCATTERED", level)
        yield Measurement("SCATTERED_PART", part)
    yield from _measure_arc_distance(headers, frames)
    yield from _measure_lamps(ab, headers)
    yield from measure_sky(headers)
    yield Measurement("SPEC_RES", _resolving_power(headers, parents_qc))


def mean_counts(spectra: FibreSpectra) -> npt.NDArray[np.float64]:
    """Mean counts of each fibre in ADU, shape (n_fibre,)."""
    return np.asarray(spectra.flux.mean(axis=1, dtype=np.float64))


# ---- the spectra -------------------------------------------------------------------------------


def _measure_fibres(ab: AssociationBlock, spectra: FibreSpectra) -> Iterator[Measurement]:
    ratio, counts = snr(spectra.flux, spectra.error), mean_counts(spectra)
    targets, sky = spectra.rows(TARGET), spectra.rows(SKY)
    yield Measurement("NSCI", len(targets))
    yield Measurement("NSKY", len(sky))
    yield Measurement("SNR", _of(np.median, ratio[targets]))
    yield Measurement("SNR_MAX", _of(np.max, ratio[targets]))
    yield Measurement("MEAN_COUNTS", _of(np.median, counts[targets]))
    yield Measurement("SKY_COUNTS", _of(np.median, counts[sky]))
    yield Measurement("SIMCAL_SHIFT", _largest_shift(spectra))
    yield Measurement("HIT_PART", _of(np.mean, hit_pixels(spectra)[targets].astype(float)))
    on_plate = np.concatenate((targets, sky))
    for row, fps in zip(on_plate, spectra.fps[on_plate].tolist(), strict=True):
        yield Measurement("SNR", finite(float(ratio[row])), fps)
        yield Measurement("MEAN_COUNTS", finite(float(counts[row])), fps)
    yield from _tell_magnitudes(spectra)
    yield from _measure_old_detector(ab, spectra.fps[on_plate].tolist())


def _tell_magnitudes(spectra: FibreSpectra) -> Iterator[Measurement]:
    """Yield what the user expected of each target; 0 is what stands where nobody said anything."""
    magnitudes = spectra.table.get("MAGNITUDE")
    if magnitudes is None:
        return
    for row in spectra.rows(TARGET):
        magnitude = finite(float(magnitudes[row]))
        if magnitude:
            yield Measurement("MAGNITUDE", magnitude, int(spectra.fps[row]))


def _measure_velocity(headers: list[Header], spectra: FibreSpectra) -> Iterator[Measurement]:
    """Measure the motion of the observer, ours and that of giscience, over fibres on the plate."""
    rows = np.concatenate((spectra.rows(TARGET), spectra.rows(SKY)))
    table = {name: values[rows] for name, values in spectra.table.items()}
    ours = velocity_of_exposures(headers, table["RA"], table["DEC"])
    centre, rotation = (table.get(name, np.full(len(rows), np.nan)) for name in ("BCORR", "GCORR"))
    away = np.zeros(0) if ours is None else np.abs(ours - centre - rotation)
    yield Measurement("BARYCORR", None if ours is None else _of(np.mean, ours))
    yield Measurement("PIPE_BCORR", _of(np.mean, centre))
    yield Measurement("PIPE_GCORR", _of(np.mean, rotation))
    yield Measurement("BARYCORR_DIFF", _of(np.max, away))
    yield Measurement("SITE_TOLD", int(all(map(tells_site, headers))))


def _of(
    average: Callable[[npt.NDArray[np.floating]], np.floating], values: npt.NDArray[np.floating]
) -> float | None:
    known = values[np.isfinite(values)]
    return float(average(known)) if known.size else None


def _largest_shift(spectra: FibreSpectra) -> float | None:
    shifts = spectra.table.get("WLRES")
    return None if shifts is None else _of(np.max, np.abs(shifts[spectra.rows(SIMCAL)]))


def _measure_old_detector(ab: AssociationBlock, fibres: list[int]) -> Iterator[Measurement]:
    old = ab.date is not None and ab.date < NEW_DETECTOR
    for name, touched in (("BADCOL", BAD_COLUMN_FIBRES), ("GLOW", GLOW_FIBRES)):
        yield Measurement(name, int(old and not touched.isdisjoint(fibres)))
        yield from (Measurement(name, int(old and fps in touched), fps) for fps in fibres)


# ---- calibrations and conditions ---------------------------------------------------------------


def _measure_arc_distance(headers: list[Header], frames: SetOfFrames) -> Iterator[Measurement]:
    path = first_of(frames, "DISPERSION_SOLUTION")
    arc = [read_header(path)] if path else []
    here, there = (first_number(rows, TEMPERATURE) for rows in (headers, arc))
    yield Measurement("DELTATIME", difference(middle(headers), middle(arc)))
    yield Measurement("DELTATEMP", difference(here, there))
    yield from _measure_solution(arc)


def _measure_solution(arc: list[Header]) -> Iterator[Measurement]:
    keys = ("RMS", "WLEN SCALE", "LINE NLINES")
    rms, scale, lines = (first_number(arc, f"ESO PRO WSOL {key}") for key in keys)
    yield Measurement("LAMRMS", rms * scale if rms is not None and scale is not None else None)
    yield Measurement("LAMNLIN", int(lines) if lines is not None else None)


def _measure_lamps(ab: AssociationBlock, headers: list[Header]) -> Iterator[Measurement]:
    attached = sum(raw.tag in ATTACHED_TAGS for raw in ab.associated_raws)
    burning = any(flag(header, lamp) for header in headers for lamp in LAMPS)
    yield Measurement("SIMATT", attached)
    yield Measurement("SIMCAL", int(burning) if headers else None)


def _resolving_power(
    headers: list[Header], parents_qc: Mapping[str, tuple[Measurement, ...]]
) -> float | None:
    measured = inherited(parents_qc, "RESOL_POWER")
    if isinstance(measured, float):
        return measured
    return RESOLVING_POWER.get(text(headers[0], "ESO INS EXP MODE")) if headers else None
