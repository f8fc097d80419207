"""Small tables that persons write by hand: CSV with a title line, each row with its line number.

Lines that begin with ``#`` and empty lines are passed over. What is wrong is told with file and
line; a table is taken as a whole or not at all.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import DataError
from phoenix.formats.files import read_plain_text
from phoenix.model.plain import one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["TableRow", "read_table"]

_MOST_BYTES = 20_000_000
"""A larger file is no table written by hand (ours)."""


@frozen
class TableRow:
    """One row.

    Attributes
    ----------
    path : Path
        The file.
    line : int
        Where the row ends, from 1.
    cells : mapping of str to str
        Column to text, without blanks around it.
    """

    path: Path
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def wrong(self, column: str, expected: str) -> DataError:
        """Return the error for a cell that is not as it must be."""
        found = shortened(one_line(self.cells[column]), 80)
        return DataError(
            f"{self.path}, line {self.line}: found {column} {found!r}, expected {expected}"
        )


def read_table(path: Path, columns: Sequence[str]) -> tuple[TableRow, ...]:
    """Read a table.

    Parameters
    ----------
    path : Path
        A CSV file in UTF-8.
    columns : sequence of str
        Its columns, in this order; they must be its title line.

    Raises
    ------
    DataError
        If it is not there, no CSV, or a row has not all columns: a file that was cut is refused.
    """
    return tuple(_rows(path, _text(path), list(columns)))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DataError(f"{path}: found more than {_MOST_BYTES} bytes, expected a small table")
        return read_plain_text(path, "utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: found {error}, expected text in UTF-8") from None
    except OSError as error:
        raise DataError(
            f"{path}: found {error.strerror}, expected a table; mend [rules] in phoenix.toml"
        ) from error


def _rows(path: Path, text: str, columns: list[str]) -> Iterator[TableRow]:
    # Comments keep their lines, so that numbers are those of the file.
    lines = ("\n" if line.startswith("#") else line for line in io.StringIO(text, newline=""))
    reader = csv.reader(lines, strict=True, skipinitialspace=True)
    titled = False
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if not titled:
                if cells != columns:
                    raise DataError(
                        f"{path}, line {reader.line_num}: found the title line "
                        f"{shortened(one_line(','.join(cells)), 80)!r}, expected "
                        f"{','.join(columns)!r}"
                    )
                titled = True
                continue
            if len(cells) != len(columns):
                raise DataError(
                    f"{path}, line {reader.line_num}: found {len(cells)} cells, expected "
                    f"{len(columns)} ({','.join(columns)}); is the file cut, or does a text with "
                    "a comma lack its quotes?"
                )
            yield TableRow(path, reader.line_num, dict(zip(columns, cells, strict=True)))
    except csv.Error as error:
        raise DataError(
            f"{path}, line {reader.line_num}: found no CSV ({error}), expected "
            f"{','.join(columns)!r}; is the file cut?"
        ) from None
    if not titled:
        raise DataError(f"{path}: found no title line, expected {','.join(columns)!r}")
