"""How an AB of X-shooter is measured; the rows of its QC parameters are in ``quality.table``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.qc import Measurement
from phoenix.toolkit.files import find, raw_paths
from phoenix.toolkit.headers import number, read_header
from phoenix.toolkit.rawframes import measure_raw_files
from phoenix_xshooter.process import SCIENCE_RECIPES, arm_of, spectrum_catg
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
            path = find(products, _category(row.family, ab.raw_type))
            header = read_header(path) if path else {}
            value = number(header, row.key)
            yield Measurement(row.name, number(header, row.single) if value is None else value)
    if ab.recipe in SCIENCE_RECIPES:
        yield from measure_science(ab, frames, products, parents_qc)
    else:
        yield from measure_calibration(ab, frames, products)


def _category(family: str, raw_type: str) -> str:
    """Return the PRO.CATG of a product of a raw type."""
    if family.startswith("SLIT_"):
        return spectrum_catg(family, raw_type)
    return f"{family}_{arm_of(raw_type)}"
