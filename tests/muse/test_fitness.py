"""What is found before a recipe starts."""

from __future__ import annotations

import pytest
from astropy.io import fits
from attrs import evolve

from phoenix.archive.source import check_fits
from phoenix.errors import ArchiveError
from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame, SetOfFrames
from phoenix.model.idp import Card
from phoenix.model.recipe import Parameter
from phoenix.simulate.night import SimulationOptions
from phoenix.simulate.raw import header_of, image_hdu
from phoenix_muse.recipe.fitness import unfit
from phoenix_muse.simulation import simulate_night
from phoenix_muse.simulation.headers import channel_cards, primary_cards
from phoenix_muse.simulation.layout import LAYOUTS
from phoenix_muse.simulation.plan import BIAS, KINDS, OBJECT, TWILIGHT
from phoenix_muse.simulation.programme import plan_night

LAYOUT = LAYOUTS["all-ifus"]


@pytest.fixture(scope="module")
def plan():
    return plan_night(CivilDate(2020, 1, 1), SimulationOptions(setups=("field",)))


@pytest.fixture
def told(tmp_path):
    """Return what is said of an AB of these frames, which have these IFUs and no pixels."""

    def of(frames, recipe, *, ifus=((1, 2),), nifu="-1", extra=()):
        pairs = []
        for number, frame in enumerate(frames):
            path = tmp_path / f"{frame.exposure.root}.fits"
            primary = fits.PrimaryHDU(header=header_of(primary_cards(frame)))
            parts = [
                fits.ImageHDU(header=header_of(channel_cards(LAYOUT, ifu)))
                for ifu in ifus[number % len(ifus)]
            ]
            fits.HDUList([primary, *parts]).writeto(path)
            pairs.append((path, KINDS[frame.kind].tag))
        ab = AssociationBlock(
            f"{frames[0].exposure.root}_tpl.ab",
            recipe,
            tuple(RawFrame(f"${{DFO_RAW_DIR}}/{path.name}", tag) for path, tag in pairs),
            parameters=(Parameter("nifu", nifu),),
            raw_type=KINDS[frames[0].kind].tag,
        )
        return list(unfit(ab, SetOfFrames((*pairs, *extra))))

    return of


def test_good_frames_are_fit(plan, told):
    assert told(plan.of_kind(BIAS), "muse_bias") == []
    assert told(plan.of_kind(TWILIGHT), "muse_twilight") == []
    assert told(plan.of_kind(OBJECT), "muse_scibasic") == []


def test_two_biases_are_too_few(plan, told):
    (said,) = told(plan.of_kind(BIAS)[:2], "muse_bias")
    assert "found 2 raw frames, expected at least 3" in said


@pytest.mark.parametrize("key", ["RA", "DEC", "LST", "MJD-OBS", "EXPTIME", "INS DROT POSANG"])
def test_a_frame_of_lab_data_is_found(plan, told, key):
    frame = evolve(plan.of_kind(OBJECT)[0], lost_keywords=(key,))
    (said,) = told([frame], "muse_scibasic")
    assert f"found no {key}, expected it" in said


def test_an_ifu_that_one_frame_lacks_is_found(plan, told):
    frames = plan.of_kind(OBJECT)
    (said,) = told(frames, "muse_scibasic", ifus=((1, 2, 3), (1, 3)))
    assert f"{frames[1].exposure.root}.fits: found no CHAN02" in said


def test_an_ifu_that_the_calibrations_have_and_the_frame_lacks_is_found(plan, told, tmp_path):
    flat = tmp_path / "flat.fits"
    parts = [fits.ImageHDU(name=f"CHAN{ifu:02d}.DATA") for ifu in (1, 2, 3)]
    fits.HDUList([fits.PrimaryHDU(), *parts]).writeto(flat)
    (said,) = told(plan.of_kind(OBJECT)[:1], "muse_scibasic", extra=((flat, "MASTER_FLAT"),))
    assert "found no CHAN03" in said


def test_the_only_ifu_that_is_asked_for_is_enough(plan, told):
    frames = plan.of_kind(OBJECT)
    assert told(frames, "muse_scibasic", ifus=((1, 2), (1,)), nifu="1") == []


def test_a_twilight_without_the_first_ifu_is_found(plan, told):
    (said, *_) = told(plan.of_kind(TWILIGHT), "muse_twilight", ifus=((2, 3),))
    assert "found no CHAN01" in said


def products(tmp_path, *rows):
    """Return frames of products with a DATE-OBS each."""
    pairs = []
    for number, (tag, cards) in enumerate(rows):
        path = tmp_path / f"product{number}.fits"
        image_hdu([Card(key, value) for key, value in cards.items()]).writeto(path)
        pairs.append((path, tag))
    return SetOfFrames(tuple(pairs))


def step(recipe):
    raw = RawFrame("${DFO_RAW_DIR}/x.fits", "OBJECT")
    return AssociationBlock("MUSE.2020-01-02T01:00:00.000_tpl.ab", recipe, (), waits_for=("x.ab",),
                            associated_raws=(raw,))  # fmt: skip


def test_an_exposure_that_goes_in_twice_is_found(tmp_path):
    row = ("PIXTABLE_REDUCED", {"DATE-OBS": "2020-01-02T01:00:00.000"})
    (said,) = unfit(step("muse_exp_combine"), products(tmp_path, row, row))
    assert "2020-01-02T01:00:00.000 more than once" in said


@pytest.mark.parametrize(("told_of_flat", "count"), [(True, 0), (None, 1)])
def test_a_response_of_old_is_found(tmp_path, told_of_flat, count):
    cards = {"ESO PRO REC1 PIPE ID": "muse/1.6.1"}
    if told_of_flat:
        cards["ESO DRS MUSE FLUX FFCORR"] = True
    frames = products(tmp_path, ("STD_RESPONSE", cards))
    assert len(list(unfit(step("muse_scipost"), frames))) == count


def test_a_cut_file_is_refused_by_its_source(tmp_path):
    options = SimulationOptions(setups=("single",), faults=("truncated",))
    night = simulate_night(CivilDate(2020, 1, 1), tmp_path, options)
    refused = []
    for path in night.raw:
        try:
            check_fits(path)
        except ArchiveError:
            refused.append(path.name)
    assert refused == ["MUSE.2020-01-02T02:13:00.950.fits"]
