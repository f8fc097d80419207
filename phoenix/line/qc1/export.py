"""Rows of the QC1 table as a QTable, and as a file that other tools read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
from astropy import units as u
from astropy.table import MaskedColumn, QTable

from phoenix.errors import DataError
from phoenix.line.measurements import column_of
from phoenix.line.qc1.browse import MJD, NUMBER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from phoenix.line.context import LineContext
    from phoenix.model.qc import QCValue

__all__ = ["FORMATS", "as_qtable", "write"]

FORMATS = {
    ".csv": "ascii.csv",
    ".ecsv": "ascii.ecsv",
    ".fits": "fits",
    ".vot": "votable",
    ".xml": "votable",
}
"""End of a file name to what astropy calls the format; CSV has no units."""

_GRAMMAR = {"fits": "fits", "votable": "vounit"}
"""Format to the grammar of its units; what that cannot say stands in the description."""

_DAYS = {MJD: "d"}
_WHOLE = {"ELEMENT", NUMBER}


def as_qtable(
    line: LineContext, columns: Sequence[str], rows: Sequence[Mapping[str, QCValue]]
) -> QTable:
    """Return rows as a table: units as declared, masked where nothing was measured."""
    units = {row.name: row.unit for row in line.instrument.qc_parameters(line.process_row)}
    table = QTable()
    for name in columns:
        cells = [row.get(name) for row in rows]
        unit = _DAYS.get(name, "") or units.get(name, "")
        table[name] = cells if name in _WHOLE else column_of(cells, unit)
    return table


def write(
    line: LineContext,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, QCValue]],
    path: Path,
) -> int:
    """Write rows to a file and return how many.

    Parameters
    ----------
    path : Path
        Its end names the format; what was there is replaced, in one step.

    Raises
    ------
    DataError
        For an end that names no format.
    OSError
        If it cannot be written.
    """
    if path.suffix not in FORMATS:
        raise DataError(f"{path}: found {path.suffix!r}, expected one of {', '.join(FORMATS)}")
    table = as_qtable(line, columns, rows)
    kind = FORMATS[path.suffix]
    if kind in _GRAMMAR:
        _say_other_units(table, _GRAMMAR[kind])
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        table.write(unfinished, format=kind, overwrite=True)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return len(table)


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
