from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from phoenix.simulate.star import STAR_CLASSES, star_spectrum
from phoenix.simulate.truth import (
    flux_scale,
    pulls,
    robust_sigma,
    signal_to_noise,
    velocity_error,
)

WAVE = np.arange(520.0, 560.0, 0.02)
STAR = evolve(STAR_CLASSES[4], broadening=22.0)  # as GIRAFFE in low resolution sees it
TRUTH = star_spectrum(WAVE, STAR, 0.0)


def noisy(velocity=0.0, snr=100.0, scale=1.0, seed=1):
    error = np.full(len(WAVE), 1.0 / snr)
    shifted = star_spectrum(WAVE, STAR, velocity)
    noise = np.random.default_rng(seed).normal(0.0, error)
    return scale * (shifted + noise), scale * error


@given(st.floats(-3.0, 3.0))
def test_an_injected_velocity_is_found_again(velocity):
    flux, error = noisy(velocity, snr=300.0)
    assert velocity_error(WAVE, flux, error, TRUTH) == pytest.approx(velocity, abs=0.15)


def test_cosmic_rays_do_not_change_the_velocity():
    flux, error = noisy(1.0, snr=300.0)
    flux[100::200] += 5.0
    assert velocity_error(WAVE, flux, error, TRUTH) == pytest.approx(1.0, abs=0.15)


@given(st.floats(0.1, 1000.0))
def test_the_flux_scale_is_the_factor_between_both(scale):
    assert flux_scale(scale * TRUTH, TRUTH) == pytest.approx(scale)


def test_honest_errors_have_a_pull_of_one_and_dishonest_ones_have_not():
    flux, error = noisy()
    assert robust_sigma(pulls(flux, error, TRUTH)) == pytest.approx(1.0, abs=0.06)
    assert robust_sigma(pulls(flux, 2 * error, TRUTH)) == pytest.approx(0.5, abs=0.03)


def test_pixels_without_error_or_flux_are_left_out():
    flux, error = noisy()
    flux[3], error[5], error[7] = np.nan, 0.0, np.inf
    assert len(pulls(flux, error, TRUTH)) == len(WAVE) - 3
    assert signal_to_noise(flux, error) == pytest.approx(float(np.median(TRUTH)) * 100, rel=0.02)


def test_a_spectrum_without_errors_has_no_signal_to_noise():
    assert signal_to_noise(TRUTH, np.zeros(len(WAVE))) == 0.0
