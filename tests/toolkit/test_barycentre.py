"""The velocity of the observer, against published values and astropy.coordinates."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import FK5, EarthLocation, SkyCoord
from astropy.time import Time
from astropy.utils import iers
from hypothesis import given
from hypothesis import strategies as st

from phoenix.errors import HeaderError
from phoenix.toolkit.barycentre import (
    PARANAL,
    Site,
    barycentric_velocity,
    site_of,
    velocity_of_exposures,
)

METRE_PER_SECOND = 1e-3

# JD 2457244.5 at Paranal, by the web tool of Wright and Eastman (2014, PASP 126, 838,
# astroutils.astronomy.osu.edu/exofast/barycorr.html), as quoted by the tests of astropy: m/s.
PUBLISHED = (
    (-180.0, -85.0, -10335.93326096),
    (-180.0, -72.857142857, -14198.47605491),
    (0.0, -72.857142857, -2237.60012494),
    (-180.0, -60.714285714, -17425.46512587),
    (-180.0, -48.571428571, -19872.50026998),
    (-180.0, 0.0, -20284.92627505),
    (-140.0, 0.0, -28193.91696959),
    (-60.0, 0.0, -6901.82132125),
    (20.0, 0.0, 25804.51614607),
    (100.0, 0.0, 15871.21385688),
    (-180.0, 85.0, 6808.40787728),
)
PUBLISHED_SITE = Site(-70.403, -24.6252, 2635.0)


@pytest.mark.parametrize(("ra", "dec", "expected"), PUBLISHED)
def test_it_agrees_with_published_values(ra, dec, expected):
    found = barycentric_velocity(ra, dec, 57244.0, PUBLISHED_SITE)
    assert found == pytest.approx(expected / 1000.0, abs=METRE_PER_SECOND)


def by_astropy(ra, dec, mjd, site, equinox=2000.0):
    place = EarthLocation.from_geodetic(site.longitude, site.latitude, site.elevation)
    frame = "icrs" if equinox == 2000.0 else FK5(equinox=Time(equinox, format="jyear"))
    target = SkyCoord(ra, dec, unit="deg", frame=frame)
    with (
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("auto_max_age", None),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        time = Time(mjd, format="mjd", scale="utc")
        return target.radial_velocity_correction(
            "barycentric", obstime=time, location=place
        ).to_value(u.km / u.s)


@given(
    ra=st.floats(0.0, 360.0),
    dec=st.floats(-90.0, 90.0),
    # 2000-01-01 to 2026-12-31
    mjd=st.floats(51544.0, 61405.0),
)
def test_it_agrees_with_astropy_everywhere_and_for_all_years(ra, dec, mjd):
    found = barycentric_velocity(ra, dec, mjd, PARANAL)
    assert found == pytest.approx(by_astropy(ra, dec, mjd, PARANAL), abs=METRE_PER_SECOND)


@pytest.mark.parametrize("equinox", [1975.0, 2012.5])
def test_coordinates_of_another_equinox_are_precessed(equinox):
    found = barycentric_velocity(123.0, -40.0, 56000.0, PARANAL, equinox)
    expected = by_astropy(123.0, -40.0, 56000.0, PARANAL, equinox)
    assert found == pytest.approx(expected, abs=METRE_PER_SECOND)


def test_every_target_has_its_own_velocity():
    ra, dec = np.array([10.0, 10.4]), np.array([-30.0, -30.2])
    both = barycentric_velocity(ra, dec, 58849.0, PARANAL)
    assert both.tolist() == [
        pytest.approx(float(barycentric_velocity(*place, 58849.0, PARANAL)), abs=1e-12)
        for place in zip(ra, dec, strict=True)
    ]


def test_a_night_beyond_the_known_leap_seconds_has_a_velocity_too():
    assert np.isfinite(barycentric_velocity(0.0, 0.0, 65000.0, PARANAL))


def exposure(begin, exptime):
    return {"MJD-OBS": begin, "EXPTIME": exptime}


def test_the_middle_of_an_exposure_counts():
    found = velocity_of_exposures([exposure(58849.0, 7200.0)], 80.0, -30.0)
    assert found == barycentric_velocity(80.0, -30.0, 58849.0 + 1.0 / 24.0, PARANAL)


@pytest.mark.parametrize(("begin", "exptime"), [(1e12, 60.0), (-1e12, 60.0), (58849.0, 1e30)])
def test_an_exposure_of_no_day_is_told_with_its_numbers(begin, exptime):
    with pytest.raises(HeaderError, match=r"found MJD-OBS = .* and EXPTIME = .*mend the header"):
        velocity_of_exposures([exposure(begin, exptime)], 10.0, -20.0)


def test_a_long_exposure_counts_more():
    short, long = exposure(58849.0, 60.0), exposure(58850.0, 5400.0)
    both = velocity_of_exposures([short, long], 80.0, -30.0)
    only = velocity_of_exposures([long], 80.0, -30.0)
    other = velocity_of_exposures([short], 80.0, -30.0)
    assert abs(both - only) == pytest.approx(abs(other - only) * 60.0 / 5460.0)


def test_without_a_time_there_is_no_velocity():
    assert velocity_of_exposures([{"EXPTIME": 60.0}], 80.0, -30.0) is None
    assert velocity_of_exposures([], 80.0, -30.0) is None


def test_the_site_is_that_of_the_header_or_the_known_one():
    keys = {"ESO TEL GEOLON": -70.4, "ESO TEL GEOLAT": -24.6, "ESO TEL GEOELEV": 2640.0}
    assert site_of(keys) == Site(-70.4, -24.6, 2640.0)
    assert site_of(dict(list(keys.items())[:2])) == PARANAL
