from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.drawing.paper import Box
from phoenix.drawing.scales import Scales, _ticks

BOX = Box(1.0, 2.0, 4.0, 3.0)


def test_the_edges_of_the_range_are_the_edges_of_the_frame() -> None:
    scales = Scales(BOX, (10.0, 20.0), (0.0, 1.0))
    places = scales.places(np.array([10.0, 20.0]), np.array([0.0, 1.0]))
    assert places.tolist() == [[1.0, 2.0], [5.0, 5.0]]


def test_a_range_may_run_backwards() -> None:
    scales = Scales(BOX, (20.0, 10.0), (0.0, 1.0))
    assert scales.places(np.array([20.0]), np.array([0.0])).tolist() == [[1.0, 2.0]]
    assert _ticks((20.0, 10.0), 5).places[0] == pytest.approx(1.0)


def test_what_is_missing_has_no_place() -> None:
    scales = Scales(BOX, (0.0, 1.0), (0.0, 1.0))
    assert np.isnan(scales.places(np.array([0.5]), np.array([np.nan]))[0, 1])


@given(st.floats(-1e30, 1e30), st.floats(1e-6, 1e6), st.integers(4, 12))
def test_ticks_lie_within_the_range_and_are_numbered(low: float, span: float, most: int) -> None:
    limits = low, low + max(span, abs(low) * 1e-6)
    ticks = _ticks(limits, most)
    assert len(ticks.places) == len(ticks.numbers) <= most + 1
    assert all(-1e-6 <= place <= 1 + 1e-6 for place in ticks.places)


def test_large_numbers_share_a_power_of_ten() -> None:
    ticks = _ticks((0.0, 3e-16), 5)
    assert ticks.power == "1e−16"  # noqa: RUF001 - the sign that is written
