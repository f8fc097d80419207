"""Wavelengths, velocities and noise of spectra."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.toolkit.spectra import (
    SPEED_OF_LIGHT,
    air_to_vacuum,
    der_snr,
    in_rest_of,
    snr,
    vacuum_to_air,
    weighted_mean,
)


def test_sodium_has_its_wavelength_in_air():
    # Na D2 at 589.1583 nm in vacuum is 588.9951 nm in air (NIST).
    assert vacuum_to_air(np.array([589.15833]))[0] == pytest.approx(588.99510, abs=2e-4)


@given(st.floats(300.0, 2000.0))
def test_air_and_vacuum_are_each_other_undone(wavelength):
    air = vacuum_to_air(np.array([wavelength]))
    assert air_to_vacuum(air)[0] == pytest.approx(wavelength, rel=1e-10)


def test_moving_towards_a_star_makes_it_too_blue_and_is_undone():
    observed = np.array([500.0])
    assert in_rest_of(observed, 30.0)[0] == pytest.approx(500.0 * (1 + 30.0 / SPEED_OF_LIGHT))


def test_snr_is_the_median_over_pixels():
    flux = np.array([[10.0, 20.0, 30.0], [1.0, 1.0, 1.0]])
    error = np.ones((2, 3))
    assert snr(flux, error).tolist() == [20.0, 1.0]


def test_snr_leaves_out_pixels_without_error():
    flux = np.array([[10.0, 20.0, 5e5, np.nan]])
    error = np.array([[1.0, 1.0, 0.0, 1.0]])
    assert snr(flux, error).tolist() == [15.0]


def test_snr_of_nothing_is_nan():
    assert np.isnan(snr(np.zeros((1, 3)), np.zeros((1, 3)))).all()


def test_der_snr_finds_the_noise_of_a_flat_spectrum():
    rng = np.random.default_rng(1)
    flux = 100.0 + rng.normal(0.0, 2.0, (2, 5000))
    np.testing.assert_allclose(der_snr(flux), 50.0, rtol=0.05)


def test_der_snr_of_a_noiseless_spectrum_is_nan():
    assert np.isnan(der_snr(np.ones((1, 10)))).all()


def test_a_weighted_mean_trusts_small_errors():
    mean, error = weighted_mean(np.array([1.0, 3.0]), np.array([1.0, 1e9]))
    assert mean == pytest.approx(1.0)
    assert error == pytest.approx(1.0)


def test_a_weighted_mean_of_equals_has_the_error_of_the_root():
    mean, error = weighted_mean(np.full((4, 2), 5.0), np.full((4, 2), 2.0))
    assert mean.tolist() == [5.0, 5.0]
    assert error.tolist() == [1.0, 1.0]


def test_a_weighted_mean_of_nothing_is_nan():
    mean, error = weighted_mean(np.array([np.nan]), np.array([0.0]))
    assert np.isnan(mean)
    assert np.isnan(error)
