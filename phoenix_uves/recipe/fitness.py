"""What is wrong with the frames of an AB before a recipe starts: crashes and silent failures.

uves 6.1.8 dies of signal 11 when it calibrates the flux of a frame without airmass, divides by
saturated flats without a word, and only warns when the chip of a frame is not that of its flat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.toolkit.alike import Alike, unlike
from phoenix.toolkit.files import raw_paths
from phoenix.toolkit.fits import read_rows
from phoenix.toolkit.headers import Header, number, read_header, text
from phoenix_uves.process import SCIENCE_RECIPE, UVES_ECH, chips_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import SetOfFrames

__all__ = ["RAW_CHIPS", "SATURATION", "unfit"]

SATURATION = 65000
"""ADU from which a raw pixel is saturated; the converter ends at 65535 (ours)."""

MOST_SATURATED = 0.01
"""Part of the pixels of a raw flat that may be saturated (ours)."""

RAW_CHIPS = {"BLUE": (("BLUE", 0),), "RED": (("REDU", 1), ("REDL", 2))}
"""Arm to its chips and the HDU of each in a raw frame."""

REQUIRED = {
    "uves_cal_response": ("ESO TEL AIRM START", "ESO TEL AIRM END"),
    SCIENCE_RECIPE: ("ESO TEL AIRM START", "ESO TEL AIRM END"),
}
"""Recipe to the numbers without which it crashes."""

FLAT_MODE, USUAL_MODE = "reduce.ffmethod", "extract"
"""Parameter that says how the flat is applied, and its default (uves 6.1.8)."""

RESPONSE = "INSTR_RESPONSE_FINE"
"""Begin of the tags of a response."""

MOST_PARAMETERS = 200
"""Of a recipe, in the header of its products; uves_cal_response has about 120."""

_BINNING = ("ESO DET WIN1 BINX", "ESO DET WIN1 BINY")
_OF_SETTING = "(MASTER_FLAT|ORDER_TABLE|LINE_TABLE)"

ALIKE = (
    Alike(r"MASTER_(BIAS|DARK)_.*", _BINNING),
    Alike(rf"{_OF_SETTING}_BLUE", (*_BINNING, "ESO INS GRAT1 WLEN")),
    Alike(rf"{_OF_SETTING}_RED[LU]", (*_BINNING, "ESO INS GRAT2 WLEN")),
    Alike(rf"{RESPONSE}_BLUE", ("ESO INS GRAT1 WLEN",)),
    Alike(rf"{RESPONSE}_RED[LU]", ("ESO INS GRAT2 WLEN",)),
)
"""As the association rules of the pipeline (uves.oca) have it; ABs that were made by hand, or
edited, know no rules."""

_SPARSE = 4  # every fourth row and column is enough for a part of the pixels (ours)


def unfit(ab: AssociationBlock, frames: SetOfFrames) -> Iterator[str]:
    """Yield a sentence for everything for which the recipe must not be started."""
    paths = raw_paths(ab, frames)
    for path in paths:
        yield from _missing(ab, path)
    yield from unlike(ab, frames, ALIKE)
    if ab.recipe == "uves_cal_mflat":
        for path in paths:
            yield from _saturated(ab, path)
    if ab.recipe == SCIENCE_RECIPE:
        for path in paths:
            yield from _other_chip(ab, path, frames)
        yield from _other_flat_mode(ab, frames)


def _missing(ab: AssociationBlock, path: Path) -> Iterator[str]:
    header = read_header(path)
    lost = [key for key in REQUIRED.get(ab.recipe, ()) if number(header, key) is None]
    if lost:
        names = ", ".join(key.removeprefix("ESO ") for key in lost)
        yield (
            f"{path.name}: found no number as {names}, expected the airmass: the recipe would "
            "crash; mend the header"
        )


def _saturated(ab: AssociationBlock, path: Path) -> Iterator[str]:
    for chip, hdu in RAW_CHIPS.get(ab.raw_type.rpartition("_")[2], ()):
        part = float(np.mean(read_rows(path, hdu, _SPARSE)[:, ::_SPARSE] >= SATURATION))
        if part > MOST_SATURATED:
            yield (
                f"{path.name}: found {100 * part:.1f} % of the pixels of {chip} saturated, "
                f"expected at most {100 * MOST_SATURATED:g} %; take the frame out of the AB"
            )


def _other_flat_mode(ab: AssociationBlock, frames: SetOfFrames) -> Iterator[str]:
    """Yield a sentence for a response that was made with flats of another mode than the science.

    Divided by the flat pixel by pixel or after extraction, counts have other scales: with the
    response of the other mode the flux comes out 1.56 times too high (uves 6.1.8).
    """
    recipe = next(row for row in UVES_ECH.recipes if row.name == ab.recipe)
    told = {row.name: row.value for row in (*recipe.parameters, *ab.parameters)}
    wanted = told.get(FLAT_MODE, USUAL_MODE)
    for path, tag in frames.frames:
        found = _flat_mode(read_header(path)) if tag.startswith(RESPONSE) else ""
        if found not in {"", wanted}:
            yield (
                f"{path.name}: found a response made with {FLAT_MODE}={found}, expected {wanted} "
                "as for the science; make both alike in [pipeline.*] of phoenix.toml"
            )


def _flat_mode(header: Header) -> str:
    """Return the flat mode that a product says it was made with, empty where it does not say."""
    names = (f"ESO PRO REC1 PARAM{number} " for number in range(1, 1 + MOST_PARAMETERS))
    return next(
        (text(header, f"{name}VALUE") for name in names if header.get(f"{name}NAME") == FLAT_MODE),
        "",
    )


def _other_chip(ab: AssociationBlock, path: Path, frames: SetOfFrames) -> Iterator[str]:
    raw_hdus = dict(RAW_CHIPS.get(ab.raw_type.rpartition("_")[2], ()))
    for chip in chips_of(ab.raw_type):
        flats = [flat for flat, tag in frames.frames if tag == f"MASTER_FLAT_{chip}"]
        key = f"ESO DET CHIP{raw_hdus[chip] or 1} ID"
        here = text(read_header(path, raw_hdus[chip]), key)
        there = {text(read_header(flat), key) for flat in flats} - {""}
        if here and there and here not in there:
            yield (
                f"{path.name}: found chip {here} as {chip}, expected {', '.join(sorted(there))} "
                "as in the flat; associate calibrations of the same detector"
            )
