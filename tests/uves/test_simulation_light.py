"""Light: stars, lamps, the slit and the chip."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.simulate.lamp import arc_lines
from phoenix_uves.simulation.light import (
    arc_columns,
    columns_of,
    efficiency,
    electron_rate,
    extinction,
    line_width,
    slit_share,
    spread,
)
from phoenix_uves.simulation.optics import OVERSAMPLING, spectral_format
from phoenix_uves.simulation.profile import (
    normal_cdf,
    slicer_profile,
    slit_profile,
    star_profile,
    trace,
)
from phoenix_uves.simulation.setup import SETTINGS, optics_of
from phoenix_uves.simulation.stars import (
    EMISSION,
    METALLIC,
    STANDARDS,
    Target,
    flux_density,
    iodine_cell,
)

FORM = spectral_format(optics_of(SETTINGS["580"], "REDU", 2, datetime(2020, 1, 2, tzinfo=UTC)))
NOVA = Target("NOVA", 0.0, 0.0, 11.0, METALLIC, velocity=30.0, nebula=1.0, cloud=True)


def test_a_star_of_magnitude_zero_has_the_flux_of_vega_at_550_nm():
    star = Target("V", 0.0, 0.0, 0.0, STANDARDS[0].star)
    assert flux_density(star, np.array([549.9, 550.0, 550.1]))[1] == pytest.approx(3.63e-9)


def test_five_magnitudes_are_a_factor_of_hundred():
    grid = np.linspace(440.0, 450.0, 100)
    bright, faint = (Target("V", 0.0, 0.0, v, METALLIC) for v in (6.0, 11.0))
    assert np.allclose(flux_density(bright, grid), 100.0 * flux_density(faint, grid))


def test_emission_lines_move_with_the_target_and_keep_their_flux():
    rest = next(line for line, _ in EMISSION if 656 < line < 657)
    grid = np.arange(655.0, 658.0, 0.0005)
    dark = Target("V", 0.0, 0.0, 11.0, METALLIC, velocity=30.0, cloud=True)
    line = flux_density(NOVA, grid) - flux_density(dark, grid)
    centre = (line * grid).sum() / line.sum()
    assert centre == pytest.approx(rest * (1 + 30.0 / 299792.458), abs=1e-3)


def test_iodine_takes_light_between_490_and_640_nm_only():
    grid = np.arange(485.0, 645.0, 0.001)
    cell = iodine_cell(grid)
    inside = (grid > 491) & (grid < 639)
    assert cell[inside].mean() < 0.95
    assert (cell[(grid < 489.9) | (grid > 640.1)] == 1.0).all()


def test_electrons_follow_from_flux_mirror_and_efficiency():
    wave = np.array([550.0])
    photon = 1.98645e-16 / (550e-7)  # erg
    expected = 1e-13 * 10 * 5.1e5 / photon * efficiency(wave) * 10 ** (-0.4 * extinction(wave))
    assert electron_rate(np.array([1e-13]), wave, 1.0) == pytest.approx(expected)


@given(st.floats(0.4, 2.0), st.floats(0.2, 12.0))
def test_a_wider_slit_lets_more_light_through_but_never_all_and_more(seeing, slit):
    assert 0.0 < slit_share(seeing, slit) <= slit_share(seeing, slit + 1.0) <= 1.0 + 1e-9


def test_a_narrow_slit_and_a_large_binning_make_lines_narrow_in_pixels():
    assert line_width(0.4, 1) < line_width(0.8, 1)
    assert line_width(0.8, 2) == pytest.approx(line_width(0.8, 1) / 2)


def test_spreading_keeps_the_light():
    samples = np.random.default_rng(1).uniform(0, 1, (3, 400))
    assert np.allclose(spread(samples, 1.2).sum(axis=1), samples.sum(axis=1))


def test_a_column_holds_the_light_of_its_wavelengths():
    density = np.ones_like(FORM.wavelength)
    electrons = columns_of(FORM, density, 0.9)
    order = len(FORM.order) // 2
    edges = FORM.wavelength[order, OVERSAMPLING * 16 :: OVERSAMPLING]
    blaze = FORM.blaze[order, OVERSAMPLING * 16 + 2 :: OVERSAMPLING][: electrons.shape[1]]
    width = np.diff(edges)[: electrons.shape[1]]
    assert np.allclose(electrons[order], width * blaze[: len(width)], rtol=2e-3, atol=1e-5)


def test_arc_lines_come_out_in_the_column_of_their_wavelength():
    lines = arc_lines(590.0, 600.0, 1.0)
    spectrum = arc_columns(FORM, lines, 0.9)
    order = int(np.abs(FORM.wavelength.mean(axis=1) - 595.0).argmin())
    wavelength = lines.wavelength[len(lines.wavelength) // 2]
    place = np.interp(wavelength, FORM.wavelength[order], np.arange(FORM.wavelength.shape[1]))
    column = (place + 0.5) / OVERSAMPLING - 0.5 - 16
    near = np.arange(round(column) - 6, round(column) + 7)
    centroid = (spectrum[order, near] * near).sum() / spectrum[order, near].sum()
    assert centroid == pytest.approx(column, abs=0.01)


@pytest.mark.parametrize(
    "profile",
    [slit_profile(16.0), star_profile(1.3, 0.4), slicer_profile(1.3, 0.492)],
    ids=["slit", "star", "slicer"],
)
def test_a_profile_rises_from_nothing_to_all(profile):
    assert (np.diff(profile.below) >= 0).all()
    assert profile.below[0] == pytest.approx(0.0, abs=1e-4)
    assert profile.below[-1] == pytest.approx(1.0, abs=1e-4)


def test_the_profile_of_a_slit_is_flat_and_as_long_as_the_slit():
    rows = slit_profile(16.0).between(np.arange(-12.5, 12.5), np.arange(-11.5, 13.5))
    assert np.allclose(rows[8:17], 1 / 16, rtol=1e-3)
    assert (rows > 0.5 / 16).sum() == pytest.approx(16, abs=1)


def test_the_slicer_puts_three_stars_side_by_side():
    rows = slicer_profile(1.0, 0.492).between(np.arange(-12.5, 12.5), np.arange(-11.5, 13.5))
    peaks = (rows[1:-1] > rows[:-2]) & (rows[1:-1] > rows[2:])
    assert peaks.sum() == 3


def test_a_trace_lays_all_light_onto_its_rows():
    image = np.zeros((1024, 2048), dtype=np.float32)
    electrons = np.zeros(FORM.row.shape)
    order = len(FORM.order) // 2
    electrons[order] = 100.0
    trace(FORM, electrons, star_profile(1.3), image)
    rows = np.arange(1024)[:, None]
    assert np.allclose(image.sum(axis=0), 100.0, rtol=1e-3)
    assert np.allclose((image * rows).sum(axis=0) / image.sum(axis=0), FORM.row[order], atol=0.01)


def test_the_normal_distribution_is_symmetric():
    assert normal_cdf(np.array([0.0]))[0] == pytest.approx(0.5)
    assert normal_cdf(np.array([1.0]))[0] == pytest.approx(0.841345, abs=1e-6)
