"""A QC1 plot as an image, by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from phoenix.line.qc1.export import renewed

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from phoenix.line.qc1.picture import Picture

__all__ = ["write_png"]

MARKS = "os^Dv<>P"


def write_png(picture: Picture, path: Path) -> None:
    """Draw a picture into a file, by atomic rename.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    # The settings of the machine have no say: the same rows are the same image everywhere.
    with mpl.rc_context():
        mpl.rcdefaults()
        figure = Figure(figsize=(9.0, 5.5), dpi=110, layout="constrained")
        axes = figure.add_subplot()
        _points(axes, picture)
        _axes(axes, picture)
        axes.set_title(picture.title)
        texts = [*_marks(axes, picture), axes.title, axes.xaxis.label, axes.yaxis.label]
        if picture.has_legend:
            texts += axes.legend(fontsize="small").get_texts()
        for text in texts:
            # A dollar in a name is no mathematics.
            text.set_parse_math(False)
        with renewed(path) as unfinished:
            FigureCanvasAgg(figure).print_png(unfinished)


def _points(axes: Axes, picture: Picture) -> None:
    for group, mark in zip(picture.groups, MARKS, strict=False):
        axes.plot(
            *(group.x, group.y, mark),
            color=group.colour,
            ms=4.5,
            alpha=0.8,
            mew=0,
            # matplotlib keeps a label with an underscore before it to itself.
            label=group.label.lstrip("_") or None,
        )
    if picture.fit is not None:
        axes.plot(*picture.line, color="0.3", label=picture.fit.text)


def _marks(axes: Axes, picture: Picture) -> list[Text]:
    """Draw what goes across, each with what it is, and return the texts."""
    texts = []
    for at, why in picture.marks:
        axes.axvline(at, color="0.4", lw=1.2, ls="--")
        texts.append(
            axes.text(
                *(at, 0.98, f" {why}"),
                transform=axes.get_xaxis_transform(),
                rotation=90,
                ha="right",
                va="top",
                fontsize="x-small",
                color="0.3",
            )
        )
    return texts


def _axes(axes: Axes, picture: Picture) -> None:
    axes.set_xlabel(picture.labels[0])
    axes.set_ylabel(picture.labels[1])
    if picture.logarithms[0]:
        axes.set_xscale("log")
    else:
        axes.ticklabel_format(useOffset=False, axis="x")
    if picture.logarithms[1]:
        axes.set_yscale("log")
    else:
        axes.ticklabel_format(useOffset=False, axis="y")
    axes.grid(alpha=0.3)
