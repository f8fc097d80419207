"""How an AB of GIRAFFE is measured; the rows of its QC parameters are in ``qc_table``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.qc import Measurement
from phoenix.toolkit.files import find, raw_paths
from phoenix.toolkit.headers import number, read_header
from phoenix.toolkit.rawframes import measure_raw_files
from phoenix_giraffe.quality.calib import measure_arc, measure_bias, measure_flat
from phoenix_giraffe.quality.science import TEMPERATURE, measure_science
from phoenix_giraffe.quality.table import ARC, FLAT, KEYWORDS, SCIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames
    from phoenix_giraffe.quality.table import KeywordRow

__all__ = ["measure"]

SATURATION = 60000.0
"""ADU from which the pipeline counts a raw pixel as saturated (QC OUT1 NSAT RAW)."""


def measure(
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: tuple[Product, ...],
    parents_qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterator[Measurement]:
    """Measure one AB: raw files, the recipe's keywords, and what its raw type asks for."""
    yield from measure_raw_files(raw_paths(ab, frames), SATURATION, {"TEMPERATURE": TEMPERATURE})
    yield from _measure_keywords(ab, products)
    if ab.raw_type == "BIAS":
        yield from measure_bias(products)
    elif ab.raw_type == FLAT:
        yield from measure_flat(ab, frames, products)
    elif ab.raw_type == ARC:
        yield from measure_arc(products)
    elif ab.raw_type == SCIENCE:
        yield from measure_science(ab, frames, products, parents_qc)


def _measure_keywords(
    ab: AssociationBlock, products: tuple[Product, ...]
) -> Iterator[Measurement]:
    rows = [(row, dict(row.places)[ab.raw_type]) for row in KEYWORDS if _holds(row, ab)]
    paths = {catg: find(products, catg) for _, catg in rows}
    headers = {catg: read_header(path) if path else {} for catg, path in paths.items()}
    for row, catg in rows:
        yield Measurement(row.parameter.name, number(headers[catg], row.key))


def _holds(row: KeywordRow, ab: AssociationBlock) -> bool:
    return any(raw_type == ab.raw_type for raw_type, _ in row.places)
