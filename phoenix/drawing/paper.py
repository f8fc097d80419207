"""Paper: a white sheet on which a QC report is drawn with matplotlib's renderer and Pillow's type.

Everything is given in inches from the lower left corner. The sheet keeps no artists that could be
changed later, as a figure of matplotlib does: what is drawn is drawn. For a dozen panels with
their numbers that is three times as fast, and reports are most of what an AB costs.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from attrs import field, frozen
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.ft2font import FT2Font
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    import numpy.typing as npt

    Points = npt.NDArray[np.float64]
    Colour = str | tuple[float, float, float, float]

__all__ = ["DPI", "Box", "Paper", "plain", "width_of"]

DPI = 100
"""Pixels for an inch."""
_POINT = DPI / 72
# Twice as fast as the usual level, and the file grows by a few percent.
_COMPRESSION = 3
# Comes with matplotlib, so that a report looks the same everywhere.
_FONTS = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}
_NOWHERE = IdentityTransform()


@frozen
class Box:
    """A part of the paper, in inches."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.bottom + self.height

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return a place in it, from (0, 0), its lower left, to (1, 1), its upper right."""
        return self.left + x * self.width, self.bottom + y * self.height


@frozen(eq=False)
class Paper:
    """A white sheet.

    Attributes
    ----------
    width, height : float
        In inches; whole pixels.
    """

    width: float
    height: float
    _agg: RendererAgg = field(init=False, repr=False)
    _texts: list[tuple[Any, ...]] = field(init=False, repr=False, factory=list)
    _pictures: list[tuple[Any, ...]] = field(init=False, repr=False, factory=list)

    def __attrs_post_init__(self) -> None:
        size = round(self.width * DPI), round(self.height * DPI)
        object.__setattr__(self, "_agg", RendererAgg(*size, DPI))
        self.fill(Box(0, 0, self.width, self.height), "white")

    def fill(self, box: Box, colour: Colour) -> None:
        """Fill a box."""
        corners = [box.at(0, 0), box.at(1, 0), box.at(1, 1), box.at(0, 1)]
        self.polygon(np.array(corners), colour, snap=True)

    def polygon(
        self,
        points: Points,
        colour: Colour,
        *,
        opacity: float = 1.0,
        within: Box | None = None,
        snap: bool = False,
    ) -> None:
        """Fill a polygon through points of shape (n, 2)."""
        context = self._context(colour, 0.0, opacity, within)
        context.set_snap(snap)
        path = Path(points * DPI, closed=False)
        self._agg.draw_path(context, path, _NOWHERE, to_rgba(colour, opacity))

    def line(
        self, points: Points, colour: Colour, thickness: float, within: Box | None = None
    ) -> None:
        """Draw a line through points of shape (n, 2), broken where one is NaN.

        Parameters
        ----------
        points : ndarray, shape (n, 2)
            In inches.
        colour : str or tuple
            As matplotlib takes it.
        thickness : float
            In points.
        within : Box, optional
            Nothing is drawn outside.
        """
        self._agg.draw_path(
            self._context(colour, thickness, 1.0, within), Path(points * DPI), _NOWHERE
        )

    def strokes(
        self,
        ends: Points,
        colour: Colour,
        thickness: float,
        *,
        opacity: float = 1.0,
        within: Box | None = None,
    ) -> None:
        """Draw straight strokes, shape (n, 2, 2): from, to; each x, y."""
        if not len(ends):
            return
        codes = np.tile([Path.MOVETO, Path.LINETO], len(ends))
        path = Path(ends.reshape(-1, 2) * DPI, codes)
        context = self._context(colour, thickness, opacity, within)
        context.set_snap(True)
        self._agg.draw_path(context, path, _NOWHERE)

    def marks(
        self,
        points: Points,
        shape: str,
        size: float,
        colours: Colour | npt.NDArray[np.float64] | None,
        *,
        edge: Colour = "none",
        edge_width: float = 0.0,
        within: Box | None = None,
    ) -> None:
        """Draw a mark of matplotlib's, ``size`` points across, at points of shape (n, 2).

        Filled with one colour, with one each, shape (n, 4), or with none.
        """
        style = MarkerStyle(shape)
        mark = style.get_path(), style.get_transform() + Affine2D().scale(size * _POINT)
        context = self._context(edge, edge_width, 1.0, within)
        if isinstance(colours, np.ndarray):
            for point, colour in zip(points, colours, strict=True):
                place = Path(point[np.newaxis] * DPI)
                self._agg.draw_markers(context, *mark, place, _NOWHERE, tuple(colour))
            return
        fill = None if colours is None else to_rgba(colours)
        self._agg.draw_markers(context, *mark, Path(points * DPI), _NOWHERE, fill)

    def picture(self, pixels: npt.NDArray[np.uint8], box: Box) -> None:
        """Draw an image of shape (rows, columns, 4), its first row lowest, into a box."""
        self._pictures.append((pixels, box))

    def write(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        colour: str,
        *,
        anchor: str = "ls",
        strong: bool = False,
        upwards: bool = False,
    ) -> None:
        """Write a text.

        Parameters
        ----------
        x, y : float
            Place, in inches.
        text : str
            On one line, of characters that can be drawn, see :func:`plain`.
        size : float
            In points.
        colour : str
            Of the letters.
        anchor : str
            What of the text is at the place, in Pillow's letters: ``l``, ``m`` or ``r``, then
            ``a`` (top), ``m`` (middle) or ``s`` (line of writing).
        strong : bool
            Bold.
        upwards : bool
            Turned by 90 degrees, centred at the place, which is at its left.
        """
        if text:
            self._texts.append((x, y, text, _font(size, strong), colour, anchor, upwards))

    def png(self) -> bytes:
        """Return the sheet as a PNG; the same drawing makes the same bytes."""
        # Without its alpha channel, all of it opaque, it is written in half the time.
        sheet = Image.fromarray(np.asarray(self._agg.buffer_rgba())).convert("RGB")
        for pixels, box in self._pictures:
            self._paste(sheet, pixels, box)
        pen = ImageDraw.Draw(sheet)
        for x, y, text, font, colour, anchor, upwards in self._texts:
            place = x * DPI, (self.height - y) * DPI
            if upwards:
                _write_upwards(sheet, place, text, font, colour)
            else:
                pen.text(place, text, fill=colour, font=font, anchor=anchor)
        file = BytesIO()
        sheet.save(file, "png", compress_level=_COMPRESSION, dpi=(DPI, DPI))
        return file.getvalue()

    def _context(
        self, colour: Colour, thickness: float, opacity: float, within: Box | None
    ) -> Any:  # noqa: ANN401 - matplotlib does not tell
        context = self._agg.new_gc()
        if opacity < 1:
            context.set_alpha(opacity)
        context.set_foreground(colour)
        context.set_linewidth(thickness)
        context.set_joinstyle("round")
        if within is not None:
            edges = within.left, within.bottom, within.width, within.height
            context.set_clip_rectangle(Bbox.from_bounds(*(edge * DPI for edge in edges)))
        return context

    def _paste(self, sheet: Image.Image, pixels: npt.NDArray[np.uint8], box: Box) -> None:
        left, right = round(box.left * DPI), round(box.right * DPI)
        top, bottom = round((self.height - box.top) * DPI), round((self.height - box.bottom) * DPI)
        image = Image.fromarray(np.ascontiguousarray(pixels[::-1, :, :3]))
        size = right - left, bottom - top
        sheet.paste(image.resize(size, Image.Resampling.NEAREST), (left, top))


def _write_upwards(
    sheet: Image.Image,
    place: tuple[float, float],
    text: str,
    font: ImageFont.FreeTypeFont,
    colour: str,
) -> None:
    left, top, right, bottom = font.getbbox(text, anchor="ls")
    mask = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    ImageDraw.Draw(mask).text((1 - left, 1 - top), text, fill=255, font=font, anchor="ls")
    mask = mask.transpose(Image.Transpose.ROTATE_90)
    corner = round(place[0] - mask.width), round(place[1] - mask.height / 2)
    sheet.paste(colour, (*corner, corner[0] + mask.width, corner[1] + mask.height), mask)


# ---- letters -------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def _font(size: float, strong: bool) -> ImageFont.FreeTypeFont:  # noqa: FBT001 - a private table
    return ImageFont.truetype(
        _font_file(strong), size * _POINT, layout_engine=ImageFont.Layout.BASIC
    )


def _font_file(strong: bool) -> str:  # noqa: FBT001 - the same
    return str(FilePath(mpl.get_data_path(), "fonts", "ttf", _FONTS[strong]))


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[str]:
    """Return the characters that the font has; others would be drawn as boxes."""
    return frozenset(map(chr, FT2Font(_font_file(strong=False)).get_charmap()))


def plain(text: object, length: int = 200) -> str:
    """Return a text on one line, of characters that can be drawn, cut to a length."""
    known = _glyphs()
    line = "".join(
        c if c in known and c.isprintable() else "?" for c in " ".join(str(text).split())
    )
    return line if len(line) <= length else line[: max(length - 1, 1)] + "…"


def width_of(text: str, size: float) -> float:
    """Return how wide a text of a size in points will be, in inches."""
    return _font(size, strong=False).getlength(text) / DPI
