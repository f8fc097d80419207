"""The table of header overlays: ARCFILE, keyword, value, why."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.formats.tablefile import read_table
from phoenix.model.dates import mjd_of
from phoenix.model.filename import root_name
from phoenix.model.overlay import Overlay
from phoenix.model.plain import bounded, one_line

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.formats.tablefile import TableRow

__all__ = ["COLUMNS", "read_overlays"]

COLUMNS = ("ARCFILE", "keyword", "value", "why")

_KEYWORD = re.compile(r"([A-Z0-9_-]{1,8}|ESO( [A-Z0-9_-]+)+)\Z", re.ASCII)
_FILE = re.compile(r"[\w.:+@=-]+\Z", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+\Z", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([EeDd][+-]?\d+)?\Z", re.ASCII)
_INTEGERS = 1 << 63  # what a database can hold
_LONGEST_TEXT = 68  # of a keyword in one card (FITS 4.0, 4.2.1.1)
_LONGEST_NAME = 200
_NUMBERS = {"MJD-OBS", "MJD-END", "EXPTIME"}
_TEXTS = {"DATE-OBS", "INSTRUME", "ESO DPR CATG", "ESO DPR TYPE", "ESO DPR TECH"}


def read_overlays(path: Path) -> tuple[Overlay, ...]:
    """Read the table of header overlays.

    Parameters
    ----------
    path : Path
        CSV with the columns `COLUMNS`. A value is a number, ``T`` or ``F``, else a text; a text
        that would be read as one of these stands in single quotes, as in a FITS header.

    Raises
    ------
    DataError
        Names file and line, what was found and what was expected: a keyword that no header has, a
        value of the wrong kind, a row without its reason, two rows for one keyword of a file.
    """
    lines: dict[tuple[str, str], int] = {}
    found = []
    for row in read_table(path, COLUMNS):
        overlay = _overlay(row)
        key = root_name(overlay.arcfile), overlay.keyword
        before = lines.setdefault(key, row.line)
        if before != row.line:
            raise DataError(
                f"{path}, line {row.line}: found a second row for {overlay.keyword} of "
                f"{overlay.arcfile}, expected one; the first is in line {before}"
            )
        found.append(overlay)
    return tuple(found)


def _overlay(row: TableRow) -> Overlay:
    if not _FILE.match(row["ARCFILE"]) or len(row["ARCFILE"]) > _LONGEST_NAME:
        raise row.wrong("ARCFILE", "a name like GIRAF.2020-01-02T00:12:00.000.fits")
    keyword = _keyword(row)
    value = _value(row)
    if keyword in _NUMBERS and not _is_number(value):
        raise row.wrong("value", f"a number: {keyword} is one")
    if keyword in _TEXTS and not isinstance(value, str):
        raise row.wrong("value", f"a text: {keyword} is one; write '{row['value']}'")
    if keyword == "DATE-OBS":
        try:
            mjd_of(str(value))
        except DataError:
            raise row.wrong("value", "a time like 2015-01-12T00:54:04.379") from None
    if not row["why"]:
        raise row.wrong("why", "a reason")
    return Overlay(row["ARCFILE"], keyword, value, _why(row))


def _keyword(row: TableRow) -> str:
    text = row["keyword"].removeprefix("HIERARCH ")
    if "." in text:
        text = f"ESO {text.removeprefix('ESO.').replace('.', ' ')}"
    if not _KEYWORD.match(text):
        raise row.wrong("keyword", "one like MJD-OBS, ESO DPR TYPE or DPR.TYPE, in capitals")
    if text == "ARCFILE":
        raise row.wrong("keyword", "another one: by ARCFILE a file is known")
    return text


def _value(row: TableRow) -> str | int | float | bool:
    text = row["value"]
    if len(text) > 1 and text[0] == text[-1] == "'":
        return _checked_text(row, text[1:-1].replace("''", "'").rstrip())
    if not text:
        raise row.wrong("value", "one; an empty text is ''")
    if text in {"T", "F"}:
        return text == "T"
    if _WHOLE.match(text):
        if not -_INTEGERS <= int(text[:30]) < _INTEGERS:
            raise row.wrong("value", "a number of 64 bits")
        return int(text)
    if _NUMBER.match(text):
        number = float(text.upper().replace("D", "E"))
        if not math.isfinite(number):
            raise row.wrong("value", "a number that is finite")
        return number
    return _checked_text(row, text)


def _checked_text(row: TableRow, text: str) -> str:
    if len(text) > _LONGEST_TEXT or not (text.isascii() and (text or "x").isprintable()):
        raise row.wrong("value", f"at most {_LONGEST_TEXT} printable letters of ASCII")
    return text


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _why(row: TableRow) -> str:
    try:
        return one_line(bounded(row["why"]))
    except DataError as error:
        raise DataError(f"{row.path}, line {row.line}: {error}") from None
