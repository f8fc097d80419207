"""The form of final file names."""

from __future__ import annotations

from attrs import evolve

from phoenix.model.ab import ABName, AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame
from phoenix.toolkit.names import calibration_name, legal, science_root

AB = AssociationBlock(
    ABName("GIRAF.2020-01-02T12:06:20.935_tpl.ab"),
    "gimasterflat",
    (RawFrame("${DFO_RAW_DIR}/2020-01-01/a.fits", "FLAT"),),
    date=CivilDate(2020, 1, 1),
    obs_id=200132000,
)


def test_the_name_of_a_calibration_has_night_setup_and_time():
    name = calibration_name("GI", AB, "PLOC", "Med1", "L543.1")
    assert name == "GI_PLOC_200101A_Med1_L543.1_120620.935.fits"


def test_a_calibration_of_no_night_has_no_name():
    assert calibration_name("GI", evolve(AB, date=None), "PLOC") is None


def test_the_name_of_science_has_ob_timestamp_and_setup():
    root = science_root("GI", AB, "SRBS", "Med1")
    assert root == "GI_SRBS_200132000_2020-01-02T12:06:20.935_Med1"


def test_what_no_file_name_may_have_is_left_out():
    assert legal("../CD#3 (l543.1)") == "..CD3l543.1"
