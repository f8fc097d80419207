"""What is found before a recipe starts, on the frames of a night without pixels' worth of sky."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve

from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame, SetOfFrames
from phoenix.simulate.night import SimulationOptions
from phoenix.simulate.raw import image_hdu, write_fits
from phoenix_xshooter.recipe.fitness import unfit
from phoenix_xshooter.simulation.headers import frame_cards
from phoenix_xshooter.simulation.plan import BIAS, DARK, FLAT, MULTI, NOD, OFFSET, STARE
from phoenix_xshooter.simulation.programme import plan_night


@pytest.fixture(scope="module")
def plan():
    return plan_night(CivilDate(2020, 1, 1), SimulationOptions(setups=("NIR",)))


def later(exposure):
    """Return an exposure a minute after another one."""
    return evolve(exposure, start=exposure.start + dt.timedelta(minutes=1))


@pytest.fixture
def told(plan, tmp_path):
    """Return what is said of an AB of these frames."""

    def of(frames, recipe, *, pixel=100.0, extra=()):
        pairs = []
        for frame in frames:
            path = tmp_path / f"{frame.exposure.root}.fits"
            pixels = np.full((110, 204), pixel, dtype=np.float32)
            write_fits(path, [image_hdu(frame_cards(frame), pixels)])
            pairs.append((path, frame.tag))
        ab = AssociationBlock(
            f"{frames[0].exposure.root}_tpl.ab",
            recipe,
            tuple(RawFrame(f"${{DFO_RAW_DIR}}/{path.name}", tag) for path, tag in pairs),
            raw_type=frames[0].raw_type,
        )
        return list(unfit(ab, SetOfFrames((*pairs, *extra))))

    return of


def test_good_frames_are_fit(plan, told):
    assert told(plan.of_kind(DARK), "xsh_mdark") == []
    assert told(plan.of_kind(NOD), "xsh_scired_slit_nod") == []


def test_not_a_number_is_found(plan, told):
    (first, *_) = told(plan.of_kind(DARK), "xsh_mdark", pixel=np.nan)
    assert "pixels that are no numbers" in first


def test_two_darks_are_too_few(plan, told):
    (said,) = told(plan.of_kind(DARK)[:2], "xsh_mdark")
    assert "found 2 darks, expected at least 3" in said


def test_darks_of_two_times_are_told(plan, told):
    first, *others = plan.of_kind(DARK)
    longer = evolve(first, exposure=evolve(first.exposure, exptime=300.0))
    (said,) = told((longer, *others), "xsh_mdark")
    assert "found darks of 100, 300 s" in said


@pytest.mark.parametrize("key", ["SEQ CUMOFF RA", "ADA POSANG", "TEL AIRM START", "DET NDITSKIP"])
def test_a_nod_without_a_keyword_is_told(plan, told, key):
    first, second = plan.of_kind(NOD)
    (said,) = told((evolve(first, lost_keywords=(key,)), second), "xsh_scired_slit_nod")
    assert f"found no number as {key}" in said


def test_staring_without_sky_lines_is_told(plan, told, tmp_path):
    frames = plan.of_kind(STARE)
    (said,) = told(frames, "xsh_scired_slit_stare")
    assert "found no SKY_LINE_LIST_NIR" in said
    lines = ((tmp_path / "sky.fits", "SKY_LINE_LIST_NIR"),)
    assert told(frames, "xsh_scired_slit_stare", extra=lines) == []


@pytest.mark.parametrize("other", [(1, 1), (1, 2)])
@pytest.mark.parametrize("family", ["MASTER_BIAS", "MASTER_FLAT_SLIT"])
def test_a_master_of_another_binning_is_told(told, tmp_path, other, family):
    """A historical AB may name one: its rules did not compare the binning."""
    plan = plan_night(CivilDate(2020, 1, 1), SimulationOptions(setups=("UVB",)))
    frames, (bias, *_) = plan.of_kind(NOD), plan.of_kind(BIAS)
    alike, unlike = tmp_path / "alike.fits", tmp_path / "unlike.fits"
    for path, frame in ((alike, bias), (unlike, evolve(bias, binning=other))):
        write_fits(path, [image_hdu(frame_cards(frame), np.zeros((2, 2), dtype=np.float32))])
    assert told(frames, "xsh_scired_slit_nod", extra=((alike, f"{family}_UVB"),)) == []
    said = told(frames, "xsh_scired_slit_nod", extra=((unlike, f"{family}_UVB"),))
    assert len(said) == 2
    assert f"found binning 2x2, but {other[0]}x{other[1]} in unlike.fits" in said[0]


def test_a_master_that_was_read_out_otherwise_is_told(told, tmp_path):
    """Its level is another; the rules of the pipeline compare it, an AB by hand may not."""
    plan = plan_night(CivilDate(2020, 1, 1), SimulationOptions(setups=("UVB",)))
    frames, (bias, *_) = plan.of_kind(NOD)[:2], plan.of_kind(BIAS)
    pixels = np.zeros((2, 2), dtype=np.float32)
    for name, clock in (("alike", "100k/1pt/hg"), ("unlike", "400k/1pt/lg")):
        write_fits(tmp_path / f"{name}.fits", [image_hdu(frame_cards(bias), pixels)])
        fits.setval(tmp_path / f"{name}.fits", "HIERARCH ESO DET READ CLOCK", value=f"{clock}/2x2")
    alike, unlike = (
        (tmp_path / f"{name}.fits", "MASTER_BIAS_UVB") for name in ("alike", "unlike")
    )
    assert told(frames, "xsh_scired_slit_nod", extra=(alike,)) == []
    said = told(frames, "xsh_scired_slit_nod", extra=(unlike,))
    assert len(said) == len(frames)
    assert "READ CLOCK 100k1pthg, but 400k1ptlg in unlike.fits" in said[0]


def test_a_binned_frame_is_not_for_a_recipe_that_wants_none(told):
    plan = plan_night(CivilDate(2020, 1, 1), SimulationOptions(setups=("VIS",)))
    (arc,) = plan.of_kind(MULTI)
    assert told((arc,), "xsh_2dmap") == []
    (said,) = told((evolve(arc, binning=(2, 2)),), "xsh_2dmap")
    assert "found binning 2x2, expected none" in said


@pytest.mark.parametrize(("kind", "recipe"), [
    (NOD, "xsh_scired_slit_nod"),
    (OFFSET, "xsh_scired_slit_offset"),
    (OFFSET, "xsh_respon_slit_offset"),
    (STARE, "xsh_scired_slit_stare"),
])  # fmt: skip
def test_frames_of_two_obs_are_not_combined(plan, told, tmp_path, kind, recipe):
    """Templates are told apart by their start alone, and two may have the same."""
    first, *others = plan.of_kind(kind)
    second = others[0] if others else evolve(first, exposure=later(first.exposure))
    block = evolve(second.exposure.block, id=second.exposure.block.id + 1)
    other = evolve(second, exposure=evolve(second.exposure, block=block))
    lines = ((tmp_path / "sky.fits", "SKY_LINE_LIST_NIR"),)
    assert told((first, second), recipe, extra=lines) == []
    (said,) = told((first, other), recipe, extra=lines)
    assert "found frames of the OBs" in said


@pytest.mark.parametrize(("kind", "recipe"), [
    (NOD, "xsh_scired_slit_nod"),
    (NOD, "xsh_respon_slit_nod"),
    (OFFSET, "xsh_scired_slit_offset"),
])  # fmt: skip
def test_an_exposure_that_was_broken_off_is_not_combined_with_the_others(plan, told, kind, recipe):
    """The recipe takes all for as long as the first: the flux was 0.75 of the truth."""
    first, *others = plan.of_kind(kind)
    nearly = evolve(first, exposure=evolve(first.exposure, exptime=first.exposure.exptime - 0.01))
    assert told((nearly, *others), recipe) == []
    half = evolve(first, exposure=evolve(first.exposure, exptime=first.exposure.exptime / 2))
    (said,) = told((half, *others), recipe)
    assert "found exposures of 50, 100 s, expected one time" in said


def test_a_saturated_flat_is_told(told):
    plan = plan_night(CivilDate(2020, 1, 1), SimulationOptions(setups=("VIS",)))
    frames = plan.of_kind(FLAT)[:1]
    assert told(frames, "xsh_mflat") == []
    (said,) = told(frames, "xsh_mflat", pixel=65535.0)
    assert "found 100.0 % of the pixels saturated" in said


@pytest.mark.parametrize("key", ["DET DIT", "DET NDIT", "DET NDITSKIP"])
def test_times_of_the_infrared_array_that_are_no_numbers_are_told(plan, told, tmp_path, key):
    (dark, *_) = plan.of_kind(DARK)
    frames = [evolve(dark, lost_keywords=(key,)), *plan.of_kind(DARK)[1:]]
    assert any(f"found no number as {key}" in said for said in told(frames, "xsh_mdark"))
