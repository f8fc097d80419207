"""A historical AB brought to today's standard: one row an edit, each with its reason.

Every row leaves an AB alone that needs it no more, so that editing twice changes nothing.
"""

from __future__ import annotations

import re
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
from phoenix_giraffe.parameters import KNOWN_PARAMETERS
from phoenix_giraffe.process import GIRAFFE_MOS

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock

__all__ = ["EDITS", "modernise"]

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

SIMCAL_STEP = Parameter("scal-cstep", "0.001")
"""nm; a negative one, such as the default, is another algorithm (ours, measured)."""

DEFAULT_ROWS = 4096
"""Rows for which the recipes' defaults are made."""

PSF_BINSIZE = {2112: "48", 1024: "32"}
"""Rows of a frame to the rows per bin of the profile fit; the default of 64 fails with these
(giraf 2.16.10, measured)."""

ROWS_KEY = "DET.WIN1.NY"


def modernise(ab: AssociationBlock) -> AssociationBlock:
    """Apply all rows, in their order."""
    return edited(ab, EDITS)


# ---- what the rows do ------------------------------------------------------------------------


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


def _predict_products(ab: AssociationBlock) -> Changes:
    recipe = GIRAFFE_MOS.recipe(ab.recipe)
    if recipe is None:
        return {}
    return predicted(ab, recipe, (row.pro_catg for row in recipe.products if row.required))


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


def _drop_transmission(ab: AssociationBlock) -> Changes:
    return {"parameters": tuple(one for one in ab.parameters if one.name != "transmission-apply")}


def _sum_extraction(ab: AssociationBlock) -> Changes:
    return {
        "parameters": tuple(
            evolve(one, value="SUM") if one.name == "extr-method" else one for one in ab.parameters
        )
    }


def _fine_steps(ab: AssociationBlock) -> Changes:
    # Without its mask of lines the recipe corrects nothing.
    masked = any(one.pro_catg == "LINE_MASK" for one in ab.calibrations)
    return with_parameter(ab, SIMCAL_STEP) if masked else {}


def _fit_bias_areas(ab: AssociationBlock) -> Changes:
    rows = _rows(ab)
    if rows == DEFAULT_ROWS:
        return {}
    return with_parameter(ab, Parameter("bsremove-areas", f"5:40:0:{rows - 1}"))


def _fit_psf_binsize(ab: AssociationBlock) -> Changes:
    size = PSF_BINSIZE.get(_rows(ab))
    return with_parameter(ab, Parameter("psf-binsize", size)) if size else {}


def _rows(ab: AssociationBlock) -> int:
    text = dict(ab.setup).get(ROWS_KEY, "")
    return int(text) if text.isdecimal() else DEFAULT_ROWS


EDITS: tuple[EditRow, ...] = (
    EditRow("recipes of giraf are called gi...", rename_recipe(RECIPES)),
    EditRow("raw types are called like the tags of giraf.oca", _name_raw_type),
    EditRow("the recipe ignores raw files under other tags", _tag_raw_files),
    EditRow("SLIT_GEOMETRY became two tables, MASTER and SETUP", _tag_calibrations),
    EditRow("products of this night lie in one folder an AB", place_virtual),
    EditRow("these are the products of giraf 2.16.10, in our numbers", _predict_products),
    EditRow(
        "FF_EXTSPECTRA is summed over the fitted profile: the mask of FF_LOC* is wider, 2 % flux",
        _use_fitted_aperture,
        recipes=("giscience", "gistandard"),
    ),
    EditRow(
        "giraf 2.16.10 does not know the parameter and ends with code 255",
        drop_unknown(KNOWN_PARAMETERS),
    ),
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
        "the default step of the cross-correlation leaves 0.6 km/s of a flexure of 0.4 pixels"
        " in spectra that SIMCAL fibres correct, this one 0.03",
        _fine_steps,
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
