"""Where the telescope stands and what the sky above it does: times and angles for headers.

The formulae are the short ones (Meeus, Astronomical Algorithms, chapters 12 and 13; Kasten and
Young 1989 for the airmass): good to seconds of time and 0.01 degrees, plenty for a simulation.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import NamedTuple

from attrs import frozen

__all__ = ["PARANAL", "Horizontal", "Site", "airmass", "horizontal", "mjd", "sidereal_time"]


@frozen
class Site:
    """Geographic longitude (deg, east positive), latitude (deg) and elevation (m)."""

    longitude: float
    latitude: float
    elevation: float


PARANAL = Site(longitude=-70.4032, latitude=-24.6254, elevation=2648.0)

MJD_EPOCH = datetime(1858, 11, 17, tzinfo=UTC)


class Horizontal(NamedTuple):
    """Altitude, azimuth (S = 0, W = 90, as the VLT counts) and parallactic angle, in degrees."""

    altitude: float
    azimuth: float
    parallactic: float


def mjd(time: datetime) -> float:
    """Return the Modified Julian Date of a time (UTC), in days."""
    return (time - MJD_EPOCH).total_seconds() / 86400.0


def sidereal_time(time: datetime, site: Site) -> float:
    """Local mean sidereal time in degrees, 0 to 360."""
    days = mjd(time) - 51544.5
    return (280.46061837 + 360.98564736629 * days + site.longitude) % 360.0


def horizontal(ra: float, dec: float, time: datetime, site: Site) -> Horizontal:
    """Where a star at `ra`, `dec` (degrees) stands at `time`."""
    hour = math.radians(sidereal_time(time, site) - ra)
    phi, delta = math.radians(site.latitude), math.radians(dec)
    sine = math.sin(phi) * math.sin(delta) + math.cos(phi) * math.cos(delta) * math.cos(hour)
    azimuth = math.atan2(
        math.sin(hour), math.cos(hour) * math.sin(phi) - math.tan(delta) * math.cos(phi)
    )
    parallactic = math.atan2(
        math.sin(hour),
        math.tan(phi) * math.cos(delta) - math.sin(delta) * math.cos(hour),
    )
    return Horizontal(
        altitude=math.degrees(math.asin(max(-1.0, min(1.0, sine)))),
        azimuth=math.degrees(azimuth) % 360.0,
        parallactic=math.degrees(parallactic),
    )


def airmass(altitude: float) -> float:
    """Relative airmass at `altitude` degrees (Kasten and Young 1989)."""
    safe = max(altitude, 1.0)
    return 1.0 / (math.sin(math.radians(safe)) + 0.50572 * math.pow(safe + 6.07995, -1.6364))
