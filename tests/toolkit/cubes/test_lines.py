"""Lines in spectra of cubes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.toolkit.cubes.lines import find_lines, fit_line

WAVE = 475.0 + 0.125 * np.arange(800)


def _spectrum(*lines, level=10.0, noise=0.0, seed=1):
    spectrum = level + noise * np.random.default_rng(seed).normal(size=WAVE.size)
    for centre, fwhm, flux in lines:
        sigma = fwhm / 2.3548
        spectrum += (
            flux / (sigma * np.sqrt(2 * np.pi)) * np.exp(-0.5 * ((WAVE - centre) / sigma) ** 2)
        )
    return spectrum


@given(
    centre=st.floats(480.0, 560.0), fwhm=st.floats(0.2, 0.6), flux=st.floats(1.0, 1000.0),
    level=st.floats(-50.0, 50.0),
)  # fmt: skip
def test_a_line_is_fitted_as_it_is(centre, fwhm, flux, level):
    line = fit_line(WAVE, _spectrum((centre, fwhm, flux), level=level), centre + 0.1, 1.5)
    assert line.centre == pytest.approx(centre, abs=1e-3)
    assert line.fwhm == pytest.approx(fwhm, rel=0.01)
    assert line.flux == pytest.approx(flux, rel=0.01)
    assert line.continuum == pytest.approx(level, abs=0.01 * (1 + flux))


def test_a_line_in_absorption_has_a_negative_flux():
    assert fit_line(WAVE, _spectrum((500.0, 0.3, -3.0)), 500.0, 1.0).flux == pytest.approx(-3.0)


def test_where_nothing_is_known_no_line_is_fitted():
    assert fit_line(WAVE, np.full(WAVE.size, np.nan), 500.0, 1.0) is None
    assert fit_line(WAVE, np.full(WAVE.size, 3.0), 500.0, 1.0) is None
    assert fit_line(WAVE, _spectrum(), 900.0, 1.0) is None


def test_the_strongest_lines_come_first():
    spectrum = _spectrum((490.0, 0.3, 20.0), (520.0, 0.3, 40.0), (550.0, 0.3, 10.0), noise=0.5)
    lines = find_lines(WAVE, spectrum, 2)
    assert [line.centre for line in lines] == pytest.approx([520.0, 490.0], abs=0.05)


def test_noise_has_no_lines():
    assert find_lines(WAVE, _spectrum(noise=1.0), 5) == ()


def test_a_spike_of_one_plane_is_no_line():
    spectrum = _spectrum(noise=0.1)
    spectrum[400] += 1000.0
    assert find_lines(WAVE, spectrum, 5) == ()


@pytest.mark.parametrize("values", [np.nan, 5.0])
def test_an_empty_spectrum_has_no_lines(values):
    assert find_lines(WAVE, np.full(WAVE.size, values), 5) == ()
