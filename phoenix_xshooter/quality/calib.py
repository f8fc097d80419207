"""QC of calibration products, beyond what the recipes write into their headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.qc import Measurement
from phoenix.toolkit.files import find, raw_paths
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.headers import number, read_header
from phoenix.toolkit.rawframes import mean_level
from phoenix_xshooter.process import arm_of, kind_of
from phoenix_xshooter.setups import DISPERSION, nominal_resolution, orders_of, slit_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames

__all__ = ["HEALTH", "measure_calibration", "unhealthy"]

_SERVING = "ESO QC NLINE FOUND CLEAN"

HEALTH: Mapping[str, tuple[float | None, float | None]] = {
    "FORMAT_FOUND": (0.6, None),
    "FORMAT_RMS": (None, 0.1),
    "ORDERS_PART": (1.0, None),
    "FLAT_EVENNESS": (0.9, None),
    "WAVE_FOUND": (0.75, None),
    "WAVE_RMS": (None, 0.1),
    "STD_SNR": (5.0, None),
}
"""Measurement of a calibration to its limits; beyond them it serves, but not as well (ours)."""


def unhealthy(parents_qc: Mapping[str, tuple[Measurement, ...]]) -> int:
    """Count the measurements of parents that are beyond their limits."""
    rows = [row for of_parent in parents_qc.values() for row in of_parent if row.element == 0]
    return sum(_beyond(row) for row in rows)


def _beyond(row: Measurement) -> bool:
    low, high = HEALTH.get(row.parameter, (None, None))
    if not isinstance(row.value, int | float):
        return False
    return (low is not None and row.value < low) or (high is not None and row.value > high)


def measure_calibration(
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: Sequence[Product],
) -> Iterator[Measurement]:
    """Measure what the raw type asks for."""
    kind, arm = kind_of(ab.raw_type), arm_of(ab.raw_type)
    raws = raw_paths(ab, frames)
    if kind == "FMTCHK":
        path = find(products, f"FMTCHK_RESID_TAB_LINES_GFIT_{arm}")
        yield Measurement("FORMAT_FOUND", _found(path))
        yield Measurement("FORMAT_RMS", _rms(path))
    elif kind == "ORDERDEF":
        path = find(products, f"ORDER_TAB_CENTR_{arm}")
        yield Measurement("ORDERS_PART", _orders(path, ab.raw_type))
    elif kind == "FLAT_SLIT":
        path = find(products, f"ORDER_TAB_EDGES_SLIT_{arm}")
        yield Measurement("ORDERS_PART", _orders(path, ab.raw_type))
        yield Measurement("FLAT_EVENNESS", _evenness(ab, frames))
    elif kind == "WAVE":
        yield from _measure_wave(products, arm)
    elif kind == "ARC_SLIT":
        yield Measurement(
            "RESOLUTION_RATIO", _resolution(find(products, f"TILT_TAB_SLIT_{arm}"), arm)
        )
    elif kind.startswith("STD_FLUX"):
        yield Measurement("STD_SLIT", slit_width(read_header(raws[0]), arm) if raws else None)
        yield Measurement("STD_SNR", _standard_snr(find(products, f"FLUX_SLIT_MERGE1D_{arm}")))
        yield Measurement("EFFICIENCY", _efficiency(find(products, f"EFFICIENCY_SLIT_{arm}")))


def _measure_wave(products: Sequence[Product], arm: str) -> Iterator[Measurement]:
    path = find(products, f"WAVE_RESID_TAB_LINES_{arm}")
    rms = _rms(path)
    lines = number(read_header(path), _SERVING) if path else None
    yield Measurement("WAVE_FOUND", _found(path))
    yield Measurement("WAVE_RMS", rms)
    yield Measurement("LAMRMS", None if rms is None else rms * DISPERSION[arm])
    yield Measurement("LAMNLIN", None if lines is None else int(lines))


def _found(path: Path | None) -> float | None:
    """Divide the lines that serve by those looked for, see :mod:`phoenix_xshooter.recipe.gate`."""
    header = read_header(path) if path else {}
    found, wanted = number(header, _SERVING), number(header, "ESO QC NLINE FOUND")
    return found / wanted if found is not None and wanted else None


def _rms(path: Path | None) -> float | None:
    header = read_header(path) if path else {}
    values = [number(header, f"ESO QC POLY RES{axis}_RMS") for axis in "XY"]
    known = [value for value in values if value is not None]
    return max(known) if known else None


def _orders(path: Path | None, raw_type: str) -> float | None:
    if path is None:
        return None
    return len(next(iter(read_table(path).values()), ())) / orders_of(raw_type)


def _evenness(ab: AssociationBlock, frames: SetOfFrames) -> float | None:
    """Divide the faintest lit frame by the brightest, of the worst lamp.

    Tags tell the lamps apart, and the dark frames of the near infrared; as levels are means of
    whole frames with their bias, they differ less than the light does.
    """
    worst = None
    levels: dict[str, list[float]] = {}
    for raw, path in zip(ab.raw_files, raw_paths(ab, frames), strict=False):
        if not raw.tag.endswith("_OFF"):
            levels.setdefault(raw.tag, []).append(mean_level(path))
    for found in levels.values():
        if max(found) > 0:
            ratio = min(found) / max(found)
            worst = ratio if worst is None else min(worst, ratio)
    return worst


def _resolution(path: Path | None, arm: str) -> float | None:
    if path is None:
        return None
    header = read_header(path)
    nominal, measured = nominal_resolution(header, arm), number(header, "ESO QC RESOLMED")
    return measured / nominal if nominal and measured is not None else None


def _standard_snr(path: Path | None) -> float | None:
    if path is None:
        return None
    flux, error = (np.asarray(read_image(path, hdu), dtype=float) for hdu in (0, 1))
    known = np.isfinite(flux) & (error > 0)
    return float(np.median(flux[known] / error[known])) if known.any() else None


def _efficiency(path: Path | None) -> float | None:
    header = read_header(path) if path else {}
    keys = [key for key in header if key.startswith("ESO QC EFF MED ORD")]
    values = [value for key in keys if (value := number(header, key)) is not None]
    return max(values) if values else None
