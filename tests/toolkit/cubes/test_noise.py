"""PIXNOISE, ABMAGLIM and the foot of the background."""

from __future__ import annotations

import math

import numpy as np
import pytest

from phoenix.toolkit.cubes.noise import (
    VARIANCE_STEPS,
    background_reach,
    limiting_magnitude,
    mode,
    pixel_noise,
    smoothed,
)

RANGE = (475.0, 935.0)


def _sky(sigma=1.0, shape=(200, 200), seed=3):
    return np.random.default_rng(seed).normal(0.0, sigma, shape)


def test_the_noise_is_the_root_of_the_most_frequent_variance():
    counts = np.zeros(VARIANCE_STEPS, dtype=np.int64)
    counts[100] = 7
    assert pixel_noise(counts) == pytest.approx(math.sqrt(100.5 * 0.04))


def test_without_variances_there_is_no_noise():
    assert pixel_noise(np.zeros(VARIANCE_STEPS, dtype=np.int64)) is None


def test_the_limit_is_five_times_the_noise_of_a_star():
    # White noise of 1 under a Gaussian kernel of sigma s scatters by 1 / (2 sqrt(pi) s).
    fwhm = 4.0
    sigma = fwhm / 2.3548
    scatter = 1.0 / (2.0 * math.sqrt(math.pi) * sigma)
    flux = 5.0 * scatter * 4.0 * math.pi * sigma**2 * 1e-20
    expected = -2.5 * math.log10(flux * 3.34e4 * 4750.0 * 9350.0 / 3631.0)
    found = limiting_magnitude(_sky(), fwhm, RANGE, 1e-20)
    assert found == pytest.approx(expected, abs=0.05)


def test_ten_times_the_noise_costs_two_and_a_half_magnitudes():
    faint, bright = (limiting_magnitude(_sky(s), 4.0, RANGE, 1e-20) for s in (1.0, 10.0))
    assert faint - bright == pytest.approx(2.5, abs=1e-6)


def test_bright_sources_do_not_move_the_limit():
    crowded = _sky()
    crowded[::20, ::20] += 5000.0
    clean = limiting_magnitude(_sky(), 3.0, RANGE, 1e-20)
    assert limiting_magnitude(crowded, 3.0, RANGE, 1e-20) == pytest.approx(clean, abs=0.3)


def test_what_is_no_number_is_left_out_of_the_limit():
    field = _sky()
    field[:, :40] = np.nan
    assert limiting_magnitude(field, 4.0, RANGE, 1e-20) == pytest.approx(
        limiting_magnitude(_sky(), 4.0, RANGE, 1e-20), abs=0.1
    )


@pytest.mark.parametrize("image", [np.zeros((20, 20)), np.full((20, 20), np.nan)])
def test_an_image_without_noise_has_no_limit(image):
    assert limiting_magnitude(image, 4.0, RANGE, 1e-20) is None


def test_smoothing_keeps_a_flat_field_flat_up_to_its_edges():
    field = np.full((30, 30), 3.0)
    field[10:12] = np.nan
    soft = smoothed(field, 4.0)
    assert soft == pytest.approx(np.full((30, 30), 3.0))


def test_smoothing_never_fills_a_large_hole():
    field = np.ones((60, 60))
    field[20:40, 20:40] = np.nan
    assert np.isnan(smoothed(field, 4.0)[30, 30])


def test_the_mode_of_a_normal_sample_is_its_middle():
    assert mode(_sky().ravel() + 7.0) == pytest.approx(7.0, abs=0.2)


def test_one_far_outlier_leaves_the_mode_where_it_is():
    values = np.append(_sky().ravel(), 1e12)
    assert mode(values) == pytest.approx(0.0, abs=0.2)


def test_the_mode_of_equal_values_is_that_value():
    assert mode(np.full(10, 4.0)) == 4.0


def test_the_foot_of_a_normal_background_lies_where_theory_has_it():
    # A normal distribution has fallen by 1.7 decades at sqrt(2 * 1.7 * ln 10) sigma.
    expected = -math.sqrt(2.0 * 1.7 * math.log(10.0)) * 3.0
    assert background_reach(_sky(3.0), 1.7) == pytest.approx(expected, rel=0.1)


def test_sources_do_not_move_the_foot_of_the_background():
    field = _sky(3.0)
    field[:60] += np.random.default_rng(5).exponential(500.0, (60, 200))
    assert background_reach(field, 1.7) == pytest.approx(background_reach(_sky(3.0), 1.7), rel=0.1)


def test_an_empty_image_has_no_foot():
    assert background_reach(np.full((5, 5), np.nan), 1.7) is None
