"""A historical AB brought to today's standard: one row an edit, each with its reason.

Every row leaves an AB alone that needs it no more, so that editing twice changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.toolkit.edits import (
    Changes,
    EditRow,
    drop_unknown,
    edited,
    place_virtual,
    predicted,
)
from phoenix_muse.blocks.later import READ_BY_SCIBASIC
from phoenix_muse.blocks.parameters import KNOWN_PARAMETERS
from phoenix_muse.blocks.pixtables import pixel_tables
from phoenix_muse.process import MUSE_IFU, SCIBASIC

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock

__all__ = ["EDITS", "modernise"]

RAW_TYPES = {"SCI_SINGLE": "OBJECT"}
"""Raw type of old to the tag of the raw file, which tells object, sky and standard star apart."""


def modernise(ab: AssociationBlock) -> AssociationBlock:
    """Apply all rows, in their order."""
    return edited(ab, EDITS)


def _name_raw_type(ab: AssociationBlock) -> Changes:
    if ab.raw_type not in RAW_TYPES or not ab.raw_files:
        return {}
    tag = ab.raw_files[0].tag
    known = {row.name for row in MUSE_IFU.raw_types if row.recipe == SCIBASIC}
    return {"raw_type": tag if tag in known else RAW_TYPES[ab.raw_type]}


def _set_aside(ab: AssociationBlock) -> Changes:
    later = tuple(one for one in ab.calibrations if one.pro_catg not in READ_BY_SCIBASIC)
    if not later:
        return {}
    known = set(ab.associated_masters)
    return {
        "calibrations": tuple(one for one in ab.calibrations if one not in later),
        "associated_masters": (
            *ab.associated_masters,
            *(one for one in later if one not in known),
        ),
    }


def _predict_products(ab: AssociationBlock) -> Changes:
    recipe = MUSE_IFU.recipe(ab.recipe)
    if recipe is None:
        return {}
    if ab.recipe == SCIBASIC:
        return {"products": pixel_tables(ab)}
    return predicted(ab, recipe, [row.pro_catg for row in recipe.products if row.required])


EDITS: tuple[EditRow, ...] = (
    EditRow("the raw type of old; object, sky and standard star are told apart", _name_raw_type),
    EditRow("products of this night lie in one folder an AB", place_virtual),
    EditRow(
        "only the later steps read it: the cascade hands it on to them",
        _set_aside,
        recipes=(SCIBASIC,),
    ),
    EditRow(
        "muse 2.8.7 does not know the parameter and ends with code 255",
        drop_unknown(KNOWN_PARAMETERS),
    ),
    EditRow("these are the products of muse 2.8.7, in our numbers", _predict_products),
)
"""The rows, in the order in which they are applied."""
