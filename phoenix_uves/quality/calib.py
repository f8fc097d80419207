"""QC of calibration products, beyond what the recipes write into their headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.qc import Measurement
from phoenix.toolkit.files import find, raw_paths
from phoenix.toolkit.fits import read_table
from phoenix.toolkit.headers import number, read_header
from phoenix.toolkit.measures import finite, robust_sigma
from phoenix.toolkit.rawframes import evenness
from phoenix_uves.process import arm_of, chips_of
from phoenix_uves.recipe.fitness import RAW_CHIPS
from phoenix_uves.setups import nominal_resolution, slit_width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames

__all__ = ["measure_calibration", "of_worst_chip", "resolution_ratio"]

_EDGE = 20  # part of a response at either end, 1/20, that carries next to no light (ours)


def measure_calibration(
    ab: AssociationBlock, frames: SetOfFrames, products: tuple[Product, ...]
) -> Iterator[Measurement]:
    """Measure what the raw type asks for."""
    kind, arm = ab.raw_type.rpartition("_")[0], arm_of(ab.raw_type)
    raws = raw_paths(ab, frames)
    if kind == "ARC_LAMP_FORM":
        part = _ratio("ESO QC MODEL NLINSEL", "ESO QC MODEL NLINALL")
        yield _worst("FORMAT_FOUND", ab, products, "LINE_GUESS_TAB", part)
    elif kind == "ORDER_FLAT":
        part = _ratio("ESO QC ORD NDET", "ESO QC ORD NPRED")
        yield _worst("ORDERS_PART", ab, products, "ORDER_TABLE", part)
    elif kind == "FLAT":
        levels = (evenness(raws, hdu) for _, hdu in RAW_CHIPS.get(arm, ()))
        worst = min((level for level in levels if level is not None), default=None)
        yield Measurement("FLAT_EVENNESS", finite(worst))
    elif kind == "ARC_LAMP":
        yield _worst("RESOLUTION_RATIO", ab, products, "LINE_TABLE", resolution_ratio)
        yield _worst("LINES_PER_ORDER", ab, products, "LINE_TABLE", _lines_per_order)
    elif kind == "STANDARD":
        yield Measurement("STD_SLIT", slit_width(read_header(raws[0]), arm) if raws else None)
        yield _worst("STD_SNR", ab, products, "ORDER_EXTRACT_QC", _order_snr)
        yield _worst(
            "RESPONSE_RMS", ab, products, "INSTR_RESPONSE_FINE", _response_scatter, largest=True
        )
        yield _worst("EFFICIENCY", ab, products, "EFFICIENCY_TABLE", _efficiency)


def of_worst_chip(
    ab: AssociationBlock,
    products: tuple[Product, ...],
    family: str,
    measure: Callable[[Path], float | None],
    *,
    largest: bool = False,
) -> float | None:
    """Measure the product of each chip and return the smallest value, or the largest."""
    paths = (find(products, f"{family}_{chip}") for chip in chips_of(ab.raw_type))
    found = [value for path in paths if path and (value := measure(path)) is not None]
    return (max if largest else min)(found, default=None)


def _worst(
    name: str,
    ab: AssociationBlock,
    products: tuple[Product, ...],
    family: str,
    measure: Callable[[Path], float | None],
    *,
    largest: bool = False,
) -> Measurement:
    value = of_worst_chip(ab, products, family, measure, largest=largest)
    return Measurement(name, finite(value))


def _ratio(part: str, whole: str) -> Callable[[Path], float | None]:
    def measure(path: Path) -> float | None:
        header = read_header(path)
        one, all_of_them = number(header, part), number(header, whole)
        return one / all_of_them if one is not None and all_of_them else None

    return measure


def resolution_ratio(path: Path) -> float | None:
    """Divide the resolving power of a LINE_TABLE by that of its slit, None for an unknown slit."""
    header = read_header(path)
    arm = "BLUE" if number(header, "ESO DET CHIPS") == 1 else "RED"
    nominal, measured = nominal_resolution(header, arm), number(header, "ESO QC RESOLMED")
    return measured / nominal if nominal and measured is not None else None


def _lines_per_order(path: Path) -> float | None:
    header = read_header(path)
    keys = ("ESO QC NLINSEL", "ESO QC ORDMIN", "ESO QC ORDMAX")
    lines, first, last = (number(header, key) for key in keys)
    if lines is None or first is None or last is None:
        return None
    return lines / (last - first + 1)


def _order_snr(path: Path) -> float | None:
    values = read_table(path)["ObjSnBlzCentre"]
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else None


def _response_scatter(path: Path) -> float | None:
    """Scatter of the raw response around the smooth one, relative."""
    smooth = read_table(path, 1)["response_smo"]
    raw = next(
        values for name, values in read_table(path, 2).items() if name.startswith("response")
    )
    edge = smooth.size // _EDGE
    smooth, raw = smooth[edge:-edge], raw[edge:-edge]
    good = np.isfinite(smooth) & np.isfinite(raw) & (smooth > 0) & (raw > 0)
    return robust_sigma(raw[good] / smooth[good]) if good.any() else None


def _efficiency(path: Path) -> float | None:
    values = read_table(path)["Eff"]
    known = values[np.isfinite(values)]
    # The best efficiency; a percentile, so that a hot pixel does not make it (ours).
    return float(np.percentile(known, 99)) if known.size else None
