from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve

from phoenix.simulate.detector import Detector, add_cosmics, draw_cosmics, read_out

SMALL = Detector(id="x", name="x", columns=400, rows=500, dark=0.0)


def rng():
    return np.random.default_rng(7)


def dark_frame(detector, exptime=0.0):
    image = np.zeros((detector.rows, detector.columns), dtype=np.float32)
    return read_out(image, detector, exptime, rng()).astype(float)


def test_a_bias_frame_has_level_and_read_noise_of_its_detector():
    counts = dark_frame(SMALL)
    assert counts.mean() == pytest.approx(SMALL.bias, abs=0.5)
    # the rounding to whole counts adds 1/12, the wandering level a little
    expected = np.sqrt((SMALL.read_noise / SMALL.conad) ** 2 + 1 / 12)
    assert np.diff(counts, axis=1).std() / np.sqrt(2) == pytest.approx(expected, rel=0.02)


def test_a_raw_frame_has_prescan_and_overscan_without_light():
    image = np.full((SMALL.rows, SMALL.columns), 5000.0, dtype=np.float32)
    counts = read_out(image, SMALL, 1.0, rng())
    assert counts.shape == (500, 500)
    assert counts[:, :50].max() < 220
    assert counts[:, -50:].max() < 220
    assert counts[:, 50:-50].min() > 1000


def test_photon_noise_is_the_root_of_the_electrons():
    image = np.full((SMALL.rows, SMALL.columns), 10000.0, dtype=np.float32)
    light = read_out(image, SMALL, 1.0, rng())[:, 50:-50].astype(float)
    electrons = (light - SMALL.bias) * SMALL.conad
    assert electrons.mean() == pytest.approx(10000.0, rel=0.001)
    assert electrons.std() == pytest.approx(np.sqrt(10016.0), rel=0.02)


def test_too_much_light_ends_at_the_saturation_limit():
    image = np.full((SMALL.rows, SMALL.columns), 1e6, dtype=np.float32)
    assert read_out(image, SMALL, 1.0, rng())[:, 50:-50].min() == SMALL.saturation


def test_dark_current_grows_with_the_exposure_time():
    dark = evolve(SMALL, dark=100.0)
    difference = dark_frame(dark, 7200.0) - dark_frame(dark, 0.0)
    assert difference[:, 50:-50].mean() * dark.conad == pytest.approx(200.0, rel=0.01)


def test_a_bad_column_loses_its_light_and_a_glow_adds_some():
    old = evolve(SMALL, bad_columns=(10,), glow=1.0)
    image = np.full((SMALL.rows, SMALL.columns), 5000.0, dtype=np.float32)
    light = read_out(image, old, 1000.0, rng())[:, 50:-50].astype(float)
    assert light[:, 10].mean() < 0.3 * light[:, 12].mean()
    assert light[-20:, 330:350].mean() > light[:20, :20].mean() + 300


def test_cosmic_rays_stay_on_the_detector_and_add_their_electrons():
    cosmics = draw_cosmics(SMALL, 50, rng())
    image = np.zeros((SMALL.rows, SMALL.columns), dtype=np.float32)
    add_cosmics(image, cosmics)
    assert image.sum() == pytest.approx(cosmics.electrons.sum(), rel=1e-5)
    assert 50 <= len(cosmics.electrons) <= 400
