"""Rows of the QC1 table as a QTable, and as a file that other tools read."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy import units as u
from astropy.table import MaskedColumn, QTable

from phoenix.errors import DataError
from phoenix.line.measurements import column_of
from phoenix.line.qc1.columns import ELEMENT, MJD
from phoenix.line.qc1.extras import load_extra
from phoenix.line.qc1.statistics import NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from phoenix.line.context import LineContext
    from phoenix.line.qc1.query import Question
    from phoenix.model.qc import QCValue

__all__ = ["FORMATS", "as_qtable", "check_end", "renewed", "write"]

FORMATS = {
    ".csv": "ascii.csv",
    ".ecsv": "ascii.ecsv",
    ".fits": "fits",
    ".vot": "votable",
    ".xml": "votable",
    ".parquet": "parquet",
}
"""End of a file name to what astropy calls the format; CSV has no units."""

_GRAMMAR = {"fits": "fits", "votable": "vounit"}
"""Format to the grammar of its units; what that cannot say stands in the description."""

_WHOLE = {ELEMENT, NUMBER, "OBS_ID"}


def as_qtable(
    line: LineContext,
    asked: Question,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, QCValue]],
) -> QTable:
    """Return rows as a table: units as declared, masked where nothing was measured."""
    declared = line.instrument.qc_parameters(line.process_row)
    # How many values there are has no unit.
    units = {} if asked.statistic == "number" else {row.name: row.unit for row in declared}
    texts = {*asked.columns.fixed} - _WHOLE - {MJD}
    table = QTable()
    for name in columns:
        cells = [row.get(name) for row in rows]
        if name in texts:
            table[name] = _texts(cells)
        elif name in _WHOLE:
            table[name] = _whole(cells)
        else:
            table[name] = column_of(cells, "d" if name == MJD else units.get(name, ""))
    return table


def _texts(cells: Sequence[QCValue]) -> MaskedColumn:
    absent = [cell is None for cell in cells]
    return MaskedColumn([str(cell or "") for cell in cells], mask=absent, dtype=np.str_)


def _whole(cells: Sequence[QCValue]) -> MaskedColumn:
    absent = [cell is None for cell in cells]
    return MaskedColumn([int(cell or 0) for cell in cells], mask=absent, dtype=np.int64)


def write(table: QTable, path: Path) -> int:
    """Write a table to a file and return its number of rows.

    Parameters
    ----------
    path : Path
        Its end names the format; what was there is replaced, in one step.

    Raises
    ------
    DataError
        For an end that names no format, and for a folder that is not there.
    SettingsError
        For ``.parquet`` without pyarrow.
    OSError
        If it cannot be written.
    """
    check_end(path)
    kind = FORMATS[path.suffix]
    if kind in _GRAMMAR:
        _say_other_units(table, _GRAMMAR[kind])
    with renewed(path) as unfinished:
        if kind == "parquet":
            _write_parquet(table, unfinished)
        else:
            # The writer of VOTables takes no Path.
            table.write(os.fspath(unfinished), format=kind, overwrite=True)
    return len(table)


def check_end(path: Path) -> None:
    """Raise DataError for an end that names no format."""
    if path.suffix not in FORMATS:
        raise DataError(f"{path}: found {path.suffix!r}, expected one of {', '.join(FORMATS)}")


@contextmanager
def renewed(path: Path) -> Iterator[Path]:
    """Give a place to write to, which takes the place of a file in one step.

    Raises
    ------
    DataError
        If its folder is not there.
    OSError
        If it cannot be written; of the file that was asked for.
    """
    if not path.parent.is_dir():
        raise DataError(f"{path}: found no folder {path.parent}, expected one; make it first")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _say_other_units(table: QTable, grammar: str) -> None:
    """Move the units that a grammar lacks (degrees Celsius) into the description, in place."""
    for name in table.colnames:
        unit = table[name].unit
        if unit is None or unit == u.dimensionless_unscaled:
            continue
        try:
            unit.to_string(grammar)
        except ValueError:
            table[name] = MaskedColumn(
                np.asarray(table[name].value.unmasked),
                mask=np.asarray(table[name].mask),
                description=f"in {unit}",
            )


def _write_parquet(table: QTable, path: Path) -> None:
    """Write columns with nulls where nothing was measured; units stand in the fields' metadata.

    astropy writes masks as columns of their own, which other readers do not understand.
    """
    arrow = load_extra("pyarrow", "parquet", "Parquet")
    parquet = load_extra("pyarrow.parquet", "parquet", "Parquet")
    arrays, fields = [], []
    for name in table.colnames:
        unit = table[name].unit
        values, mask = _plain(table[name])
        # Said where no value tells.
        kind = arrow.string() if values.dtype == object else None
        array = arrow.array(values, type=kind, mask=mask)
        about = {"unit": str(unit)} if unit else None
        arrays.append(array)
        fields.append(arrow.field(name, array.type, metadata=about))
    parquet.write_table(arrow.Table.from_arrays(arrays, schema=arrow.schema(fields)), path)


def _plain(column: Any) -> tuple[Any, Any]:  # noqa: ANN401 - astropy has no types
    """Return the values of a column, texts as objects, and where there are none."""
    values = column.value if isinstance(column, u.Quantity) else column
    bare = np.asarray(getattr(values, "unmasked", values))
    mask = np.asarray(column.mask, dtype=bool)
    return bare.astype(object) if bare.dtype.kind == "U" else bare, mask
