"""A QC1 plot as a page to zoom in and to point at, by Bokeh; it needs no network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from phoenix.line.qc1.export import renewed
from phoenix.line.qc1.extras import load_extra

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.line.qc1.picture import Picture

__all__ = ["write_html"]

_MARKS = (
    "circle",
    "square",
    "triangle",
    "diamond",
    "inverted_triangle",
    "hex",
    "star",
    "plus",
)
_MATHEMATICS = re.compile(r"\$(?=\$)|\\(?=[\[(])")
"""Begin of what Bokeh takes for TeX: it would ask the network for the program that sets it."""


def write_html(picture: Picture, path: Path) -> None:
    """Draw a picture into a page with all that it needs, by atomic rename.

    Raises
    ------
    SettingsError
        Without Bokeh.
    OSError
        If it cannot be written.
    """
    plotting = load_extra("bokeh.plotting", "plot", "HTML plots")
    embed = load_extra("bokeh.embed", "plot", "HTML plots")
    resources = load_extra("bokeh.resources", "plot", "HTML plots")
    x_scale, y_scale = ("log" if logarithm else "linear" for logarithm in picture.logarithms)
    figure = plotting.figure(
        title=_bare(picture.title),
        x_axis_label=_bare(picture.labels[0]),
        y_axis_label=_bare(picture.labels[1]),
        x_axis_type=x_scale,
        y_axis_type=y_scale,
        width=990,
        height=605,
        sizing_mode="scale_width",
        tools="pan,wheel_zoom,box_zoom,save,reset",
    )
    _points(figure, picture)
    if picture.has_legend:
        legend = figure.legend[0]
        legend.click_policy, legend.label_text_font_size = "hide", "9pt"
        # Beside the points, which it would hide.
        figure.add_layout(legend, "below")
    page = embed.file_html(figure, resources.INLINE, title=_bare(picture.title))
    with renewed(path) as unfinished:
        unfinished.write_text(page, "utf-8")


def _points(figure: Any, picture: Picture) -> None:  # noqa: ANN401 - Bokeh is optional
    models = load_extra("bokeh.models", "plot", "HTML plots")
    drawn = []
    for group, mark in zip(picture.groups, _MARKS, strict=False):
        source = models.ColumnDataSource({"x": group.x, "y": group.y, "name": list(group.names)})
        legend = {"legend_label": _bare(group.label)} if group.label else {}
        look = {"color": group.colour, "alpha": 0.8, "size": 6, "marker": mark}
        drawn.append(figure.scatter("x", "y", source=source, **look, **legend))
    if picture.fit is not None:
        x, y = picture.line
        figure.line(x, y, color="#4d4d4d", line_width=1.5, legend_label=picture.fit.text)
    for at, why in picture.marks:
        across = {"location": at, "dimension": "height", "line_dash": "dashed"}
        figure.add_layout(models.Span(**across, line_color="#666666", line_width=1.2))
        figure.add_layout(
            models.Label(
                x=at,
                y=8,
                y_units="screen",
                text=_bare(why),
                angle=90,
                angle_units="deg",
                text_font_size="8pt",
                text_color="#4d4d4d",
            )
        )
    # What stands in braces or behind an @ would be a format; the texts are columns of the source.
    x_label, y_label = map(_bare, picture.labels)
    told = [("AB", "@name"), (x_label, "@x{0.[000000]}"), (y_label, "@y{0.[0000]}")]
    figure.add_tools(models.HoverTool(renderers=drawn, tooltips=told))


def _bare(text: str) -> str:
    """Return a text that Bokeh does not take for mathematics."""
    return _MATHEMATICS.sub("", text)
