"""OBs with several exposures get an AB that averages them."""

from __future__ import annotations

import pytest
from attrs import evolve

from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame
from phoenix.model.parts import parts_of
from phoenix_uves.blocks.cascade import cascade
from phoenix_uves.blocks.edits import modernise


def single(minute, **changes):
    name = f"UVES.2010-01-02T01:{minute:02d}:00.000"
    ab = AssociationBlock(
        f"{name}.ab",
        "uves_obs_scired",
        (RawFrame(f"${{DFO_RAW_DIR}}/2010-01-01/{name}.fits", "SCI_POINT_BLUE"),),
        date=CivilDate(2010, 1, 1),
        raw_type="SCI_POINT_BLUE",
        dpr_catg="SCIENCE",
        obs_id=1234,
        setup=(("INS.MODE", "DICHR#2"), ("INS.GRAT1.WLEN", "437")),
    )
    return modernise(evolve(ab, **changes))


def stacks(*blocks):
    return [ab for ab in cascade(blocks) if ab.recipe == "uves_stack"]


def test_two_exposures_of_an_ob_are_stacked():
    (stack,) = stacks(single(0), single(20))
    assert str(stack.name) == "UVES.2010-01-02T01:00:00.000_tpl.ab"
    assert stack.waits_for == (str(single(0).name), str(single(20).name))
    assert stack.raw_type == "OB_STACK_BLUE"
    assert len(stack.raw_files) == 2
    assert {one.pro_catg for one in stack.calibrations} == {
        "RED_SCI_POINT_BLUE",
        "ERRORBAR_SCI_POINT_BLUE",
        "MERGED_SKY_BLUE",
        "WCALIB_FF_SCI_POINT_BLUE",
        "ERRORBAR_WCALIB_FF_SCI_POINT_BLUE",
    }


def test_one_exposure_is_not():
    assert stacks(single(0)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"obs_id": 99},
        {"obs_id": 0},
        {"setup": (("INS.MODE", "DICHR#2"), ("INS.GRAT1.WLEN", "390"))},
        {"setup": (("INS.MODE", "DICHR#1"), ("INS.GRAT1.WLEN", "437"))},
    ],
)
def test_another_ob_or_setting_is_left_out(changes):
    assert stacks(single(0), single(20, **changes)) == []


def test_the_exposures_are_parts_of_the_stack_and_are_left_as_they_are():
    blocks = (single(0), single(20), single(40, obs_id=99))
    *exposures, stack = cascade(blocks)
    assert set(exposures) == set(blocks)
    science = {(str(ab.name), product.pro_catg) for ab in blocks for product in ab.products}
    assert parts_of((*exposures, stack), science) == {
        str(stack.name): {str(single(0).name), str(single(20).name)}
    }


def test_the_cascade_of_a_cascade_is_the_same():
    once = cascade((single(0), single(20)))
    assert [ab for ab in cascade(once[:2]) if ab.recipe == "uves_stack"] == [once[2]]
