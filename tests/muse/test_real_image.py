"""The white light of a real cube of 2015, against what ESO's own preview of it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from phoenix.toolkit.cubes.noise import background_reach, mode
from phoenix.toolkit.cubes.sources import find_sources
from phoenix_muse.quality.field import FALL
from phoenix_muse.quality.scores import LOWEST_BACKGROUND

IMAGE = (
    Path(__file__).parents[2].parent / "shared" / "data" / "muse_phoenix_log"
    / "ADP.2016-06-01T14:07:30.135.fits"
)  # fmt: skip
pytestmark = pytest.mark.skipif(not IMAGE.is_file(), reason="no ../shared/data/muse_phoenix_log")


@pytest.fixture(scope="module")
def white():
    return np.asarray(fits.getdata(IMAGE, 1), dtype=float)


def test_the_foot_of_the_background_is_that_of_the_preview(white):
    assert background_reach(white, FALL) == pytest.approx(-3.04, abs=0.1)
    assert background_reach(white, FALL) > LOWEST_BACKGROUND


def test_the_mode_is_that_of_the_preview(white):
    assert mode(white[np.isfinite(white)]) == pytest.approx(0.75, abs=0.15)


def test_the_stars_that_the_recipe_found_are_found_beside_the_galaxy(white):
    header = fits.getheader(IMAGE)
    found = find_sources(white, 1.3 / 0.2)
    for k in (1, 2, 4):
        place = [header[f"ESO QC EXPCOMB POS{k} {axis}"] - 1.0 for axis in "XY"]
        assert min(np.hypot(one.x - place[0], one.y - place[1]) for one in found) < 1.5


def test_stars_are_as_wide_as_the_recipe_says(white):
    header = fits.getheader(IMAGE)
    pairs = [
        [header[f"ESO QC EXPCOMB FWHM{k} {axis}"] for axis in "XY"] for k in (1, 4)
    ]  # fmt: skip
    stars = [one for one in find_sources(white, 1.3 / 0.2) if round(one.x) in {79, 93}]
    assert len(stars) == 2
    for one, widths in zip(sorted(stars, key=lambda one: one.x), pairs, strict=True):
        assert 0.2 * one.fwhm == pytest.approx(np.mean(widths), rel=0.15)
