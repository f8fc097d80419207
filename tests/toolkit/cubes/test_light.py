"""The first pass through a cube, against sums over the whole of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cubefiles import write_cube
from phoenix.toolkit.cubes.cube import open_cube
from phoenix.toolkit.cubes.light import band_image, collapse
from phoenix.toolkit.cubes.noise import VARIANCE_STEP, VARIANCE_STEPS

pytestmark = pytest.mark.filterwarnings("ignore:Mean of empty slice")


def _cube(folder, planes=40, seed=1, missing=0.2):
    rng = np.random.default_rng(seed)
    data = rng.normal(5.0, 2.0, (planes, 6, 5)).astype(np.float32)
    stat = rng.uniform(0.0, 30.0, data.shape).astype(np.float32)
    data[rng.random(data.shape) < missing] = np.nan
    stat[np.isnan(data)] = np.nan
    data[:, 0, 0] = np.nan
    stat[:, 0, 0] = np.nan
    return data, stat, open_cube(write_cube(folder / f"{seed}.fits", data, stat))


def test_white_light_is_the_mean_of_what_is_known(tmp_path):
    data, _, cube = _cube(tmp_path)
    light = collapse(cube)
    assert light.white == pytest.approx(np.nanmean(data.astype(float), axis=0), nan_ok=True)
    assert np.array_equal(light.planes, np.isfinite(data).sum(axis=0))


def test_its_error_is_that_of_a_mean(tmp_path):
    _, stat, cube = _cube(tmp_path)
    known = np.isfinite(stat).sum(axis=0)
    expected = np.sqrt(np.nansum(stat.astype(float), axis=0)) / np.where(known, known, np.nan)
    assert collapse(cube).white_error == pytest.approx(expected, nan_ok=True, rel=1e-6)


def test_the_spectrum_of_the_field_and_its_noise_are_means_too(tmp_path):
    data, stat, cube = _cube(tmp_path)
    light = collapse(cube)
    assert light.spectrum == pytest.approx(np.nanmean(data, axis=(1, 2)), rel=1e-5)
    assert light.noise == pytest.approx(np.sqrt(np.nanmean(stat, axis=(1, 2))), rel=1e-5)


def test_voxels_are_counted_by_their_variance(tmp_path):
    _, stat, cube = _cube(tmp_path)
    known = stat[np.isfinite(stat) & (stat < 25.0)]
    steps = np.floor(known / np.float32(VARIANCE_STEP)).astype(int)
    expected = np.bincount(steps, minlength=VARIANCE_STEPS)[:VARIANCE_STEPS]
    found = collapse(cube).variances
    # A voxel on the edge of a step may fall on either side of it.
    assert np.abs(found - expected).sum() <= 2


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), missing=st.sampled_from([0.0, 0.02, 0.9, 1.0]))
def test_what_is_missing_never_counts(tmp_path_factory, seed, missing):
    data, stat, cube = _cube(tmp_path_factory.mktemp("cube"), 20, seed, missing)
    light = collapse(cube)
    assert light.filled == pytest.approx(np.isfinite(data).mean())
    assert light.variances.sum() == pytest.approx(np.count_nonzero(stat < 25.0), abs=1)


def test_negative_and_infinite_variances_are_none(tmp_path):
    stat = np.array([[[-1.0, np.inf, 0.0, 3.0]]], dtype=np.float32)
    cube = open_cube(write_cube(tmp_path / "a.fits", np.ones((1, 1, 4), np.float32), stat))
    assert collapse(cube).variances.sum() == 2


def test_a_cube_without_variances_has_light_all_the_same(tmp_path):
    data = np.ones((3, 2, 2), dtype=np.float32)
    light = collapse(open_cube(write_cube(tmp_path / "a.fits", data)))
    assert np.array_equal(light.white, np.ones((2, 2)))
    assert np.isnan(light.white_error).all()
    assert not light.variances.any()


def test_a_band_is_the_mean_of_its_planes(tmp_path):
    data, _, cube = _cube(tmp_path)
    expected = np.nanmean(np.concatenate([data[3:6], data[10:12]]), axis=0)
    assert band_image(cube, [(3, 6), (10, 12)]) == pytest.approx(expected, nan_ok=True, rel=1e-5)


def test_a_band_beyond_the_range_is_the_part_within(tmp_path):
    data, _, cube = _cube(tmp_path)
    expected = np.nanmean(data[:2], axis=0)
    assert band_image(cube, [(-5, 2)]) == pytest.approx(expected, nan_ok=True, rel=1e-5)
