"""Spikes that no line can be are hits; lines are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix_giraffe.quality.cosmics import hits

WIDTH = 4.76
SIGMA = WIDTH / 2.355
PIXEL = np.arange(2000.0)


def line(at, strength, sigma=SIGMA):
    return strength * np.exp(-0.5 * ((PIXEL - at) / sigma) ** 2)


def spectrum(*lines, level=1000.0, seed=1):
    flux = level + sum(lines, np.zeros(PIXEL.size))
    error = np.sqrt(np.abs(flux) + 25.0)
    noise = np.random.default_rng(seed).standard_normal(PIXEL.size)
    return (flux + error * noise)[np.newaxis].astype("f4"), error[np.newaxis].astype("f4")


def test_a_spike_of_one_pixel_is_a_hit_with_two_on_either_side():
    flux, error = spectrum()
    flux[0, 700] += 1000.0
    assert np.flatnonzero(hits(flux, error, WIDTH)).tolist() == [698, 699, 700, 701, 702]


def test_noise_alone_is_no_hit():
    for seed in range(20):
        assert not hits(*spectrum(seed=seed), WIDTH).any()


@given(
    st.lists(
        st.tuples(st.floats(50, 1950), st.floats(-0.95, 30.0)),
        min_size=1,
        max_size=12,
        unique_by=lambda row: round(row[0] / 25),
    )
)
def test_lines_of_any_strength_are_no_hits(lines):
    """Emission up to thirty times the continuum, absorption down to nothing."""
    flux, error = spectrum(*(line(at, 1000.0 * strength) for at, strength in lines))
    assert not hits(flux, error, WIDTH).any()


def test_a_hit_on_an_emission_line_is_found():
    flux, error = spectrum(line(900.0, 2000.0))
    flux[0, 901] += 1500.0
    assert hits(flux, error, WIDTH)[0, 901]


def test_holes_are_no_hits():
    flux, error = spectrum()
    flux[0, 700] -= 800.0
    assert not hits(flux, error, WIDTH)[0, 700]


def test_pixels_without_error_are_never_hits():
    flux, error = spectrum()
    flux[0, 700:800] = np.nan
    error[0, 700:800] = 0.0
    assert not hits(flux, error, WIDTH)[0, 700:800].any()


@pytest.mark.parametrize(("width", "size"), [(1.5, 2000), (WIDTH, 15)])
def test_where_lines_look_like_hits_nothing_is_said(width, size):
    flux, error = (values[:, :size] for values in spectrum())
    flux[0, size // 2] += 1e5
    assert not hits(flux, error, width).any()
