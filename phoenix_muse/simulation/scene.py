"""What stands in a field: stars and objects with an emission line, at known places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["REFERENCE", "Scene", "Source", "draw_scene", "offsets", "sky_place"]

REFERENCE = 6400.0
"""Angstrom at which fluxes are given."""

ISOLATED = 2.2
"""arcsec to the next source: more than twice a good seeing."""
CROWDED = 0.5


@frozen
class Source:
    """A star, or an object with an emission line.

    Attributes
    ----------
    name : str
        STAR01, LINE01.
    east, north : float
        arcsec from the middle of the field, in the tangential plane.
    flux : float
        Continuum at 6400 Angstrom in 1e-20 erg/s/cm2/Angstrom.
    slope : float
        Power of the wavelength.
    line : float
        Air wavelength of the emission line in the barycentric frame in Angstrom; 0 for stars.
    line_flux : float
        1e-20 erg/s/cm2.
    line_sigma : float
        Own rms width of the line in Angstrom.
    size : float
        FWHM of the object itself in arcsec.
    """

    name: str
    east: float
    north: float
    flux: float
    slope: float = 0.0
    line: float = 0.0
    line_flux: float = 0.0
    line_sigma: float = 0.0
    size: float = 0.0

    def continuum(self, wavelength: Array) -> Array:
        """1e-20 erg/s/cm2/Angstrom above the atmosphere."""
        return np.asarray(self.flux * (wavelength / REFERENCE) ** self.slope)


@frozen
class Scene:
    """A field: its middle (degrees, J2000) and what stands in it."""

    ra: float
    dec: float
    sources: tuple[Source, ...]

    def distances(self) -> Array:
        """Distance (arcsec) from each source to its nearest neighbour."""
        if len(self.sources) < 2:  # noqa: PLR2004 - a neighbour needs two
            return np.full(len(self.sources), np.inf)
        place = np.array([(one.east, one.north) for one in self.sources])
        apart = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
        np.fill_diagonal(apart, np.inf)
        return np.asarray(apart.min(axis=1))


def draw_scene(
    rng: np.random.Generator,
    middle: tuple[float, float],
    field: tuple[float, float],
    band: tuple[float, float],
    *,
    stars: int,
    objects: int,
    crowded: bool = False,
) -> Scene:
    """Draw a field; in one that is not crowded no two sources are neighbours.

    Parameters
    ----------
    middle : (float, float)
        Right ascension and declination in degrees.
    field : (float, float)
        Width and height in arcsec within which sources stand.
    band : (float, float)
        Angstrom within which emission lines lie.
    stars, objects : int
        How many; fewer where the field has no place for more.
    """
    places = _places(rng, field, stars + objects, CROWDED if crowded else ISOLATED)
    stars = min(stars, max(1, len(places) - objects))
    bright = 10.0 ** rng.uniform(3.9, 4.6, stars)
    slopes = rng.uniform(-2.0, 1.0, stars)
    found = [
        Source(f"STAR{i + 1:03d}", *places[i], float(bright[i]), float(slopes[i]))
        for i in range(stars)
    ]
    low, high = band
    for i, place in enumerate(places[stars:]):
        # Lines at steps of their own, so that none is drawn on top of a bright line of the sky.
        step = (high - low) / max(1, objects)
        line = low + step * (i + float(rng.uniform(0.3, 0.7)))
        found.append(
            Source(
                f"LINE{i + 1:03d}",
                *place,
                flux=float(rng.uniform(300.0, 900.0)),
                line=line,
                line_flux=float(10.0 ** rng.uniform(4.5, 5.0)),
                line_sigma=float(rng.uniform(1.0, 2.0)),
                size=float(rng.uniform(0.2, 0.5)),
            )
        )
    return Scene(*middle, tuple(found))


def _places(
    rng: np.random.Generator, field: tuple[float, float], count: int, apart: float
) -> list[tuple[float, float]]:
    """Draw places that are so far apart, as many of them as find room."""
    half = np.array(field) / 2.0
    found: list[tuple[float, float]] = []
    for _ in range(200 * count):
        east, north = rng.uniform(-half, half)
        if all(np.hypot(east - x, north - y) > apart for x, y in found):
            found.append((float(east), float(north)))
        if len(found) == count:
            break
    return found


def offsets(ra: float, dec: float, centre_ra: float, centre_dec: float) -> tuple[float, float]:
    """Return the arcsec to the east and to the north of a centre, all places in degrees."""
    east = (ra - centre_ra) * np.cos(np.radians(centre_dec)) * 3600.0
    return float(east), float((dec - centre_dec) * 3600.0)


def sky_place(east: float, north: float, ra: float, dec: float) -> tuple[float, float]:
    """Return right ascension and declination (degrees) of a place some arcsec from a centre."""
    return ra + east / 3600.0 / float(np.cos(np.radians(dec))), dec + north / 3600.0
