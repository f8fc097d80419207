"""Stars, sky and lamps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.simulate.lamp import arc_lines, halogen
from phoenix.simulate.sky import AIRGLOW, sky_spectrum
from phoenix.simulate.star import SPEED_OF_LIGHT, STAR_CLASSES, star_spectrum

GRID = np.arange(520.0, 560.0, 0.005)
GIANT = next(star for star in STAR_CLASSES if star.name == "K1III")
HOT = next(star for star in STAR_CLASSES if star.name == "A0V")


def test_a_spectrum_is_one_at_550_nm_outside_of_lines():
    continuum = np.percentile(star_spectrum(np.arange(549.0, 551.0, 0.01), GIANT, 0.0), 95)
    assert continuum == pytest.approx(1.0, abs=0.02)


@given(st.floats(-400.0, 400.0))
def test_a_star_that_moves_has_its_lines_shifted_by_the_doppler_formula(velocity):
    factor = 1.0 + velocity / SPEED_OF_LIGHT
    moved = star_spectrum(GRID * factor, GIANT, velocity)
    assert np.allclose(moved, star_spectrum(GRID, GIANT, 0.0), atol=1e-6)


def test_a_cool_star_has_more_lines_than_a_hot_one():
    assert np.std(star_spectrum(GRID, GIANT, 0.0)) > 2 * np.std(star_spectrum(GRID, HOT, 0.0))


def test_weak_lines_do_not_move_with_the_range_that_is_asked_for():
    whole = star_spectrum(GRID, GIANT, 0.0)
    part = star_spectrum(GRID[3000:4000], GIANT, 0.0)
    assert np.allclose(whole[3000:4000], part, atol=1e-9)


def test_the_green_line_stands_out_of_the_sky_with_its_photons():
    spectrum = sky_spectrum(GRID)
    photons = (spectrum - 1.0).sum() * 0.005
    inside = [flux for centre, flux in AIRGLOW if 520.0 < centre < 560.0]
    assert photons == pytest.approx(sum(inside), rel=0.02)
    assert GRID[spectrum.argmax()] == pytest.approx(557.734, abs=0.005)


def test_a_halogen_lamp_is_redder_than_flat():
    assert halogen(np.array([450.0]))[0] < 1.0 < halogen(np.array([650.0]))[0]


@given(st.floats(400.0, 700.0), st.floats(5.0, 50.0))
def test_arc_lines_keep_their_places_whatever_range_is_asked_for(low, width):
    part = arc_lines(low, low + width, 1.0)
    whole = arc_lines(low - 3.0, low + width + 3.0, 1.0)
    assert set(part.wavelength) <= set(whole.wavelength)


def test_arc_lines_stand_apart():
    assert np.diff(arc_lines(500.0, 600.0, 1.0).wavelength).min() >= 0.4
