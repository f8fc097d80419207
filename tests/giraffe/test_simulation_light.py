from __future__ import annotations

import numpy as np
import pytest

from phoenix.model.dates import CivilDate
from phoenix.simulate.night import SimulationOptions
from phoenix_giraffe.simulation.light import (
    ARC_RATE,
    SPATIAL_SIGMA,
    arc_rows,
    fine_wavelength,
    line_spread,
    object_rate,
    rows_of,
    scattered_light,
    trace_image,
)
from phoenix_giraffe.simulation.optics import PAD, spectral_format
from phoenix_giraffe.simulation.plan import FLAT, SCIENCE, plan_night
from phoenix_giraffe.simulation.render import fibre_light
from phoenix_giraffe.simulation.slit import positions

PLAN = plan_night(CivilDate(2020, 1, 1), SimulationOptions())
FORM = spectral_format(PLAN.optics, *positions(PLAN.fibres))


def test_spreading_a_spectrum_keeps_its_photons():
    fine = np.zeros_like(fine_wavelength(FORM))
    fine[:, 4000] = 1.0
    spread = line_spread(fine, 2.0)
    assert spread.sum(axis=1) == pytest.approx(np.ones(len(fine)))
    assert spread[0, 4000] == spread[0].max()


def test_a_flat_spectrum_gives_its_rate_times_the_width_of_a_row():
    rows = rows_of(FORM, line_spread(np.ones_like(fine_wavelength(FORM)), 2.0))
    assert np.allclose(rows, FORM.dispersion)


def test_an_arc_line_lies_where_the_optical_model_puts_it():
    rows = arc_rows(FORM, PLAN.lines, 2.0)
    line = PLAN.lines.wavelength[20]
    row = np.interp(line, FORM.wavelength[5], np.arange(FORM.wavelength.shape[1]))
    near = slice(round(row) - 8, round(row) + 9)
    centroid = np.average(np.arange(near.start, near.stop), weights=rows[5, near])
    assert centroid == pytest.approx(row, abs=0.01)
    assert rows[5, near].sum() == pytest.approx(ARC_RATE * PLAN.lines.flux[20], rel=1e-3)


def test_all_the_light_of_a_fibre_lands_beside_its_trace():
    electrons = np.zeros_like(FORM.wavelength)
    electrons[7] = 1000.0
    image = trace_image(FORM, electrons, PLAN.optics.columns)
    row = 900
    columns = np.arange(PLAN.optics.columns)
    assert image[row].sum() == pytest.approx(1000.0, rel=1e-4)
    centre = np.average(columns, weights=image[row])
    assert centre == pytest.approx(FORM.column[7, row + PAD], abs=1e-3)
    width = np.sqrt(np.average((columns - centre) ** 2, weights=image[row]))
    assert width == pytest.approx(SPATIAL_SIGMA, rel=1e-3)


def test_scattered_light_is_the_asked_part_of_the_mean():
    image = trace_image(FORM, np.full_like(FORM.wavelength, 500.0), PLAN.optics.columns)
    assert scattered_light(image, 0.02).mean() == pytest.approx(0.02 * image.mean(), rel=0.01)


def test_no_light_no_scattered_light():
    assert not scattered_light(np.zeros((4, 5), dtype=np.float32), 0.02).any()


def test_only_allocated_fibres_see_stars_and_sky():
    frame = PLAN.of_kind(SCIENCE)[0]
    rate = object_rate(FORM.wavelength, PLAN.fibres, frame.field)
    allocated = {target.fps for target in frame.field.targets}
    lit = {f.fps for f, row in zip(PLAN.fibres, rate, strict=True) if row.any()}
    assert lit == allocated


def test_a_star_is_brighter_than_the_sky_by_its_magnitude():
    frame = PLAN.of_kind(SCIENCE)[0]
    rate = np.median(object_rate(FORM.wavelength, PLAN.fibres, frame.field), axis=1)
    by_fps = dict(zip((fibre.fps for fibre in PLAN.fibres), rate, strict=True))
    stars = sorted((t for t in frame.field.targets if t.star), key=lambda t: t.magnitude)
    sky = next(t for t in frame.field.targets if t.kind == "S")
    assert by_fps[stars[0].fps] > 3 * by_fps[stars[-1].fps] > 3 * by_fps[sky.fps]


def test_every_working_fibre_is_lit_in_a_flat():
    light = fibre_light(PLAN, PLAN.of_kind(FLAT)[0], FORM)
    for fibre, row in zip(PLAN.fibres, light, strict=True):
        assert row.any() != fibre.dead
