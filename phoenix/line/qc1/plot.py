"""One QC parameter against another, or against time, over any nights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve, frozen

from phoenix.errors import DataError
from phoenix.line.answers.known import known_column
from phoenix.line.bad_data import breakpoints_of
from phoenix.line.qc1.browse import answer
from phoenix.line.qc1.columns import AB, ELEMENT, MJD
from phoenix.line.qc1.picture import Fit, Group, Picture
from phoenix.line.qc1.query import Question
from phoenix.model.counted import counted
from phoenix.model.epoch import setup_values
from phoenix.model.plain import one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.line.context import LineContext
    from phoenix.line.qc1.query import Query
    from phoenix.model.epoch import InstrumentBreakpoint
    from phoenix.model.qc import QCValue

    Array = npt.NDArray[np.float64]

__all__ = ["NO_LINE", "Look", "draw", "straight_line"]

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442", "#000000")
"""Told apart by all eyes (Okabe and Ito 2008)."""

OTHERS = "others"
NO_LINE = "no straight line: fewer than three points, or all at one x"

_LONGEST_LABEL = 80
_SETUP = "SETUP"


@frozen
class Look:
    """How it is drawn.

    Attributes
    ----------
    by : str
        Column whose values have a colour each, the seven most frequent ones; none if empty.
    log : bool
        Both axes logarithmic; what is not above zero is left out. Time stays linear.
    fit : bool
        Draw a straight line by least squares; in the logarithms with `log`.
    """

    by: str = ""
    log: bool = False
    fit: bool = False


def straight_line(x: Array, y: Array) -> Fit | None:
    """Fit a straight line by least squares; None with fewer than three points or a single x."""
    if x.size < 3 or np.ptp(x) == 0.0:  # noqa: PLR2004 - two points say nothing of a scatter
        return None
    slope, offset = np.polyfit(x - x.mean(), y, 1)
    left = y - offset - slope * (x - x.mean())
    scatter = float(np.sqrt(np.sum(left**2) / (x.size - 2)))
    return Fit(float(slope), float(offset - slope * x.mean()), scatter, int(x.size))


def draw(
    line: LineContext, columns: tuple[str, str], query: Query, path: Path, look: Look = Look()
) -> Fit | None:
    """Draw the second column against the first, and return the line fitted, if there is one.

    Parameters
    ----------
    columns : tuple of str
        QC parameters; the first may be MJD_OBS.
    path : Path
        A ``.png``, or an ``.html`` that needs no network; what was there is replaced.

    Raises
    ------
    DataError
        For another kind of file, an unknown column, or nothing to draw.
    SettingsError
        For ``.html`` without Bokeh.
    OSError
        If it cannot be written.
    """
    if path.suffix == ".png":
        from phoenix.line.qc1.png import write_png as write  # noqa: PLC0415 - loads matplotlib
    elif path.suffix == ".html":
        from phoenix.line.qc1.html import write_html as write  # noqa: PLC0415 - loads Bokeh
    else:
        raise DataError(f"{path}: found {path.suffix!r}, expected .png or .html")
    picture = _picture(line, columns, query, look)
    write(picture, path)
    return picture.fit


def _picture(line: LineContext, columns: tuple[str, str], query: Query, look: Look) -> Picture:
    wanted = tuple(dict.fromkeys(name for name in (*columns, look.by, MJD, _SETUP) if name))
    asked = Question.of(line, evolve(query, parameters=wanted, sort="", by="", statistic=""))
    x, y = (known_column(name, asked.columns.known) for name in columns)
    logarithms = (look.log and x != MJD, look.log)
    _, rows = answer(line, asked)
    points = [row for row in rows if _can_be_drawn((row.get(x), row.get(y)), logarithms)]
    if not points:
        raise DataError(f"{y} against {x}: found no row with numbers in both, expected one")
    units = {row.name: row.unit for row in line.instrument.qc_parameters(line.process_row)}
    by = known_column(look.by, asked.columns.known) if look.by else ""
    between = _breakpoints(line, points) if x == MJD else []
    latest = [row for row in points if _is_latest(row, between)]
    fit = _fit(latest, (x, y), logarithms) if look.fit else None
    number = counted(len(points), "row")
    return Picture(
        title=f"{line.process_row.name}, {query.pool or 'all nights'}, {number}",
        labels=(_label(x, units), _label(y, units)),
        logarithms=logarithms,
        groups=_groups(points, (x, y), by),
        fit=fit,
        line=_ends(fit, _numbers(latest, x), logarithms) if fit else np.empty((2, 0)),
        marks=tuple((one.mjd, _short(str(one))) for one in between),
    )


def _breakpoints(
    line: LineContext, rows: Sequence[Mapping[str, QCValue]]
) -> list[InstrumentBreakpoint]:
    """Return the instrument breakpoints that lie between the points of a setup."""
    found = []
    for one in breakpoints_of(line):
        sides = {_moment(row) < one.mjd for row in rows if one.concerns(_setup(row))}
        if len(sides) > 1:
            found.append(one)
    return found


def _is_latest(row: Mapping[str, QCValue], breakpoints: Sequence[InstrumentBreakpoint]) -> bool:
    """Whether no breakpoint of its setup comes after a point."""
    setup = _setup(row)
    return not any(_moment(row) < one.mjd and one.concerns(setup) for one in breakpoints)


def _moment(row: Mapping[str, QCValue]) -> float:
    value = row[MJD]
    return float(value) if isinstance(value, int | float) else 0.0


def _setup(row: Mapping[str, QCValue]) -> dict[str, str]:
    return setup_values(str(row.get(_SETUP) or ""))


def _can_be_drawn(values: tuple[QCValue, QCValue], logarithms: tuple[bool, bool]) -> bool:
    return all(
        value is not None
        and not isinstance(value, str)
        and np.isfinite(value)
        and (value > 0 or not logarithm)
        for value, logarithm in zip(values, logarithms, strict=True)
    )


def _numbers(rows: Sequence[Mapping[str, QCValue]], name: str) -> Array:
    return np.array([row[name] for row in rows], dtype=float)


def _groups(
    rows: Sequence[Mapping[str, QCValue]], columns: tuple[str, str], by: str
) -> tuple[Group, ...]:
    """Return the points, the most frequent values of a column in a colour each."""
    values = [_short(str(row.get(by))) if by else "" for row in rows]
    frequent = sorted(set(values), key=lambda value: (-values.count(value), value))
    if len(frequent) > len(COLOURS):
        frequent = frequent[: len(COLOURS) - 1]
        values = [value if value in frequent else OTHERS for value in values]
        frequent.append(OTHERS)
    found = []
    for value, colour in zip(frequent, COLOURS, strict=False):
        chosen = [row for row, own in zip(rows, values, strict=True) if own == value]
        x, y = (_numbers(chosen, name) for name in columns)
        found.append(Group(value, colour, x, y, tuple(map(_name, chosen))))
    return tuple(found)


def _name(row: Mapping[str, QCValue]) -> str:
    element = row.get(ELEMENT)
    return _short(f"{row[AB]} {element}" if element else str(row[AB]))


def _short(text: str) -> str:
    return shortened(one_line(text), _LONGEST_LABEL)


def _fit(
    rows: Sequence[Mapping[str, QCValue]],
    columns: tuple[str, str],
    logarithms: tuple[bool, bool],
) -> Fit | None:
    x, y = (
        np.log10(_numbers(rows, name)) if logarithm else _numbers(rows, name)
        for name, logarithm in zip(columns, logarithms, strict=True)
    )
    return straight_line(x, y)


def _ends(fit: Fit, x: Array, logarithms: tuple[bool, bool]) -> Array:
    """Return points along the line: it is straight in the logarithms only."""
    at = np.log10(x) if logarithms[0] else x
    along = np.linspace(at.min(), at.max(), 50)
    line = fit.offset + fit.slope * along
    return np.array([10**along if logarithms[0] else along, 10**line if logarithms[1] else line])


def _label(name: str, units: Mapping[str, str]) -> str:
    unit = "d" if name == MJD else units.get(name, "")
    return _short(f"{name} ({unit})" if unit else name)
