"""How an AB of MUSE is measured; the rows of its QC parameters are in ``quality.table``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.qc import Measurement
from phoenix_muse.quality.cubes import measure_alignment, measure_cube, measure_sky_model
from phoenix_muse.quality.frames import measure_exposure, measure_raw
from phoenix_muse.quality.keywords import measure_keywords
from phoenix_muse.quality.table import ALIGNMENT, CUBES, EXPOSURES, RAW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames

__all__ = ["measure"]


def measure(
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: tuple[Product, ...],
    parents_qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterator[Measurement]:
    """Measure one AB: the recipe's keywords, and what its raw type asks for."""
    of_recipe = tuple(measure_keywords(ab, products))
    yield from of_recipe
    if ab.raw_type in RAW:
        yield from measure_raw(ab, frames)
    if ab.raw_type == "FLAT":
        yield from _evenness(of_recipe)
    elif ab.raw_type in EXPOSURES:
        yield from measure_exposure(ab, frames, products)
    elif ab.raw_type in CUBES:
        yield from measure_cube(ab, frames, products, parents_qc)
    elif ab.raw_type == "PIXTABLE_SKY":
        yield from measure_sky_model(products)
    elif ab.raw_type == ALIGNMENT:
        yield from measure_alignment(products)


def _evenness(of_recipe: tuple[Measurement, ...]) -> Iterator[Measurement]:
    """Compare the raw flats of each IFU: of all IFUs the worst counts."""
    faint, usual = (
        {row.element: row.value for row in of_recipe if row.parameter == name}
        for name in ("FLAT_FAINTEST", "FLAT_LEVEL")
    )
    # A file of one detector that does not say which has the whole only.
    ifus = [ifu for ifu in faint if ifu] or list(faint)
    ratios = [
        one / other
        for ifu in ifus
        if isinstance(one := faint[ifu], float)
        and isinstance(other := usual.get(ifu), float)
        and other > 0
    ]
    yield Measurement("FLAT_EVENNESS", min(ratios, default=None))
