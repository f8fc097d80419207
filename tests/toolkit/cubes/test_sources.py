"""Sources of a field and their spectra, against the truth."""

from __future__ import annotations

import numpy as np
import pytest

from cubefiles import starry, write_cube
from phoenix.toolkit.cubes.cube import open_cube
from phoenix.toolkit.cubes.light import collapse
from phoenix.toolkit.cubes.sources import field_spectra, find_sources

SHAPE = (60, 70)
STARS = ((15.3, 20.7, 900.0), (50.1, 40.4, 600.0), (30.0, 50.0, 300.0))
FWHM = 4.0


def _cube(folder, stars=STARS, noise=3.0, planes=60):
    data, stat = starry(planes, SHAPE, stars, noise, 7, FWHM)
    return open_cube(write_cube(folder / "a.fits", data, stat))


@pytest.fixture(scope="module")
def cube(tmp_path_factory):
    return _cube(tmp_path_factory.mktemp("cube"))


@pytest.fixture(scope="module")
def found(cube):
    return find_sources(collapse(cube).white, FWHM)


def test_all_stars_are_found_the_brightest_first(found):
    assert [(round(one.x), round(one.y)) for one in found] == [(15, 21), (50, 40), (30, 50)]


def test_they_lie_where_they_are(found):
    for one, (x, y, _) in zip(found, STARS, strict=True):
        assert (one.x, one.y) == pytest.approx((x, y), abs=0.1)


def test_they_are_as_wide_as_they_are(found):
    assert [one.fwhm for one in found] == pytest.approx([FWHM] * 3, rel=0.05)
    assert all(one.elongation < 1.1 for one in found)


def test_an_empty_sky_has_no_source(tmp_path):
    cube = _cube(tmp_path, stars=())
    assert find_sources(collapse(cube).white, FWHM) == ()


def test_a_field_without_numbers_has_no_source():
    assert find_sources(np.full(SHAPE, np.nan), FWHM) == ()


def test_a_star_at_the_edge_of_the_field_raises_nothing():
    data, _ = starry(1, SHAPE, ((4.0, 4.0, 900.0),), 1.0, 7, FWHM)
    assert len(find_sources(data[0].astype(float), FWHM)) == 1


def test_a_spectrum_has_the_flux_of_its_star_within_the_aperture(cube, found):
    spectra = field_spectra(cube, collapse(cube).white, found, 8.0)
    # A Moffat profile of exponent 2.8 has 0.953 of its light within two FWHM.
    level = np.median(spectra.flux, axis=1)
    assert level == pytest.approx([0.953 * flux for *_, flux in STARS], rel=0.05)


def test_its_error_is_that_of_the_sum(cube, found):
    spectra = field_spectra(cube, collapse(cube).white, found[:1], 5.0)
    pixels = np.count_nonzero(
        np.hypot(*(np.indices(SHAPE) - np.array([20.7, 15.3])[:, None, None])) <= 5.0
    )
    assert np.median(spectra.error) == pytest.approx(3.0 * np.sqrt(pixels), rel=0.03)


def test_honest_variances_have_a_pull_of_one(cube, found):
    spectra = field_spectra(cube, collapse(cube).white, found, 5.0)
    assert spectra.pull == pytest.approx(1.0, abs=0.05)
    assert np.median(spectra.sky) == pytest.approx(0.0, abs=0.5)


def test_variances_that_are_four_times_too_small_show(tmp_path):
    data, stat = starry(20, SHAPE, (), 3.0, 7, FWHM)
    cube = open_cube(write_cube(tmp_path / "a.fits", data, stat / 4.0))
    assert field_spectra(cube, collapse(cube).white, (), 5.0).pull == pytest.approx(2.0, abs=0.1)


def test_a_missing_voxel_makes_the_sum_unknown_and_nothing_else(tmp_path):
    data, stat = starry(20, SHAPE, STARS, 3.0, 7, FWHM)
    data[4, 20, 15] = np.nan
    cube = open_cube(write_cube(tmp_path / "a.fits", data, stat))
    white = collapse(cube).white
    flux = field_spectra(cube, white, find_sources(white, FWHM)[:1], 5.0).flux[0]
    assert np.flatnonzero(np.isnan(flux)).tolist() == [4]


def test_an_aperture_ends_where_the_field_does(tmp_path):
    data, stat = starry(20, SHAPE, ((5.0, 30.0, 900.0),), 3.0, 7, FWHM)
    data[:, :, :4] = stat[:, :, :4] = np.nan
    cube = open_cube(write_cube(tmp_path / "a.fits", data, stat))
    white = collapse(cube).white
    spectra = field_spectra(cube, white, find_sources(white, FWHM)[:1], 5.0)
    assert np.isfinite(spectra.flux).all()
    assert np.median(spectra.flux) > 300.0


def test_a_field_without_numbers_has_no_spectra(tmp_path):
    data = np.full((3, 5, 5), np.nan, dtype=np.float32)
    cube = open_cube(write_cube(tmp_path / "a.fits", data, data))
    spectra = field_spectra(cube, np.full((5, 5), np.nan), (), 5.0)
    assert spectra.pull is None
    assert np.isnan(spectra.sky).all()
