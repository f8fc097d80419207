"""Edits: what was usual years ago becomes what uves 6.1.8 wants."""

from __future__ import annotations

import pytest
from attrs import evolve

from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import MasterCalibration, RawFrame
from phoenix.model.recipe import Parameter
from phoenix_uves.blocks.edits import EDITS, RECIPES, modernise

DATE = CivilDate(2010, 1, 1)
EXTINCTION = MasterCalibration("${DFO_CAL_DIR}/gen/UV_GEXT.fits", "EXTCOEFF_TABLE")


def block(raw_type="SCI_POINT_BLUE", recipe="uves_obs_scired", **changes):
    raw = RawFrame("${DFO_RAW_DIR}/2010-01-01/UVES.2010-01-02T01:00:00.000.fits", raw_type)
    ab = AssociationBlock(
        "UVES.2010-01-02T01:00:00.000.ab",
        recipe,
        (raw,),
        date=DATE,
        raw_type=raw_type,
        setup=(("INS.GRAT1.WLEN", "437"), ("INS.GRAT2.WLEN", "860")),
    )
    return evolve(ab, **changes)


def told(ab):
    return {one.name: one.value for one in modernise(ab).parameters}


@pytest.mark.parametrize(("old", "new"), RECIPES.items())
def test_recipes_of_old_get_their_name_of_today(old, new):
    assert modernise(block(recipe=old)).recipe == new


@pytest.mark.parametrize(
    ("raw_type", "recipe"),
    [
        ("BIAS_RED", "uves_cal_mbias"),
        ("DARK_BLUE", "uves_cal_mdark"),
        ("FLAT_BLUE", "uves_cal_mflat"),
    ],
)
def test_the_master_recipe_of_old_is_three_today(raw_type, recipe):
    assert modernise(block(raw_type, "uves_cal_mkmaster")).recipe == recipe


def test_cosmics_are_taken_out_as_in_the_release():
    assert told(block()) == {"reduce.extract.kappa": "20"}


def test_beyond_760_nm_pixels_are_divided_by_the_flat():
    assert told(block("SCI_POINT_RED")) == {
        "reduce.extract.kappa": "20",
        "reduce.ffmethod": "pixel",
        "reduce.merge_delt1": "14",
        "reduce.merge_delt2": "4",
    }


def test_at_760_nm_they_are_not():
    ab = block("SCI_POINT_RED", setup=(("INS.GRAT2.WLEN", "760"),))
    assert told(ab) == {"reduce.extract.kappa": "20"}


def test_the_response_is_made_in_the_same_way():
    assert told(block("STANDARD_RED", "uves_cal_response"))["reduce.ffmethod"] == "pixel"


def test_slicer_spectra_are_means_over_the_slit():
    assert told(block("SCI_SLICER_BLUE"))["reduce.extract.method"] == "average"
    assert told(block("SCI_SLICER_BLUE"))["reduce.skysub"] == "FALSE"


def test_a_mean_over_the_slit_gets_no_response():
    response = MasterCalibration("${DFO_CAL_DIR}/gen/UV_R.fits", "MASTER_RESPONSE_BLUE")
    given = (response, EXTINCTION)
    assert modernise(block("SCI_SLICER_BLUE", calibrations=given)).calibrations == ()
    assert modernise(block(calibrations=given)).calibrations == given


def test_an_extraction_of_old_is_replaced():
    ab = block(parameters=(Parameter("reduce.ffmethod", "pixel"),))
    assert told(ab) == {"reduce.extract.kappa": "20"}


@pytest.mark.parametrize("text", ["--reduce.blazecorr=false", "--midas=false"])
def test_parameters_that_are_gone_go(text):
    assert told(block(parameters=(Parameter.parse(text),))) == {"reduce.extract.kappa": "20"}


def test_other_parameters_stay():
    ab = block(parameters=(Parameter("reduce.objoffset", "2.5"),))
    assert told(ab)["reduce.objoffset"] == "2.5"


def test_a_renamed_parameter_keeps_its_value():
    ab = block("BIAS_BLUE", "uves_cal_mbias", parameters=(Parameter("method", "mean"),))
    assert told(ab) == {"stack_method": "mean"}


def test_a_response_makes_the_calibrated_products_predicted():
    response = MasterCalibration("${DFO_CAL_DIR}/gen/UV_R.fits", "MASTER_RESPONSE_BLUE")
    with_it = modernise(block(calibrations=(response, EXTINCTION)))
    without = modernise(block(calibrations=(EXTINCTION,)))
    assert "FLUXCAL_SCI_POINT_BLUE" in {one.pro_catg for one in with_it.products}
    assert "FLUXCAL_SCI_POINT_BLUE" not in {one.pro_catg for one in without.products}


def test_an_edited_ab_is_left_alone():
    busy = block(
        "SCI_POINT_RED",
        "uves_scired",
        parameters=(Parameter("method", "x"), Parameter("reduce.extract.method", "linear")),
    )
    once = modernise(busy)
    assert modernise(once) is once


def test_an_unknown_recipe_is_left_to_the_core_to_refuse():
    assert modernise(block(recipe="flames_obs_scired")).recipe == "flames_obs_scired"


def test_every_row_tells_a_reason_of_its_own():
    assert len({row.why for row in EDITS}) == len(EDITS)
