"""A historical AB brought to today's standard: one row an edit, each with its reason.

Every row leaves an AB alone that needs it no more, so that editing twice changes nothing. Where a
reason says *changes*, it is the list of changes that comes with uves 6.1.8; *release* is the
description of the UVES data release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.model.frames import MasterCalibration
from phoenix.model.recipe import Parameter
from phoenix.toolkit.edits import (
    Changes,
    EditRow,
    drop_unknown,
    edited,
    place_virtual,
    predicted,
    rename_recipe,
    with_parameter,
)
from phoenix_uves.extraction import PARAMETERS, choice_of, is_calibrated
from phoenix_uves.parameters import KNOWN_PARAMETERS
from phoenix_uves.process import (
    SCIENCE_RECIPE,
    UVES_ECH,
    chips_of,
    flux_products,
    sky_products,
    usual_products,
)

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock

__all__ = ["EDITS", "RECIPES", "modernise"]

RECIPES = {
    "uves_mbias": "uves_cal_mbias",
    "uves_mdark": "uves_cal_mdark",
    "uves_mflat": "uves_cal_mflat",
    "uves_physmod": "uves_cal_predict",
    "uves_orderpos": "uves_cal_orderpos",
    "uves_wavecal": "uves_cal_wavecal",
    "uves_response": "uves_cal_response",
    "uves_scired": SCIENCE_RECIPE,
    "uves_obs_spatred": SCIENCE_RECIPE,
}
"""Recipe name of old to that of today (changes in 0.9.6 and 3.2.3)."""

MASTER_MAKER = "uves_cal_mkmaster"
"""Did bias, dark or flat by the tag of its input, also as uves_cal_mkmaster_sflat and so on."""

TAGS = {
    f"INSTR_RESPONSE_{chip}": f"INSTR_RESPONSE_FINE_{chip}" for chip in ("BLUE", "REDL", "REDU")
}
"""PRO.CATG of old to that of today."""

RENAMED_PARAMETERS = {"method": "stack_method"}
"""Parameter of old to that of today."""

RETIRED_VALUES = {("uves_cal_wavecal", "tolerance", "0.07")}
"""Recipe, parameter and value that was the default once and does harm now."""

FIT_POINTS, FLUX_TABLE = "RESP_FIT_POINTS_CATALOG", "FLUX_STD_TABLE"
RESPONSES = ("INSTR_RESPONSE", "MASTER_RESPONSE")
EXTINCTION = "EXTCOEFF_TABLE"

FIT_POINTS_PATH = "${DFO_CAL_DIR}/gen/UV_GRFP_041014A_SIMSTD.fits"
STAR_ACCURACY = Parameter("paccuracy", "70")


def modernise(ab: AssociationBlock) -> AssociationBlock:
    """Apply all rows, in their order."""
    return edited(ab, EDITS)


# ---- what the rows do ------------------------------------------------------------------------


def _choose_master_recipe(ab: AssociationBlock) -> Changes:
    if not ab.recipe.startswith(MASTER_MAKER):
        return {}
    return {"recipe": _recipe_of(ab.raw_type) or ab.recipe}


def _recipe_of(raw_type: str) -> str:
    return {row.name: row.recipe for row in UVES_ECH.raw_types}.get(raw_type, "")


def _name_raw_type(ab: AssociationBlock) -> Changes:
    tag = ab.raw_files[0].tag if ab.raw_files else ""
    return {} if ab.raw_type or not _recipe_of(tag) else {"raw_type": tag}


def _tag_calibrations(ab: AssociationBlock) -> Changes:
    renamed = (
        evolve(one, pro_catg=TAGS[one.pro_catg]) if one.virtual and one.pro_catg in TAGS else one
        for one in ab.calibrations
    )
    return {"calibrations": tuple(renamed)}


def _add_fit_points(ab: AssociationBlock) -> Changes:
    known = {one.pro_catg for one in ab.calibrations}
    if FLUX_TABLE not in known or FIT_POINTS in known:
        return {}
    points = MasterCalibration(FIT_POINTS_PATH, FIT_POINTS)
    return {"calibrations": (*ab.calibrations, points)}


def _drop_response(ab: AssociationBlock) -> Changes:
    if is_calibrated(ab.raw_type):
        return {}
    useless = (*RESPONSES, EXTINCTION)
    return {
        "calibrations": tuple(
            one for one in ab.calibrations if not one.pro_catg.startswith(useless)
        )
    }


def _rename_parameters(ab: AssociationBlock) -> Changes:
    known = KNOWN_PARAMETERS.get(ab.recipe, frozenset())
    return {"parameters": tuple(_renamed(one, known) for one in ab.parameters)}


def _renamed(parameter: Parameter, known: frozenset[str]) -> Parameter:
    today = RENAMED_PARAMETERS.get(parameter.name, "")
    return evolve(parameter, name=today) if today in known else parameter


def _drop_retired_values(ab: AssociationBlock) -> Changes:
    kept = (one for one in ab.parameters if (ab.recipe, one.name, one.value) not in RETIRED_VALUES)
    return {"parameters": tuple(kept)}


def _accuracy(ab: AssociationBlock) -> Changes:
    return with_parameter(ab, STAR_ACCURACY)


def _choose_extraction(ab: AssociationBlock) -> Changes:
    wanted = choice_of(ab)
    others = tuple(one for one in ab.parameters if one.name not in PARAMETERS)
    kept = {one.name: one for one in ab.parameters if one in wanted}
    if len(kept) == len(wanted) and len(others) + len(wanted) == len(ab.parameters):
        return {}
    return {"parameters": (*others, *wanted)}


def _predict_products(ab: AssociationBlock) -> Changes:
    recipe = UVES_ECH.recipe(ab.recipe)
    if recipe is None or not chips_of(ab.raw_type):
        return {}
    categories = usual_products(ab.recipe, ab.raw_type)
    if _will_be_calibrated(ab):
        categories = (*categories, *flux_products(ab.raw_type))
    if ab.recipe == SCIENCE_RECIPE and is_calibrated(ab.raw_type):
        categories = (*categories, *sky_products(ab.raw_type))
    return predicted(ab, recipe, categories)


def _will_be_calibrated(ab: AssociationBlock) -> bool:
    """Whether the recipe is given what it needs to calibrate the flux of every chip."""
    given = {one.pro_catg for one in ab.calibrations}
    responses = (
        any(f"{family}_{chip}" in given for family in (*RESPONSES, f"{RESPONSES[0]}_FINE"))
        for chip in chips_of(ab.raw_type)
    )
    return ab.recipe == SCIENCE_RECIPE and EXTINCTION in given and all(responses)


_REDUCING = ("uves_cal_response", SCIENCE_RECIPE)

EDITS: tuple[EditRow, ...] = (
    EditRow("recipes were renamed (changes in 0.9.6 and 3.2.3)", rename_recipe(RECIPES)),
    EditRow("the AB has no RAW_TYPE line: the tag of its raw files", _name_raw_type),
    EditRow(
        "bias, dark and flat have recipes of their own, with their own products and gates",
        _choose_master_recipe,
    ),
    EditRow("the product was renamed (changes in 6.1.1)", _tag_calibrations),
    EditRow("products of this night lie in one folder an AB", place_virtual),
    EditRow(
        "without fit points the recipe ends well and makes no response",
        _add_fit_points,
        recipes=("uves_cal_response",),
    ),
    EditRow(
        "a response of a point source does not hold for the mean over a slit: counts",
        _drop_response,
        recipes=(SCIENCE_RECIPE,),
    ),
    EditRow("the parameter was renamed (changes in 4.7.0)", _rename_parameters),
    EditRow(
        "uves 6.1.8 does not know the parameter and ends with code 255",
        drop_unknown(KNOWN_PARAMETERS),
    ),
    EditRow("a default of old that is too strict today (changes in 3.3.0)", _drop_retired_values),
    EditRow(
        "arcsec within which a star is found in the table (uves.oca)",
        _accuracy,
        recipes=("uves_cal_response",),
    ),
    EditRow(
        "extraction as in the release: by slicer and central wavelength, the response alike",
        _choose_extraction,
        recipes=_REDUCING,
    ),
    EditRow("these are the products of uves 6.1.8, in our numbers", _predict_products),
)
"""The rows, in the order in which they are applied."""
