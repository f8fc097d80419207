"""A star, its flux standard and a telluric one beside their sky: the true recipes, UVB alone.

Biases, flats and arcs are those of the good night, and are not reduced again.
"""

from __future__ import annotations

import pytest
from attrs import evolve
from xshooter_truth import row

from phoenix.formats.idpfile import write_idp
from phoenix.model.report import JobState
from phoenix.simulate.night import SimulationOptions
from phoenix.testing.night import idps_of, reduce_like

from .conftest import prepare

pytestmark = [pytest.mark.recipes, pytest.mark.slow]

STAR, STANDARD, TELLURIC = (
    "SCIENCE_SLIT_OFFSET_UVB", "STD_FLUX_SLIT_OFFSET_UVB", "STD_TELL_SLIT_OFFSET_UVB",
)  # fmt: skip


@pytest.fixture(scope="module")
def offset(xshooter, process, good, tmp_path_factory):
    """Return raw type to its AB, reduced, and the folder of the night."""
    folder = tmp_path_factory.mktemp("xshooter-offset")
    options = SimulationOptions(setups=("UVB", "OFFSET"))
    night = prepare(xshooter, process, folder / "night", options)
    reduced = reduce_like(night, good, folder / "workspace")
    return {one.ab.raw_type: one for one in reduced.blocks}, reduced


def test_all_three_are_reduced(offset):
    for raw_type in (STAR, STANDARD, TELLURIC):
        one = offset[0][raw_type]
        assert one.result.state is JobState.SUCCESSFUL, one.result.reason


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
