"""Measures on frames."""

from __future__ import annotations

import numpy as np
import pytest

from phoenix.toolkit.measures import (
    block_mean,
    count_saturated,
    finite,
    percentile,
    read_noise,
    robust_sigma,
)


@pytest.mark.parametrize("kind", [np.uint16, np.float32])
def test_pixels_at_and_above_the_limit_are_saturated(kind):
    frame = np.array([59999, 60000, 65535], dtype=kind)
    assert count_saturated(frame, 60000.0) == 2


def test_a_limit_between_integers_is_rounded_up():
    assert count_saturated(np.array([9, 10, 11], dtype=np.uint16), 9.5) == 2


def test_robust_sigma_is_deaf_to_outliers():
    values = np.random.default_rng(1).normal(0.0, 3.0, 20000)
    values[:500] = 1e6
    assert robust_sigma(values) == pytest.approx(3.0, rel=0.05)


def test_read_noise_comes_from_a_difference():
    rng = np.random.default_rng(2)
    first, second = (200.0 + rng.normal(0.0, 1.7, (200, 200)) for _ in range(2))
    assert read_noise(first, second) == pytest.approx(1.7, rel=0.03)


def test_a_percentile_leaves_out_what_is_not_finite():
    assert percentile(np.array([1.0, 2.0, 3.0, np.nan]), 50.0) == 2.0
    assert percentile(np.array([np.nan]), 50.0) is None


def test_only_finite_numbers_are_measurements():
    assert finite(1.0) == 1.0
    assert finite(float("nan")) is None
    assert finite(None) is None


def test_blocks_are_averaged_and_edges_cut():
    frame = np.arange(20, dtype=np.uint16).reshape(4, 5)
    assert block_mean(frame, 2, 2).tolist() == [[3.0, 5.0], [13.0, 15.0]]


def test_a_block_larger_than_the_frame_is_the_frame():
    assert block_mean(np.ones((2, 2)), 10, 10).tolist() == [[1.0]]
