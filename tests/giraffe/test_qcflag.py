"""The nine published bits of QCFLAG, each fired by a fault of its own."""

from __future__ import annotations

import pytest

from phoenix.model.report import JobState

pytestmark = pytest.mark.recipes

FAULTS = (
    ("wrong_temperature", "100000000"),
    ("stale_arc", "010000000"),
    ("saturated", "001000000"),
    ("few_fibres", "000100000"),
    ("no_sky_fibres", "000010000"),
    ("no_attached_simcal", "000001000"),
    ("simcal", "000000100"),
)


@pytest.mark.parametrize(("fault", "flag"), FAULTS)
def test_a_fault_sets_its_bit_and_no_other(faulty, fault, flag):
    science = faulty(fault).blocks[-1]
    assert science.result.state is JobState.SUCCESSFUL
    assert set(science.qcflags.values()) == {flag}


def test_before_april_2008_the_bits_of_bad_column_and_glow_are_set_for_their_fibres(faulty):
    science = faulty(date="2006-05-03").blocks[-1]
    flags = science.qcflags
    assert flags[0] == "000000011"
    bad_column = {fps for fps, flag in flags.items() if fps and flag[7] == "1"}
    glow = {fps for fps, flag in flags.items() if fps and flag[8] == "1"}
    assert bad_column
    assert bad_column <= {23, 24}
    assert glow
    assert glow <= set(range(109, 125))
    assert {flag[:7] for flag in flags.values()} == {"0000000"}
