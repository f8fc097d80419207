"""What a plot of QC parameters shows, whatever it is drawn with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["Fit", "Group", "Picture"]


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

    @property
    def text(self) -> str:
        """Slope and scatter, for a legend."""
        return f"slope {self.slope:.4g}, scatter {self.scatter:.3g}"


@frozen(eq=False)
class Group:
    """Points of one colour.

    Attributes
    ----------
    label : str
        For the legend; empty for none.
    colour : str
        As HTML has it.
    x, y : array, shape (points,)
        In the units of the axes.
    names : tuple of str
        Of what each point is: an AB, and its element if there is one.
    """

    label: str
    colour: str
    x: Array
    y: Array
    names: tuple[str, ...]


@frozen(eq=False)
class Picture:
    """What is drawn, whatever it is drawn with; all texts are one line and plain.

    Attributes
    ----------
    title : str
        Above it.
    labels : tuple of (str, str)
        Of both axes, with units.
    logarithms : tuple of (bool, bool)
        Which axes are logarithmic.
    groups : tuple of Group
        The points.
    fit : Fit or None
        The straight line.
    line : array, shape (2, 50)
        Its x and y in the units of the axes; empty without one.
    marks : tuple of (float, str)
        Where a line goes across, on the first axis, and what it is: instrument breakpoints.
    """

    title: str
    labels: tuple[str, str]
    logarithms: tuple[bool, bool]
    groups: tuple[Group, ...]
    fit: Fit | None
    line: Array
    marks: tuple[tuple[float, str], ...] = ()

    @property
    def has_legend(self) -> bool:
        """Whether there is something to tell apart."""
        return self.fit is not None or any(group.label for group in self.groups)
