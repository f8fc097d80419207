"""A historical AB brought to today's standard: one row an edit, each with its reason.

Every row leaves an AB alone that needs it no more, so that editing twice changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.model.recipe import Parameter
from phoenix.toolkit.edits import (
    Changes,
    EditRow,
    drop_unknown,
    edited,
    place_virtual,
    predicted,
    with_parameter,
)
from phoenix_xshooter.blocks.parameters import BINS, KNOWN_PARAMETERS, SDP
from phoenix_xshooter.process import (
    OFFSET,
    RESPONSE,
    RESPONSE_STARE,
    SCIENCE_RECIPES,
    XSHOOTER_ECH,
    arm_of,
    flux_products,
    is_telluric,
    usual_products,
)

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock

__all__ = ["EDITS", "RESPONSES", "is_calibrated", "modernise"]

RESPONSES = (RESPONSE, f"M{RESPONSE}")
"""PRO.CATG of a response without the arm: of the night, or a master."""

EXTINCTION = "ATMOS_EXT"

SLIP = Parameter("rectify-bin-lambda", "0.04")
"""What some rules of NIR have from those of UVB."""


def modernise(ab: AssociationBlock) -> AssociationBlock:
    """Apply all rows, in their order."""
    return edited(ab, EDITS)


def is_calibrated(ab: AssociationBlock) -> bool:
    """Whether the recipe is given what it needs to calibrate the flux."""
    arm, given = arm_of(ab.raw_type), {one.pro_catg for one in ab.calibrations}
    has_response = any(f"{family}_{arm}" in given for family in RESPONSES)
    return ab.recipe in SCIENCE_RECIPES and has_response and f"{EXTINCTION}_{arm}" in given


def _ask_for_table(ab: AssociationBlock) -> Changes:
    name, value = SDP[0]
    if is_telluric(ab.raw_type):
        others = tuple(one for one in ab.parameters if one.name != name)
        return {} if others == ab.parameters else {"parameters": others}
    if any(one.name == name and one.value == value for one in ab.parameters):
        return {}
    others = tuple(one for one in ab.parameters if one.name != name)
    return {"parameters": (*others, Parameter(name, value))}


def _known_tag(ab: AssociationBlock) -> Changes:
    wrong, right = "STD_TELL_SLIT_OFFSET", "OBJECT_SLIT_OFFSET"
    raws = tuple(evolve(raw, tag=raw.tag.replace(wrong, right)) for raw in ab.raw_files)
    return {} if raws == ab.raw_files else {"raw_files": raws}


def _mend_bins(ab: AssociationBlock) -> Changes:
    if arm_of(ab.raw_type) != "NIR" or SLIP not in ab.parameters:
        return {}
    right = {name: Parameter(name, value) for name, value in BINS["NIR"]}
    return {"parameters": tuple(right.get(one.name, one) for one in ab.parameters)}


def _bins(ab: AssociationBlock) -> Changes:
    changed: Changes = {}
    for name, value in BINS.get(arm_of(ab.raw_type), ()):
        more = with_parameter(ab, Parameter(name, value))
        if more:
            changed = {
                "parameters": (*changed.get("parameters", ab.parameters), more["parameters"][-1])
            }
    return changed


def _predict_products(ab: AssociationBlock) -> Changes:
    recipe = XSHOOTER_ECH.recipe(ab.recipe)
    if recipe is None or not arm_of(ab.raw_type):
        return {}
    categories = usual_products(ab.recipe, ab.raw_type)
    if is_calibrated(ab):
        categories = (*categories, *flux_products(ab.raw_type))
    return predicted(ab, recipe, categories)


EDITS: tuple[EditRow, ...] = (
    EditRow("products of this night lie in one folder an AB", place_virtual),
    EditRow(
        "xshoo 3.5.0 does not know the parameter and ends with code 255",
        drop_unknown(KNOWN_PARAMETERS),
    ),
    EditRow(
        "the table in the form of the data standard (xshoo.oca), but not of a telluric standard",
        _ask_for_table,
        recipes=SCIENCE_RECIPES,
    ),
    EditRow(
        "rules of OFFSET, and of standards in STARE, have the bins of UVB in NIR: those of NIR",
        _mend_bins,
        recipes=(OFFSET, RESPONSE_STARE),
    ),
    EditRow(
        "xshoo 3.5.0 does not know the tag of the rules; it goes by DPR TYPE, too",
        _known_tag,
        recipes=(OFFSET,),
    ),
    EditRow("bins of spectra as in xshoo.oca", _bins, recipes=SCIENCE_RECIPES),
    EditRow("these are the products of xshoo 3.5.0, in our numbers", _predict_products),
)
"""The rows, in the order in which they are applied."""
