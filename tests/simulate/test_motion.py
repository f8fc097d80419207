"""The motion of the observer, and where targets are put."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from phoenix.simulate.motion import LOWEST, NEAREST, as_seen, observer_velocity, place_on_sky
from phoenix.simulate.site import PARANAL, horizontal, sidereal_time
from phoenix.toolkit import barycentre

NIGHTS = [
    datetime(year, month, 2, 3, tzinfo=UTC) for year, month in ((2000, 3), (2012, 9), (2026, 6))
]


@pytest.mark.parametrize("time", NIGHTS)
def test_simulator_and_line_find_the_same_velocity_by_different_ways(time):
    ra, dec = np.array([10.0, 130.0, 250.0]), np.array([-70.0, -20.0, 25.0])
    mjd = (time - datetime(1858, 11, 17, tzinfo=UTC)).total_seconds() / 86400.0
    ours = barycentre.barycentric_velocity(ra, dec, mjd, barycentre.PARANAL)
    np.testing.assert_allclose(observer_velocity(ra, dec, time, PARANAL), ours, atol=1e-3)


def test_who_approaches_a_star_at_rest_sees_it_come():
    assert as_seen(0.0, 20.0) == pytest.approx(-20.0, abs=0.01)


@pytest.mark.parametrize("time", NIGHTS)
def test_targets_are_above_the_horizon_and_off_the_meridian(time):
    rng = np.random.default_rng(1)
    for _ in range(50):
        ra, dec = place_on_sky(rng, time, PARANAL)
        hours = (sidereal_time(time, PARANAL) - ra + 180.0) % 360.0 / 15.0 - 12.0
        assert abs(hours) > NEAREST - 0.01
        assert horizontal(ra, dec, time, PARANAL).altitude > LOWEST - 0.01
