"""What goes wrong is seen, though the recipes end well; and what can be mended is mended."""

from __future__ import annotations

import pytest
from astropy.io import fits

from phoenix.model.report import JobState

pytestmark = [pytest.mark.recipes, pytest.mark.slow]


def test_a_format_that_moved_is_found_and_the_recipe_tried_again(faulty):
    arc = faulty("ARC_LAMP_BLUE", "shifted_format")
    predict = next(one for one in arc.blocks if one.ab.recipe == "uves_cal_predict")
    assert predict.result.state is JobState.SUCCESSFUL
    values = {row.parameter: row.value for row in predict.qc}
    assert values["FORMAT_RMS_Y"] < 0.3
    assert arc.blocks[-1].result.state is JobState.SUCCESSFUL
    rms = {row.parameter: row.value for row in arc.blocks[-1].qc}["WAVE_RMS_PIX"]
    assert rms < 0.02


@pytest.mark.parametrize(
    ("raw_type", "fault", "state", "words"),
    [
        ("BIAS_BLUE", "flat_among_biases", JobState.GATED, "BIAS_LEVEL is"),
        ("ARC_LAMP_FORM_BLUE", "blank_format_check", JobState.GATED, "LINES_FOUND is"),
        ("ORDER_FLAT_BLUE", "blank_order_flat", JobState.GATED, "ORDERS_FOUND is"),
        ("ARC_LAMP_BLUE", "blank_arc", JobState.GATED, "LINES_PER_ORDER is"),
        ("FLAT_BLUE", "saturated_flat", JobState.FAILED, "of the pixels of BLUE saturated"),
        ("STANDARD_BLUE", "unknown_standard", JobState.GATED, "INSTR_RESPONSE_FINE_BLUE"),
    ],
)
def test_a_wrong_run_ends_with_the_reason(faulty, raw_type, fault, state, words):
    last = faulty(raw_type, fault).blocks[-1]
    assert last.result.state is state
    assert words in last.result.reason


def test_a_missing_airmass_is_found_before_the_recipe_crashes(faulty):
    last = faulty("SCI_POINT_BLUE", "missing_airmass", which=-1).blocks[-1]
    assert last.result.state is JobState.FAILED
    assert "TEL AIRM START" in last.result.reason
    assert "was not started" in last.result.reason


@pytest.mark.parametrize(
    ("faults", "bits"),
    [
        # Two at a time, to save nights: every fault has bits of its own.
        (("saturated", "no_standard"), "10011000000"),
        (("negative_flux", "wrong_slit"), "01101000000"),
    ],
)
def test_faults_set_their_bits_and_no_others(faulty, faults, bits):
    first = faulty("SCI_POINT_BLUE", *faults, which=0).blocks[-1]
    assert first.result.state is JobState.SUCCESSFUL, first.result.reason
    assert first.qcflags[0] == bits


def test_a_cloud_sets_the_bit_of_the_stack(faulty):
    stack = faulty("OB_STACK_BLUE", "cloud").blocks[-1]
    assert stack.result.state is JobState.SUCCESSFUL, stack.result.reason
    assert stack.qcflags[0] == "00000000010"


def test_a_stack_of_two_of_three_exposures_says_so(faulty):
    night = faulty("OB_STACK_BLUE", "missing_airmass", size="full")
    stack = night.blocks[-1]
    assert [one.result.state for one in night.blocks].count(JobState.FAILED) == 1
    assert stack.result.state is JobState.SUCCESSFUL, stack.result.reason
    assert stack.result.reason.endswith("the mean of 2 of 3 exposures of the OB")
    values = {row.parameter: row.value for row in stack.qc if row.element == 0}
    assert (values["STACK_NEXP"], values["STACK_MISSING"]) == (2, 1)
    (product,) = stack.products
    header = fits.getheader(product.path)
    assert header["HISTORY"][-1] == "uves_stack: mean of 2 of 3 exposures of the OB"
    assert header["ESO QC STACK MISSING"] == 1
    assert stack.qcflags[0] == "00000000000"
