"""Measurements as an astropy table, with units, and drawn."""

from __future__ import annotations

from difflib import get_close_matches
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from astropy import units as u
from astropy.table import MaskedColumn, QTable
from astropy.utils.masked import Masked

from phoenix.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from phoenix.model.ab import ABName
    from phoenix.model.qc import QCParameter, QCValue
    from phoenix.steps.quality.score import QCResult

__all__ = ["Drawn", "as_qtable", "column_of", "draw_measurements"]


class Named(Protocol):
    """An AB, in whatever form."""

    @property
    def name(self) -> ABName | str:
        """Its name."""

    @property
    def raw_type(self) -> str:
        """What its raw files are."""


def as_qtable(
    blocks: Iterable[Named],
    quality: Mapping[str, QCResult],
    parameters: Sequence[str] = (),
    declared: Mapping[str, QCParameter] | None = None,
) -> QTable:
    """Return measurements, one row for each AB and element, one column for each QC parameter.

    Parameters
    ----------
    blocks : iterable of AssociationBlock or OpenAB
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
    _refuse_unknown(parameters, quality, declared or {})
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


def _refuse_unknown(
    parameters: Sequence[str],
    quality: Mapping[str, QCResult],
    declared: Mapping[str, QCParameter],
) -> None:
    measured = {row.parameter for result in quality.values() for row in result.measurements}
    known = sorted({*measured, *declared})
    for name in parameters:
        if known and name not in known:
            near = get_close_matches(name.upper(), known, 1)
            hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(known)}"
            raise DataError(f"QC: found no parameter {name!r}; {hint}")


class Drawn:
    """A figure that shows itself in a notebook, whatever that was told of matplotlib.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        To be changed, or saved with ``savefig``.
    """

    def __init__(self, figure: Figure) -> None:
        self.figure = figure

    @property
    def axes(self) -> Axes:
        """The axes of the figure."""
        return self.figure.axes[0]

    def _repr_png_(self) -> bytes:
        stream = BytesIO()
        self.figure.savefig(stream, format="png", dpi=110)
        return stream.getvalue()


def draw_measurements(table: QTable, x: str, y: str = "") -> Drawn:
    """Draw a QC parameter against another one, or over the fibres, orders or arms.

    Parameters
    ----------
    table : QTable
        As of :func:`as_qtable`; has both columns. Without `y`, the parameter `x` is drawn over
        ELEMENT where it has one value an element, else in the order of the ABs.

    Raises
    ------
    DataError
        If no AB has numbers of both.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - takes a third of a second

    has_elements = bool(np.any(np.asarray(table["ELEMENT"]) > 0))
    if has_elements:
        table = table[np.asarray(table["ELEMENT"]) > 0]
    across = x if y else ("ELEMENT" if has_elements else "")
    up = y or x
    at = _numbers(table, across) if across else np.arange(len(table), dtype=float)
    value = _numbers(table, up)
    good = np.isfinite(at) & np.isfinite(value)
    if not good.any():
        raise DataError(f"{up} against {across or 'ABs'}: found no numbers in both, expected some")
    figure = Figure(figsize=(8.0, 4.5), layout="constrained")
    axes = figure.add_subplot()
    names = np.asarray(table["AB"])
    for name in dict.fromkeys(names[good]):
        own = good & (names == name)
        axes.plot(at[own], value[own], ".", ms=5, label=str(name))
    axes.set_xlabel(_label(table, across) if across else "AB, in order")
    axes.set_ylabel(_label(table, up))
    axes.grid(alpha=0.3)
    axes.legend(fontsize="x-small")
    return Drawn(figure)


def _numbers(table: QTable, name: str) -> Any:  # noqa: ANN401 - an array of floats
    column = table[name]
    plain = getattr(column, "unmasked", column)
    numbers = np.array(getattr(plain, "value", plain), dtype=float)
    numbers[np.asarray(getattr(column, "mask", False)) | np.zeros(len(table), bool)] = np.nan
    return numbers


def _label(table: QTable, name: str) -> str:
    unit = getattr(table[name], "unit", None)
    return f"{name} [{unit}]" if unit else name


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
