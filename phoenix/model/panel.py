"""Panels: the pictures of a QC report, as values that the core draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

__all__ = ["Curve", "Drawing", "Listing", "Map", "Panel", "Picture", "Plot"]


@frozen
class Curve:
    """One curve of a plot.

    Attributes
    ----------
    x, y : ndarray, shape (n,)
        In the units that the axes of the plot name.
    error : ndarray, shape (n,), or None
        One-sigma error of y, drawn as a band.
    label : str
        Entry of the legend; empty for none.
    style : str
        ``line``, ``steps`` or ``points``.
    colour : int or None
        Number of its colour from 0, for what is shown in several plots; that of its place among
        the curves if None.
    """

    x: npt.NDArray[np.floating] = field(eq=False, repr=False)
    y: npt.NDArray[np.floating] = field(eq=False, repr=False)
    error: npt.NDArray[np.floating] | None = field(default=None, eq=False, repr=False)
    label: str = ""
    style: str = "line"
    colour: int | None = None


@frozen
class Plot:
    """Curves over one pair of axes; ``wide`` panels take a whole row of the report.

    Attributes
    ----------
    x_range, y_range : (float, float) or None
        What is shown; by the curves if not given, outliers left out.
    x_limits, y_limits : tuple of str
        QC parameters, in the unit of that axis, whose limits are drawn: those of their scores,
        fixed ones as lines, those of the history as a band.
    """

    title: str
    curves: tuple[Curve, ...]
    x_label: str = ""
    y_label: str = ""
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    wide: bool = False
    x_limits: tuple[str, ...] = ()
    y_limits: tuple[str, ...] = ()


@frozen
class Picture:
    """An image, shape (rows, columns), shown from ``low`` to ``high`` (None: 1 and 99 %).

    Attributes
    ----------
    x_range, y_range : (float, float) or None
        What its outer edges stand for; pixels of the image, counted from 1, if not given.
    """

    title: str
    image: npt.NDArray[np.floating] = field(eq=False, repr=False)
    x_label: str = ""
    y_label: str = ""
    low: float | None = None
    high: float | None = None
    wide: bool = False
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None


@frozen
class Map:
    """Places with a value each: fibres on the plate, sources in the field.

    Attributes
    ----------
    x, y, value : ndarray, shape (n,)
        Places and the quantity that colours them.
    kinds : tuple of str, length n
        Group of each place (object, sky ...), drawn with a mark of its own.
    """

    title: str
    x: npt.NDArray[np.floating] = field(eq=False, repr=False)
    y: npt.NDArray[np.floating] = field(eq=False, repr=False)
    value: npt.NDArray[np.floating] = field(eq=False, repr=False)
    kinds: tuple[str, ...] = ()
    x_label: str = ""
    y_label: str = ""
    value_label: str = ""
    wide: bool = False


@frozen
class Listing:
    """Names and values as text: the QC parameters."""

    title: str
    rows: tuple[tuple[str, str], ...]
    wide: bool = False


@frozen
class Drawing:
    """Whatever the other panels cannot show: the plugin draws it with matplotlib.

    It takes some ten times as long as another panel. What `draw` raises is shown in its place.

    Attributes
    ----------
    draw : callable
        Given the axes (``matplotlib.axes.Axes``) of a figure of its own, of the size of the panel.

    Examples
    --------
    >>> Drawing("residuals", lambda axes: axes.hist([0.1, 0.2, 0.2]))  # doctest: +SKIP
    """

    title: str
    draw: Callable[[Any], object] = field(eq=False, repr=False)
    wide: bool = False


Panel = Plot | Picture | Map | Listing | Drawing
