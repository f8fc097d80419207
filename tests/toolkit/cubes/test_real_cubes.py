"""Small real cubes of MUSE are read as astropy and numpy read them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from phoenix.toolkit.cubes.cube import open_cube
from phoenix.toolkit.cubes.light import collapse

SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "muse_cubes"
CUBES = sorted(SHARED.glob("*[Cc][Uu][Bb]*.fits"))
pytestmark = pytest.mark.skipif(not CUBES, reason="no ../shared/data/muse_cubes")


@pytest.mark.parametrize("path", CUBES, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_a_real_cube_has_its_white_light_and_its_noise(path):
    cube = open_cube(path)
    light = collapse(cube)
    with fits.open(path) as hdus:
        data, stat = (hdus[name].data.astype(float) for name in ("DATA", "STAT"))
    expected = np.nanmean(data, axis=0)
    np.testing.assert_allclose(light.white, expected, rtol=1e-4, atol=1e-4)
    known = np.where(np.isfinite(stat), stat, np.nan)
    np.testing.assert_allclose(light.noise, np.sqrt(np.nanmean(known, axis=(1, 2))), rtol=1e-4)


@pytest.mark.parametrize("path", CUBES, ids=lambda path: path.stem)
def test_a_real_cube_has_pixels_of_a_fifth_of_an_arcsec(path):
    assert open_cube(path).pixel == pytest.approx(0.2, abs=0.001)
