"""Masters without pixels, and frames that are another one once more, end at their gates."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import Product, RawFrame, SetOfFrames
from phoenix.model.gate import RecipeOutcome, broken
from phoenix.toolkit.told import TOLD
from phoenix_xshooter.process import NOD
from phoenix_xshooter.recipe.gate import GATES


@pytest.fixture
def said(tmp_path):
    """Return the names of the gates that an outcome of small files breaks."""

    def judge(recipe, raw_type, pro_catg, pixels, raws, cards=None):
        frames = []
        for number, level in enumerate(raws):
            path = tmp_path / f"raw{number}.fits"
            fits.writeto(path, np.full((8, 8), level, np.float32))
            frames.append((path, raw_type))
        raw = RawFrame("${DFO_RAW_DIR}/raw0.fits", raw_type)
        name = "XSHOO.2020-01-02T01:00:00.000.ab"
        ab = AssociationBlock(name, recipe, (raw,), raw_type=raw_type)
        made = fits.PrimaryHDU(np.full((8, 8), pixels, np.float32))
        for key, value in (cards or {}).items():
            made.header[f"HIERARCH {key}"] = value
        made.writeto(tmp_path / "product.fits")
        products = (Product(tmp_path / "product.fits", pro_catg),)
        outcome = RecipeOutcome(ab, products, frames=SetOfFrames(tuple(frames)))
        return [sentence.split()[0] for sentence in broken(GATES[recipe], outcome)]

    return judge


@pytest.mark.parametrize(("level", "names"), [(1000.0, []), (0.0, ["FILLED_PIXELS"])])
def test_a_master_bias_of_which_only_the_header_is_left_is_gated(said, level, names):
    cards = {"ESO QC MBIASRMS": 1.3}
    found = said("xsh_mbias", "BIAS_UVB", "MASTER_BIAS_UVB", level, [1.0, 2.0, 3.0], cards)
    assert found == names


@pytest.mark.parametrize(("raws", "names"), [([1.0, 2.0], []), ([1.0, 1.0], ["REPEATED_FRAMES"])])
def test_a_nod_to_and_fro_of_one_frame_is_gated(said, raws, names):
    """A less itself is no light at all; four frames of which two are one have wrong errors."""
    assert said(NOD, "OBJECT_SLIT_NOD_UVB", "SCI_SLIT_MERGE1D_UVB", 1.0, raws) == names


# ---- every gate, by a product that is right and one that is wrong ------------------------------

LINES = {"ESO QC NLINE FOUND": 100, "ESO QC NLINE FOUND CLEAN": 80}
FEW = {"ESO QC NLINE FOUND": 100, "ESO QC NLINE FOUND CLEAN": 31}
"""xsh_2dmap with a lamp of 0.3 % says 100 lines found, and keeps 31."""
SHARP = {"ESO QC POLY RESX_RMS": 0.006, "ESO QC POLY RESY_RMS": 0.006}
BLURRED = {"ESO QC POLY RESX_RMS": 0.006, "ESO QC POLY RESY_RMS": 0.6}

FORMAT, ORDERS, EDGES, WAVE, RESPONSE = (
    ("xsh_predict", "FMTCHK_UVB", "FMTCHK_RESID_TAB_LINES_GFIT_UVB"),
    ("xsh_orderpos", "ORDERDEF_UVB", "ORDER_TAB_CENTR_UVB"),
    ("xsh_mflat", "FLAT_SLIT_UVB", "ORDER_TAB_EDGES_SLIT_UVB"),
    ("xsh_2dmap", "WAVE_UVB", "WAVE_RESID_TAB_LINES_UVB"),
    ("xsh_respon_slit_nod", "STD_FLUX_SLIT_NOD_UVB", "RESPONSE_MERGE1D_SLIT_UVB"),
)
FLAT = ("xsh_mflat", "FLAT_SLIT_UVB", "MASTER_FLAT_SLIT_UVB")
SPECTRUM = (NOD, "OBJECT_SLIT_NOD_UVB", "SCI_SLIT_MERGE1D_UVB")
TRACED = {"ESO QC ORD ORDERPOS RESIDRMS": 0.01}
OFF = {"ESO QC ORD ORDERPOS RESIDRMS": 2.0}


@pytest.fixture
def broken_by(tmp_path):
    """Return the gates that one product of two raw files breaks."""

    def judge(which, cards, values):
        recipe, raw_type, pro_catg = which
        frames = []
        for number in range(2):
            path = tmp_path / f"raw{number}.fits"
            fits.writeto(path, np.full((8, 8), number, np.float32), overwrite=True)
            frames.append((path, raw_type))
        if which in (SPECTRUM, FLAT):
            hdus = [fits.PrimaryHDU(np.asarray(values, np.float32))]
        else:
            column = fits.Column("RESPONSE", "D", array=np.asarray(values, float))
            hdus = [fits.PrimaryHDU(), fits.BinTableHDU.from_columns([column])]
        for key, value in cards.items():
            hdus[0].header[f"HIERARCH {key}"] = value
        fits.HDUList(hdus).writeto(tmp_path / "product.fits", overwrite=True)
        name = "XSHOO.2020-01-02T01:00:00.000.ab"
        raw = RawFrame("${DFO_RAW_DIR}/raw0.fits", raw_type)
        ab = AssociationBlock(name, recipe, (raw,), raw_type=raw_type)
        products = (Product(tmp_path / "product.fits", pro_catg),)
        outcome = RecipeOutcome(ab, products, frames=SetOfFrames(tuple(frames)))
        return {sentence.split()[0] for sentence in broken(GATES[recipe], outcome)}

    return judge


CASES = (
    (FORMAT, LINES | SHARP, np.ones(9), set()),
    (FORMAT, FEW | SHARP, np.ones(9), {"LINES_FOUND"}),
    (FORMAT, LINES | BLURRED, np.ones(9), {"RESIDUAL"}),
    (ORDERS, TRACED, np.ones(12), set()),
    (ORDERS, TRACED, np.ones(11), {"ORDERS_MISSING"}),
    (ORDERS, OFF, np.ones(12), {"ORDER_RMS"}),
    (EDGES, {}, np.ones(12), set()),
    (EDGES, {}, np.ones(8), {"ORDERS_MISSING"}),
    (FLAT, {}, np.ones((8, 8)), set()),
    (FLAT, {}, -np.ones((8, 8)), {"FLAT_LEVEL"}),
    (WAVE, LINES | SHARP, np.ones(9), set()),
    (WAVE, FEW | SHARP, np.ones(9), {"LINES_FOUND"}),
    (WAVE, LINES | BLURRED, np.ones(9), {"RESIDUAL"}),
    (RESPONSE, {}, np.ones(9), set()),
    (RESPONSE, {}, -np.ones(9), {"RESPONSE_POSITIVE"}),
    (RESPONSE, {}, np.full(9, np.nan), {"RESPONSE_POSITIVE"}),
    (SPECTRUM, {}, np.ones(200), set()),
    (SPECTRUM, {}, np.full(200, np.nan), {"FINITE", "LIT_PIXELS"}),
    (SPECTRUM, {}, np.zeros(200), {"LIT_PIXELS"}),
)
"""Recipe, raw type and product; its header and numbers; and the gates that they break."""

OWN_GATES = {gate.name for gates in GATES.values() for gate in gates} - {"FILLED_PIXELS"}


@pytest.mark.parametrize(("which", "cards", "values", "names"), CASES)
def test_a_wrong_product_ends_at_its_own_gate(broken_by, which, cards, values, names):
    assert broken_by(which, cards, values) & OWN_GATES == names


def test_every_gate_of_a_product_is_broken_by_one_of_these():
    shown = {name for *_, names in CASES for name in names}
    of_raw_frames = {
        "REPEATED_FRAMES",
        "FRAME_LIGHT",
        "ORDER_LIGHT",
        *(gate.name for gate in TOLD),
    }
    assert OWN_GATES - shown - of_raw_frames == {"BIAS_STRUCTURE"}


def test_a_bias_with_light_in_it_is_gated(said):
    cards = {"ESO QC MBIASRMS": 400.0}
    found = said("xsh_mbias", "BIAS_UVB", "MASTER_BIAS_UVB", 1000.0, [1.0, 2.0, 3.0], cards)
    assert found == ["BIAS_STRUCTURE"]
