"""Spectra that optics and pixels blur."""

from __future__ import annotations

import numpy as np
import pytest

from phoenix.simulate.spread import OVERSAMPLING, add_line, at_pixels, spread


@pytest.fixture
def line():
    """One spectrum of 64 pixels with all its light in one sample."""
    samples = np.zeros((1, 64 * OVERSAMPLING))
    samples[0, 128] = 1.0
    return samples


def test_no_light_is_lost(line):
    assert spread(line, 2.0).sum() == pytest.approx(1.0)


def test_a_line_gets_the_width_of_optics_and_pixel(line):
    place = (np.arange(line.size) - 128) / OVERSAMPLING
    width = np.sqrt((spread(line, 2.0)[0] * place**2).sum())
    assert width == pytest.approx(np.hypot(2.0, np.sqrt(1 / 12)), rel=0.01)


def test_the_centre_of_a_pixel_lies_between_its_samples():
    samples = np.arange(2.0 * OVERSAMPLING)[None, :]
    assert at_pixels(samples).tolist() == [[1.5, 5.5]]


def test_a_line_that_is_added_has_its_height_and_area():
    wavelength, values = np.arange(500.0, 510.0, 0.01), np.zeros(1000)
    add_line(values, wavelength, 505.0, 0.1, 3.0)
    assert values.max() == pytest.approx(3.0)
    assert values.sum() * 0.01 == pytest.approx(3.0 * 0.1 * np.sqrt(2.0 * np.pi))
