from __future__ import annotations

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given

from phoenix.errors import DataError
from phoenix.model.ab import ABName, AssociationBlock, Edit, Mode
from phoenix.model.frames import MasterCalibration, RawFrame, SetOfFrames
from phoenix.model.recipe import Parameter
from strategies import BLOCKS

NAME = "GIRAF.2008-03-02T12:07:10.339_tpl.ab"
RAW = (RawFrame("x.fits", "BIAS"),)


def test_the_name_of_an_ab_says_root_tag_and_time():
    name = ABName(NAME)
    assert (name.root, name.tag, name.timestamp) == (
        "GIRAF.2008-03-02T12:07:10.339_tpl",
        "tpl",
        "2008-03-02T12:07:10.339",
    )


def test_an_ab_of_a_single_raw_file_has_no_tag():
    assert ABName("GIRAF.2008-03-02T05:56:16.720.ab").tag == ""


def test_the_name_that_muse_deep_prints_is_accepted():
    assert ABName("MUSE.2014-10-22T23:57:321_dpc.ab").tag == "dpc"


@pytest.mark.parametrize("name", ["x.ab", "../GIRAF.2008.ab", "GIRAF.2008-03-02T12:07:10.339", ""])
def test_what_is_no_ab_name_is_refused(name):
    with pytest.raises(DataError, match="AB name"):
        ABName(name)


def test_an_edit_keeps_what_was_there_and_why():
    ab = AssociationBlock(NAME, "masterbias", RAW)
    edited = ab.edited(why="renamed in giraf 1.0", recipe="gimasterbias")
    assert edited.recipe == "gimasterbias"
    (edit,) = edited.edits
    assert (edit.why, edit.changes[0].removed, edit.changes[0].added) == (
        "renamed in giraf 1.0",
        ("masterbias",),
        ("gimasterbias",),
    )


def test_an_edit_of_lines_names_only_the_lines_that_changed():
    ab = AssociationBlock(NAME, "x", RAW, parameters=(Parameter("a", "1"), Parameter("b", "2")))
    edited = ab.edited(why="b is wrong", parameters=(Parameter("a", "1"), Parameter("b", "3")))
    (change,) = edited.edits[0].changes
    assert (change.removed, change.added) == (("--b=2",), ("--b=3",))


@given(BLOCKS)
def test_an_edit_that_changes_nothing_is_no_edit(ab):
    assert ab.edited(why="nothing", recipe=ab.recipe, raw_files=ab.raw_files) is ab


def test_an_edit_without_a_reason_is_refused():
    with pytest.raises(DataError, match="needs a reason"):
        Edit(" ")


def test_an_ab_cannot_be_changed_behind_ones_back():
    ab = AssociationBlock(NAME, "x", RAW)
    with pytest.raises(FrozenInstanceError):
        ab.recipe = "y"


def test_an_ab_without_any_frame_is_refused():
    with pytest.raises(DataError, match="needs raw files"):
        AssociationBlock(NAME, "x")


def test_the_primary_raw_file_says_whether_it_is_science():
    assert AssociationBlock(NAME, "x", RAW, dpr_catg="SCIENCE").mode is Mode.SCIENCE
    assert AssociationBlock(NAME, "x", RAW, dpr_catg="CALIB").mode is Mode.CALIB


def test_a_master_of_a_parent_is_virtual_in_the_text_of_the_ab():
    master = MasterCalibration("${DFS_PRODUCT}/2020-01-01/a/r.a_0000.fits", "MASTER_BIAS", True)
    assert str(master) == "VIRTUAL ${DFS_PRODUCT}/2020-01-01/a/r.a_0000.fits MASTER_BIAS"


def test_a_set_of_frames_refuses_a_path_that_esorex_would_cut_in_two(tmp_path):
    with pytest.raises(DataError, match="without blanks"):
        SetOfFrames(((tmp_path / "a b.fits", "BIAS"),))
