"""Masters without pixels, and frames that are another one once more, end at their gates."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import Product, RawFrame, SetOfFrames
from phoenix.model.gate import RecipeOutcome, broken
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
