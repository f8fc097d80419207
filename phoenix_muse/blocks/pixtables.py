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
    number = recipe.sequence_number(category) if recipe else None
    if recipe is None or number is None:
        return ()
    # The core numbers the first of a category by its row, the others after the last row.
    last = len(recipe.products)
    numbers = (number, *range(last, last + len(ifus_of(ab)) - 1))
    return tuple(PredictedProduct(f"r.{ab.root}_{n:04d}.fits", category) for n in numbers)
