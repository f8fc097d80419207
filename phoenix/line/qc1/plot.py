"""One QC parameter against another, or against time, over any nights."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from attrs import evolve, frozen
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from phoenix.errors import DataError
from phoenix.line.bad_data import breakpoints_of
from phoenix.line.qc1.browse import MJD, OF_AB, browse
from phoenix.line.qc1.filters import known_column
from phoenix.model.epoch import setup_values
from phoenix.model.plain import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt
    from matplotlib.axes import Axes

    from phoenix.line.context import LineContext
    from phoenix.line.qc1.browse import Query
    from phoenix.model.epoch import InstrumentBreakpoint
    from phoenix.model.qc import QCValue

    Array = npt.NDArray[np.float64]

__all__ = ["Fit", "Look", "draw", "straight_line"]

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442", "#000000")
"""Told apart by all eyes (Okabe and Ito 2008)."""
MARKS = "os^Dv<>P"
OTHERS = "others"
SETUP = "SETUP"
_LONGEST_MARK = 80


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
        Draw a straight line by least squares; in the logarithms with `log`. Against time it is
        fitted to what was measured after the last breakpoint among the points: no trend goes
        across one.
    """

    by: str = ""
    log: bool = False
    fit: bool = False


@frozen
class Fit:
    """A straight line: y = offset + slope * x, or log10 of both.

    Attributes
    ----------
    slope, offset : float
        In the units of the columns.
    scatter : float
        Standard deviation of the points around it.
    number : int
        Of points.
    """

    slope: float
    offset: float
    scatter: float
    number: int


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
        A ``.png``; what was there is replaced.

    Raises
    ------
    DataError
        For another kind of file, an unknown column, or nothing to draw.
    OSError
        If it cannot be written.
    """
    if path.suffix != ".png":
        raise DataError(f"{path}: found {path.suffix!r}, expected .png")
    units = {row.name: row.unit for row in line.instrument.qc_parameters(line.process_row)}
    known = {*units, *OF_AB}
    x, y = (known_column(name, known) for name in columns)
    by = known_column(look.by, known) if look.by else ""
    wanted = tuple(dict.fromkeys(name for name in (x, y, by) if name))
    _, rows = browse(line, evolve(query, parameters=wanted, sort="", by=""))
    logarithms = (look.log and x != MJD, look.log)
    points = [row for row in rows if _can_be_drawn((row.get(x), row.get(y)), logarithms)]
    if not points:
        raise DataError(f"{y} against {x}: found no row with numbers in both, expected one")
    with mpl.rc_context():
        mpl.rcdefaults()
        figure = Figure(figsize=(9.0, 5.5), dpi=110, layout="constrained")
        axes = figure.add_subplot()
        _groups(axes, points, (x, y), by)
        between = _breakpoints(line, points) if x == MJD else []
        _mark(axes, between)
        latest = [row for row in points if _is_latest(row, between)]
        fit = _fit(axes, latest, (x, y), logarithms) if look.fit else None
        _label(axes, (x, y), units, logarithms)
        axes.set_title(
            f"{line.process_row.name}, {query.pool or 'all nights'}, {len(points)} rows"
        )
        if by or fit:
            axes.legend(fontsize="small")
        unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            FigureCanvasAgg(figure).print_png(unfinished)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    return fit


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
    return setup_values(str(row.get(SETUP) or ""))


def _mark(axes: Axes, breakpoints: Sequence[InstrumentBreakpoint]) -> None:
    """Draw breakpoints as lines across, each with its why."""
    for one in breakpoints:
        axes.axvline(one.mjd, color="0.4", lw=1.2, ls="--")
        text = axes.text(
            *(one.mjd, 0.98, f" {shortened(str(one), _LONGEST_MARK)}"),
            transform=axes.get_xaxis_transform(),
            rotation=90,
            ha="right",
            va="top",
            fontsize="x-small",
            color="0.3",
        )
        # A reason is no formula.
        text.set_parse_math(False)


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
    axes: Axes, rows: Sequence[Mapping[str, QCValue]], columns: tuple[str, str], by: str
) -> None:
    """Draw the points, the most frequent values of a column in a colour each."""
    values = [str(row.get(by)) if by else "" for row in rows]
    frequent = sorted(set(values), key=lambda value: (-values.count(value), value))
    if len(frequent) > len(COLOURS):
        frequent = frequent[: len(COLOURS) - 1]
        values = [value if value in frequent else OTHERS for value in values]
        frequent.append(OTHERS)
    for value, colour, mark in zip(frequent, COLOURS, MARKS, strict=False):
        chosen = [row for row, own in zip(rows, values, strict=True) if own == value]
        x, y = (_numbers(chosen, name) for name in columns)
        axes.plot(x, y, mark, color=colour, ms=4.5, alpha=0.8, mew=0, label=value or None)


def _fit(
    axes: Axes,
    rows: Sequence[Mapping[str, QCValue]],
    columns: tuple[str, str],
    logarithms: tuple[bool, bool],
) -> Fit | None:
    x, y = (
        np.log10(_numbers(rows, name)) if logarithm else _numbers(rows, name)
        for name, logarithm in zip(columns, logarithms, strict=True)
    )
    fit = straight_line(x, y)
    if fit is None:
        return None
    ends = np.linspace(x.min(), x.max(), 50)
    line = fit.offset + fit.slope * ends
    axes.plot(
        10**ends if logarithms[0] else ends,
        10**line if logarithms[1] else line,
        color="0.3",
        label=f"slope {fit.slope:.4g}, scatter {fit.scatter:.3g}",
    )
    return fit


def _label(
    axes: Axes,
    columns: tuple[str, str],
    units: Mapping[str, str],
    logarithms: tuple[bool, bool],
) -> None:
    for axis, name in zip((axes.xaxis, axes.yaxis), columns, strict=True):
        unit = "d" if name == MJD else units.get(name, "")
        axis.set_label_text(f"{name} ({unit})" if unit else name)
    if logarithms[0]:
        axes.set_xscale("log")
    else:
        axes.ticklabel_format(useOffset=False, axis="x")
    if logarithms[1]:
        axes.set_yscale("log")
    else:
        axes.ticklabel_format(useOffset=False, axis="y")
    axes.grid(alpha=0.3)
