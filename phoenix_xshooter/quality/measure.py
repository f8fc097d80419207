"""How an AB of X-shooter is measured; the rows of its QC parameters are in ``quality.table``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.qc import Measurement
from phoenix.toolkit.files import find, raw_paths
from phoenix.toolkit.headers import number, read_header
from phoenix.toolkit.rawframes import measure_raw_files
from phoenix_xshooter.process import SCIENCE_RECIPES, arm_of
from phoenix_xshooter.quality.calib import measure_calibration
from phoenix_xshooter.quality.science import measure_science
from phoenix_xshooter.quality.table import KEYWORDS
from phoenix_xshooter.setups import SATURATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames

__all__ = ["measure"]

TEMPERATURE = {"UVB": "ESO INS TEMP5 VAL", "VIS": "ESO INS TEMP6 VAL", "NIR": "ESO INS TEMP7 VAL"}
"""Arm to the keyword of its temperature in C."""


def measure(
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: tuple[Product, ...],
    parents_qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterator[Measurement]:
    """Measure one AB: raw files, the recipe's keywords, and what its raw type asks for."""
    arm = arm_of(ab.raw_type)
    keywords = {"TEMPERATURE": TEMPERATURE.get(arm, "")}
    yield from measure_raw_files(raw_paths(ab, frames), SATURATION.get(arm, 65000.0), keywords)
    for row in KEYWORDS:
        if ab.raw_type in row.raw_types:
            path = find(products, f"{row.family}_{arm}")
            yield Measurement(row.name, number(read_header(path), row.key) if path else None)
    if ab.recipe in SCIENCE_RECIPES:
        yield from measure_science(ab, frames, products, parents_qc)
    else:
        yield from measure_calibration(ab, frames, products)
