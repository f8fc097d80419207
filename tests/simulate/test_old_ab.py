"""ABs in the manner of their time."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from phoenix.formats.abfile import format_ab, parse_ab
from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import MasterCalibration, RawFrame
from phoenix.model.recipe import Parameter
from phoenix.simulate.old_ab import (
    Habit,
    block_texts,
    calibration_tagged,
    filed_by_type,
    old_text,
    raw_tagged,
    renamed,
    typed,
    with_parameter,
    without_calibration,
    without_parameter,
)

ROOT = "UVES.2020-01-02T11:06:30.152"
PATH = Path(f"{ROOT}_tpl.ab")
FLAT = AssociationBlock(
    name=f"{ROOT}_tpl.ab",
    recipe="uves_cal_mflat",
    raw_files=(RawFrame(f"${{DFO_RAW_DIR}}/2020-01-01/{ROOT}.fits", "FLAT_BLUE"),),
    calibrations=(
        MasterCalibration(
            "${DFS_PRODUCT}/2020-01-01/B/r.B_0000.fits", "MASTER_BIAS_BLUE", virtual=True
        ),
        MasterCalibration("${DFO_CAL_DIR}/gen/UV_GEXT.fits", "EXTCOEFF_TABLE"),
    ),
    parameters=(Parameter("norm_method", "explevel"),),
    instrument="UVES",
    date=CivilDate(2020, 1, 1),
    raw_type="FLAT_BLUE",
    dpr_catg="CALIB",
)


def habit(spoil, number=0):
    return Habit("FLAT_BLUE", number, "old", "new", "reason", spoil)


def test_an_old_text_is_read_like_the_block_but_for_what_it_does_not_tell():
    read = parse_ab(old_text(FLAT), PATH)
    assert (read.name, read.recipe, read.raw_files) == (FLAT.name, FLAT.recipe, FLAT.raw_files)
    assert [m.pro_catg for m in read.calibrations] == [m.pro_catg for m in FLAT.calibrations]
    assert read.parameters == FLAT.parameters


@pytest.mark.parametrize(
    ("spoil", "field", "value"),
    [
        (renamed("uves_mflat"), "recipe", "uves_mflat"),
        (typed("FLAT"), "raw_type", "FLAT"),
        (without_parameter("norm_method"), "parameters", ()),
    ],
)
def test_a_habit_changes_one_field(spoil, field, value):
    assert spoil(FLAT) == evolve(FLAT, **{field: value})


def test_tags_of_raw_files_and_calibrations_can_be_old():
    assert raw_tagged("FLAT")(FLAT).raw_files[0].tag == "FLAT"
    old = calibration_tagged("EXTCOEFF_TABLE", "EXTINCTION")(FLAT)
    assert [m.pro_catg for m in old.calibrations] == ["MASTER_BIAS_BLUE", "EXTINCTION"]


def test_a_calibration_can_be_unknown_and_a_parameter_too_many():
    assert len(without_calibration("EXTCOEFF_TABLE")(FLAT).calibrations) == 1
    assert str(with_parameter("--midas=false")(FLAT).parameters[-1]) == "--midas=false"


def test_products_of_parents_lay_in_a_folder_of_their_type():
    virtual, static = filed_by_type({"MASTER_BIAS_BLUE": "BIAS_BLUE"})(FLAT).calibrations
    assert virtual.path == "${DFS_PRODUCT}/BIAS_BLUE/2020-01-01/r.B_0000.fits"
    assert static == FLAT.calibrations[1]


def test_only_the_block_with_a_habit_is_written_in_the_old_way():
    second = evolve(FLAT, name="UVES.2020-01-02T12:06:30.152_tpl.ab")
    texts = block_texts((FLAT, second), (habit(renamed("uves_mflat"), number=1),))
    assert texts[str(FLAT.name)] == format_ab(FLAT)
    assert "RECIPE\tuves_mflat\n" in texts[str(second.name)]
    assert "SOF_CONTENT" in texts[str(second.name)]


def test_several_habits_of_one_block_come_one_after_the_other():
    rows = (habit(renamed("uves_mflat")), habit(with_parameter("--midas=false")))
    text = block_texts((FLAT,), rows)[str(FLAT.name)]
    assert "RECIPE\tuves_mflat\n" in text
    assert "RECIPE_PARAM\t--midas=false\n" in text
