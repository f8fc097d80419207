"""A format that moved: how far, and the second try of uves_cal_predict that is told so.

The positions at which the physical model expects the arc lines stand in LINE_GUESS_TAB, moved or
not. The sum of the raw format-check frame over all of them, shifted by every whole number of
pixels in turn, has a sharp peak at the shift.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from phoenix.model.recipe import Parameter
from phoenix.toolkit.files import raw_paths
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.headers import number, read_header
from phoenix.toolkit.measures import robust_sigma
from phoenix_uves.process import chips_of
from phoenix_uves.recipe.fitness import RAW_CHIPS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import SetOfFrames
    from phoenix.model.gate import RecipeOutcome

    Array = npt.NDArray[np.float64]

__all__ = ["RECIPE", "find_shift", "rotated", "second_try"]

RECIPE = "uves_cal_predict"

FARTHEST = 30
"""Binned pixels in either direction that are tried (ours)."""

LEAST_CONTRAST = 8.0
"""Robust sigmas by which the peak must stand above the other shifts: far beyond
what chance gives in 3721 of them (ours)."""

_CLIP_PERCENT = 99.5  # a few saturated lines must not decide (ours)


def second_try(
    ab: AssociationBlock, frames: SetOfFrames, outcome: RecipeOutcome
) -> AssociationBlock | None:
    """Tell uves_cal_predict how far the format has moved, None where that is not the trouble."""
    if ab.recipe != RECIPE:
        return None
    shifts = [shift for shift in _shifts(ab, frames, outcome) if shift is not None]
    if not shifts:
        return None
    x, y = (round(float(np.mean(axis))) for axis in zip(*shifts, strict=True))
    if (x, y) == (0, 0):
        return None
    told = {"trans_x": str(x), "trans_y": str(y)}
    kept = tuple(one for one in ab.parameters if one.name not in told)
    moved = tuple(Parameter(name, value) for name, value in told.items())
    why = f"the format moved by {x} and {y} binned pixels since the model was made"
    return ab.edited(why=why, parameters=(*kept, *moved))


def _shifts(
    ab: AssociationBlock, frames: SetOfFrames, outcome: RecipeOutcome
) -> Iterator[tuple[int, int] | None]:
    raws = raw_paths(ab, frames)
    hdus = dict(RAW_CHIPS.get(ab.raw_type.rpartition("_")[2], ()))
    for chip in chips_of(ab.raw_type):
        guess = outcome.product(f"LINE_GUESS_TAB_{chip}")
        if guess is None or not raws:
            continue
        table = read_table(guess.path, 1)
        frame = rotated(raws[0], chip, hdus[chip])
        yield find_shift(frame, table["XPRED"], table["YPRED"])


def rotated(path: Path, chip: str, hdu: int) -> Array:
    """Read a chip of a raw frame as the pipeline turns it: x along the dispersion.

    Prescan and overscan are cropped; blue frames are turned by 90 degrees, red ones are mirrored.
    """
    pixels, header = read_image(path, hdu).astype(np.float64), read_header(path, hdu)
    before = int(number(header, "ESO DET OUT1 PRSCX") or 0)
    behind = int(number(header, "ESO DET OUT1 OVSCX") or 0)
    light = pixels[:, before : pixels.shape[1] - behind]
    return light[::-1].T if chip == "BLUE" else light[::-1, ::-1].T


def find_shift(frame: Array, x: Array, y: Array) -> tuple[int, int] | None:
    """Return by how many whole pixels the lines are beside where they should be.

    Parameters
    ----------
    frame : ndarray, shape (ny, nx)
        Turned as the pipeline does.
    x, y : ndarray, shape (n_line,)
        Expected positions in pixels, from 1.

    Returns
    -------
    (int, int) or None
        Measured minus expected along x and y; None where no shift stands out.
    """
    bright = np.minimum(frame - np.median(frame), np.percentile(frame, _CLIP_PERCENT))
    known = np.isfinite(x) & np.isfinite(y)
    column, row = np.rint(x[known]).astype(int) - 1, np.rint(y[known]).astype(int) - 1
    inside = (column >= FARTHEST) & (column < frame.shape[1] - FARTHEST)
    inside &= (row >= FARTHEST) & (row < frame.shape[0] - FARTHEST)
    if not inside.any():
        return None
    # What is around each line, and its mean over the lines: the light at every shift.
    around = sliding_window_view(bright, (2 * FARTHEST + 1, 2 * FARTHEST + 1))
    light = around[row[inside] - FARTHEST, column[inside] - FARTHEST].mean(axis=0)
    dy, dx = np.unravel_index(int(light.argmax()), light.shape)
    if light[dy, dx] - np.median(light) <= LEAST_CONTRAST * robust_sigma(light):
        return None
    return int(dx) - FARTHEST, int(dy) - FARTHEST
