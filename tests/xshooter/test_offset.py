"""A star, its flux standard and a telluric one beside their sky: the true recipes, UVB alone.

The night is one of the commissioning, when files were called SHOOT, and its frames are binned 1x2.
"""

from __future__ import annotations

import pytest
from astropy.io import fits
from attrs import evolve
from xshooter_truth import row

from goodnight import need
from phoenix.formats.idpfile import write_idp
from phoenix.model.report import JobState
from phoenix.phase3.validate import validate_many
from phoenix.simulate.night import SimulationOptions
from phoenix.steps.delivery.ancillary import write_ancillary
from phoenix.testing.night import idps_of, reduce_night

from .conftest import prepare

pytestmark = [pytest.mark.recipes, pytest.mark.slow]

STAR, STANDARD, TELLURIC = (
    "SCIENCE_SLIT_OFFSET_UVB", "STD_FLUX_SLIT_OFFSET_UVB", "STD_TELL_SLIT_OFFSET_UVB",
)  # fmt: skip


@pytest.fixture(scope="module")
def offset(xshooter, process, tmp_path_factory):
    """Return raw type to its AB, reduced, and the night."""
    need("xshoo")
    folder = tmp_path_factory.mktemp("xshooter-offset")
    options = SimulationOptions(setups=("UVB", "OFFSET", "1x2"))
    night = prepare(xshooter, process, folder / "night", options, date="2009-03-15")
    reduced = reduce_night(night, folder / "workspace")
    return {one.ab.raw_type: one for one in reduced.blocks}, reduced


def test_every_ab_of_the_commissioning_is_reduced(offset):
    _, reduced = offset
    assert len(reduced.blocks) == 8
    assert {str(one.ab.name).partition(".")[0] for one in reduced.blocks} == {"SHOOT"}
    assert {one.result.state for one in reduced.blocks} == {JobState.SUCCESSFUL}


def test_the_idp_of_the_commissioning_is_of_xshooter_and_obeys_the_standard(offset, tmp_path):
    blocks, reduced = offset
    (plan,) = idps_of(reduced.night, blocks[STAR])
    for beside in plan.ancillaries:
        write_ancillary(beside, tmp_path / beside.name)
    write_idp(plan, tmp_path / plan.name)
    assert "_UVB_1x2_5.0x11_OFFS" in plan.name
    assert fits.getheader(tmp_path / plan.name)["INSTRUME"] == "XSHOOTER"
    reports = validate_many(sorted(tmp_path.glob("*.fits")))
    assert [str(report) for report in reports if not report.ok] == []


def test_a_good_spectrum_has_a_flag_of_seven_zeros(offset):
    assert offset[0][STAR].qcflags[0] == "0000000"


def test_the_flux_is_that_of_the_truth_within_two_percent(offset, tmp_path):
    blocks, reduced = offset
    (plan,) = idps_of(reduced.night, blocks[STAR])
    write_idp(evolve(plan, ancillaries=()), tmp_path / plan.name)
    found = row(tmp_path / plan.name, reduced.night.folder)
    assert found.flux < 0.01, found.text
    assert found.means < 0.02, found.text


def test_a_telluric_standard_is_a_calibration_and_no_idp_is_made_of_it(offset):
    blocks, reduced = offset
    made = {product.pro_catg for product in blocks[TELLURIC].products}
    assert {"TELL_SLIT_FLUX_MERGE1D_UVB", "TELL_SLIT_MERGE1D_UVB"} <= made
    assert list(idps_of(reduced.night, blocks[TELLURIC])) == []


def test_the_spectrum_of_a_telluric_standard_is_measured(offset):
    measured = {one.parameter: one.value for one in offset[0][TELLURIC].qc if one.element == 0}
    assert measured["SNR"] > 50
    assert measured["FLUX_CALIBRATED"] == 1
    assert measured["NUM_COSMIC"] is not None
