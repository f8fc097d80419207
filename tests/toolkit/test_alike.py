"""Masters of another setup."""

from __future__ import annotations

import numpy as np
import pytest

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import RawFrame, SetOfFrames
from phoenix.toolkit.alike import Alike, unlike
from phoenix_giraffe.recipe import fitness as giraffe
from phoenix_muse.recipe import fitness as muse
from phoenix_uves.recipe import fitness as uves
from phoenix_xshooter.recipe import fitness as xshooter

AB = AssociationBlock(
    "X.2020-01-02T01:12:20.596.ab",
    "science",
    (RawFrame("${DFO_RAW_DIR}/2020-01-01/raw.fits", "OBJECT"),),
)
ROWS = (Alike("FLAT_.*", ("ESO INS GRAT WLEN", "ESO INS MODE")),)


@pytest.fixture
def compared(image):
    """Compare a raw file with a master."""

    def write(name, keywords):
        cards = {f"HIERARCH {key}": value for key, value in keywords.items()}
        return image(name, np.zeros((2, 2)), **cards)

    def compare(raw, master, tag="FLAT_RED", rows=ROWS, frame="OBJECT"):
        frames = ((write("raw.fits", raw), frame), (write("flat.fits", master), tag))
        return list(unlike(AB, SetOfFrames(frames), rows))

    return compare


def test_a_master_of_another_setup_is_named_with_what_is_expected(compared):
    (why,) = compared({"ESO INS GRAT WLEN": 580.0}, {"ESO INS GRAT WLEN": 564.0})
    assert why == (
        "flat.fits: found INS GRAT WLEN = 564.0, expected 580.0 as in raw.fits; associate a "
        "master of the same setup"
    )


@pytest.mark.parametrize(
    ("raw", "master", "tag"),
    [
        ({"ESO INS GRAT WLEN": 580}, {"ESO INS GRAT WLEN": 580.01}, "FLAT_RED"),
        ({"ESO INS MODE": "RED "}, {"ESO INS MODE": "RED"}, "FLAT_RED"),
        ({"ESO INS MODE": "RED"}, {"ESO INS MODE": ""}, "FLAT_RED"),
        ({"ESO INS MODE": "RED"}, {}, "FLAT_RED"),
        ({}, {"ESO INS MODE": "RED"}, "FLAT_RED"),
        ({"ESO INS MODE": "RED"}, {"ESO INS MODE": "BLUE"}, "MASTER_BIAS"),
    ],
)
def test_what_is_the_same_or_not_told_passes(compared, raw, master, tag):
    assert compared(raw, master, tag) == []


@pytest.mark.parametrize(
    ("rows", "tag", "key", "raw", "master"),
    [
        (giraffe.ALIKE, "DISPERSION_SOLUTION", "ESO INS EXP MODE", "L543.1", "H525.8B"),
        (giraffe.ALIKE, "FF_LOCCENTROID", "ESO INS SLIT NAME", "Medusa1", "Medusa2"),
        (giraffe.ALIKE, "MASTER_BIAS", "ESO DET CHIP1 ID", "Bruce2", "Carreras"),
        (giraffe.ALIKE, "MASTER_BIAS", "ESO DET READ CLOCK", "225kHz/1port/low_gain", "50kHz"),
        (giraffe.ALIKE, "MASTER_DARK", "ESO DET READ SPEED", "1pt/225kHz/lg", "1pt/50kHz/hg"),
        (uves.ALIKE, "LINE_TABLE_BLUE", "ESO INS GRAT1 WLEN", 390.0, 346.0),
        (uves.ALIKE, "ORDER_TABLE_REDU", "ESO INS GRAT2 WLEN", 580.0, 564.0),
        (uves.ALIKE, "INSTR_RESPONSE_FINE_REDL", "ESO INS GRAT2 WLEN", 580.0, 760.0),
        (uves.ALIKE, "MASTER_BIAS_REDL", "ESO DET WIN1 BINX", 1, 2),
        (xshooter.SAME_SETUP, "WAVE_TAB_2D_VIS", "ESO SEQ ARM", "UVB", "VIS"),
        (xshooter.SAME_SETUP, "MASTER_DARK_NIR", "ESO DET DIT", 10.0, 100.0),
        (muse.ALIKE, "WAVECAL_TABLE", "ESO INS OPTI1 FILTER", "Blue", "Clear"),
        (muse.ALIKE, "TRACE_TABLE", "ESO INS OPTI2 NAME", "WFM", "NFM"),
        (muse.ALIKE, "MASTER_BIAS", "ESO DET READ CURID", 1, 2),
    ],
)
def test_each_instrument_knows_its_setups(compared, rows, tag, key, raw, master):
    assert len(compared({key: raw}, {key: master}, tag, rows)) == 1


def test_the_response_of_muse_is_held_against_the_pixel_tables(compared):
    key, tag = "ESO INS OPTI1 FILTER", "STD_RESPONSE"
    assert len(compared({key: "Blue"}, {key: "Clear"}, tag, muse.ALIKE, "PIXTABLE_OBJECT")) == 1
