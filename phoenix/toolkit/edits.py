"""Edits of historical ABs: how a table of them is applied, and those that every instrument makes.

An edit leaves an AB alone that needs it no more, so that editing twice changes nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from phoenix.model.ab import AssociationBlock, PredictedProduct
from phoenix.model.frames import PIPEFILE, MasterCalibration, symbolic_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from phoenix.model.recipe import Parameter, Recipe

    Change = Callable[[AssociationBlock], "Changes"]

__all__ = [
    "Changes",
    "EditRow",
    "drop_unknown",
    "edited",
    "place_virtual",
    "predicted",
    "rename_recipe",
    "with_parameter",
]

Changes = dict[str, Any]
"""Fields of an AB and their new values."""

_NIGHT = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)


@frozen
class EditRow:
    """One kind of edit.

    Attributes
    ----------
    why : str
        The reason, as it will stand in the AB.
    change : callable
        From the AB to new values of its fields; the old values where nothing is to be done.
    recipes : tuple of str
        Today's recipes whose ABs are edited; empty for all.
    """

    why: str
    change: Change
    recipes: tuple[str, ...] = ()


def edited(ab: AssociationBlock, rows: Iterable[EditRow]) -> AssociationBlock:
    """Apply all rows, in their order."""
    for row in rows:
        if not row.recipes or ab.recipe in row.recipes:
            ab = ab.edited(why=row.why, **row.change(ab))
    return ab


def rename_recipe(names: Mapping[str, str]) -> Change:
    """Change the name of a recipe: of old to that of today."""
    return lambda ab: {"recipe": names.get(ab.recipe, ab.recipe)}


def drop_unknown(known: Mapping[str, frozenset[str]]) -> Change:
    """Change the parameters to those that the recipe knows; of other recipes all stay.

    Parameters
    ----------
    known : mapping
        Recipe to the names of its parameters.
    """

    def change(ab: AssociationBlock) -> Changes:
        names = known.get(ab.recipe)
        if names is None:
            return {}
        return {"parameters": tuple(one for one in ab.parameters if one.name in names)}

    return change


def with_parameter(ab: AssociationBlock, parameter: Parameter) -> Changes:
    """Add a parameter unless the AB has its own opinion."""
    if any(one.name == parameter.name for one in ab.parameters):
        return {}
    return {"parameters": (*ab.parameters, parameter)}


def predicted(ab: AssociationBlock, recipe: Recipe, categories: Iterable[str]) -> Changes:
    """Predict products of these PRO.CATG under their PIPEFILE names."""
    names = ((recipe.product_name(ab.root, catg), catg) for catg in categories)
    return {"products": tuple(PredictedProduct(name, catg) for name, catg in names)}


def place_virtual(ab: AssociationBlock) -> Changes:
    """Place what parents will make where they make it: in one folder an AB.

    Tools of old put it below ``$DFS_PRODUCT`` into a folder for each raw type, and do not tell
    it from what is there. A parent may be of another night, which then stands in the path.
    """
    return {"calibrations": tuple(_placed(one, ab) for one in ab.calibrations)}


def _placed(calibration: MasterCalibration, ab: AssociationBlock) -> MasterCalibration:
    symbol, below = symbolic_parts(calibration.path)
    match = PIPEFILE.match(calibration.name)
    if symbol != "DFS_PRODUCT" or match is None or ab.date is None:
        return calibration
    nights = (folder for folder in below.split("/")[:-1] if _NIGHT.match(folder))
    night = next(nights, str(ab.date))
    path = f"${{DFS_PRODUCT}}/{night}/{match[1]}/{calibration.name}"
    return evolve(calibration, path=path, virtual=True)
