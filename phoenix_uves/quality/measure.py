"""How an AB of UVES is measured; the rows of its QC parameters are in ``qc_table``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.qc import Measurement
from phoenix.toolkit.files import find, raw_paths
from phoenix.toolkit.headers import number, read_header
from phoenix.toolkit.rawframes import measure_raw_files
from phoenix_uves.process import arm_of, chips_of
from phoenix_uves.quality.calib import measure_calibration
from phoenix_uves.quality.science import CAMERA, measure_science
from phoenix_uves.quality.stack import measure_stack
from phoenix_uves.quality.table import ELEMENTS, KEYWORDS, SINGLE, STACKED
from phoenix_uves.recipe.fitness import RAW_CHIPS, SATURATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames

__all__ = ["measure"]

PRESSURE = "ESO INS SENS26 MEAN"


def measure(
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: tuple[Product, ...],
    parents_qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterator[Measurement]:
    """Measure one AB: raw files, the recipe's keywords, and what its raw type asks for."""
    arm = arm_of(ab.raw_type)
    hdus = [hdu for _, hdu in RAW_CHIPS.get(arm, ())]
    keywords = {"TEMPERATURE": CAMERA.get(arm, ""), "PRESSURE": PRESSURE}
    yield from measure_raw_files(raw_paths(ab, frames), SATURATION, keywords, hdus)
    yield from _measure_keywords(ab, products)
    if ab.raw_type in STACKED:
        yield from measure_stack(ab, frames, products, parents_qc)
    elif ab.raw_type in SINGLE:
        yield from measure_science(ab, frames, products, parents_qc)
    else:
        yield from measure_calibration(ab, frames, products)


def _measure_keywords(
    ab: AssociationBlock, products: tuple[Product, ...]
) -> Iterator[Measurement]:
    for row in KEYWORDS:
        if ab.raw_type not in row.raw_types:
            continue
        found: dict[int, float] = {}
        for chip in chips_of(ab.raw_type):
            path = find(products, f"{row.family}_{chip}")
            value = number(read_header(path), row.key) if path else None
            if value is not None:
                found[ELEMENTS[chip]] = value
        worst = (
            max(found.values(), key=lambda value: abs(value) if row.largest else -value)
            if found
            else None
        )
        yield Measurement(row.name, worst)
        yield from (Measurement(row.name, value, element) for element, value in found.items())
