"""What goes wrong is seen, though the recipes end well."""

from __future__ import annotations

import pytest

from phoenix.model.report import JobState

pytestmark = [pytest.mark.recipes, pytest.mark.slow]

NOD = "OBJECT_SLIT_NOD_UVB"


@pytest.mark.parametrize(
    ("faults", "bits"),
    [
        (("saturated",), "1000000"),
        (("swapped_nod",), "0100000"),
        (("swapped_nebula",), "0010000"),
        (("aborted_template",), "0001000"),
        (("no_standard",), "0000100"),
        (("weak_arc",), "0000010"),
        (("cloud",), "0000001"),
        (("nebula",), "0000000"),
    ],
)
def test_faults_set_their_bits_and_no_others(faulty, faults, bits):
    last = faulty(NOD, *faults).blocks[-1]
    assert last.result.state is JobState.SUCCESSFUL, last.result.reason
    assert last.qcflags[0] == bits


def test_a_narrow_slit_sets_the_bit_of_the_photometry(faulty):
    last = faulty(NOD, "narrow_slit").blocks[-1]
    assert last.result.state is JobState.SUCCESSFUL, last.result.reason
    assert last.qcflags[0] == "0000001"
    assert {row.parameter: row.value for row in last.qc}["SLIT"] == 1.0


@pytest.mark.parametrize(
    ("raw_type", "fault", "words"),
    [
        ("DARK_NIR", "nan_dark", "pixels that are no numbers"),
        (NOD, "missing_cumoff", "SEQ CUMOFF RA"),
        (NOD, "incomplete_template", "expected an even number"),
    ],
)
def test_what_would_hang_or_crash_is_found_before_the_recipe(faulty, raw_type, fault, words):
    last = faulty(raw_type, fault).blocks[-1]
    assert last.result.state is JobState.FAILED
    assert words in last.result.reason
    assert "was not started" in last.result.reason


def test_one_exposure_behind_a_closed_shutter_is_gated(faulty):
    last = faulty(NOD, "closed_shutter").blocks[-1]
    assert last.result.state is JobState.GATED
    assert "ORDER_LIGHT is " in last.result.reason


@pytest.mark.parametrize("fault", ["blank_flat", "short_orders"])
def test_a_flat_without_all_orders_ends_with_the_reason(faulty, fault):
    last = faulty("FLAT_SLIT_UVB", fault).blocks[-1]
    assert last.result.state in {JobState.FAILED, JobState.GATED}
    assert last.result.reason
