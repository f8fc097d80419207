"""The optical model of UVES."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from attrs import evolve

from phoenix.simulate.spread import OVERSAMPLING
from phoenix_uves.simulation.optics import PAD, blaze_function, project
from phoenix_uves.simulation.optics import spectral_format as format_of
from phoenix_uves.simulation.setup import NEW_RED_SHIFTS, SETTINGS, optics_of

TIME = datetime(2020, 1, 2, tzinfo=UTC)
EARLIER = datetime(2008, 3, 1, tzinfo=UTC)
CHIPS = [(row.name, chip) for row in SETTINGS.values() for chip in row.chips]


def optics(name, chip, binning=2, time=TIME):
    return optics_of(SETTINGS[name], chip, binning, time)


@pytest.mark.parametrize(("name", "chip"), CHIPS)
@pytest.mark.parametrize("binning", [1, 2])
def test_an_order_rises_in_wavelength_along_the_columns_and_falls_in_number_up_the_rows(
    name, chip, binning
):
    form = format_of(optics(name, chip, binning))
    assert (np.diff(form.wavelength, axis=1) >= 0).all()
    assert (np.diff(form.order) == -1).all()
    assert (np.diff(form.row, axis=0) > 8 / binning).all()


@pytest.mark.parametrize(("name", "chip"), CHIPS)
def test_the_samples_lie_where_the_model_projects_them(name, chip):
    where = optics(name, chip)
    form = format_of(where)
    inside = slice(OVERSAMPLING * PAD, -OVERSAMPLING * PAD)
    x, y = project(where, form.wavelength[:, inside], form.order[:, None])
    expected = (np.arange(x.shape[1]) + 0.5) / OVERSAMPLING + 0.5
    assert np.abs(x - expected).max() < 2e-4
    middle = 0.5 * (y[:, 1::OVERSAMPLING] + y[:, 2::OVERSAMPLING]) - 1.0
    assert np.abs(middle - form.row).max() < 1e-4


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda row: row.name)
def test_the_central_wavelength_lies_on_the_blue_chip_or_between_the_red_ones(setting):
    forms = {chip: format_of(optics(setting.name, chip)) for chip in setting.chips}
    peaks = {
        chip: form.wavelength[np.arange(len(form.order)), form.blaze.argmax(axis=1)]
        for chip, form in forms.items()
    }
    low, high = peaks.get("REDL", peaks.get("BLUE")), peaks.get("REDU", peaks.get("BLUE"))
    assert low.mean() <= high.mean()
    assert low.min() < setting.wavelength < high.max()


def test_the_blaze_is_one_in_the_middle_of_an_order_and_less_than_half_a_free_range_away():
    where = optics("437", "BLUE")
    form = format_of(where)
    assert np.allclose(form.blaze.max(axis=1), 1.0, atol=1e-4)
    order = form.order[15]
    peak = form.wavelength[15, form.blaze[15].argmax()]
    assert blaze_function(where, np.array([peak * (1 + 0.5 / order)]), order)[0] < 0.6


def test_binning_halves_the_pixels_but_not_the_place():
    wavelength = np.array([437.0])
    x1, y1 = project(optics("437", "BLUE", 1), wavelength, 107)
    x2, y2 = project(optics("437", "BLUE", 2), wavelength, 107)
    # The distortion is the same number of pixels in either binning.
    assert x1[0] / 2 == pytest.approx(x2[0], abs=8.0)
    assert y1[0] / 2 == pytest.approx(y2[0], abs=4.0)


def test_a_shift_moves_every_line_by_as_much():
    still = optics("346", "BLUE")
    wavelength = np.linspace(344.0, 346.0, 5)
    x, y = project(still, wavelength, 136)
    moved_x, moved_y = project(evolve(still, shift=(8.0, -5.0)), wavelength, 136)
    assert np.allclose(moved_x - x, 8.0)
    assert np.allclose(moved_y - y, -5.0)


def test_the_new_red_chip_lies_elsewhere_than_the_old_one():
    new, old = optics("580", "REDL"), optics("580", "REDL", time=EARLIER)
    assert new.shift == NEW_RED_SHIFTS[2, "REDL", "580"][:2]
    assert old.shift == (0.0, 0.0)
    assert new.turn == pytest.approx(old.turn + NEW_RED_SHIFTS[2, "REDL", "580"][2])


def test_warmer_air_moves_the_lines():
    where = optics("580", "REDU")
    wavelength = np.array([600.0])
    x, _ = project(where, wavelength, 102)
    warm, _ = project(evolve(where, temperature=where.temperature + 5.0), wavelength, 102)
    assert 0.05 < abs(warm[0] - x[0]) < 2.0
