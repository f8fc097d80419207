"""Frames that would crash a recipe are found before it starts."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import RawFrame, SetOfFrames
from phoenix_uves.recipe.fitness import unfit

AIRMASS = {"TEL AIRM START": 1.1, "TEL AIRM END": 1.2}


def write(path, cards, pixels=None):
    hdu = fits.PrimaryHDU(np.ones((40, 40), dtype=np.uint16) if pixels is None else pixels)
    for key, value in cards.items():
        hdu.header[f"HIERARCH ESO {key}"] = value
    hdu.writeto(path)
    return path


@pytest.fixture
def asked(tmp_path):
    """Ask of an AB of one raw frame, and perhaps a flat."""

    def ask(recipe, raw_type, cards, pixels=None, flat=None, response=None):
        frames = [(write(tmp_path / "UVES.raw.fits", cards, pixels), raw_type)]
        if flat is not None:
            frames.append((write(tmp_path / "flat.fits", flat), "MASTER_FLAT_BLUE"))
        if response is not None:
            made = write(tmp_path / "response.fits", response)
            frames.append((made, "INSTR_RESPONSE_FINE_BLUE"))
        raw = RawFrame("${DFO_RAW_DIR}/2020-01-01/UVES.2020-01-02T01:00:00.000.fits", raw_type)
        name = "UVES.2020-01-02T01:00:00.000.ab"
        ab = AssociationBlock(name, recipe, (raw,), raw_type=raw_type)
        return tuple(unfit(ab, SetOfFrames(tuple(frames))))

    return ask


REDUCED = [("uves_obs_scired", "SCI_POINT_BLUE"), ("uves_cal_response", "STANDARD_BLUE")]


@pytest.mark.parametrize(("recipe", "raw_type"), REDUCED)
def test_a_frame_with_airmass_is_fit(asked, recipe, raw_type):
    assert asked(recipe, raw_type, AIRMASS) == ()


@pytest.mark.parametrize(("recipe", "raw_type"), REDUCED)
def test_an_airmass_that_is_missing_is_told(asked, recipe, raw_type):
    (sentence,) = asked(recipe, raw_type, {"TEL AIRM START": 1.1})
    assert "UVES.raw.fits: found no number as TEL AIRM END" in sentence


def test_a_lamp_needs_no_airmass(asked):
    assert asked("uves_cal_wavecal", "ARC_LAMP_BLUE", {}) == ()


def test_a_saturated_flat_is_told(asked):
    pixels = np.full((40, 40), 20000, dtype=np.uint16)
    pixels[:20] = 65535
    (sentence,) = asked("uves_cal_mflat", "FLAT_BLUE", {}, pixels)
    assert "50.0 % of the pixels of BLUE saturated" in sentence


def test_a_flat_with_a_few_saturated_pixels_is_fit(asked):
    pixels = np.full((40, 40), 20000, dtype=np.uint16)
    pixels[0, 0] = 65535
    assert asked("uves_cal_mflat", "FLAT_BLUE", {}, pixels) == ()


def test_a_flat_of_another_chip_is_told(asked):
    here, there = {"DET CHIP1 ID": "CCD-44b"}, {"DET CHIP1 ID": "CCD-44"}
    (sentence,) = asked("uves_obs_scired", "SCI_POINT_BLUE", AIRMASS | here, flat=there)
    assert "found chip CCD-44b as BLUE, expected CCD-44" in sentence


def test_a_flat_of_the_same_chip_is_fit(asked):
    here = {"DET CHIP1 ID": "CCD-44b"}
    assert asked("uves_obs_scired", "SCI_POINT_BLUE", AIRMASS | here, flat=here) == ()


def made_with(mode):
    return {"PRO REC1 PARAM7 NAME": "reduce.ffmethod", "PRO REC1 PARAM7 VALUE": mode}


def test_a_response_of_another_flat_mode_is_told(asked):
    (sentence,) = asked("uves_obs_scired", "SCI_POINT_BLUE", AIRMASS, response=made_with("pixel"))
    assert "found a response made with reduce.ffmethod=pixel, expected extract" in sentence


@pytest.mark.parametrize("response", [made_with("extract"), {}])
def test_a_response_of_the_same_flat_mode_or_of_an_unknown_one_is_fit(asked, response):
    assert asked("uves_obs_scired", "SCI_POINT_BLUE", AIRMASS, response=response) == ()
