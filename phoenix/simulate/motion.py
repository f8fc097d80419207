"""The motion of the observer, which shifts what the telescope sees of a star.

By astropy.coordinates, on purpose: the line corrects for it by another way, so that a fault of
either shows.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from phoenix.simulate.site import horizontal, sidereal_time
from phoenix.simulate.star import SPEED_OF_LIGHT

if TYPE_CHECKING:
    from datetime import datetime

    import numpy.typing as npt

    from phoenix.simulate.site import Site

    Array = npt.NDArray[np.float64]

__all__ = ["as_seen", "observer_velocity", "place_on_sky"]

LOWEST = 27.0
"""Degrees above the horizon: airmass 2.2, what is rarely exceeded."""

NEAREST, FARTHEST = 1.5, 6.0
"""Hours from the meridian, where the rotation of the Earth carries the observer along."""


def observer_velocity(
    ra: npt.ArrayLike, dec: npt.ArrayLike, time: datetime, site: Site
) -> npt.NDArray[np.float64]:
    """Return with which velocity (km/s) an observer approaches targets.

    Parameters
    ----------
    ra, dec : array_like
        Degrees (J2000).
    time : datetime
        UTC.
    """
    from astropy.coordinates import EarthLocation, SkyCoord  # noqa: PLC0415 - takes half a second
    from astropy.time import Time  # noqa: PLC0415 - the same
    from astropy.utils import iers  # noqa: PLC0415 - the same

    place = EarthLocation.from_geodetic(site.longitude, site.latitude, site.elevation)
    with (
        # The tables that came with astropy: no network, and old ones are good to 0.03 m/s.
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("auto_max_age", None),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        velocity = SkyCoord(ra, dec, unit="deg").radial_velocity_correction(
            "barycentric", obstime=Time(time), location=place
        )
    return np.asarray(velocity.to_value("km/s"), dtype=np.float64)


def as_seen(velocity: float, observer: float) -> float:
    """Return the velocity (km/s) that a moving observer sees of a star that has `velocity`."""
    seen = (1.0 + velocity / SPEED_OF_LIGHT) / (1.0 + observer / SPEED_OF_LIGHT)
    return (seen - 1.0) * SPEED_OF_LIGHT


def place_on_sky(rng: np.random.Generator, time: datetime, site: Site) -> tuple[float, float]:
    """Draw a place (ra, dec in degrees) anywhere on the sky that is not low, off the meridian."""
    # Two draws, however many tries it takes: what is drawn next must not depend on the place.
    own = np.random.default_rng([int(rng.uniform() * 2**32), int(rng.uniform() * 2**32)])
    while True:
        hours = float(own.uniform(NEAREST, FARTHEST)) * float(own.choice([-1.0, 1.0]))
        ra = (sidereal_time(time, site) - 15.0 * hours) % 360.0
        dec = float(np.degrees(np.arcsin(own.uniform(-1.0, 0.5))))
        if horizontal(ra, dec, time, site).altitude > LOWEST:
            return round(ra, 6), round(dec, 6)
