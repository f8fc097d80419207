"""How each kind of panel of a QC report is drawn: curves, pictures and maps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps

from phoenix.drawing.curves import as_steps, cleaned, pieces, robust_range, trace
from phoenix.drawing.limits import (
    RED,
    draw_limits,
    is_red,
    limits_of,
    with_limits,
)
from phoenix.drawing.listing import draw_listing, height_of_listing
from phoenix.drawing.paper import DPI, Box, plain, width_of
from phoenix.drawing.scales import (
    FAINT,
    INK,
    RULE,
    Scales,
    draw_colour_bar,
    draw_legend,
    draw_scales,
)
from phoenix.errors import DataError
from phoenix.model.panel import Drawing, Listing, Map, Picture, Plot

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phoenix.drawing.curves import Trace
    from phoenix.drawing.paper import Paper
    from phoenix.drawing.scales import Range
    from phoenix.model.panel import Panel
    from phoenix.model.score import Score

    Values = NDArray[np.float64]

__all__ = ["draw_panel", "height_of"]

_CURVES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#1c2733")
"""Okabe and Ito's colours, which colour-blind people tell apart."""
_MARKS = ("o", "s", "^", "D", "v", "P", "X")
_COLOURS = colormaps["viridis"].with_extremes(bad="#e3e6e9")
_LEGEND_MARK = 5.0
"""Size of a mark of a map in its legend, in points."""
_PICTURE_PIXELS = 1200
"""A larger picture is averaged down to this: a report has no more pixels."""
_FINEST = 1e-9
"""A narrower range, in units of its values, could not be told from a point."""
_SQUARE = (0.45, 2.2)
"""Pictures and maps of such proportions keep them; longer ones fill their place."""

# Inches around the frame of a panel, for labels: left, right, bottom, top.
_MARGINS = {
    Plot: (0.78, 0.2, 0.52, 0.4),
    Picture: (0.78, 0.85, 0.52, 0.4),
    Map: (0.78, 0.95, 0.52, 0.4),
    Listing: (0.3, 0.25, 0.12, 0.4),
    Drawing: (0.1, 0.1, 0.1, 0.4),
}
_LEGEND = 0.2
_HEIGHTS = {Plot: (2.75, 2.6), Picture: (3.3, 3.0), Map: (3.9, 4.4), Drawing: (3.3, 3.0)}
"""Inches of a narrow and of a wide panel."""


def height_of(panel: Panel) -> float:
    """Return the height that a panel likes to have, in inches."""
    if isinstance(panel, Listing):
        return height_of_listing(panel)
    return _HEIGHTS[type(panel)][panel.wide] + _LEGEND * _legend_below_title(panel)


def draw_panel(paper: Paper, panel: Panel, place: Box, scores: tuple[Score, ...] = ()) -> None:
    """Draw a panel into its place, with the limits of the scores that it has to do with."""
    left, right, bottom, top = _MARGINS[type(panel)]
    if _legend_below_title(panel):
        top += _LEGEND
    frame = Box(
        place.left + left,
        place.bottom + bottom,
        place.width - left - right,
        place.height - bottom - top,
    )
    if isinstance(panel, Plot | Listing):
        used = _INKS[type(panel)](paper, panel, frame, scores)
    else:
        used = _INKS[type(panel)](paper, panel, frame)
    bad = isinstance(panel, Plot) and is_red(scores, (*panel.x_limits, *panel.y_limits))
    title = plain(("✗ " if bad else "") + panel.title, int(frame.width * 10))
    colour = RED if bad else INK
    paper.write(used.left, used.top + top - 0.27, title, 9.5, colour, strong=True)


def _legend_below_title(panel: Panel) -> bool:
    """Say whether the legend needs a line of its own: beside the title of a wide panel is room."""
    if isinstance(panel, Map):
        return bool(panel.kinds) and not panel.wide
    return isinstance(panel, Plot) and not panel.wide and any(row.label for row in panel.curves)


def _only_say(paper: Paper, frame: Box, text: str) -> Box:
    paper.write(*frame.at(0.5, 0.5), text, 10, FAINT, anchor="mm")
    return frame


# ---- plots ---------------------------------------------------------------------------------


def _plot(paper: Paper, panel: Plot, frame: Box, scores: tuple[Score, ...]) -> Box:
    traces = [trace(curve, int(frame.width * DPI)) for curve in panel.curves]
    seen = [row.x[np.isfinite(row.x) & np.isfinite(row.y)] for row in traces]
    if not any(map(len, seen)):
        return _only_say(paper, frame, "no data")
    x_range = _limits(panel.x_range)
    y_range = _limits(panel.y_range) or robust_range(panel.curves, x_range)
    x_limits, y_limits = limits_of(scores, panel.x_limits), limits_of(scores, panel.y_limits)
    x_seen = x_range or _around(np.concatenate(seen), 0.01)
    scales = Scales(frame, with_limits(x_seen, x_limits), with_limits(y_range, y_limits))
    draw_scales(paper, scales, (panel.x_label, panel.y_label), grid=True)
    draw_limits(paper, scales, x_limits, along_x=True)
    draw_limits(paper, scales, y_limits, along_x=False)
    samples = []
    for number, (curve, drawn) in enumerate(zip(panel.curves, traces, strict=True)):
        place = number if curve.colour is None else curve.colour
        colour = _CURVES[place % len(_CURVES)]
        pen = partial(_stroke, paper, curve.style, colour, len(drawn.x))
        _draw_band(paper, scales, curve.style, drawn, colour)
        line = as_steps(drawn.x, drawn.y) if curve.style == "steps" else (drawn.x, drawn.y)
        pen(scales.places(*line), frame)
        if curve.label and len(seen[number]):
            samples.append((plain(curve.label, 40), pen))
    _note_hidden(paper, panel, scales)
    draw_legend(paper, frame, samples, at_right=not _legend_below_title(panel))
    return frame


def _limits(given: Range | None) -> Range | None:
    """Return a range that can be drawn, None where a plugin gave none such."""
    if given is None or not np.isfinite(given).all() or given[0] == given[1]:
        return None
    return given


def _around(values: Values, margin: float) -> Range:
    """Return the range of values with a margin in units of it."""
    low, high = float(values.min()), float(values.max())
    span = high - low
    if span <= _FINEST * max(abs(low), abs(high)):
        return low - (abs(low) or 1.0) * 0.05, high + (abs(high) or 1.0) * 0.05
    return low - margin * span, high + margin * span


def _stroke(
    paper: Paper, style: str, colour: str, number: int, points: Values, within: Box | None = None
) -> None:
    """Draw a curve, or, of two places alone, its sample in a legend."""
    if style != "points":
        paper.line(points, colour, 0.9, within)
        return
    size = 5.0 if number < 400 else 2.5  # noqa: PLR2004 - many points, small points
    if within is None:
        points = points.mean(axis=0, keepdims=True)
    paper.marks(points, "o", size, colour, within=within)


def _draw_band(paper: Paper, scales: Scales, style: str, drawn: Trace, colour: str) -> None:
    if drawn.band is None:
        return
    x, low, high = drawn.band
    if style == "points":
        ends = np.stack((scales.places(x, low), scales.places(x, high)), axis=1)
        known = np.isfinite(ends).all(axis=(1, 2))
        paper.strokes(ends[known], colour, 0.8, opacity=0.35, within=scales.box)
        return
    if style == "steps":
        (x, low), (_, high) = as_steps(x, low), as_steps(x, high)
    for piece in pieces(np.isfinite(x) & np.isfinite(low) & np.isfinite(high)):
        edges = scales.places(x[piece], low[piece]), scales.places(x[piece], high[piece])[::-1]
        paper.polygon(np.concatenate(edges), colour, opacity=0.22, within=scales.box)


def _note_hidden(paper: Paper, panel: Plot, scales: Scales) -> None:
    """Say how many points lie above or below the range: what is cut is not hidden."""
    (left, right), (low, high) = scales.x, scales.y
    hidden = 0
    for curve in panel.curves:
        x, y = cleaned(curve.x).ravel(), cleaned(curve.y).ravel()
        hidden += int(np.sum((x >= left) & (x <= right) & ((y < low) | (y > high))))
    if hidden:
        text = f"{hidden} point{'s' * (hidden > 1)} outside the range"
        right, top = scales.box.right - 0.05, scales.box.top - 0.06
        width = width_of(text, 7.5) + 0.06
        behind = Box(right - width + 0.03, top - 0.14, width, 0.17)
        paper.fill(behind, "white")
        paper.write(right, top, text, 7.5, FAINT, anchor="ra")


# ---- pictures and maps ---------------------------------------------------------------------


def _reduced(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average an image of shape (rows, columns) to at most as many pixels as paper has."""
    by = [-(-size // _PICTURE_PIXELS) for size in image.shape]
    if max(by) == 1:
        return image
    rows, columns = (size // step * step for size, step in zip(image.shape, by, strict=True))
    blocks = image[:rows, :columns].reshape(rows // by[0], by[0], columns // by[1], by[1])
    known = np.isfinite(blocks)
    with np.errstate(invalid="ignore", divide="ignore"):
        sums = np.where(known, blocks, 0.0).sum(axis=(1, 3))
        return np.asarray(sums / known.sum(axis=(1, 3)))


def _levels(
    values: NDArray[np.float64],
    percentiles: tuple[float, float],
    given: tuple[float | None, float | None] = (None, None),
) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    usual = np.percentile(known, percentiles) if known.size else (0.0, 1.0)
    low, high = (
        float(usual[end] if level is None or not np.isfinite(level) else level)
        for end, level in enumerate(given)
    )
    finest = _FINEST * max(abs(low), abs(high))
    half = max(0.5, finest)
    return (low, high) if high - low > finest else (low - half, low + half)


def _picture(paper: Paper, panel: Picture, frame: Box) -> Box:
    full = np.atleast_2d(cleaned(panel.image))
    if full.ndim != 2 or not np.isfinite(full).any():  # noqa: PLR2004 - a picture is flat
        return _only_say(paper, frame, "no data")
    image = _reduced(full)
    low, high = _levels(image, (1.0, 99.0), (panel.low, panel.high))
    rows, columns = full.shape
    # Wavelengths are not fibres: only pixels of a frame, or its own, are as high as wide.
    alike = (panel.x_range is None) == (panel.y_range is None)
    if alike and _SQUARE[0] < (rows / columns) / (frame.height / frame.width) < _SQUARE[1]:
        frame = _of_proportion(frame, rows / columns)
    paper.picture(_COLOURS((image - low) / (high - low), bytes=True), frame)
    # FITS counts pixels from 1.
    x_range = _limits(panel.x_range) or (0.5, columns + 0.5)
    scales = Scales(frame, x_range, _limits(panel.y_range) or (0.5, rows + 0.5))
    draw_scales(paper, scales, (panel.x_label, panel.y_label), grid=False)
    draw_colour_bar(paper, frame, _COLOURS, (low, high), "")
    return frame


def _of_proportion(frame: Box, proportion: float) -> Box:
    """Return the largest part of a frame, in its middle, that is so many times as high as wide."""
    width = min(frame.width, frame.height / proportion)
    height = width * proportion
    left = frame.left + (frame.width - width) / 2
    return Box(left, frame.bottom + (frame.height - height) / 2, width, height)


def _map(paper: Paper, panel: Map, frame: Box) -> Box:
    x, y, value = (cleaned(row).ravel() for row in (panel.x, panel.y, panel.value))
    kinds = np.array(panel.kinds or ("",) * len(x))
    if not len(x) == len(y) == len(value) == len(kinds):
        sizes = f"{len(x)} x, {len(y)} y, {len(value)} values, {len(kinds)} kinds"
        raise DataError(f"map {panel.title!r}: found {sizes}, expected equal numbers")
    there = np.isfinite(x) & np.isfinite(y)
    if not there.any():
        return _only_say(paper, frame, "no data")
    scales = _scales_of_map(frame, x[there], y[there])
    low, high = _levels(value, (2.0, 98.0))
    draw_scales(paper, scales, (panel.x_label, panel.y_label), grid=False)
    size = float(np.sqrt(np.clip(4000 / len(x), 10, 60)))
    samples = []
    for number, kind in enumerate(dict.fromkeys(kinds)):
        shape = _MARKS[number % len(_MARKS)]
        of_kind = there & (kinds == kind)
        blank, shown = of_kind & ~np.isfinite(value), of_kind & np.isfinite(value)
        draw = partial(paper.marks, shape=shape, size=size)
        draw(scales.places(x[blank], y[blank]), colours=None, edge=RULE, edge_width=0.8)
        colours = _COLOURS((value[shown] - low) / (high - low))
        draw(scales.places(x[shown], y[shown]), colours=colours, edge=INK, edge_width=0.3)
        if kind:
            samples.append((plain(kind, 24), partial(_sample, paper, shape)))
    draw_colour_bar(paper, frame, _COLOURS, (low, high), panel.value_label)
    draw_legend(paper, frame, samples, at_right=panel.wide)
    return frame


def _sample(paper: Paper, shape: str, ends: Values) -> None:
    place = ends.mean(axis=0, keepdims=True)
    paper.marks(place, shape, _LEGEND_MARK, _COLOURS(0.5))


def _scales_of_map(frame: Box, x: Values, y: Values) -> Scales:
    """Return scales on which an inch is as much of x as of y, where that is not a thin strip."""
    limits = _around(x, 0.05), _around(y, 0.05)
    spans = limits[0][1] - limits[0][0], limits[1][1] - limits[1][0]
    if not _SQUARE[0] < spans[1] / spans[0] < _SQUARE[1]:
        return Scales(frame, *limits)
    inch = max(spans[0] / frame.width, spans[1] / frame.height)
    sizes = inch * frame.width, inch * frame.height
    middles = [sum(pair) / 2 for pair in limits]
    wanted = [
        (middle - size / 2, middle + size / 2) for middle, size in zip(middles, sizes, strict=True)
    ]
    return Scales(frame, *wanted)


# ---- drawn by the plugin -------------------------------------------------------------------


def _drawing(paper: Paper, panel: Drawing, frame: Box) -> Box:
    """Let the plugin draw on axes of its own; what it raises is told, the report goes on."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - rarely wanted
    from matplotlib.figure import Figure  # noqa: PLC0415 - the same

    # No pyplot: it would keep every figure.
    figure = Figure(figsize=(frame.width, frame.height), dpi=DPI, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    try:
        panel.draw(figure.add_subplot())
        canvas.draw()
    except Exception as error:  # noqa: BLE001 - the plugin's own code draws here
        return _only_say(paper, frame, plain(f"cannot be drawn: {error!r}", 60))
    paper.picture(np.asarray(canvas.buffer_rgba())[::-1], frame)
    return frame


_INKS: dict[type, Any] = {
    Plot: _plot,
    Picture: _picture,
    Map: _map,
    Listing: draw_listing,
    Drawing: _drawing,
}
