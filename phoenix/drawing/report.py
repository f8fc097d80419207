"""Draw the QC report of an AB: a title strip and its panels, as one PNG (MANUAL, 4.8)."""

from __future__ import annotations

import os
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from attrs import frozen

from phoenix.drawing.panels import draw_panel, height_of
from phoenix.drawing.paper import DPI, Box, Paper, plain, width_of
from phoenix.drawing.scales import FAINT, INK
from phoenix.model.score import Outcome, Score

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from phoenix.model.panel import Panel

__all__ = ["WIDTH_PX", "ReportTitle", "draw_report"]

WIDTH_PX = 1240
_WIDTH = WIDTH_PX / DPI
_EDGE = 0.28
_BAND, _FACTS, _REMARK, _FOOT = 0.6, 0.46, 0.26, 0.3
"""Inches of the name's band, the line of facts, one line of remarks, the foot."""
_IN_A_ROW = 3
_REMARKS = 4
_SCORES = 24
"""Panels in a row, lines of remarks and squares of scores that there is room for."""
# Light, so that nothing glares where a dark page turns the lightness round.
_TITLE, _UNDER = "#dbe2e8", "#eef1f4"
_COLOURS = {Outcome.GREEN: "#009e73", Outcome.RED: "#d55e00", Outcome.GREY: "#c3cad1"}
# A square of another colour has another sign too, for eyes that see them alike.
_SIGNS = {Outcome.GREEN: "", Outcome.RED: "✗", Outcome.GREY: "?"}
# matplotlib is not safe for threads ("set up the proper locks", its user guide, says).
_ONE_AT_A_TIME = Lock()


@frozen
class ReportTitle:
    """What stands above the panels.

    Attributes
    ----------
    ab_name, process, recipe, raw_type, setup, night : str
        What was reduced; the setup as the monitor shows it.
    scores : tuple of Score
        One square each.
    qcflag : str
        One character a bit; empty for none.
    software : str
        Foot: which versions made it.
    held_back : str
        Why a gate held the products back; empty where none did.
    """

    ab_name: str
    process: str = ""
    recipe: str = ""
    raw_type: str = ""
    setup: str = ""
    night: str = ""
    scores: tuple[Score, ...] = ()
    qcflag: str = ""
    software: str = ""
    held_back: str = ""


def draw_report(title: ReportTitle, panels: Iterable[Panel], path: Path) -> Path:
    """Draw a QC report; the same title and panels make the same bytes.

    Parameters
    ----------
    title : ReportTitle
        Its title strip.
    panels : iterable of Panel
        In order; wide ones take a row of their own, others share one.
    path : Path
        The PNG, ``WIDTH_PX`` pixels wide; it appears whole, by atomic rename.

    Returns
    -------
    Path
        The same path.

    Raises
    ------
    DataError
        For curves whose x and y differ in length.
    """
    rows = _rows(tuple(panels))
    with _ONE_AT_A_TIME, mpl.rc_context():
        # A person's matplotlibrc is for that person's figures.
        mpl.rcdefaults()
        image = _png(title, rows)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    unfinished.write_bytes(image)
    unfinished.replace(path)
    return path


def _rows(panels: tuple[Panel, ...]) -> list[tuple[Panel, ...]]:
    """Put panels into rows: wide ones alone, the others evenly, at most three in a row."""
    rows: list[tuple[Panel, ...]] = []
    waiting: list[Panel] = []
    for panel in panels:
        if panel.wide:
            rows += [*_evenly(waiting), (panel,)]
            waiting = []
        else:
            waiting.append(panel)
    return [*rows, *_evenly(waiting)]


def _evenly(panels: Sequence[Panel]) -> list[tuple[Panel, ...]]:
    number = -(-len(panels) // _IN_A_ROW)
    ends = [round(len(panels) * row / number) for row in range(number + 1)] if number else []
    return [tuple(panels[a:b]) for a, b in pairwise(ends)]


def _png(title: ReportTitle, rows: list[tuple[Panel, ...]]) -> bytes:
    remarks = _remarks(title)
    heights = [max(map(height_of, row)) for row in rows]
    top = _BAND + _FACTS + _REMARK * len(remarks) + 0.08
    # Paper has whole pixels.
    height = round((top + sum(heights) + _FOOT) * DPI) / DPI
    paper = Paper(_WIDTH, height)
    _draw_title(_Pen(paper), title, remarks)
    for row, tall in zip(rows, heights, strict=True):
        top += tall
        width = (_WIDTH - 0.1) / len(row)
        for number, panel in enumerate(row):
            place = Box(number * width, height - top, width, tall)
            draw_panel(paper, panel, place, title.scores)
    return paper.png()


@frozen
class _Pen:
    """Writes on paper in inches from its upper left corner."""

    paper: Paper

    def write(self, x: float, y: float, text: str, size: float, **look: Any) -> None:  # noqa: ANN401
        look = {"colour": INK, "anchor": "lm", **look}
        self.paper.write(x, self.paper.height - y, text, size, **look)

    def fill(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self.paper.fill(Box(x, self.paper.height - y - height, width, height), colour)


def _remarks(title: ReportTitle) -> list[str]:
    """Return why it was held back, and the comments of red scores."""
    gate = [f"held back: {title.held_back}"] if title.held_back else []
    red = [score for score in title.scores if score.outcome is Outcome.RED]
    lines = [
        f"{score.rule.parameter} = {_value(score.value)}: {score.rule.comment}" for score in red
    ]
    if len(lines) > _REMARKS:
        lines[_REMARKS - 1 :] = [f"and {len(lines) - _REMARKS + 1} more scores are red"]
    return [plain(line.removesuffix(": "), 150) for line in (*gate, *lines)]


def _value(value: object) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _draw_title(pen: _Pen, title: ReportTitle, remarks: list[str]) -> None:
    pen.fill(0, 0, _WIDTH, _BAND, _TITLE)
    pen.write(_EDGE, _BAND / 2, plain(title.ab_name, 60), 15, strong=True)
    where = "   ".join(filter(None, (plain(title.process, 40), plain(title.night, 20))))
    pen.write(_WIDTH - _EDGE, _BAND / 2, where, 12, colour=FAINT, anchor="rm")
    pen.fill(0, _BAND, _WIDTH, _FACTS + _REMARK * len(remarks), _UNDER)
    middle = _BAND + _FACTS / 2
    free = _draw_scores(pen, title.scores, _draw_qcflag(pen, title.qcflag, middle), middle)
    facts = "   ·   ".join(filter(None, (title.recipe, title.raw_type, title.setup)))
    pen.write(_EDGE, middle, _fitting(facts, 10, free - 2 * _EDGE), 10)
    for number, remark in enumerate(remarks):
        y = _BAND + _FACTS + (number + 0.3) * _REMARK
        pen.write(_EDGE, y, f"✗  {remark}", 9, colour="#a84300")
    foot = pen.paper.height - _FOOT / 2
    pen.write(_WIDTH - _EDGE, foot, plain(title.software, 150), 7.5, colour=FAINT, anchor="rm")


def _fitting(text: str, size: float, width: float) -> str:
    """Cut a text to what fits into so many inches."""
    shown = plain(text)
    while shown and width_of(shown, size) > width:
        shown = plain(shown, len(shown) - 1)
    return shown


def _draw_qcflag(pen: _Pen, qcflag: str, y: float) -> float:
    """Draw QCFLAG from the right edge, and return how far to the left it reaches."""
    x = _WIDTH - _EDGE
    if not qcflag:
        return x
    bits = plain(qcflag, 16)
    for bit in reversed(bits):
        x -= 0.19
        bad = bit != "0"
        pen.fill(x, y - 0.11, 0.17, 0.22, "#d55e00" if bad else "#ffffff")
        ink = {"colour": "white", "strong": True} if bad else {"colour": INK}
        pen.write(x + 0.085, y + 0.005, bit, 9, anchor="mm", **ink)
    pen.write(x - 0.1, y, "QCFLAG", 8.5, anchor="rm", colour=FAINT)
    return x - 1.0


def _draw_scores(pen: _Pen, scores: tuple[Score, ...], right: float, y: float) -> float:
    """Draw a square for each score and their sum, red of total; return how far they reach."""
    if not scores:
        return right
    red = sum(score.outcome is Outcome.RED for score in scores)
    pen.write(right, y, f"({red}/{len(scores)})", 10, anchor="rm", strong=True)
    x = right - 0.6
    for score in reversed(scores[:_SCORES]):
        x -= 0.19
        pen.fill(x, y - 0.085, 0.17, 0.17, _COLOURS[score.outcome])
        sign = _SIGNS[score.outcome]
        pen.write(x + 0.085, y, sign, 9.5, anchor="mm", colour="white", strong=True)
    pen.write(x - 0.1, y, "score", 8.5, anchor="rm", colour=FAINT)
    return x - 0.1 - width_of("score", 8.5)
