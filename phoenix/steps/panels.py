"""How each kind of panel is drawn: ink, ticks, legends and colour bars of a QC report."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from phoenix.errors import DataError
from phoenix.model.panel import Listing, Map, Picture, Plot
from phoenix.steps.curves import cleaned, robust_range, trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from phoenix.model.panel import Curve, Panel

__all__ = ["DPI", "FAINT", "FONT", "INK", "RULE", "draw_panel", "height_of", "plain"]

DPI = 100
INK, FAINT, RULE, STRIPE = "#1c2733", "#66727f", "#b9c1c9", "#f3f5f7"
FONT = "DejaVu Sans"  # comes with matplotlib, so that a report looks the same everywhere
_CURVES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#1c2733")
"""Okabe and Ito's colours, which colour-blind people tell apart."""
_MARKS = ("o", "s", "^", "D", "v", "P", "X")
_COLOURS = colormaps["viridis"].with_extremes(bad="#e3e6e9")
_ROW = 0.205
"""Height of a line of a listing, in inches."""
_LISTING_ROWS = 24
_PICTURE_PIXELS = 1200
_SQUARE = (0.45, 2.2)
"""Pictures and maps of such proportions keep them; longer ones fill their place."""

# Inches around the axes of a panel, for labels: left, right, bottom, top.
_MARGINS = {
    Plot: (0.78, 0.2, 0.52, 0.4),
    Picture: (0.78, 0.85, 0.52, 0.4),
    Map: (0.78, 0.95, 0.52, 0.4),
    Listing: (0.3, 0.25, 0.12, 0.4),
}
_LEGEND = 0.2
_HEIGHTS = {Plot: (2.75, 2.6), Picture: (3.3, 3.0), Map: (3.9, 4.4)}
"""Inches of a narrow and of a wide panel."""


def height_of(panel: Panel) -> float:
    """Return the height that a panel likes to have, in inches."""
    if isinstance(panel, Listing):
        columns = _listing_columns(panel)
        lines = min(_LISTING_ROWS, -(-len(panel.rows) // columns))
        return 0.55 + _ROW * max(lines, 2)
    return _HEIGHTS[type(panel)][panel.wide] + _LEGEND * _legend_below_title(panel)


def draw_panel(figure: Figure, panel: Panel, place: tuple[float, float, float, float]) -> None:
    """Draw a panel into its place: left, bottom, width and height in inches."""
    left, right, bottom, top = _MARGINS[type(panel)]
    if _legend_below_title(panel):
        top += _LEGEND
    x, y, width, height = place
    paper = figure.get_size_inches()
    box = (x + left, y + bottom, width - left - right, height - bottom - top)
    axes = figure.add_axes(
        (box[0] / paper[0], box[1] / paper[1], box[2] / paper[0], box[3] / paper[1])
    )
    title = axes.set_title(plain(panel.title, int(box[2] * 10)), loc="left", y=1.0, **_font(9.5))
    title.set(weight="bold", y=1.0 + (top - 0.27) / box[3])
    _INKS[type(panel)](axes, panel, box)


def _legend_below_title(panel: Panel) -> bool:
    """Say whether the legend needs a line of its own: beside the title of a wide panel is room."""
    if isinstance(panel, Map):
        return bool(panel.kinds) and not panel.wide
    return isinstance(panel, Plot) and not panel.wide and any(row.label for row in panel.curves)


# ---- text ----------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[str]:
    """Return the characters that the font has; others would be drawn as boxes, with a warning."""
    return frozenset(map(chr, get_font(findfont(FontProperties(family=FONT))).get_charmap()))


def plain(text: object, length: int = 200) -> str:
    """Return a text on one line, of characters that can be drawn, cut to a length."""
    known = _glyphs()
    line = "".join(
        c if c in known and c.isprintable() else "?" for c in " ".join(str(text).split())
    )
    return line if len(line) <= length else line[: max(length - 1, 1)] + "…"


def _font(size: float, **more: str) -> dict[str, Any]:
    # Text of plugins and headers is no formula, however many dollars it has.
    return {"family": FONT, "fontsize": size, "color": INK, "parse_math": False, **more}


def _tidy(axes: Axes, panel: Plot | Picture | Map, box: tuple[float, ...]) -> None:
    axes.tick_params(
        labelsize=8, labelfontfamily=FONT, colors=RULE, labelcolor=INK, length=3.5, width=0.8
    )
    for side, spine in axes.spines.items():
        spine.set(color=RULE, linewidth=0.8, visible=side in {"left", "bottom"})
    for axis, most in ((axes.xaxis, box[2] * 1.15), (axes.yaxis, box[3] * 1.7)):
        axis.set_major_locator(MaxNLocator(max(4, int(most)), steps=[1, 2, 2.5, 5, 10]))
        formatter = ScalarFormatter(useMathText=False, useOffset=False)
        formatter.set_powerlimits((-4, 5))
        axis.set_major_formatter(formatter)
        axis.get_offset_text().set(fontsize=7.5, color=FAINT, family=FONT)
    axes.set_xlabel(plain(panel.x_label, int(box[2] * 12)), **_font(8.5))
    axes.set_ylabel(plain(panel.y_label, int(box[3] * 12)), **_font(8.5))
    axes.xaxis.set_label_coords(0.5, -0.33 / box[3])
    axes.yaxis.set_label_coords(-0.58 / box[2], 0.5)


def _say(axes: Axes, text: str) -> None:
    axes.text(
        0.5,
        0.5,
        text,
        transform=axes.transAxes,
        ha="center",
        va="center",
        **_font(10, style="italic"),
    ).set_color(FAINT)


def _legend(axes: Axes, panel: Panel) -> None:
    below = _legend_below_title(panel)
    legend = axes.legend(
        loc="lower left" if below else "lower right",
        bbox_to_anchor=(-0.02 if below else 1.0, 1.0),
        ncols=4,
        frameon=False,
        prop=FontProperties(family=FONT, size=8),
        borderaxespad=0.2,
        handlelength=1.4,
        columnspacing=1.2,
    )
    for text in legend.get_texts():
        text.set(color=INK, parse_math=False)


# ---- plots ---------------------------------------------------------------------------------


def _plot(axes: Axes, panel: Plot, box: tuple[float, ...]) -> None:
    _tidy(axes, panel, box)
    axes.grid(visible=True, color="#e4e8ec", linewidth=0.7)
    axes.set_axisbelow(True)
    shown = sum(
        _curve(axes, curve, _CURVES[number % len(_CURVES)], int(box[2] * DPI))
        for number, curve in enumerate(panel.curves)
    )
    if not shown:
        _say(axes, "no data")
        axes.set(xticks=[], yticks=[])
        return
    x_range = _limits(panel.x_range)
    axes.set_ylim(*(_limits(panel.y_range) or robust_range(panel.curves, x_range)))
    axes.margins(x=0.01)
    if x_range:
        axes.set_xlim(*x_range)
    _note_hidden(axes, panel)
    if any(curve.label for curve in panel.curves):
        _legend(axes, panel)


def _limits(given: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return a range that can be drawn, None where a plugin gave none such."""
    if given is None or not np.isfinite(given).all() or given[0] == given[1]:
        return None
    return given


def _curve(axes: Axes, curve: Curve, colour: str, columns: int) -> bool:
    drawn = trace(curve, columns)
    if not np.any(np.isfinite(drawn.x) & np.isfinite(drawn.y)):
        return False
    if drawn.band is not None and curve.style == "points":
        axes.vlines(*drawn.band, color=colour, alpha=0.35, linewidth=0.8)
    elif drawn.band is not None:
        look: dict[str, Any] = {"step": "mid"} if curve.style == "steps" else {}
        axes.fill_between(*drawn.band, color=colour, alpha=0.22, linewidth=0, **look)
    look = {"linewidth": 0.9}
    if curve.style == "steps":
        look["drawstyle"] = "steps-mid"
    if curve.style == "points":
        size = 5.0 if len(drawn.x) < 400 else 2.5  # noqa: PLR2004 - many points, small points
        look = {"linestyle": "none", "marker": "o", "markersize": size, "markeredgewidth": 0}
    label = plain(curve.label, 40) if curve.label else None
    axes.plot(drawn.x, drawn.y, color=colour, label=label, **look)
    return True


def _note_hidden(axes: Axes, panel: Plot) -> None:
    """Say how many points lie above or below the range: what is cut is not hidden."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    hidden = 0
    for curve in panel.curves:
        x, y = cleaned(curve.x).ravel(), cleaned(curve.y).ravel()
        hidden += int(np.sum((x >= left) & (x <= right) & ((y < low) | (y > high))))
    if hidden:
        text = f"{hidden} point{'s' * (hidden > 1)} outside the range"
        axes.text(
            0.995, 0.97, text, transform=axes.transAxes, ha="right", va="top", **_font(7.5)
        ).set(
            color=FAINT,
            bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.5},
        )


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
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _picture(axes: Axes, panel: Picture, box: tuple[float, ...]) -> None:
    _tidy(axes, panel, box)
    full = np.atleast_2d(cleaned(panel.image))
    if full.ndim != 2 or not np.isfinite(full).any():  # noqa: PLR2004 - a picture is flat
        _say(axes, "no data")
        axes.set(xticks=[], yticks=[])
        return
    image = _reduced(full)
    low, high = _levels(image, (1.0, 99.0), (panel.low, panel.high))
    rows, columns = full.shape
    proportion = (rows / columns) / (box[3] / box[2])
    drawn = axes.imshow(
        image,
        cmap=_COLOURS,
        origin="lower",
        extent=(0.5, columns + 0.5, 0.5, rows + 0.5),  # FITS counts pixels from 1
        aspect="equal" if _SQUARE[0] < proportion < _SQUARE[1] else "auto",
        vmin=low,
        vmax=high,
        interpolation="nearest",
    )
    _colour_bar(axes, drawn, "", box[2])


def _colour_bar(axes: Axes, drawn: Any, label: str, width: float) -> None:  # noqa: ANN401 - any mappable
    bar = axes.inset_axes((1 + 0.12 / width, 0.0, 0.13 / width, 1.0))
    colours = axes.figure.colorbar(drawn, cax=bar)
    colours.outline.set_visible(False)
    bar.tick_params(labelsize=7.5, labelfontfamily=FONT, colors=RULE, labelcolor=INK, length=2.5)
    bar.yaxis.set_major_locator(MaxNLocator(5))
    bar.yaxis.get_offset_text().set(fontsize=7, color=FAINT, family=FONT)
    if label:
        colours.set_label(plain(label, 40), **_font(8))


def _map(axes: Axes, panel: Map, box: tuple[float, ...]) -> None:
    _tidy(axes, panel, box)
    x, y, value = (cleaned(row).ravel() for row in (panel.x, panel.y, panel.value))
    kinds = np.array(panel.kinds or ("",) * len(x))
    if not len(x) == len(y) == len(value) == len(kinds):
        sizes = f"{len(x)} x, {len(y)} y, {len(value)} values, {len(kinds)} kinds"
        raise DataError(f"map {panel.title!r}: found {sizes}, expected equal numbers")
    there = np.isfinite(x) & np.isfinite(y)
    if not there.any():
        _say(axes, "no data")
        axes.set(xticks=[], yticks=[])
        return
    low, high = _levels(value, (2.0, 98.0))
    size = float(np.clip(4000 / len(x), 10, 60))
    drawn = None
    for number, kind in enumerate(dict.fromkeys(kinds)):
        of_kind = there & (kinds == kind)
        look: dict[str, Any] = {"marker": _MARKS[number % len(_MARKS)], "s": size}
        blank = of_kind & ~np.isfinite(value)
        axes.scatter(
            x[blank], y[blank], facecolors="none", edgecolors=RULE, linewidths=0.8, **look
        )
        shown = of_kind & np.isfinite(value)
        drawn = axes.scatter(
            x[shown], y[shown], c=value[shown], cmap=_COLOURS, vmin=low, vmax=high,
            edgecolors=INK, linewidths=0.3, label=plain(kind, 24) or None, **look,
        )  # fmt: skip
    _colour_bar(axes, drawn, panel.value_label, box[2])
    extent = np.ptp(x[there]) or 1.0, np.ptp(y[there]) or 1.0
    if _SQUARE[0] < extent[1] / extent[0] < _SQUARE[1]:
        axes.set_aspect("equal", adjustable="datalim")
    if panel.kinds:
        _legend(axes, panel)


# ---- listings ------------------------------------------------------------------------------


def _listing_columns(panel: Listing) -> int:
    return 3 if panel.wide else 1


def _listing(axes: Axes, panel: Listing, box: tuple[float, ...]) -> None:
    axes.set_axis_off()
    columns = _listing_columns(panel)
    lines = max(1, min(_LISTING_ROWS, -(-len(panel.rows) // columns)))
    axes.set(xlim=(0, box[2]), ylim=(box[3], 0))
    width = box[2] / columns
    letters = int(width * 13)
    for number, (name, value) in enumerate(panel.rows[: lines * columns]):
        left, middle = number // lines * width, (number % lines + 0.5) * _ROW
        if number % lines % 2 == 0:
            stripe = (left - 0.06, middle - _ROW / 2), width - 0.12, _ROW
            axes.add_patch(Rectangle(*stripe, color=STRIPE, linewidth=0, clip_on=False))
        share = min(len(value), letters * 2 // 3)
        label = plain(name, letters - share - 1)
        axes.text(left, middle, label, va="center", **_font(8.2)).set_color(FAINT)
        end = left + width - 0.24
        axes.text(end, middle, plain(value, share), va="center", ha="right", **_font(8.2))
    more = len(panel.rows) - lines * columns
    if more > 0:
        axes.text(box[2] - 0.24, -0.1, f"{more} more not shown", ha="right", **_font(7.5))
    if not panel.rows:
        _say(axes, "no values")


_INKS: dict[type, Any] = {Plot: _plot, Picture: _picture, Map: _map, Listing: _listing}
