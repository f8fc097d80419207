"""The pixel tables of an exposure: one for each IFU, which its AB must predict one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.ab import PredictedProduct
from phoenix_muse.process import MUSE_IFU, SCIBASIC

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock

__all__ = ["ALL_IFUS", "NIFU", "ifus_of", "pixel_tables"]

ALL_IFUS = tuple(range(1, 25))

NIFU = "nifu"
"""Parameter of the recipes: an IFU by its number, or all of them where it is not positive."""


def ifus_of(ab: AssociationBlock) -> tuple[int, ...]:
    """Return the IFUs that an AB reduces."""
    for parameter in ab.parameters:
        if parameter.name == NIFU and parameter.value.isdecimal() and int(parameter.value) > 0:
            return (int(parameter.value),)
    return ALL_IFUS


def pixel_tables(ab: AssociationBlock) -> tuple[PredictedProduct, ...]:
    """Predict the pixel tables of an AB of muse_scibasic, in the order of the IFUs."""
    recipe = MUSE_IFU.recipe(SCIBASIC)
    category = f"PIXTABLE_{ab.raw_type}"
    if recipe is None or recipe.sequence_number(category) is None:
        return ()
    return tuple(
        PredictedProduct(recipe.product_name(ab.root, category, f"{ifu:02d}"), category)
        for ifu in ifus_of(ab)
    )
