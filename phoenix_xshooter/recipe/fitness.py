"""What is wrong with the frames of an AB before a recipe starts: crashes and endless loops.

xshoo 3.5.0 never returns from a dark with not-a-number in it, dies of signal 11 when a nodded
frame lacks its offsets, and averages one dark as gladly as three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.counted import counted
from phoenix.toolkit.alike import Alike, unlike
from phoenix.toolkit.files import paths_of, raw_paths
from phoenix.toolkit.fits import read_image, read_rows
from phoenix.toolkit.headers import integer, number, read_header
from phoenix_xshooter.process import NOD, OFFSET, RESPONSE_RECIPES, STARE, arm_of, kind_of
from phoenix_xshooter.setups import SATURATION, binning_code, exposure_time, readout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import SetOfFrames

__all__ = ["LEAST_DARKS", "unfit"]

LEAST_DARKS = 3
"""Frames without which hot pixels cannot be told from cosmic rays (ours); the recipe takes one."""

MOST_SATURATED = 0.01
"""Part of the pixels of a raw flat that may be saturated (ours)."""

MOST_UNEVEN = 1.01
"""Ratio of the exposure times of frames that are combined, beyond which they are not the same
(ours): shutters differ by milliseconds. With half the time in one of two nods the flux came out at
0.75 of the truth, exit code 0."""

_AIRMASS = ("ESO TEL AIRM START", "ESO TEL AIRM END")
_NODDED = (
    "ESO SEQ CUMOFF RA", "ESO SEQ CUMOFF DEC", "ESO SEQ RELOFF RA", "ESO SEQ RELOFF DEC",
    "ESO SEQ NOD THROW", "ESO ADA POSANG",
)  # fmt: skip

REQUIRED = {
    NOD: (*_NODDED, *_AIRMASS),
    STARE: _AIRMASS,
    OFFSET: _AIRMASS,
    RESPONSE_RECIPES[0]: (*_NODDED, *_AIRMASS),
    RESPONSE_RECIPES[1]: _AIRMASS,
    RESPONSE_RECIPES[2]: _AIRMASS,
}
"""Recipe to the numbers without which it crashes, or calibrates no flux."""

INFRARED = ("ESO DET DIT", "ESO DET NDIT", "ESO DET NDITSKIP")
"""Numbers that the recipes want of frames of the near infrared; without the last the table in the
form of the data standard ends the recipe with exit code 1."""

ALIKE = ("MASTER_BIAS", "MASTER_DARK", "MASTER_FLAT_SLIT")
"""PRO.CATGs, without the arm, of masters whose pixels are those of the raw frames."""

SAME_SETUP = (
    Alike(
        r"(MASTER_|ORDER_TAB_|WAVE_|DISP_TAB|SLIT_MAP|RESPONSE_).*(UVB|VIS|NIR)",
        ("ESO SEQ ARM",),
    ),
    Alike(r"MASTER_DARK_NIR", ("ESO DET DIT",)),
)
"""As the association rules of the pipeline (xshoo.oca) have it; binning is compared apart."""

UNBINNED = ("xsh_predict", "xsh_orderpos", "xsh_2dmap", "xsh_wavecal")

NODDING, STARING = (NOD, RESPONSE_RECIPES[0]), (STARE, RESPONSE_RECIPES[1])
BINNED = "ESO DET WIN1 BINX"
"""Where a frame tells its binning."""
_SPARSE = 4  # every fourth row and column is enough for a part of the pixels (ours)


def unfit(ab: AssociationBlock, frames: SetOfFrames) -> Iterator[str]:
    """Yield a sentence for everything for which the recipe must not be started."""
    paths, arm = raw_paths(ab, frames), arm_of(ab.raw_type)
    kind = kind_of(ab.raw_type)
    yield from unlike(ab, frames, SAME_SETUP)
    for path in paths:
        yield from _missing(ab, path, arm)
    if arm == "NIR":
        for path in paths:
            yield from _not_numbers(path)
    if kind == "DARK":
        yield from _darks(ab, paths, arm)
    if ab.recipe in REQUIRED:
        yield from _uncombined(ab, paths)
    if arm != "NIR":
        yield from _binned(ab, frames, paths, arm)
    if kind == "FLAT_SLIT" and arm != "NIR":
        for path in paths:
            yield from _saturated(path, arm)
    if ab.recipe in STARING and not paths_of(frames, f"SKY_LINE_LIST_{arm}"):
        yield (
            f"{ab.name}: found no SKY_LINE_LIST_{arm}, expected one: the recipe fails and leaves "
            "products behind; put it among the calibrations"
        )


def _missing(ab: AssociationBlock, path: Path, arm: str) -> Iterator[str]:
    header = read_header(path)
    wanted = (*REQUIRED.get(ab.recipe, ()), *(INFRARED if arm == "NIR" else ()))
    lost = [key for key in wanted if number(header, key) is None]
    if lost:
        names = ", ".join(key.removeprefix("ESO ") for key in lost)
        yield (
            f"{path.name}: found no number as {names}, expected one: the recipe would crash; mend "
            "the header"
        )


def _not_numbers(path: Path) -> Iterator[str]:
    pixels = read_image(path)
    lost = int(np.count_nonzero(~np.isfinite(pixels)))
    if lost:
        yield (
            f"{path.name}: found {lost} pixels that are no numbers, expected none: the recipe "
            "would not end; take the frame out of the AB"
        )


def _darks(ab: AssociationBlock, paths: tuple[Path, ...], arm: str) -> Iterator[str]:
    if len(paths) < LEAST_DARKS:
        yield (
            f"{ab.name}: found {counted(len(paths), 'dark')}, expected at least {LEAST_DARKS}; "
            "take another series"
        )
    yield from _unequal(ab, paths, arm)


def _unequal(ab: AssociationBlock, paths: tuple[Path, ...], arm: str) -> Iterator[str]:
    key = "ESO DET DIT" if arm == "NIR" else "EXPTIME"
    times = {number(read_header(path), key) for path in paths}
    if len(times) > 1:
        found = ", ".join(f"{time:g}" for time in sorted(t for t in times if t is not None))
        yield f"{ab.name}: found darks of {found} s, expected one {key}; make an AB of each"


def _uncombined(ab: AssociationBlock, paths: tuple[Path, ...]) -> Iterator[str]:
    if ab.recipe in NODDING:
        yield from _odd(ab, paths)
    yield from _of_one_block(ab, paths)
    yield from _uneven(ab, paths)


def _odd(ab: AssociationBlock, paths: tuple[Path, ...]) -> Iterator[str]:
    if len(paths) % 2:
        yield (
            f"{ab.name}: found {len(paths)} frames of a nod, expected an even number: the other "
            "position is missing; take one frame out of the AB"
        )


def _of_one_block(ab: AssociationBlock, paths: tuple[Path, ...]) -> Iterator[str]:
    """Compare the OBs of what is combined: templates are told apart by their start alone."""
    blocks = {integer(read_header(path), "ESO OBS ID") for path in paths}
    if len(blocks) > 1:
        found = ", ".join(sorted(map(str, blocks)))
        yield f"{ab.name}: found frames of the OBs {found}, expected one; make an AB of each"


def _uneven(ab: AssociationBlock, paths: tuple[Path, ...]) -> Iterator[str]:
    """Compare exposure times: one that was broken off is shorter than the others."""
    arm = arm_of(ab.raw_type)
    known = [time for path in paths if (time := exposure_time(read_header(path), arm))]
    if known and max(known) > MOST_UNEVEN * min(known):
        found = ", ".join(f"{time:g}" for time in sorted(set(known)))
        yield (
            f"{ab.name}: found exposures of {found} s, expected one time: the recipe takes all "
            "for as long as the first, and flux and sky would be wrong; make an AB of those of "
            "one time"
        )


def _binned(
    ab: AssociationBlock, frames: SetOfFrames, paths: tuple[Path, ...], arm: str
) -> Iterator[str]:
    """Compare the binning of raw frames with that of masters, which the recipes do not."""
    masters = [path for name in ALIKE for path in paths_of(frames, f"{name}_{arm}")]
    for path in paths:
        own = binning_code(read_header(path), arm)
        if ab.recipe in UNBINNED and own != "1x1":
            yield (
                f"{path.name}: found binning {own}, expected none: {ab.recipe} takes unbinned "
                "frames; take another"
            )
        for master in masters:
            header = read_header(master)
            other = binning_code(header, arm)
            # One that does not tell, as that of a stand-in, may be right.
            if BINNED in header and own != other:
                yield (
                    f"{path.name}: found binning {own}, but {other} in {master.name}, expected "
                    "the same; take another master"
                )
            elif kind_of(ab.raw_type) != "DARK":
                yield from _read_otherwise(path, master, arm)


def _read_otherwise(path: Path, master: Path, arm: str) -> Iterator[str]:
    """Compare how the detector was read, on which its level and gain depend; the rules do, too."""
    here, there = (readout(read_header(one), arm) for one in (path, master))
    if here and there and here != there:
        yield (
            f"{path.name}: found READ CLOCK {here}, but {there} in {master.name}, expected the "
            "same; take another master"
        )


def _saturated(path: Path, arm: str) -> Iterator[str]:
    part = float(np.mean(read_rows(path, 0, _SPARSE)[:, ::_SPARSE] >= SATURATION[arm]))
    if part > MOST_SATURATED:
        yield (
            f"{path.name}: found {100 * part:.1f} % of the pixels saturated, expected at most "
            f"{100 * MOST_SATURATED:g} %; take the frame out of the AB"
        )
