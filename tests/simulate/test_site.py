from __future__ import annotations

from datetime import UTC, datetime

import astropy.units as u
import pytest
from astropy.coordinates import AltAz, EarthLocation, SkyCoord
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from phoenix.simulate.site import PARANAL, airmass, horizontal, mjd, sidereal_time

MOMENT = datetime(2020, 1, 2, 4, 30, tzinfo=UTC)
PLACE = EarthLocation.from_geodetic(
    PARANAL.longitude * u.deg, PARANAL.latitude * u.deg, PARANAL.elevation * u.m
)


def test_the_mjd_is_that_of_astropy():
    assert mjd(MOMENT) == pytest.approx(Time("2020-01-02T04:30:00").mjd, abs=1e-9)


def test_the_sidereal_time_is_within_seconds_of_that_of_astropy():
    theirs = Time("2020-01-02T04:30:00", location=PLACE).sidereal_time("mean", "greenwich")
    ours = sidereal_time(MOMENT, PARANAL) - PARANAL.longitude
    assert (ours - theirs.deg + 180) % 360 - 180 == pytest.approx(0.0, abs=0.01)


def test_the_altitude_is_that_of_astropy_but_for_precession():
    star = SkyCoord(95.0 * u.deg, -30.0 * u.deg, frame="icrs")
    frame = AltAz(obstime=Time("2020-01-02T04:30:00"), location=PLACE)
    here = horizontal(95.0, -30.0, MOMENT, PARANAL)
    assert here.altitude == pytest.approx(star.transform_to(frame).alt.deg, abs=0.4)


@given(st.floats(5.0, 90.0))
def test_the_airmass_is_never_below_one(altitude):
    assert 0.999 < airmass(altitude) < 11.0
