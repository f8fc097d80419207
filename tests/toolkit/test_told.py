"""Headers that contradict themselves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import AltAz, EarthLocation, SkyCoord
from astropy.time import Time
from astropy.utils import iers

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import RawFrame, SetOfFrames
from phoenix.model.gate import RecipeOutcome, broken
from phoenix.toolkit.told import TOLD, exposure_ratio, pointing_apart

SITE = {"ESO TEL GEOLON": -70.4032, "ESO TEL GEOLAT": -24.6254, "ESO TEL GEOELEV": 2648.0}
PLACES = ((10.0, -30.0, 58850.05), (102.1, -13.1, 58850.08), (200.0, 15.0, 61041.3))
AB = AssociationBlock(
    "X.2020-01-02T01:12:20.596.ab",
    "science",
    (RawFrame("${DFO_RAW_DIR}/2020-01-01/a.fits", "OBJECT"),),
)


def truth(ra, dec, mjd):
    """Return a header of which astropy says where the telescope stood."""
    with iers.conf.set_temp("auto_download", False):
        place = EarthLocation.from_geodetic(-70.4032, -24.6254, 2648.0)
        frame = AltAz(obstime=Time(mjd, format="mjd"), location=place)
        seen = SkyCoord(ra * u.deg, dec * u.deg).transform_to(frame)
    stood = {"ESO TEL ALT": seen.alt.deg, "ESO TEL AZ": (seen.az.deg + 180) % 360}
    return {"RA": ra, "DEC": dec, "MJD-OBS": mjd, "EXPTIME": 900.0, **stood, **SITE}


def wrong(image, **changes):
    header = {**truth(*PLACES[0]), "ESO DPR CATG": "SCIENCE", "ESO DET WIN1 DIT1": 900.0}
    cards = {key.replace("ESO ", "HIERARCH ESO "): v for key, v in (header | changes).items()}
    path = image("a.fits", np.zeros((2, 2)), **cards)
    return broken(TOLD, RecipeOutcome(AB, (), "", SetOfFrames(((path, "OBJECT"),))))


@pytest.mark.parametrize("place", PLACES)
def test_a_header_that_agrees_with_astropy_agrees_with_itself(place):
    assert pointing_apart(truth(*place)) < 0.02


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("key", "other"),
    [
        ("RA", lambda ra: ra / 15.0),
        ("DEC", lambda dec: -dec),
        ("MJD-OBS", lambda mjd: mjd + 2 / 24),
        ("EQUINOX", lambda _: 1850.0),
    ],
)
def test_another_place_or_hour_is_seen(place, key, other):
    header = truth(*place)
    assert pointing_apart({**header, key: other(header.get(key))}) > 1.0


def test_who_does_not_tell_where_the_telescope_stood_is_not_judged():
    header = truth(*PLACES[0])
    del header["ESO TEL ALT"]
    assert pointing_apart(header) is None


@pytest.mark.parametrize(
    ("told", "ratio"),
    [
        ({"ESO DET WIN1 DIT1": 900.0}, 1.0),
        ({"ESO DET WIN1 DIT1": 9000.0}, 0.1),
        ({"ESO DET DIT": 300.0, "ESO DET NDIT": 3}, 1.0),
        ({"ESO DET DIT": 900.0, "ESO DET NDIT": 3}, 1.0),
        ({"ESO DET DIT": 9.0, "ESO DET NDIT": 3}, 900 / 27),
        ({"ESO DET WIN1 DIT1": 0.0}, None),
        ({}, None),
    ],
)
def test_exposure_times_are_held_against_what_the_detector_counted(told, ratio):
    found = exposure_ratio({"EXPTIME": 900.0, **told})
    assert found is ratio is None or math.isclose(found, ratio)


def test_a_good_header_passes(image):
    assert wrong(image) == ()


def test_another_field_is_gated(image):
    (why,) = wrong(image, RA=40.0)
    assert why.startswith("POINTING is ")


def test_another_exposure_time_is_gated(image):
    (why,) = wrong(image, EXPTIME=90.0)
    assert why.startswith("EXPOSURE_TIME is 0.1, expected 0.909091 to 1.1: ")


@pytest.mark.parametrize("exptime", [0.0, -1800.0])
@pytest.mark.parametrize("told", [900.0, 0.0])
def test_an_exposure_of_no_time_is_gated_whatever_the_detector_tells(image, exptime, told):
    (why,) = wrong(image, EXPTIME=exptime, **{"ESO DET WIN1 DIT1": told})
    assert why.startswith("EXPOSURE_TIME is 0, ")


def test_calibrations_by_day_point_nowhere(image):
    assert wrong(image, RA=40.0, **{"ESO DPR CATG": "CALIB"}) == ()
