"""Edits: what was usual years ago becomes what giraf 2.16.10 wants."""

from __future__ import annotations

import pytest
from attrs import evolve

from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import MasterCalibration, RawFrame
from phoenix.model.recipe import Parameter
from phoenix_giraffe.blocks.edits import EDITS, RECIPES, modernise

RAW = RawFrame("${DFO_RAW_DIR}/2010-01-01/GIRAF.2010-01-02T01:00:00.000.fits", "OBJECT")
FLAT_ROOT = "GIRAF.2010-01-02T12:00:00.000_tpl"
MASK = MasterCalibration(
    f"${{DFS_PRODUCT}}/FIBER_FLAT/2010-01-01/r.{FLAT_ROOT}_0001.fits", "FF_LOCCENTROID"
)
SCIENCE = AssociationBlock(
    "GIRAF.2010-01-02T01:00:00.000.ab",
    "giscience",
    (RAW,),
    date=CivilDate(2010, 1, 1),
    raw_type="SCI_MEDUSA",
)


@pytest.mark.parametrize(("old", "new"), RECIPES.items())
def test_recipes_of_old_get_their_name_of_today(old, new):
    assert modernise(evolve(SCIENCE, recipe=old)).recipe == new


def test_raw_type_and_tags_are_those_of_the_recipe():
    edited = modernise(SCIENCE)
    assert edited.raw_type == "SCIENCE"
    assert [raw.tag for raw in edited.raw_files] == ["SCIENCE"]


def test_a_calibration_made_tonight_is_virtual_and_lies_in_the_folder_of_its_ab():
    (master,) = modernise(evolve(SCIENCE, calibrations=(MASK,))).calibrations
    assert master.virtual
    assert master.path.startswith(f"${{DFS_PRODUCT}}/2010-01-01/{FLAT_ROOT}/r.{FLAT_ROOT}_")


def test_science_sums_within_the_aperture_of_the_flat_spectra():
    width = evolve(MASK, path=MASK.path.replace("0001", "0002"), pro_catg="FF_LOCWIDTH")
    edited = modernise(evolve(SCIENCE, calibrations=(MASK, width)))
    assert [(m.name[-9:-5], m.pro_catg) for m in edited.calibrations] == [
        ("0004", "FF_PSFCENTROID"),
        ("0005", "FF_PSFWIDTH"),
    ]


def test_a_certified_mask_of_another_night_stays_as_it_is():
    real = MasterCalibration("${DFO_CAL_DIR}/2009-12-31/GI_PLOC_091231A.fits", "FF_LOCCENTROID")
    assert modernise(evolve(SCIENCE, calibrations=(real,))).calibrations == (real,)


def test_an_arc_keeps_the_mask():
    arc = evolve(SCIENCE, recipe="giwavecalibration", calibrations=(MASK,))
    assert modernise(arc).calibrations[0].pro_catg == "FF_LOCCENTROID"


def test_slit_geometry_is_the_master_table():
    old = MasterCalibration("${DFO_CAL_DIR}/gen/GI_GSLM.fits", "SLIT_GEOMETRY")
    flat = evolve(SCIENCE, recipe="gimasterflat", calibrations=(old,))
    assert modernise(flat).calibrations[0].pro_catg == "SLIT_GEOMETRY_MASTER"


@pytest.mark.parametrize(
    ("parameter", "left"),
    [
        ("--extr-profile=gauss", []),
        ("--transmission-apply=true", []),
        ("--extr-method=HORNE", ["--extr-method=SUM"]),
        ("--extr-method=SUM", ["--extr-method=SUM"]),
        ("--rbin-lstep=0.01", ["--rbin-lstep=0.01"]),
    ],
)
def test_parameters_that_harm_go_and_others_stay(parameter, left):
    edited = modernise(evolve(SCIENCE, parameters=(Parameter.parse(parameter),)))
    assert list(map(str, edited.parameters)) == left


def test_transmission_of_the_flat_recipe_is_another_parameter():
    flat = evolve(
        SCIENCE, recipe="gimasterflat", parameters=(Parameter.parse("--transmission=true"),)
    )
    assert modernise(flat).parameters == flat.parameters


def test_a_small_frame_gets_its_bias_areas_and_bins():
    small = evolve(SCIENCE, recipe="gimasterflat", setup=(("DET.WIN1.NY", "2112"),))
    assert list(map(str, modernise(small).parameters)) == [
        "--bsremove-areas=5:40:0:2111",
        "--psf-binsize=48",
    ]


def test_a_full_frame_needs_neither():
    full = evolve(SCIENCE, recipe="gimasterflat", setup=(("DET.WIN1.NY", "4096"),))
    assert modernise(full).parameters == ()


def test_what_a_person_set_is_kept():
    mine = (Parameter("bsremove-areas", "5:30:0:2111"),)
    small = evolve(SCIENCE, setup=(("DET.WIN1.NY", "2112"),), parameters=mine)
    assert modernise(small).parameters == mine


def test_products_are_predicted_in_the_order_of_the_recipe():
    edited = modernise(evolve(SCIENCE, recipe="gimasterbias"))
    assert [str(product) for product in edited.products] == [
        "r.GIRAF.2010-01-02T01:00:00.000_0000.fits MASTER_BIAS",
        "r.GIRAF.2010-01-02T01:00:00.000_0001.fits BAD_PIXEL_MAP",
    ]


def test_an_edited_ab_is_left_alone():
    busy = evolve(
        SCIENCE,
        calibrations=(MASK,),
        parameters=(Parameter("extr-method", "HORNE"), Parameter("nonsense", "1")),
        setup=(("DET.WIN1.NY", "2112"),),
    )
    once = modernise(busy)
    assert modernise(once) is once


def test_an_unknown_recipe_is_left_to_the_core_to_refuse():
    strange = evolve(SCIENCE, recipe="giframestack")
    assert modernise(strange).recipe == "giframestack"


def test_every_row_tells_a_reason_of_its_own():
    assert len({row.why for row in EDITS}) == len(EDITS)
