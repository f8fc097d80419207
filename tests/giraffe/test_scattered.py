"""Scattered light is what shines between the sub-slits."""

from __future__ import annotations

import numpy as np
import pytest

from phoenix_giraffe.quality.scattered import between_sub_slits

ROWS = 200
SLITS = (30.0, 160.0, 290.0)


def frame(level, fibres=9, pitch=11.6):
    """Three sub-slits of bright fibres that run a little aslant, on a constant level."""
    places = np.concatenate([start + pitch * np.arange(fibres) for start in SLITS])
    centres = places + 0.01 * np.arange(ROWS)[:, np.newaxis]
    column = np.arange(420.0)
    away = (column[np.newaxis, np.newaxis, :] - centres[:, :, np.newaxis]) / 1.75
    return level + 1e4 * np.exp(-0.5 * away**2).sum(axis=1), centres


@pytest.mark.parametrize("level", [0.0, 0.7, 25.0])
def test_the_level_between_sub_slits_is_found(level):
    assert between_sub_slits(*frame(level)) == pytest.approx(level, abs=0.01)


def test_cosmic_rays_do_not_matter():
    image, centres = frame(2.0)
    hit = np.random.default_rng(1).integers(0, image.size, image.size // 50)
    image.flat[hit] += 5000.0
    assert between_sub_slits(image, centres) == pytest.approx(2.0, abs=0.1)


def test_fibres_without_a_gap_tell_nothing():
    image, centres = frame(2.0)
    assert between_sub_slits(image, centres[:, :9]) is None


def test_one_fibre_tells_nothing():
    image, centres = frame(2.0)
    assert between_sub_slits(image, centres[:, :1]) is None


def test_frames_of_another_size_tell_nothing():
    image, centres = frame(2.0)
    assert between_sub_slits(image[:100], centres) is None
