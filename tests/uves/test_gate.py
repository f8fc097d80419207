"""Gates: a wrong run with exit code 0 is seen. Numbers of runs on good and bad input."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from astropy.io import fits

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import Product, RawFrame
from phoenix.model.gate import RecipeOutcome, broken
from phoenix_uves.recipe.gate import GATES


@pytest.fixture
def outcome(tmp_path):
    """Make what a recipe left: products of these headers."""

    def make(recipe, raw_type, pixels=1.0, **products):
        raw = RawFrame("${DFO_RAW_DIR}/2020-01-01/UVES.2020-01-02T01:00:00.000.fits", raw_type)
        ab = AssociationBlock("UVES.2020-01-02T01:00:00.000.ab", recipe, (raw,), raw_type=raw_type)
        made = []
        for pro_catg, cards in products.items():
            hdu = fits.PrimaryHDU(np.full((10, 10), pixels, dtype=np.float32))
            for key, value in cards.items():
                hdu.header[f"HIERARCH ESO {key}"] = value
            path = tmp_path / f"{pro_catg}.fits"
            hdu.writeto(path, overwrite=True)
            made.append(Product(path, pro_catg))
        return broken(GATES[recipe], RecipeOutcome(ab, tuple(made)))

    return make


def predicted(lines=1640, x=0.3, y=0.15):
    return {
        "QC MODEL NLINALL": 2263,
        "QC MODEL NLINSEL": lines,
        "QC MODEL DIFFXRMS": x,
        "QC MODEL DIFFYRMS": y,
    }


def ordered(found=31, rms=0.008):
    return {"QC ORD NDET": found, "QC ORD NPRED": 31, "QC ORD RESIDRMS": rms}


def solved(lines=1490, rms=0.006, resolution=46000.0):
    return {
        "QC NLINSEL": lines,
        "QC ORDMIN": 94,
        "QC ORDMAX": 124,
        "QC LINE RESIDRMS PIX": rms,
        "QC RESOLMED": resolution,
        "INS SLIT2 WID": 0.8,
    }


GOOD = {
    "uves_cal_mbias": ("BIAS_BLUE", {"MASTER_BIAS_BLUE": {"PRO DATAMED": 151.0}}),
    "uves_cal_predict": ("ARC_LAMP_FORM_BLUE", {"LINE_GUESS_TAB_BLUE": predicted()}),
    "uves_cal_orderpos": ("ORDER_FLAT_BLUE", {"ORDER_TABLE_BLUE": ordered()}),
    "uves_cal_mflat": ("FLAT_BLUE", {"MASTER_FLAT_BLUE": {"PRO DATAAVG": 2546.0}}),
    "uves_cal_wavecal": ("ARC_LAMP_BLUE", {"LINE_TABLE_BLUE": solved()}),
}


@pytest.mark.parametrize("recipe", GOOD)
def test_a_good_run_passes(outcome, recipe):
    raw_type, products = GOOD[recipe]
    assert outcome(recipe, raw_type, **products) == ()


@pytest.mark.parametrize(
    ("recipe", "cards", "gates"),
    [
        ("uves_cal_mbias", {"PRO DATAMED": 1014.0}, {"BIAS_LEVEL"}),
        ("uves_cal_mbias", {"PRO DATAMED": 0.0}, {"BIAS_LEVEL_LOW"}),
        ("uves_cal_predict", predicted(338, 4.1, 3.9), {"LINES_FOUND", "DIFF_X", "DIFF_Y"}),
        ("uves_cal_predict", predicted(1008, 1.6, 2.96), {"DIFF_Y"}),
        ("uves_cal_orderpos", ordered(3, 5.96), {"ORDERS_FOUND", "ORDER_RMS"}),
        ("uves_cal_mflat", {"PRO DATAAVG": 0.01}, {"FLAT_LEVEL"}),
        ("uves_cal_wavecal", solved(155, 0.27), {"LINES_PER_ORDER", "RESIDUAL_RMS"}),
        ("uves_cal_wavecal", solved(resolution=15000.0), {"RESOLUTION"}),
    ],
)
def test_a_wrong_run_breaks_the_gates_that_name_it(outcome, recipe, cards, gates):
    raw_type, products = GOOD[recipe]
    sentences = outcome(recipe, raw_type, **dict.fromkeys(products, cards))
    assert {sentence.split()[0] for sentence in sentences} == gates


@pytest.mark.parametrize("recipe", ["uves_cal_mbias", "uves_cal_mflat"])
def test_a_master_of_which_only_the_header_is_left_is_gated(outcome, recipe):
    raw_type, products = GOOD[recipe]
    (sentence,) = outcome(recipe, raw_type, pixels=0.0, **products)
    assert sentence.startswith("FILLED_PIXELS is 0, expected at least 0.5")


def test_of_two_chips_the_worse_one_counts(outcome):
    good, bad = {"PRO DATAMED": 170.0}, {"PRO DATAMED": 900.0}
    (sentence,) = outcome(
        "uves_cal_mbias", "BIAS_RED", MASTER_BIAS_REDL=good, MASTER_BIAS_REDU=bad
    )
    assert sentence.startswith("BIAS_LEVEL is 900")


def test_a_missing_product_is_not_for_a_gate_to_tell(outcome):
    assert outcome("uves_cal_mbias", "BIAS_BLUE") == ()


def test_gates_can_be_pickled():
    assert pickle.loads(pickle.dumps(GATES)).keys() == GATES.keys()
