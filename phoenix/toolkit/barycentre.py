"""The velocity of the observer: one function for every instrument, good to a few cm/s.

It is what has to be *added* to a velocity measured at the telescope: the motion of the Earth's
centre about the barycentre of the Solar System (VSOP87 as in ERFA), the rotation of the Earth,
time dilation and the Sun's gravity (Wright and Eastman 2014, PASP 126, 838, equation 28, for a
star at rest and far away). Pipelines leave parts of that out: giscience's BCORR the rotation, the
VRAD of uves_obs_scired the precession since J2000 and the time from begin to middle.

ERFA, the library beneath astropy.coordinates, is called directly: the same to 0.3 m/s, without
1.5 s of start-up in every process. No table of the Earth's orientation is needed: UT1 - UTC is
below 0.9 s by definition, which is 0.03 m/s.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import erfa
import numpy as np
from attrs import frozen

from phoenix.errors import HeaderError
from phoenix.toolkit.headers import number
from phoenix.toolkit.spectra import SPEED_OF_LIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from phoenix.formats.fits.cards import Value

    Array = npt.NDArray[np.float64]

__all__ = [
    "PARANAL",
    "Site",
    "barycentric_velocity",
    "site_of",
    "tells_site",
    "velocity_of_exposures",
]

_SITE_KEYS = ("ESO TEL GEOLON", "ESO TEL GEOLAT", "ESO TEL GEOELEV")
_MJD = 2_400_000.5  # days, from MJD to Julian date
_S_PER_DAY = 86400.0
_SUN = 9.870628e-9  # G M / (c^2 au) of the Sun (IAU 2012: GM = 1.32712440e20 m3/s2)
_YELLOW = 0.55  # um; refraction is switched off, a wavelength has to be given


@frozen
class Site:
    """Geodetic longitude (deg, east positive), latitude (deg) and elevation (m)."""

    longitude: float
    latitude: float
    elevation: float


PARANAL = Site(-70.4032, -24.6254, 2648.0)
"""The VLT; its telescopes are 0.15 km apart, 0.01 m/s (ESO TEL GEOLON, GEOLAT and GEOELEV)."""


def tells_site(header: Mapping[str, Value]) -> bool:
    """Whether a header says where the telescope stands."""
    return all(number(header, key) is not None for key in _SITE_KEYS)


def site_of(header: Mapping[str, Value], known: Site = PARANAL) -> Site:
    """Return where the telescope stands by its header, else the known site."""
    longitude, latitude, elevation = (number(header, key) for key in _SITE_KEYS)
    if longitude is None or latitude is None or elevation is None:
        return known
    return Site(longitude, latitude, elevation)


def barycentric_velocity(
    ra: npt.ArrayLike, dec: npt.ArrayLike, mjd: float, site: Site, equinox: float = 2000.0
) -> Array:
    """Return the velocity that moves measured wavelengths into the barycentric frame.

    Parameters
    ----------
    ra, dec : array_like
        Degrees, one a target.
    mjd : float
        UTC, the middle of the exposure.
    site : Site
        Where the telescope stands.
    equinox : float
        Of the coordinates, Julian years.

    Returns
    -------
    ndarray
        km/s, the shape of `ra`: true wavelength = measured (1 + velocity / c).
    """
    with warnings.catch_warnings():
        # Leap seconds of the next years are not known yet; one is 0.03 m/s.
        warnings.simplefilter("ignore", erfa.ErfaWarning)
        # Neither UT1 - UTC, polar motion nor an atmosphere: 0.03 m/s.
        observer, _ = erfa.apco13(
            _MJD,
            mjd,
            0.0,
            np.radians(site.longitude),
            np.radians(site.latitude),
            site.elevation,
            *(0.0, 0.0, 0.0, 0.0, 0.0),
            _YELLOW,
        )
    towards = erfa.s2c(np.radians(ra), np.radians(dec)) @ _to_j2000(equinox)
    # bm1 is the reciprocal Lorentz factor, em the distance of the Sun in au.
    dilation = (1.0 + _SUN / observer["em"]) / observer["bm1"]
    shift = (1.0 + towards @ observer["v"]) * dilation - 1.0
    return np.asarray(shift * SPEED_OF_LIGHT)


def _to_j2000(equinox: float) -> Array:
    """Rotation by which a row vector of an equinox comes to J2000."""
    if equinox == 2000.0:  # noqa: PLR2004 - the one of nearly all files
        return np.eye(3)
    _, precession, _ = erfa.bp06(*erfa.epj2jd(equinox))
    return np.asarray(precession)


def velocity_of_exposures(
    headers: Sequence[Mapping[str, Value]], ra: npt.ArrayLike, dec: npt.ArrayLike
) -> Array | None:
    """Return the barycentric velocity of targets, mean of exposures by their exposure times.

    Parameters
    ----------
    headers : sequence of mapping
        Of the raw exposures: MJD-OBS (begin, UTC) and EXPTIME (s) are needed; EQUINOX and the
        place of the telescope are taken where they are given.
    ra, dec : array_like
        Degrees, one a target.

    Returns
    -------
    ndarray or None
        km/s; None if there is no exposure, or one does not say when it was.

    Raises
    ------
    HeaderError
        If an exposure says that it was when there is no date.
    """
    weights, velocities = [], []
    for header in headers:
        begin, exptime = number(header, "MJD-OBS"), number(header, "EXPTIME")
        if begin is None or exptime is None:
            return None
        middle = begin + 0.5 * exptime / _S_PER_DAY
        equinox = number(header, "EQUINOX") or 2000.0
        try:
            velocities.append(barycentric_velocity(ra, dec, middle, site_of(header), equinox))
        except erfa.ErfaError as error:
            raise HeaderError(
                f"found MJD-OBS = {begin:g} and EXPTIME = {exptime:g}, expected an exposure of a "
                "day of the calendar; mend the header"
            ) from error
        weights.append(max(exptime, 1e-3))
    return np.average(velocities, axis=0, weights=weights) if velocities else None
