"""A historical AB brought to today's standard: one row an edit, each with its reason.

Every row leaves an AB alone that needs it no more, so that editing twice changes nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from phoenix.model.ab import AssociationBlock, PredictedProduct
from phoenix.model.frames import MasterCalibration, symbolic_parts
from phoenix.model.recipe import Parameter
from phoenix_giraffe.parameters import KNOWN_PARAMETERS
from phoenix_giraffe.process import GIRAFFE_MOS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["EDITS", "EditRow", "modernise"]

Changes = dict[str, Any]

RECIPES = {
    "masterbias": "gimasterbias",
    "masterdark": "gimasterdark",
    "masterflat": "gimasterflat",
    "wavecalibration": "giwavecalibration",
    "science": "giscience",
    "standard": "gistandard",
}
"""Old recipe name to today's."""

RAW_TYPES = {
    "gimasterbias": "BIAS",
    "gimasterdark": "DARK",
    "gimasterflat": "FIBER_FLAT",
    "giwavecalibration": "ARC_SPECTRUM",
    "gistandard": "STD",
    "giscience": "SCIENCE",
}
"""Recipe to the raw type that it reduces, which is also the tag of its raw files (giraf.oca)."""

TAGS = {"SLIT_GEOMETRY": "SLIT_GEOMETRY_MASTER"}
"""Old PRO.CATG of a calibration to today's."""

APERTURE = {"FF_LOCCENTROID": "FF_PSFCENTROID", "FF_LOCWIDTH": "FF_PSFWIDTH"}
"""Where giscience sums, from the mask to the fitted profile."""

FLAT_RECIPE = "gimasterflat"

DEFAULT_ROWS = 4096
"""Rows for which the recipes' defaults are made."""

PSF_BINSIZE = {2112: "48", 1024: "32"}
"""Rows of a frame to the rows per bin of the profile fit; the default of 64 fails with these."""

ROWS_KEY = "DET.WIN1.NY"

_NIGHT = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_VIRTUAL_NAME = re.compile(r"r\.(?P<root>.+)_\d{4}\.fits\Z", re.ASCII)


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
    change: Callable[[AssociationBlock], Changes]
    recipes: tuple[str, ...] = ()


def modernise(ab: AssociationBlock) -> AssociationBlock:
    """Apply all rows, in their order."""
    for row in EDITS:
        if not row.recipes or ab.recipe in row.recipes:
            ab = ab.edited(why=row.why, **row.change(ab))
    return ab


# ---- what the rows do ------------------------------------------------------------------------


def _rename_recipe(ab: AssociationBlock) -> Changes:
    return {"recipe": RECIPES.get(ab.recipe, ab.recipe)}


def _name_raw_type(ab: AssociationBlock) -> Changes:
    return {"raw_type": RAW_TYPES.get(ab.recipe, ab.raw_type)}


def _tag_raw_files(ab: AssociationBlock) -> Changes:
    tag = RAW_TYPES.get(ab.recipe)
    if tag is None:
        return {}
    return {"raw_files": tuple(evolve(raw, tag=tag) for raw in ab.raw_files)}


def _tag_calibrations(ab: AssociationBlock) -> Changes:
    renamed = (
        evolve(one, pro_catg=TAGS.get(one.pro_catg, one.pro_catg)) for one in ab.calibrations
    )
    return {"calibrations": tuple(renamed)}


def _place_virtual(ab: AssociationBlock) -> Changes:
    return {"calibrations": tuple(_placed(one, ab) for one in ab.calibrations)}


def _placed(calibration: MasterCalibration, ab: AssociationBlock) -> MasterCalibration:
    symbol, below = symbolic_parts(calibration.path)
    match = _VIRTUAL_NAME.match(calibration.name)
    if symbol != "DFS_PRODUCT" or match is None or ab.date is None:
        return calibration
    # A parent may be of another night, which then stands in the path.
    nights = [folder for folder in below.split("/")[:-1] if _NIGHT.match(folder)]
    night = nights[0] if nights else ab.date
    path = f"${{DFS_PRODUCT}}/{night}/{match['root']}/{calibration.name}"
    return evolve(calibration, path=path, virtual=True)


def _predict_products(ab: AssociationBlock) -> Changes:
    recipe = GIRAFFE_MOS.recipe(ab.recipe)
    if recipe is None:
        return {}
    predicted = (
        PredictedProduct(f"r.{ab.root}_{number:04d}.fits", row.pro_catg)
        for number, row in enumerate(recipe.products)
        if row.required
    )
    return {"products": tuple(predicted)}


def _use_fitted_aperture(ab: AssociationBlock) -> Changes:
    return {"calibrations": tuple(map(_fitted, ab.calibrations))}


def _fitted(calibration: MasterCalibration) -> MasterCalibration:
    recipe = GIRAFFE_MOS.recipe(FLAT_RECIPE)
    fitted = APERTURE.get(calibration.pro_catg)
    # A real master has a name that says nothing of its sister: only what is made now is replaced.
    if not calibration.virtual or fitted is None or recipe is None:
        return calibration
    path = re.sub(
        r"_\d{4}\.fits\Z", f"_{recipe.sequence_number(fitted):04d}.fits", calibration.path
    )
    return MasterCalibration(path, fitted, virtual=True)


def _drop_unknown(ab: AssociationBlock) -> Changes:
    known = KNOWN_PARAMETERS.get(ab.recipe)
    if known is None:
        return {}
    return {"parameters": tuple(one for one in ab.parameters if one.name in known)}


def _drop_transmission(ab: AssociationBlock) -> Changes:
    return {"parameters": tuple(one for one in ab.parameters if one.name != "transmission-apply")}


def _sum_extraction(ab: AssociationBlock) -> Changes:
    return {
        "parameters": tuple(
            evolve(one, value="SUM") if one.name == "extr-method" else one for one in ab.parameters
        )
    }


def _fit_bias_areas(ab: AssociationBlock) -> Changes:
    rows = _rows(ab)
    if rows == DEFAULT_ROWS:
        return {}
    return _with_parameter(ab, "bsremove-areas", f"5:40:0:{rows - 1}")


def _fit_psf_binsize(ab: AssociationBlock) -> Changes:
    size = PSF_BINSIZE.get(_rows(ab))
    return _with_parameter(ab, "psf-binsize", size) if size else {}


def _rows(ab: AssociationBlock) -> int:
    text = dict(ab.setup).get(ROWS_KEY, "")
    return int(text) if text.isdecimal() else DEFAULT_ROWS


def _with_parameter(ab: AssociationBlock, name: str, value: str) -> Changes:
    """Add a parameter unless the AB has its own opinion."""
    if any(one.name == name for one in ab.parameters):
        return {}
    return {"parameters": (*ab.parameters, Parameter(name, value))}


EDITS: tuple[EditRow, ...] = (
    EditRow("recipes of giraf are called gi...", _rename_recipe),
    EditRow("raw types are called like the tags of giraf.oca", _name_raw_type),
    EditRow("the recipe ignores raw files under other tags", _tag_raw_files),
    EditRow("SLIT_GEOMETRY became two tables, MASTER and SETUP", _tag_calibrations),
    EditRow("products of this night lie in one folder an AB", _place_virtual),
    EditRow("these are the products of giraf 2.16.10, in our numbers", _predict_products),
    EditRow(
        "FF_EXTSPECTRA is summed over the fitted profile: the mask of FF_LOC* is wider, 2 % flux",
        _use_fitted_aperture,
        recipes=("giscience", "gistandard"),
    ),
    EditRow("giraf 2.16.10 does not know the parameter and ends with code 255", _drop_unknown),
    EditRow(
        "the flat carries the fibre transmission: applied again it divides twice",
        _drop_transmission,
        recipes=("giscience", "gistandard"),
    ),
    EditRow(
        "the release extracts by SUM; HORNE and OPTIMAL need FIBER_PROFILE",
        _sum_extraction,
        recipes=("giscience",),
    ),
    EditRow(
        "the default areas of the bias are made for 4096 rows",
        _fit_bias_areas,
        recipes=("gimasterdark", "gimasterflat", "giwavecalibration", "giscience", "gistandard"),
    ),
    EditRow(
        "the profile fit fails with the default bins on frames of this height",
        _fit_psf_binsize,
        recipes=(FLAT_RECIPE,),
    ),
)
"""The rows, in the order in which they are applied."""
