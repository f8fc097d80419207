from __future__ import annotations

import numpy as np
import pytest

from phoenix_giraffe.simulation.optics import PAD, project, spectral_format
from phoenix_giraffe.simulation.setup import SETUPS
from phoenix_giraffe.simulation.slit import SIMCAL_BUTTON, positions, slit


@pytest.fixture(params=["small", "full"])
def setup(request):
    return SETUPS[request.param]


@pytest.fixture
def fibres(setup):
    return slit(setup)


def test_wavelengths_of_the_rows_project_onto_those_rows(setup, fibres):
    xf, yf = positions(fibres)
    form = spectral_format(setup.optics, xf, yf)
    _, row = project(setup.optics, form.wavelength, xf[:, None], yf[:, None])
    assert np.abs(row - np.arange(-PAD, setup.optics.rows + PAD)).max() < 1e-6


def test_the_spectrum_covers_the_range_of_the_rebinned_spectra(setup, fibres):
    wavelength = spectral_format(setup.optics, *positions(fibres)).wavelength
    assert wavelength[:, PAD].max() < setup.low
    assert wavelength[:, -PAD].min() > setup.high


def test_the_dispersion_is_that_of_lr04(setup, fibres):
    dispersion = spectral_format(setup.optics, *positions(fibres)).dispersion
    assert np.median(dispersion) == pytest.approx(0.0202, abs=0.0001)


def test_all_traces_lie_on_the_detector_in_the_order_of_the_slit(setup, fibres):
    column = spectral_format(setup.optics, *positions(fibres)).column[:, PAD:-PAD]
    assert column.min() > 10
    assert column.max() < setup.optics.columns - 10
    assert (np.diff(column, axis=0) > 11).all()


def test_a_flexure_moves_lines_and_traces(setup, fibres):
    still = spectral_format(setup.optics, *positions(fibres))
    moved = still.shifted(0.3, 0.5)
    middle = setup.optics.rows // 2
    assert moved.column[0, middle] - still.column[0, middle] == pytest.approx(0.3, abs=0.05)
    shift = (still.wavelength - moved.wavelength)[0, middle] / still.dispersion[0, middle]
    assert shift == pytest.approx(0.5)


def test_the_full_slit_has_130_buttons_and_five_simcal_fibres():
    fibres = slit(SETUPS["full"])
    buttons = [fibre.button for fibre in fibres if not fibre.simcal]
    assert sorted(buttons) == list(range(1, 131))
    assert sum(fibre.button == SIMCAL_BUTTON for fibre in fibres) == 5
    assert [fibre.fps for fibre in fibres] == list(range(1, 136))


def test_the_small_slit_holds_the_fibres_that_had_trouble_before_2008():
    fps = {fibre.fps for fibre in slit(SETUPS["small"])}
    assert len(fps) == 63
    assert {23, 24} < fps
    assert set(range(109, 118)) < fps


def test_dead_fibres_let_no_light_through(setup, fibres):
    dead = [fibre for fibre in fibres if fibre.dead]
    assert len(dead) == setup.dead
    assert all(fibre.transmission == 0.0 and not fibre.simcal for fibre in dead)
