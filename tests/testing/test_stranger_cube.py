"""The stranger finds in a cube what is known to be there."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import uniform_filter

from phoenix.testing.stranger_cube import (
    BETA,
    DeliveredCube,
    fit_sources,
    line_centre,
    noise,
)

WAVE = 6000.0 + 1.25 * np.arange(200)
SHAPE = (40, 60)
X, Y, FLUX = np.array([15.3, 40.0, 22.5]), np.array([20.2, 12.7, 25.5]), np.array([9e3, 5e3, 2e3])


def star(x, y, flux, width=4.0):
    rows, columns = np.indices(SHAPE)
    core = width**2 / (4.0 * (2.0 ** (1.0 / BETA) - 1.0))
    square = (columns - x) ** 2 + (rows - y) ** 2
    return flux * (BETA - 1.0) / (np.pi * core) * (1.0 + square / core) ** -BETA


def cube_of(data, variance=None):
    stated = np.ones_like(data) if variance is None else variance
    return DeliveredCube({}, None, WAVE, data, stated)


def test_sources_that_overlap_are_told_apart():
    image = 3.0 + sum(star(*row) for row in zip(X, Y, FLUX, strict=True))
    image[5, 5] = np.nan
    found = fit_sources(image, X + 0.4, Y - 0.3, 0.8 * FLUX, np.zeros(3, dtype=bool))
    np.testing.assert_allclose(found.x, X, atol=0.01)
    np.testing.assert_allclose(found.y, Y, atol=0.01)
    # Beyond 20 pixels a source is taken to be dark.
    np.testing.assert_allclose(found.flux, FLUX, rtol=0.01)


def test_a_line_is_where_its_light_is():
    line = 6123.4
    spectrum = 100.0 + 500.0 * np.exp(-0.5 * ((WAVE - line) / 1.3) ** 2)
    cube = cube_of(np.broadcast_to(spectrum[:, None, None], (200, *SHAPE)))
    assert line_centre(cube, 30.0, 20.0, line + 1.0) == pytest.approx(line, abs=0.01)


@pytest.fixture
def empty():
    return np.hypot(*(np.indices(SHAPE) - np.array([20, 30])[:, None, None])) > 8


@pytest.mark.parametrize("stated", [1.0, 0.25])
def test_the_pull_is_the_scatter_over_the_error_that_is_stated(empty, stated):
    data = np.random.default_rng(1).normal(size=(200, *SHAPE)) + 50.0
    found = noise(cube_of(data, np.full_like(data, stated)), empty)
    assert found.pull == pytest.approx(stated**-0.5, rel=0.01)
    assert found.covariance == pytest.approx(1.0, abs=0.03)


def test_neighbours_that_share_light_show_in_the_covariance(empty):
    white = np.random.default_rng(1).normal(size=(200, *SHAPE))
    smooth = uniform_filter(white, (1, 3, 3)) * 3.0
    found = noise(cube_of(smooth), empty)
    assert found.pull == pytest.approx(1.0, rel=0.02)
    assert found.covariance == pytest.approx(2.1, abs=0.2)


def test_what_slices_differ_in_is_no_noise(empty):
    rng = np.random.default_rng(1)
    data = rng.normal(size=(200, *SHAPE)) + 5.0 * rng.normal(size=SHAPE)
    assert noise(cube_of(data), empty).pull == pytest.approx(1.0, rel=0.01)
