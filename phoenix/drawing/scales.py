"""Scales of a panel: from values to places on paper, with frame, grid, numbers and names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from attrs import frozen
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from phoenix.drawing.paper import Box, plain, width_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from phoenix.drawing.paper import Paper

    Range = tuple[float, float]
    Values = npt.NDArray[np.float64]

__all__ = ["FAINT", "INK", "RULE", "Scales", "draw_colour_bar", "draw_legend", "draw_scales"]

INK, FAINT = "#1c2733", "#66727f"
RULE, _GRID = "#b9c1c9", "#e4e8ec"
_THIN = 0.8
_NUMBER, _NAME, _POWER = 8.0, 8.5, 7.5
"""Points of the numbers, the names, and a power of ten of all numbers."""
_TICK, _GAP = 0.045, 0.09
"""Inches from the frame to the end of a tick and to its number."""
_X_NAME, _Y_NAME = 0.32, 0.56
"""Inches from the frame to the names of x and y."""
_BESIDE_NUMBERS = 0.1
"""Inches from the widest number of y to the middle of its name, at least."""
_EACH = 1.15, 1.7
"""Ticks for an inch of x and of y."""
_FEWEST = 4
# A colour bar: inches from the frame, its width, from it to its numbers and its name; ticks.
_BAR_OFF, _BAR, _BAR_GAP, _BAR_NAME, _BAR_TICKS = 0.12, 0.13, 0.08, 0.68, 5
# A legend: inches above the frame, of a sample, from sample to text, between entries.
_ABOVE, _SAMPLE, _BESIDE, _BETWEEN = 0.11, 0.16, 0.06, 0.15
# Edges of the paper beyond which numbers would make the renderer overflow, in frames.
_FAR = 100.0


@frozen
class Scales:
    """Which values the edges of a frame stand for; the first of a pair may be the larger."""

    box: Box
    x: Range
    y: Range

    def places(self, x: Values, y: Values) -> Values:
        """Return the places of values, shape (n, 2), in inches; far ones are brought near."""
        box = self.box
        across = np.clip((x - self.x[0]) / (self.x[1] - self.x[0]), -_FAR, _FAR)
        up = np.clip((y - self.y[0]) / (self.y[1] - self.y[0]), -_FAR, _FAR)
        return np.column_stack((box.left + across * box.width, box.bottom + up * box.height))


@frozen
class _Ticks:
    """Where the numbers of a scale are, from 0 to 1 along it, and what they say."""

    places: tuple[float, ...]
    numbers: tuple[str, ...]
    power: str = ""


def draw_scales(paper: Paper, scales: Scales, names: tuple[str, str], *, grid: bool) -> None:
    """Draw frame and ticks, write numbers and names; a grid, below what is drawn later."""
    box = scales.box
    x = _ticks(scales.x, max(_FEWEST, int(box.width * _EACH[0])))
    y = _ticks(scales.y, max(_FEWEST, int(box.height * _EACH[1])))
    across = [box.left + place * box.width for place in x.places]
    up = [box.bottom + place * box.height for place in y.places]
    if grid:
        lines = [((at, box.bottom), (at, box.top)) for at in across]
        lines += [((box.left, at), (box.right, at)) for at in up]
        paper.strokes(np.array(lines), _GRID, _THIN)
    frame = [(box.at(0, 0), box.at(1, 0)), (box.at(0, 0), box.at(0, 1))]
    frame += [((at, box.bottom), (at, box.bottom - _TICK)) for at in across]
    frame += [((box.left - _TICK, at), (box.left, at)) for at in up]
    paper.strokes(np.array(frame), RULE, _THIN)
    for at, number in zip(across, x.numbers, strict=True):
        paper.write(at, box.bottom - _GAP, number, _NUMBER, INK, anchor="ma")
    for at, number in zip(up, y.numbers, strict=True):
        paper.write(box.left - _GAP, at, number, _NUMBER, INK, anchor="rm")
    paper.write(box.right, box.bottom - 2.4 * _GAP, x.power, _POWER, FAINT, anchor="ra")
    # Above the numbers, where no title is.
    paper.write(box.left - _GAP, box.top + 0.6 * _GAP, y.power, _POWER, FAINT, anchor="rs")
    x_name, y_name = plain(names[0], int(box.width * 12)), plain(names[1], int(box.height * 12))
    middle = box.at(0.5, 0.5)
    paper.write(middle[0], box.bottom - _X_NAME, x_name, _NAME, INK, anchor="ma")
    widest = max((width_of(number, _NUMBER) for number in y.numbers), default=0.0)
    off = max(_Y_NAME, _GAP + widest + _BESIDE_NUMBERS)
    paper.write(box.left - off, middle[1], y_name, _NAME, INK, upwards=True)


def draw_colour_bar(
    paper: Paper, frame: Box, colours: Callable[[Values], Values], limits: Range, name: str
) -> None:
    """Draw what the colours of a picture or a map mean, to its right."""
    box = Box(frame.right + _BAR_OFF, frame.bottom, _BAR, frame.height)
    steps = np.linspace(0.0, 1.0, 256)[:, np.newaxis]
    paper.picture((colours(steps) * 255).astype(np.uint8), box)
    ticks = _ticks(limits, _BAR_TICKS)
    up = [box.bottom + place * box.height for place in ticks.places]
    paper.strokes(np.array([((box.right, at), (box.right + _TICK, at)) for at in up]), RULE, _THIN)
    for at, number in zip(up, ticks.numbers, strict=True):
        paper.write(box.right + _BAR_GAP, at, number, _POWER, INK, anchor="lm")
    paper.write(box.left, box.top + 0.02, ticks.power, _POWER, FAINT)
    middle = box.bottom + box.height / 2
    paper.write(box.right + _BAR_NAME, middle, plain(name, 40), _NUMBER, INK, upwards=True)


def draw_legend(
    paper: Paper,
    frame: Box,
    rows: Sequence[tuple[str, Callable[[Values], None]]],
    *,
    at_right: bool,
) -> None:
    """Write a legend above the frame, from its left edge or up to its right one.

    Parameters
    ----------
    paper, frame
        Where.
    rows : sequence of (str, callable)
        Texts, and what draws a sample between two places, given as an array of shape (2, 2).
    at_right : bool
        Up to the right edge.
    """
    spans = [_SAMPLE + _BESIDE + width_of(text, _NUMBER) + _BETWEEN for text, _ in rows]
    x = frame.right + _BETWEEN - sum(spans) if at_right else frame.left
    y = frame.top + _ABOVE
    for (text, draw), span in zip(rows, spans, strict=True):
        draw(np.array([(x, y), (x + _SAMPLE, y)]))
        paper.write(x + _SAMPLE + _BESIDE, y, text, _NUMBER, INK, anchor="lm")
        x += span


def _ticks(limits: Range, most: int) -> _Ticks:
    """Return the round numbers within limits."""
    low, high = sorted(limits)
    found = np.asarray(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high))
    margin = 1e-9 * (high - low)
    inside = found[(found >= low - margin) & (found <= high + margin)]
    formatter = ScalarFormatter(useMathText=False, useOffset=False)
    formatter.set_powerlimits((-4, 5))
    formatter.create_dummy_axis()
    cast("Any", formatter.axis).set_view_interval(low, high)
    numbers = formatter.format_ticks(inside.tolist())
    places = (inside - limits[0]) / (limits[1] - limits[0])
    return _Ticks(tuple(places.tolist()), tuple(numbers), formatter.get_offset())
