"""A format that moved is measured in the raw frame."""

from __future__ import annotations

import numpy as np
import pytest

from phoenix_uves.recipe.shift import find_shift


@pytest.fixture
def lines():
    """Positions of 300 lines on a frame of 400 x 600 pixels."""
    rng = np.random.default_rng(3)
    return rng.uniform(40, 560, 300), rng.uniform(40, 360, 300)


def frame(x, y, shift=(0, 0)):
    rows, columns = np.mgrid[1:401, 1:601]
    pixels = np.random.default_rng(5).normal(150.0, 3.0, (400, 600))
    for one, other in zip(x + shift[0], y + shift[1], strict=True):
        near = (np.abs(columns - one) < 5) & (np.abs(rows - other) < 5)
        square = (columns[near] - one) ** 2 + (rows[near] - other) ** 2
        pixels[near] += 500.0 * np.exp(-0.5 * square)
    return pixels


@pytest.mark.parametrize("shift", [(0, 0), (8, -5), (-12, 0), (18, 18)])
def test_a_shift_of_the_format_is_found(lines, shift):
    assert find_shift(frame(*lines, shift), *lines) == shift


def test_a_blank_frame_has_none(lines):
    blank = np.random.default_rng(5).normal(150.0, 3.0, (400, 600))
    assert find_shift(blank, *lines) is None


def test_predictions_that_are_no_numbers_do_not_count(lines):
    x, y = lines
    assert find_shift(frame(x, y, (3, 2)), np.append(x, np.nan), np.append(y, 50.0)) == (3, 2)


def test_nothing_can_be_found_without_lines_on_the_frame():
    assert find_shift(np.zeros((100, 100)), np.array([5.0]), np.array([5.0])) is None
