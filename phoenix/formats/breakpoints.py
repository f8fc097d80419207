"""The table of instrument breakpoints: date, setup, why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.formats.tablefile import read_table
from phoenix.model.dates import CivilDate, mjd_of
from phoenix.model.epoch import InstrumentBreakpoint
from phoenix.model.plain import bounded, one_line

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.formats.tablefile import TableRow

__all__ = ["COLUMNS", "read_breakpoints"]

COLUMNS = ("date", "setup", "why")

_NIGHT = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?\Z", re.ASCII)
_KEY = re.compile(r"[A-Z0-9_.-]+\Z", re.ASCII)


def read_breakpoints(path: Path) -> tuple[InstrumentBreakpoint, ...]:
    """Read the table of instrument breakpoints, and return them in order of time.

    Parameters
    ----------
    path : Path
        CSV with the columns `COLUMNS`. The date is a night, which begins at 21:00 UT, or a moment
        in UTC. The setup is empty for the whole instrument, else ``KEY=VALUE`` with blanks between
        several; ``*`` and ``?`` in a value are as in file names.

    Raises
    ------
    DataError
        Names file and line, what was found and what was expected.
    """
    found = []
    lines: dict[tuple[float, tuple[tuple[str, str], ...]], int] = {}
    for row in read_table(path, COLUMNS):
        one = _breakpoint(row)
        before = lines.setdefault((one.mjd, one.setup), row.line)
        if before != row.line:
            raise DataError(
                f"{path}, line {row.line}: found a second breakpoint of this date and setup, "
                f"expected one; the first is in line {before}"
            )
        found.append(one)
    return tuple(sorted(found, key=lambda one: (one.mjd, one.setup)))


def _breakpoint(row: TableRow) -> InstrumentBreakpoint:
    if not row["why"]:
        raise row.wrong("why", "a reason")
    try:
        why = one_line(bounded(row["why"]))
    except DataError as error:
        raise DataError(f"{row.path}, line {row.line}: {error}") from None
    return InstrumentBreakpoint(_moment(row), row["date"], why, _setup(row))


def _moment(row: TableRow) -> float:
    text = row["date"]
    try:
        if _NIGHT.match(text):
            return CivilDate.parse(text).mjd
        if _MOMENT.match(text):
            return mjd_of(text)
    except DataError:
        pass  # 2020-02-30 looks like a date
    raise row.wrong("date", "a night like 2020-01-31 or a moment (UTC) like 2020-01-31T14:00:00")


def _setup(row: TableRow) -> tuple[tuple[str, str], ...]:
    expected = "nothing, or KEY=VALUE like INS.EXP.MODE=H525*, with blanks between several"
    found: dict[str, str] = {}
    for word in row["setup"].split():
        key, equals, value = word.partition("=")
        key = key.removeprefix("ESO.")
        if not equals or not value or not _KEY.match(key) or key in found:
            raise row.wrong("setup", expected)
        found[key] = value
    return tuple(sorted(found.items()))
