"""Measurements as an astropy table, with units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from astropy import units as u
from astropy.table import MaskedColumn, QTable
from astropy.utils.masked import Masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.qc import QCParameter, QCValue
    from phoenix.steps.quality.score import QCResult

__all__ = ["as_qtable", "column_of"]


def as_qtable(
    blocks: Iterable[AssociationBlock],
    quality: Mapping[str, QCResult],
    parameters: Sequence[str] = (),
    declared: Mapping[str, QCParameter] | None = None,
) -> QTable:
    """Return measurements, one row for each AB and element, one column for each QC parameter.

    Parameters
    ----------
    blocks : iterable of AssociationBlock
        In the order of the rows.
    quality : mapping of str to QCResult
        AB name to what was measured.
    parameters : sequence of str
        Only these columns; empty for all that occur.
    declared : mapping of str to QCParameter, optional
        Where the units come from.

    Returns
    -------
    QTable
        Columns AB, RAW_TYPE, ELEMENT (0 is the whole AB), then the parameters; masked where
        nothing was measured.
    """
    rows: dict[tuple[str, str, int], dict[str, QCValue]] = {}
    for ab in blocks:
        result = quality.get(str(ab.name))
        for row in result.measurements if result else ():
            if not parameters or row.parameter in parameters:
                key = (str(ab.name), ab.raw_type, row.element)
                rows.setdefault(key, {})[row.parameter] = row.value
    names = list(parameters) or sorted({name for values in rows.values() for name in values})
    table = QTable()
    for number, column in enumerate(("AB", "RAW_TYPE", "ELEMENT")):
        table[column] = [key[number] for key in rows]
    for name in names:
        unit = declared[name].unit if declared and name in declared else ""
        table[name] = column_of([values.get(name) for values in rows.values()], unit)
    return table


def column_of(values: Sequence[QCValue], unit: str) -> Any:  # noqa: ANN401 - astropy has no types
    """Return a column of QC values, masked where there is none; with its unit, if it has one."""
    absent = [value is None for value in values]
    if any(isinstance(value, str) for value in values):
        return MaskedColumn([value or "" for value in map(_text, values)], mask=absent)
    numbers = np.array([np.nan if value is None else float(value) for value in values])
    if not unit:
        return MaskedColumn(numbers, mask=absent)
    return Masked(u.Quantity(numbers, unit), mask=absent)


def _text(value: QCValue) -> str:
    return "" if value is None else str(value)
