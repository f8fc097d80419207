"""What uves says nothing about: caught, or shown to do no harm (docs/explanation/gates.md)."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve

from phoenix.model.cascade import Cascade
from phoenix.model.recipe import Parameter
from phoenix.model.report import JobState
from phoenix.model.score import Outcome, judge
from phoenix.model.threshold import ScoreRule
from phoenix.simulate.block import virtual
from spoilt import of_type, raw_path, reduced, with_block, with_frames

pytestmark = [pytest.mark.recipes, pytest.mark.slow]


def without(ab, words):
    left = tuple(one for one in ab.calibrations if words not in one.pro_catg)
    assert len(left) < len(ab.calibrations)
    return ab.edited(why="left out", calibrations=left)


def once_more(night, frame):
    """Put the pixels of another frame there."""
    with fits.open(raw_path(night, frame), do_not_scale_image_data=True) as hdus:
        pixels = hdus[0].data.copy()

    def change(others):
        others[0].data = pixels

    return change


def with_table(night, folder, pro_catg, change):
    """Copy a night and change a static table."""
    copy = with_frames(night, folder, {})
    for path in (folder / "calib/gen").glob("*.fits"):
        with fits.open(path) as hdus:
            if hdus[0].header.get("ESO PRO CATG") == pro_catg:
                change(hdus)
                path.unlink()
                hdus.writeto(path)
                return copy
    raise AssertionError(pro_catg)


def values(one):
    return {row.parameter: row.value for row in one.qc if row.element == 0}


def product(blocks, ab, words):
    one = next(one for one in blocks if one.ab.name == ab.name)
    return next(row.path for row in one.products if words in row.pro_catg)


@pytest.fixture
def scored(uves, process):
    """Return the parameters of an AB with red scores."""
    rules = [row for row in uves.thresholds(process) if isinstance(row, ScoreRule)]

    def red(one):
        found = judge(one.qc, rules, one.ab.raw_type)
        return {row.rule.parameter for row in found if row.outcome is Outcome.RED}

    return red


def test_a_response_of_another_flat_mode_is_refused_before_the_recipe(night, good, tmp_path):
    science = of_type(night, "SCI_POINT_BLUE")
    pixelwise = science.edited(
        why="another mode",
        parameters=(*science.parameters, Parameter("reduce.ffmethod", "pixel")),
    )
    (one,) = reduced(with_block(night, pixelwise), good, tmp_path / "work", science.name)
    assert one.result.state is JobState.FAILED
    assert "made with reduce.ffmethod=extract, expected pixel" in one.result.reason


@pytest.mark.parametrize("raw_type", ["BIAS_BLUE", "FLAT_BLUE"])
def test_a_frame_once_more_is_gated(night, good, tmp_path, raw_type):
    change = once_more(night, (raw_type, 0, 0))
    spoilt = with_frames(night, tmp_path / "night", {(raw_type, 0, 1): change})
    (one,) = reduced(spoilt, good, tmp_path / "work", of_type(night, raw_type).name)
    assert one.result.state is JobState.GATED
    assert "REPEATED_FRAMES is 1, expected at most 0" in one.result.reason


def test_a_dark_once_more_is_gated(night, good, tmp_path):
    """The night has no darks; its biases, taken for some, are the same to the recipe."""
    bias = of_type(night, "BIAS_BLUE")
    frames = (bias.raw_files[0], *bias.raw_files)
    dark = evolve(
        bias,
        name="UVES.2020-01-02T10:30:00.000_tpl.ab",
        recipe="uves_cal_mdark",
        raw_type="DARK_BLUE",
        raw_files=tuple(evolve(raw, tag="DARK_BLUE") for raw in frames),
        calibrations=(virtual(bias, "MASTER_BIAS_BLUE"),),
        waits_for=(str(bias.name),),
        products=(),
    )
    cascade = Cascade([*night.prepared.cascade, dark])
    changed = evolve(night, prepared=evolve(night.prepared, cascade=cascade))
    (one,) = reduced(changed, good, tmp_path / "work", dark.name)
    assert one.result.state is JobState.GATED
    assert "REPEATED_FRAMES is 1" in one.result.reason


def test_one_bias_alone_has_red_scores(night, good, tmp_path, scored):
    bias = of_type(night, "BIAS_BLUE")
    alone = bias.edited(why="one", raw_files=bias.raw_files[:1])
    (one,) = reduced(with_block(night, alone), good, tmp_path / "work", bias.name)
    assert one.result.state is JobState.SUCCESSFUL
    assert {"NUM_RAW", "TPL_PART"} <= scored(one)


def test_an_order_frame_without_a_guess_is_gated(night, good, tmp_path):
    orders = of_type(night, "ORDER_FLAT_BLUE")
    blind = with_block(night, without(orders, "ORDER_GUESS"))
    (one,) = reduced(blind, good, tmp_path / "work", orders.name)
    assert one.result.state is JobState.GATED
    assert "ORDERS_FOUND is" in one.result.reason


def test_a_red_format_without_its_offsets_is_gated(night, good, tmp_path):
    """Before 2009-07-06 the model adds none: it is told so by the time of the frame."""

    def long_ago(hdus):
        hdus[0].header["MJD-OBS"] = 54900.0
        hdus[0].header["DATE-OBS"] = "2009-03-10T00:00:00.000"

    spoilt = with_frames(night, tmp_path / "night", {("ARC_LAMP_FORM_RED", 0, 0): long_ago})
    name = of_type(night, "ARC_LAMP_FORM_RED").name
    (one,) = reduced(spoilt, good, tmp_path / "work", name)
    assert one.result.state is JobState.GATED
    assert "DIFF_Y is 3.1" in one.result.reason


def test_a_flux_table_in_other_units_has_a_red_score(night, good, tmp_path, scored):
    def in_other_units(hdus):
        for hdu in hdus[1:]:
            hdu.data["F_LAMBDA"][:] *= 1e16

    spoilt = with_table(night, tmp_path / "night", "FLUX_STD_TABLE", in_other_units)
    name = of_type(night, "STANDARD_BLUE").name
    (one,) = reduced(spoilt, good, tmp_path / "work", name)
    assert one.result.state is JobState.SUCCESSFUL
    assert values(one)["EFFICIENCY"] < 1e-10
    assert "EFFICIENCY" in scored(one)


def test_a_gap_in_the_fit_points_is_bridged_to_half_a_per_cent(night, good, tmp_path):
    def with_gap(hdus):
        for place in range(2, len(hdus)):
            wave = hdus[place].data["LAMBDA"]
            left = hdus[place].data[(wave < 386.0) | (wave > 394.0)]
            assert len(wave) - len(left) > 3
            hdus[place] = fits.BinTableHDU(left, hdus[place].header)

    spoilt = with_table(night, tmp_path / "night", "RESP_FIT_POINTS_CATALOG", with_gap)
    standard = of_type(night, "STANDARD_BLUE")
    done = reduced(spoilt, good, tmp_path / "work", standard.name)
    found, expected = (
        fits.getdata(product(blocks, standard, "INSTR_RESPONSE_FINE"), 1)["response_smo"]
        for blocks in (done, good.blocks)
    )
    ratio = found / expected
    assert 0.001 < np.nanmax(np.abs(ratio - 1.0)) < 0.005


def test_a_flat_without_master_bias_is_the_same_but_for_the_structure_of_the_bias(
    night, good, tmp_path
):
    flat = of_type(night, "FLAT_BLUE")
    done = reduced(
        with_block(night, without(flat, "MASTER_BIAS")), good, tmp_path / "work", flat.name
    )
    assert done[0].result.state is JobState.SUCCESSFUL
    found, expected = (
        fits.getdata(product(blocks, flat, "MASTER_FLAT")) for blocks in (done, good.blocks)
    )
    lit = expected > np.median(expected)
    assert np.median(found[lit] / expected[lit]) == pytest.approx(1.0, abs=1e-4)


def test_science_that_fails_late_publishes_nothing(night, good, tmp_path):
    def without_time(hdus):
        del hdus[0].header["UTC"]

    science = of_type(night, "SCI_SLICER_BLUE")
    spoilt = with_frames(night, tmp_path / "night", {("SCI_SLICER_BLUE", 0, 0): without_time})
    (one,) = reduced(spoilt, good, tmp_path / "work", science.name)
    assert one.result.state is JobState.FAILED
    # Spectra were extracted by then, and lay in the working folder of the recipe.
    assert "Could not compute QC parameters" in one.result.reason
    assert not list((tmp_path / "work").glob(f"*/*/{science.root}*/*.fits"))
    assert not list((tmp_path / "work").glob("scratch/*/*"))
