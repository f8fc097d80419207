"""The spectrograph: which IFUs, how slices lie on the CCD and on the sky, and which wavelengths.

Recipes take smaller CCDs than the true ones, but for muse_wavecal and muse_lsf, which insist on
4000 rows. So a small night has its wavelength solution and line spread as tables.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from phoenix.errors import SettingsError

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = [
    "COLUMNS",
    "DISPERSION",
    "LAYOUTS",
    "LSF_FWHM",
    "MARGIN",
    "SLICES",
    "SPAXEL",
    "WIDTH",
    "Layout",
    "channel",
    "layout_of",
    "slice_columns",
]

COLUMNS = 4096
"""Light-sensitive columns of a CCD."""
MARGIN = 32
"""Pixels of prescan and of overscan of each of the four quadrants, in both directions."""
SLICES = 48
WIDTH = 76
"""Columns of a slice; the recipe wants 72.2 to 82.2."""
FIRST, PITCH = 70, 84
"""Column of the middle of the first slice, and steps between slices: the gaps are dark."""

SPAXEL = 0.2
"""arcsec."""
FIELD_WIDTH = 75
"""Spaxels along a slice."""
SLICES_OF_STACK = 12
"""A slice stack has twelve slices; four of them lie side by side."""

DISPERSION = 1.25
"""Angstrom a row; muse_wavecal accepts 5 percent about it."""
LSF_FWHM = 2.5
"""Angstrom."""
STAGGER = 0.6180339887
"""Part of a row by which each slice is off the one before it: spread evenly over a row, as in the
true spectrograph. Were they alike, the cube's planes would move all lines by the same part of a
plane; were they off by many rows, the first and last planes of a short spectrum would have few
pixels, and the fitted sky continuum goes wild there."""


@frozen
class Layout:
    """One row: a spectrograph as it is simulated.

    Attributes
    ----------
    name : str
        What a user asks for.
    ifus : tuple of int
        Which of the 24.
    rows : int
        Light-sensitive rows of each CCD.
    first : float
        Angstrom of the first row.
    compact : bool
        Whether the slices of the only IFU lie on top of each other, 15 by 9.6 arcsec, and not in
        the four stacks of the true field: a small field that can be aligned and combined.
    """

    name: str
    ifus: tuple[int, ...]
    rows: int
    first: float
    compact: bool

    @property
    def field(self) -> tuple[float, float]:
        """Width and height of the field in arcsec."""
        if self.compact:
            return FIELD_WIDTH * SPAXEL, SLICES * SPAXEL
        return 4 * FIELD_WIDTH * SPAXEL, len(self.ifus) * SLICES_OF_STACK * SPAXEL

    @property
    def turn(self) -> float:
        """Degrees by which an observer turns the field from one exposure to the next."""
        return 180.0 if self.compact else 90.0

    @property
    def nifu(self) -> int:
        """Parameter --nifu: all IFUs in parallel, or the only one."""
        return -1 if len(self.ifus) > 1 else self.ifus[0]

    @property
    def is_whole(self) -> bool:
        """Whether the CCDs have their true size, so that all recipes run."""
        return self.rows >= 4000  # noqa: PLR2004 - what muse_wavecal wants

    def offsets(self) -> Array:
        """Angstrom by which each slice is off the first, less than a row, shape (SLICES,)."""
        return np.asarray(DISPERSION * (STAGGER * np.arange(SLICES) % 1.0))

    def wavelength(self) -> Array:
        """Air wavelengths in Angstrom of the rows of each slice, shape (SLICES, rows)."""
        rows = self.first + DISPERSION * np.arange(self.rows)
        return np.asarray(self.offsets()[:, None] + rows)

    def slice_places(self, ifu: int) -> tuple[Array, Array]:
        """Middle of each slice in the field in spaxels, x and y, each of shape (SLICES,)."""
        number = np.arange(SLICES, dtype=np.float64)
        if self.compact:
            return np.zeros(SLICES), number - 0.5 * (SLICES - 1)
        stack, row = np.divmod(number, SLICES_OF_STACK)
        middle = 0.5 * (self.ifus[0] + self.ifus[-1])
        y = (ifu - middle) * SLICES_OF_STACK + row - 0.5 * (SLICES_OF_STACK - 1)
        return (stack - 1.5) * FIELD_WIDTH, y

    def spaxel_places(self, ifu: int) -> tuple[Array, Array]:
        """Places of the columns of each slice in the field in spaxels, shape (SLICES, WIDTH)."""
        x, y = self.slice_places(ifu)
        # Inside a slice the field runs against the columns of the CCD.
        along = (np.arange(WIDTH) - 0.5 * (WIDTH - 1)) * FIELD_WIDTH / WIDTH
        return x[:, None] - along, np.repeat(y[:, None], WIDTH, axis=1)


LAYOUTS = {
    row.name: row
    for row in (
        Layout("one-ifu", (1,), 256, 6240.0, compact=True),
        Layout("all-ifus", tuple(range(1, 25)), 128, 6240.0, compact=False),
        Layout("whole-ccd", (1,), 4112, 4650.0, compact=True),
    )
}
"""The first IFU is always there: muse_twilight begins with it."""

USUAL = {"small": "one-ifu", "full": "whole-ccd"}
"""Size of a night to its layout where none is asked for."""


def layout_of(size: str, setups: tuple[str, ...]) -> Layout:
    """Return the layout that is asked for, or the usual one of a size.

    Raises
    ------
    SettingsError
        If several are asked for.
    """
    asked = [name for name in setups if name in LAYOUTS]
    if len(asked) > 1:
        raise SettingsError(f"setups: found {', '.join(asked)}, expected one of them")
    return LAYOUTS[asked[0] if asked else USUAL[size]]


def channel(ifu: int) -> str:
    """Return EXTNAME of an IFU: ``CHAN01``."""
    return f"CHAN{ifu:02d}"


@lru_cache(maxsize=1)
def slice_columns() -> npt.NDArray[np.intp]:
    """Columns (light-sensitive, from 0) of each slice, shape (SLICES, WIDTH)."""
    middle = FIRST + PITCH * np.arange(SLICES)
    return np.asarray(middle[:, None] - WIDTH // 2 + np.arange(WIDTH), dtype=np.intp)
