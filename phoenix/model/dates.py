"""Nights, months and runs: the three ways to name a pool of data."""

from __future__ import annotations

import datetime as dt
import re
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from attrs import field, frozen

from phoenix.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from astropy.time import Time

__all__ = [
    "CivilDate",
    "DataPool",
    "Month",
    "Pool",
    "RunID",
    "as_pool",
    "mjd_of",
    "nights_of",
    "pool_of",
    "pseudo_date",
]

_MJD_ZERO = dt.datetime(1858, 11, 17, tzinfo=dt.UTC)
# A DFO date is the 24 hours from 21:00 UT (QC Handbook, 4.1).
_NIGHT_BEGINS = dt.timedelta(hours=21)
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)\Z")
_YEAR = re.compile(r"\d{4}\Z", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d\d)\Z")
_RUN = re.compile(r"(\d{2,4})\.([A-L])-(\d{4})\(?([A-Z])\)?\Z")


class DataPool(Enum):
    """What one call of the line works on."""

    NIGHT = "night"
    MONTH = "month"
    RUN = "run"


def mjd_of(timestamp: str) -> float:
    """Return the MJD (days, UTC) of an ISO timestamp such as ``2015-01-12T00:54:04.379``.

    Raises
    ------
    DataError
        If it is no ISO timestamp.
    """
    try:
        moment = dt.datetime.fromisoformat(timestamp)
    except ValueError as error:
        raise DataError(
            f"found {timestamp!r}, expected a timestamp like 2015-01-12T00:54:04.379"
        ) from error
    return (moment.replace(tzinfo=dt.UTC) - _MJD_ZERO) / dt.timedelta(days=1)


@frozen(order=True)
class CivilDate:
    """The date of a night, which begins at 21:00 UT and lasts 24 hours (QC Handbook, 4.1).

    Attributes
    ----------
    year, month, day : int
        The date on which the night begins.
    """

    year: int
    month: int
    day: int

    def __attrs_post_init__(self) -> None:
        try:
            dt.date(self.year, self.month, self.day)
        except ValueError as error:
            raise DataError(f"{self.year}-{self.month}-{self.day} is no date: {error}") from error

    @classmethod
    def parse(cls, text: str) -> CivilDate:
        """Read ``2020-01-31``.

        Raises
        ------
        DataError
            If the text is no such date.
        """
        match = _DAY.match(text)
        if match is None:
            raise DataError(f"found {text!r}, expected a date like 2020-01-31")
        try:
            return cls(*map(int, match.groups()))
        except DataError as error:
            raise DataError(f"found {text!r}, expected a date of the calendar") from error

    @classmethod
    def of(cls, mjd: float) -> CivilDate:
        """Return the night to which a moment (MJD, days, UTC) belongs."""
        date = (_MJD_ZERO + dt.timedelta(days=mjd) - _NIGHT_BEGINS).date()
        return cls(date.year, date.month, date.day)

    @property
    def mjd(self) -> float:
        """MJD (days, UTC) at which the night begins."""
        start = dt.datetime(self.year, self.month, self.day, tzinfo=dt.UTC) + _NIGHT_BEGINS
        return (start - _MJD_ZERO) / dt.timedelta(days=1)

    def plus(self, days: int) -> CivilDate:
        """Return the night so many days later."""
        date = dt.date(self.year, self.month, self.day) + dt.timedelta(days=days)
        return CivilDate(date.year, date.month, date.day)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"


@frozen(order=True)
class Month:
    """A month of nights, the usual pool of master calibrations (PROCESS page, 3)."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read ``2020-01``.

        Raises
        ------
        DataError
            If the text is no such month.
        """
        match = _MONTH.match(text)
        if match is None or not 1 <= int(match[2]) <= 12:  # noqa: PLR2004 - months of a year
            raise DataError(f"found {text!r}, expected a month like 2020-01")
        return cls(int(match[1]), int(match[2]))

    def nights(self) -> tuple[CivilDate, ...]:
        """Return its nights in order."""
        first = CivilDate(self.year, self.month, 1)
        days = (first.plus(day) for day in range(31))
        return tuple(date for date in days if date.month == self.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def nights_of(pool: str) -> tuple[CivilDate, ...]:
    """Return the nights of ``2020-01-01``, ``2020-01``, ``2020`` or ``2020-01-01..2020-01-30``.

    Raises
    ------
    DataError
        If the text is none of these, or the last night comes before the first.
    """
    first, dots, last = pool.partition("..")
    if _YEAR.match(pool):
        months = (Month(int(pool), number) for number in range(1, 13))
        return tuple(night for month in months for night in month.nights())
    if not dots:
        month = pool.count("-") == 1
        return Month.parse(pool).nights() if month else (CivilDate.parse(pool),)
    begin, end = CivilDate.parse(first), CivilDate.parse(last)
    if end < begin:
        raise DataError(f"found {pool!r}, expected the first night before the last")
    return tuple(begin.plus(day) for day in range(round(end.mjd - begin.mjd) + 1))


Pool: TypeAlias = "str | dt.date | CivilDate | Month | Time | tuple[Pool, Pool]"
"""What names a night, nights or a month in Python; see :func:`as_pool`."""


def as_pool(pool: Pool) -> str:
    """Return the text that stands for a pool: ``2020-01-01``, ``2020-01``, ``2020``.

    Parameters
    ----------
    pool : str, datetime.date, datetime.datetime, astropy Time, CivilDate, Month or a pair
        A pair is the first and the last night. A moment (UTC, if it does not say otherwise) is
        the night that it belongs to, which begins at 21:00 UT; exactly 0 h is a date without a
        time, which is what ``Time("2020-01-01")`` is meant for.

    Raises
    ------
    DataError
        If it is nothing of that.
    """
    if isinstance(pool, str | CivilDate | Month):
        return str(pool)
    if isinstance(pool, tuple) and len(pool) == 2:  # noqa: PLR2004 - the first and the last
        return "..".join(map(as_pool, pool))
    if isinstance(pool, dt.date) and not isinstance(pool, dt.datetime):
        return pool.isoformat()
    return _night_of_moment(pool)


def _night_of_moment(pool: object) -> str:
    try:
        # An astropy Time says itself what it is as a datetime.
        moment = pool if isinstance(pool, dt.datetime) else pool.utc.datetime  # type: ignore[attr-defined]
        utc = moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)
        begun = utc if utc.time() == dt.time() else utc - _NIGHT_BEGINS
        return str(begun.date().isoformat())
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        raise DataError(
            f"found {str(pool)[:80]!r}, expected a night such as 2020-01-01 (text, date or one "
            "moment), a month such as 2020-01, or a pair of the first and the last night"
        ) from error


def pool_of(nights: Iterable[str]) -> str:
    """Return the pool that has all these nights, ``2020-01-01`` or the first and the last."""
    found = sorted(set(nights))
    return "..".join(dict.fromkeys((*found[:1], *found[-1:])))


@frozen
class RunID:
    """An observing run, such as 094.A-0116(B).

    Attributes
    ----------
    period : int
        ESO observing period.
    category : str
        OPC category A to L; a pseudo-date cannot carry it.
    number : int
        Programme number, four digits.
    run : str
        Run letter.
    """

    period: int
    category: str
    number: int
    run: str = field(default="A")

    @classmethod
    def parse(cls, text: str) -> RunID:
        """Read ``094.A-0116(B)``, ``094.A-0116B`` or ``0100.A-0116(B)``.

        Raises
        ------
        DataError
            If the text is no run ID.
        """
        match = _RUN.match(text)
        if match is None:
            raise DataError(f"found {text!r}, expected a run ID like 094.A-0116(B)")
        return cls(int(match[1]), match[2], int(match[3]), match[4])

    @classmethod
    def of(cls, pseudo: str, category: str = "A") -> RunID:
        """Return the run behind a pseudo-date; its OPC category must be told.

        Raises
        ------
        DataError
            If the text is no pseudo-date.
        """
        match = _DAY.match(pseudo)
        if match is None or match[1][0] == "0":
            raise DataError(f"found {pseudo!r}, expected a pseudo-date like 2094-01-16")
        letter = chr(ord("A") + int(match[1][0]) - 1)
        return cls(int(match[1][1:]), category, int(match[2] + match[3]), letter)

    def __str__(self) -> str:
        return f"{self.period:03d}.{self.category}-{self.number:04d}({self.run})"


def pseudo_date(run: RunID) -> str:
    """Return the date that stands for a run: 094.A-0116(B) is 2094-01-16.

    The first digit is the run letter (A = 1), digits two to four the period, month and day the
    programme number, so that it need not be a date of the calendar (QC Handbook, 5.7).

    Raises
    ------
    DataError
        For run letters beyond I and periods beyond 999, which have no digit.
    """
    letter = ord(run.run) - ord("A") + 1
    if letter > 9 or run.period > 999:  # noqa: PLR2004 - one digit, three digits
        raise DataError(
            f"run {run} has no pseudo-date: it has room for runs A to I, periods to 999"
        )
    number = f"{run.number:04d}"
    return f"{letter}{run.period:03d}-{number[:2]}-{number[2:]}"
