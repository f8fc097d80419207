"""ABs made of raw files by the shipped rules, turned to the polynomial mode."""

from __future__ import annotations

import pytest

from goodnight import created, need
from phoenix.cli import run
from phoenix.model.ab import Completeness
from phoenix.model.recipe import Parameter


@pytest.fixture(scope="module")
def made(night, tmp_path_factory):
    """Return the ABs that create-ab makes."""
    need("xshoo")
    return created(night, tmp_path_factory.mktemp("xshooter-ab") / "work")


def of_type(made, raw_type):
    return [ab for ab in made if ab.raw_type == raw_type]


def inputs(ab):
    return {one.pro_catg for one in ab.calibrations}


def test_every_step_of_every_arm_has_its_ab(made):
    assert len(made) == 23
    for arm in ("UVB", "VIS", "NIR"):
        for kind in ("FMTCHK", "ORDERDEF", "FLAT_SLIT", "WAVE", "STD_FLUX_SLIT_NOD"):
            assert len(of_type(made, f"{kind}_{arm}")) == 1
        assert len(of_type(made, f"OBJECT_SLIT_NOD_{arm}")) == 1
    assert {ab.completeness for ab in made} == {Completeness.COMPLETE}


def test_the_physical_model_is_in_no_ab(made):
    assert not [one for ab in made for one in inputs(ab) if one.startswith("XSH_MOD_CFG")]


@pytest.mark.parametrize("arm", ["UVB", "VIS", "NIR"])
def test_science_takes_polynomials_and_the_response_of_the_night(made, arm):
    (ab,) = of_type(made, f"OBJECT_SLIT_NOD_{arm}")
    for family in ("WAVE_TAB_2D", "DISP_TAB", "RESPONSE_MERGE1D_SLIT", "MASTER_FLAT_SLIT"):
        assert f"{family}_{arm}" in inputs(ab)
    assert f"SCI_SLIT_FLUX_MERGE1D_{arm}" in {product.pro_catg for product in ab.products}


def test_the_flat_of_uvb_takes_the_orders_of_the_deuterium_lamp(made):
    (flat,) = of_type(made, "FLAT_SLIT_UVB")
    (orders,) = of_type(made, "ORDERDEF_UVB")
    assert [raw.tag for raw in orders.raw_files] == ["ORDERDEF_D2_UVB"]
    assert str(orders.name) in flat.waits_for


def test_unbinned_frames_are_given_no_binned_bias(made):
    for kind in ("FMTCHK", "ORDERDEF", "WAVE"):
        (ab,) = of_type(made, f"{kind}_VIS")
        assert "MASTER_BIAS_VIS" not in inputs(ab)
    (flat,) = of_type(made, "FLAT_SLIT_VIS")
    assert "MASTER_BIAS_VIS" in inputs(flat)


def test_offsets_in_the_near_infrared_have_its_own_bins(made):
    (ab,) = of_type(made, "SCIENCE_SLIT_OFFSET_NIR")
    assert Parameter("rectify-bin-lambda", "0.1") in ab.parameters
    assert sorted(raw.tag for raw in ab.raw_files) == ["OBJECT_SLIT_OFFSET_NIR", "SKY_SLIT_NIR"]


def test_frames_of_the_ifu_are_left_out_with_a_reason(night, made, tmp_path, capsys):
    work = tmp_path / "work"
    words = ["--process", "XSHOOTER_ECH", "--repository", str(night.folder)]
    run(["init", str(work), *words])
    capsys.readouterr()
    assert run(["create-ab", "-w", str(work), "-d", str(night.date), "--dry-run"]) == 0
    said = capsys.readouterr().err
    assert "is left out: raw type OBJECT_IFU_STARE_NIR is none of process XSHOOTER_ECH" in said
