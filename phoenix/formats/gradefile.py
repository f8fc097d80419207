"""Tables of OB grades as text (CSV): for what no night log says, and for corrections."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.formats.files import open_plain
from phoenix.model.dates import CivilDate
from phoenix.model.grade import OBGrade, grade_from, mode_from
from phoenix.model.plain import bounded, one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["COLUMNS", "LARGEST", "read_grade_file"]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "ob_id": ("ob", "ob_id", "obs_id", "obs.id"),
    "night": ("night", "date"),
    "run": ("run", "run_id", "prog_id", "obs_prog_id"),
    "target": ("target",),
    "grade": ("grade", "grades", "ob_grade", "grd"),
    "comment": ("comment", "comments", "ob_comment", "comm"),
    "mode": ("mode", "vm_sm", "sm_vm"),
    "status": ("status", "run_status"),
}
"""Fields of a grade and the names that their columns may have (upper or lower case; a blank is an
underscore). Only the OB is needed; other columns are left alone."""

LARGEST = 20_000_000
"""Bytes of a table of grades; ours: a hundred thousand OBs."""

_MOST_FAULTS = 5
_NUMBER = re.compile(r"\d{1,18}\Z", re.ASCII)


def read_grade_file(path: Path) -> tuple[OBGrade, ...]:
    """Read a table of grades: all of it, or nothing.

    Raises
    ------
    DataError
        If it is no such table; names the first lines that are wrong, and why.
    OSError
        If it cannot be read.
    """
    rows = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    grades, faults = [], []
    try:
        columns = _columns(path, next(rows, []))
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            try:
                grades.append(_grade(path.name, columns, cells))
            except DataError as error:
                faults.append(f"line {rows.line_num}: {error}")
    except csv.Error as error:
        raise DataError(
            f"{path}: line {rows.line_num}: found {error}, expected values parted by commas"
        ) from error
    if faults:
        left = len(faults) - _MOST_FAULTS
        more = f"; and {left} lines more" if left > 0 else ""
        raise DataError(
            f"{path}: {'; '.join(faults[:_MOST_FAULTS])}{more}; nothing was taken, mend the table"
        )
    return tuple(grades)


def _text(path: Path) -> str:
    if not path.is_file():
        raise DataError(f"{path}: found no plain file, expected a table of grades (CSV)")
    with open_plain(path) as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise DataError(f"{path}: found more than {LARGEST} bytes, expected a table of grades")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: found {error.reason}, expected text in UTF-8") from error
    if "\0" in text:
        raise DataError(f"{path}: found bytes that are no text, expected a table of grades (CSV)")
    return text


def _columns(path: Path, head: list[str]) -> dict[str, int]:
    """Return the field of each column that has one."""
    names = [cell.strip().casefold().replace(" ", "_") for cell in head]
    places = {
        field: names.index(alias)
        for field, aliases in COLUMNS.items()
        for alias in reversed(aliases)
        if alias in names
    }
    if "ob_id" not in places:
        found = shortened(one_line(", ".join(head)), 200)
        raise DataError(
            f"{path}: found columns {found!r}, expected OB and some of "
            f"{', '.join(field for field in COLUMNS if field != 'ob_id')} in the first line"
        )
    return places


def _grade(source: str, columns: Mapping[str, int], cells: list[str]) -> OBGrade:
    told = {
        field: cells[place].strip() if place < len(cells) else ""
        for field, place in columns.items()
    }
    number = told.pop("ob_id")
    if not _NUMBER.match(number) or int(number) == 0:
        raise DataError(f"found OB {shortened(one_line(number), 60)!r}, expected its number")
    night = told.pop("night", "")
    return OBGrade(
        ob_id=int(number),
        night=str(CivilDate.parse(night)) if night else "",
        grade=grade_from(told.pop("grade", "")),
        mode=mode_from(told.pop("mode", "")),
        comment=bounded(told.pop("comment", "")),
        source=source,
        **told,
    )
