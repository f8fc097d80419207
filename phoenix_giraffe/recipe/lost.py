"""Fibres that are listed and give no light: found in the raw flats, left out of a second try.

gimasterflat looks for as many spectra as OzPoz lists buttons, and a broken fibre among them ends
it with "Invalid number of spectra detected". Told which rows of the fibre table to use
(``--fiber-splist``) it goes on, but no longer notices a wrong number. So the fibres are counted
here: peaks across the slit in the raw flats, brought into line with the layout of the sub-slits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from phoenix.errors import DataError
from phoenix.model.recipe import Parameter
from phoenix.toolkit.files import find, raw_paths
from phoenix.toolkit.fits import read_image, read_middle, read_table
from phoenix_giraffe.fibres import SIMCAL

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import SetOfFrames
    from phoenix.model.gate import RecipeOutcome

    Array = npt.NDArray[np.float64]

__all__ = [
    "ListedFibre",
    "fibre_peaks",
    "listed_fibres",
    "lit_rows",
    "lost_fibres",
    "second_try",
    "wrong_traces",
]

RECIPE = "gimasterflat"
WIRING, PLATE = "FLAMES FIBRE Table", "OzPoz_table"

BAND = 50
"""Rows on either side of the middle that are averaged: traces run straight over so many (ours)."""

DIM = 0.15
"""Light, as part of that of the median fibre, below which a fibre is lost (ours)."""

MOST_LOST = 0.25
"""Part of the fibres above which it is not the fibres that are at fault (ours)."""

WIDEST_GAP = 4.0
"""Between sub-slits, in distances of fibres: 2.2 in the simulator (ours)."""

MISFIT = 0.15
"""Rms distance from the layout, in distances of fibres, above which it is another layout
(ours)."""

CORE_PX = 4
"""A fibre is the highest pixel so far to either side, a third of the distance of two fibres; the
lowest within twice as far is the light between them (ours)."""

BESIDE_PX = 3.0
"""Distance of a trace from its fibre that is none: a quarter of that of two fibres (ours)."""


@frozen
class ListedFibre:
    """A fibre from which light is expected.

    Attributes
    ----------
    row : int
        Row of the fibre table, from 1, as ``--fiber-splist`` counts.
    fps : int
        Position in the slit.
    ssn, pssn : int
        Sub-slit, counted without holes, and position in it.
    name : str
        OBJECT of the OzPoz table; empty for a lamp fibre.
    kind : str
        TYPE of the OzPoz table, or SIMCAL.
    """

    row: int
    fps: int
    ssn: int
    pssn: int
    name: str
    kind: str


def listed_fibres(raw: Path) -> tuple[ListedFibre, ...]:
    """Return the fibres that OzPoz lists, and those of the lamps, in the order of the slit.

    Raises
    ------
    DataError
        If the frame has not both fibre tables.
    """
    wiring, plate = read_table(raw, WIRING), read_table(raw, PLATE)
    looks = {
        button: (name.strip(), kind)
        for button, name, kind in zip(
            plate["BUTTON"].astype(int).tolist(),
            plate["OBJECT"].astype(str).tolist(),
            plate["TYPE"].astype(str).tolist(),
            strict=True,
        )
    }
    columns = (_numbers(raw, wiring[name]) for name in ("FPS", "SSN", "PSSN", "RP"))
    rows = enumerate(zip(*columns, strict=True), 1)
    return tuple(
        ListedFibre(row, fps, ssn, pssn, *(("", SIMCAL) if button < 0 else looks[button]))
        for row, (fps, ssn, pssn, button) in rows
        if button < 0 or button in looks
    )


def lost_fibres(raw: Path, found: Iterable[int]) -> tuple[ListedFibre, ...]:
    """Return the fibres of the plate whose FPS is not among those found in a product.

    Lamp fibres are no loss: the recipes leave them out where their lamp does not burn.
    """
    known = set(found)
    on_plate = (fibre for fibre in listed_fibres(raw) if fibre.kind != SIMCAL)
    return tuple(fibre for fibre in on_plate if fibre.fps not in known)


def second_try(ab: AssociationBlock, frames: SetOfFrames) -> AssociationBlock | None:
    """Tell gimasterflat which fibres the flats show, None where that is not the trouble."""
    raws = raw_paths(ab, frames)
    if ab.recipe != RECIPE or not raws:
        return None
    try:
        listed = listed_fibres(raws[0])
        light = np.sum([read_image(path).astype(np.float64) for path in raws], axis=0)
    except (DataError, KeyError, ValueError):
        # What is wrong with the frames the recipe has said.
        return None
    lit = lit_rows(listed, fibre_peaks(light))
    if lit is None:
        return None
    lost = ", ".join(str(fibre.fps) for fibre in listed if fibre.row not in lit)
    kept = tuple(one for one in ab.parameters if one.name != "fiber-splist")
    told = Parameter("fiber-splist", _ranges(lit))
    return ab.edited(why=f"the flat shows no light from FPS {lost}", parameters=(*kept, told))


def fibre_peaks(frame: Array) -> Array:
    """Return the columns of the fibres in the middle rows of a flat, in pixels from 0."""
    middle = len(frame) // 2
    profile = np.median(frame[middle - BAND : middle + BAND], axis=0)
    # A worker loads it when there is a flat.
    from scipy import ndimage  # noqa: PLC0415 - loaded where it is used

    highest = ndimage.maximum_filter1d(profile, 2 * CORE_PX + 1)
    # The first of pixels that are alike.
    places = np.flatnonzero((profile == highest) & (np.append(-np.inf, profile[:-1]) < profile))
    heights = profile[places] - ndimage.minimum_filter1d(profile, 4 * CORE_PX + 1)[places]
    if not places.size:
        return np.zeros(0)
    usual = np.median(heights[heights >= DIM * np.percentile(heights, 99)])
    return np.asarray(places[heights > DIM * usual], dtype=np.float64)


def lit_rows(listed: tuple[ListedFibre, ...], peaks: Array) -> frozenset[int] | None:
    """Find out which of the listed fibres the peaks are.

    The distances of neighbouring peaks are held against the layout: one distance between fibres,
    one gap between sub-slits. Of all ways to leave out so many fibres that peaks and fibres are
    as many, the one is taken whose distances fit best.

    Returns
    -------
    frozenset of int or None
        Their rows; None where nothing is missing, or where the peaks do not fit the layout.
    """
    missing = len(listed) - len(peaks)
    if not 0 < missing <= MOST_LOST * len(listed):
        return None
    sub_slit = np.array([fibre.ssn for fibre in listed])
    place = np.array([fibre.pssn for fibre in listed])
    rank = sub_slit * place.max() + place
    distance = float(np.median(np.diff(peaks)))
    gaps = np.arange(0.0, WIDEST_GAP, 0.1)
    cost, skipped = min(
        (_in_line(peaks / distance, rank + gap * sub_slit) for gap in gaps), key=lambda one: one[0]
    )
    if np.sqrt(cost / len(peaks)) > MISFIT:
        return None
    return frozenset(listed[i + skip].row for i, skip in enumerate(skipped))


def _in_line(peaks: Array, places: Array) -> tuple[float, list[int]]:
    """Return the least sum of squares, and how many places are left out before each peak."""
    choices = np.arange(len(places) - len(peaks) + 1)
    costs = np.zeros(len(choices))
    came_from = []
    for i in range(1, len(peaks)):
        steps = places[i + choices][:, None] - places[i - 1 + choices][None, :]
        total = costs[None, :] + (peaks[i] - peaks[i - 1] - steps) ** 2
        # Places are left out one after another, never taken back.
        total[choices[:, None] < choices[None, :]] = np.inf
        came_from.append(total.argmin(axis=1))
        costs = total.min(axis=1)
    skipped = [int(costs.argmin())]
    for before in reversed(came_from):
        skipped.append(int(before[skipped[-1]]))
    return float(costs.min()), skipped[::-1]


def wrong_traces(outcome: RecipeOutcome) -> float | None:
    """Count the fibres of the master flat without a trace and the traces without a fibre."""
    master, traces = (
        find(outcome.products, name) for name in ("MASTER_FIBER_FLAT", "FF_LOCCENTROID")
    )
    if master is None or traces is None:
        return None
    peaks = fibre_peaks(read_middle(master, 0, BAND).astype(np.float64))
    found = read_image(traces)
    centres = found[len(found) // 2].astype(np.float64)
    away = np.abs(peaks[:, None] - centres[None, :])
    if not away.size:
        return float(len(peaks) + len(centres))
    return float((away.min(axis=1) > BESIDE_PX).sum() + (away.min(axis=0) > BESIDE_PX).sum())


def _numbers(raw: Path, column: npt.NDArray[np.generic]) -> list[int]:
    try:
        return [int(text) for text in column.astype(str).tolist()]
    except ValueError as error:
        raise DataError(f"{raw}: {WIRING}: {error}; expected whole numbers") from error


def _ranges(rows: Iterable[int]) -> str:
    """Write numbers as ``1-20,22``."""
    parts: list[list[int]] = []
    for row in sorted(rows):
        if parts and row == parts[-1][1] + 1:
            parts[-1][1] = row
        else:
            parts.append([row, row])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)
