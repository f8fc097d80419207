"""What the rules work on: a file as far as its header tells."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache

from attrs import field, frozen

from phoenix.model.dates import CivilDate
from phoenix.oca.language.syntax import Value

__all__ = ["Frame", "Header", "Kind", "dotted", "mid_exposure"]

Header = Mapping[str, Value]
"""Dotted keyword (``DPR.CATG``, ``MJD-OBS``) to value."""

_SECONDS_PER_DAY = 86400.0
_MJD_ZERO = dt.datetime(1858, 11, 17, tzinfo=dt.UTC)
_ARCFILE = re.compile(r"[A-Z0-9]+\.\d{4}-\d\d-\d\dT[\d:.]+")
_PREFIX_LENGTH = 5


class Kind(Enum):
    """Where a file stands in the search for calibrations: in this order."""

    CERTIFIED = "certified"
    """A master calibration that passed certification (the old MCAL)."""
    VIRTUAL = "virtual"
    """A product that a parent AB will make (the old VCAL)."""
    STATIC = "static"
    """A table delivered with the pipeline (``gen``)."""
    RAW = "raw"
    """A file off the telescope."""


@lru_cache(maxsize=16384)
def dotted(keyword: str) -> str:
    """Return a FITS keyword as the rules write it.

    ``HIERARCH ESO DPR CATG`` and ``ESO DPR CATG`` are ``DPR.CATG``; ``MJD-OBS`` stays.
    """
    return keyword.removeprefix("HIERARCH ").removeprefix("ESO ").strip().replace(" ", ".")


@frozen
class Frame:
    """One file: its name and the keywords of its header.

    Attributes
    ----------
    name : str
        File name, for instance ``UVES.2010-10-31T02:40:06.857.fits``.
    header : mapping of str to str, int, float or bool
        Keywords as the rules write them; :meth:`of` translates FITS keywords.
    kind : Kind
        Raw, certified, virtual or static.
    path : str
        Symbolic path as it shall stand in the AB; empty = by kind and night.
    parent : str
        Name of the AB that will make it, for a virtual one.
    overlaid : tuple of str
        What of its header is not as in the file, and why; one sentence each.
    origin : str
        DPR.CATG of the first raw file of which a virtual one will be made: its own header has
        none.
    """

    name: str
    header: Header = field(repr=False, hash=False)
    kind: Kind = Kind.RAW
    path: str = ""
    parent: str = ""
    overlaid: tuple[str, ...] = ()
    origin: str = ""

    @classmethod
    def of(
        cls,
        name: str,
        header: Mapping[str, Value],
        *,
        kind: Kind = Kind.RAW,
        path: str = "",
        overlaid: tuple[str, ...] = (),
    ) -> Frame:
        """Take a FITS header: keywords in dots, texts without trailing blanks."""
        keywords = {
            dotted(keyword): value.rstrip() if isinstance(value, str) else value
            for keyword, value in header.items()
        }
        return cls(name, keywords, kind, path, overlaid=overlaid)

    @property
    def arcfile(self) -> str:
        """ARCFILE, else the file name; a raw file called otherwise gets an archive name."""
        known = self.header.get("ARCFILE")
        if isinstance(known, str) and known:
            return known
        start = self.mjd_obs
        if self.kind is not Kind.RAW or _ARCFILE.match(self.name) or start is None:
            return self.name
        moment = (_MJD_ZERO + dt.timedelta(days=start)).isoformat(timespec="milliseconds")
        prefix = re.sub("[^A-Z0-9]", "", str(self.header.get("INSTRUME", "")).upper())
        return f"{prefix[:_PREFIX_LENGTH] or 'RAW'}.{moment.removesuffix('+00:00')}.fits"

    @property
    def category(self) -> str:
        """SCIENCE, CALIB ...: its DPR.CATG, of a product that of what it is made of."""
        return str(self.header.get("DPR.CATG") or self.origin)

    @property
    def mjd_obs(self) -> float | None:
        """MJD-OBS (days, UTC), None where the header has no number there."""
        return _number(self.header.get("MJD-OBS"))

    @property
    def mjd_mid(self) -> float | None:
        """Mid exposure (MJD, days, UTC)."""
        return mid_exposure(
            self.header.get("MJD-OBS"), self.header.get("MJD-END"), self.header.get("EXPTIME")
        )

    @property
    def night(self) -> CivilDate | None:
        """The night on which it was taken."""
        start = self.mjd_obs
        return None if start is None else CivilDate.of(start)


def mid_exposure(start: Value | None, end: Value | None, exptime: Value | None) -> float | None:
    """Return the middle of an exposure (MJD, days, UTC): the time used for matching.

    Parameters
    ----------
    start, end : float or None
        MJD-OBS and MJD-END (days, UTC); the end counts only where it is not before the start.
    exptime : float or None
        EXPTIME (s), used where there is no end.

    Returns
    -------
    float or None
        None without a start.
    """
    begin = _number(start)
    if begin is None:
        return None
    last = _number(end)
    if last is not None and last >= begin:
        return (begin + last) / 2.0
    return begin + max(0.0, _number(exptime) or 0.0) / (2.0 * _SECONDS_PER_DAY)


def _number(value: Value | None) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < float("inf") else None
