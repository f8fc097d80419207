"""What is wrong with the frames of an AB before a recipe starts.

muse 2.8.7 reduces a frame that does not say where it points as "lab data", without correction for
refraction. One that lacks an IFU of the calibrations ends with exit code 255 after all the work on
the others, and so does a twilight without IFU 1. A response of old, without FFCORR, gives wrong
fluxes with a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.counted import counted
from phoenix.toolkit.alike import Alike, unlike
from phoenix.toolkit.files import first_of, paths_of, raw_paths
from phoenix.toolkit.headers import number, read_header, text
from phoenix_muse.blocks.pixtables import ALL_IFUS, ifus_of
from phoenix_muse.process import ALIGN, COMBINE, PIPELINE, SCIBASIC, SCIPOST
from phoenix_muse.recipe.channels import channels_of
from phoenix_muse.recipe.gate import FLAT_SPECTRUM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import SetOfFrames

__all__ = ["LEAST_FRAMES", "unfit"]

LEAST_FRAMES = {"muse_bias": 3, "muse_dark": 3, "muse_flat": 3, "muse_twilight": 3}
"""Recipe to the raw frames that it wants."""

_TWILIGHT = "muse_twilight"

POINTING = ("RA", "DEC", "LST", "EXPTIME", "MJD-OBS", "ESO TEL GEOLAT", "ESO INS DROT POSANG")
"""Numbers without which a frame is lab data, or its wavelengths and fluxes stay as they are."""

ILLUM = "ILLUM"

_READ = "ESO DET READ CURID"
_OPTICS = ("ESO INS OPTI1 FILTER", "ESO INS OPTI2 NAME")
"""Nominal or extended wavelengths; wide or narrow field."""

ALIKE = (
    Alike(r"MASTER_(BIAS|DARK)", (_READ,)),
    Alike(r"MASTER_FLAT|TRACE_TABLE|WAVECAL_TABLE|TWILIGHT_CUBE", (_READ, *_OPTICS)),
    Alike(r"STD_RESPONSE|STD_TELLURIC", _OPTICS, "PIXTABLE_OBJECT"),
)
"""As the association rules of the pipeline (muse.oca) have it."""

EXPOSURES = {ALIGN: "IMAGE_FOV", COMBINE: "PIXTABLE_REDUCED"}


def unfit(ab: AssociationBlock, frames: SetOfFrames) -> Iterator[str]:
    """Yield a sentence for everything for which the recipe must not be started."""
    raws = _exposures(ab, frames)
    yield from _too_few(ab, raws)
    yield from _exposures_twice(ab, frames)
    yield from unlike(ab, frames, ALIKE)
    if ab.recipe == SCIPOST:
        yield from _old_response(frames)
    if ab.recipe == SCIBASIC:
        for path in raws:
            yield from _astray(path)
    if raws and ab.recipe != "muse_illum":
        yield from _channels(ab, frames, raws)


def _exposures(ab: AssociationBlock, frames: SetOfFrames) -> tuple[Path, ...]:
    """Return the raw frames but the flat that comes with them."""
    flats = set(paths_of(frames, ILLUM))
    return tuple(path for path in raw_paths(ab, frames) if path not in flats)


def _too_few(ab: AssociationBlock, raws: tuple[Path, ...]) -> Iterator[str]:
    least = LEAST_FRAMES.get(ab.recipe, 0)
    if len(raws) < least:
        yield (
            f"{ab.name}: found {counted(len(raws), 'raw frame')}, expected at least {least}; "
            "take another series"
        )


def _exposures_twice(ab: AssociationBlock, frames: SetOfFrames) -> Iterator[str]:
    """Find an exposure that goes in twice: the recipe warns and counts it twice."""
    paths = paths_of(frames, EXPOSURES.get(ab.recipe, ""))
    starts = [text(read_header(path), "DATE-OBS") for path in paths]
    twice = sorted({start for start in starts if start and starts.count(start) > 1})
    if twice:
        yield (
            f"{ab.name}: found the exposure of {', '.join(twice)} more than once, expected each "
            "once; take one out of the AB"
        )


def _astray(path: Path) -> Iterator[str]:
    header = read_header(path)
    lost = [key.removeprefix("ESO ") for key in POINTING if number(header, key) is None]
    if not text(header, "DATE-OBS"):
        lost.append("DATE-OBS")
    if lost:
        yield (
            f"{path.name}: found no {', '.join(lost)}, expected it: the recipe would end well, "
            "without correction for refraction and motion, or without a pixel table; mend the "
            "header"
        )


def _channels(ab: AssociationBlock, frames: SetOfFrames, raws: tuple[Path, ...]) -> Iterator[str]:
    """Find IFUs that a frame lacks; the recipe would fail after its work on the others."""
    flat = first_of(frames, "MASTER_FLAT", "MASTER_BIAS")
    wanted = set(ifus_of(ab))
    if wanted == set(ALL_IFUS):
        # What the calibrations have, or what most of the frames have.
        first = (flat, *raws) if flat is not None else raws
        wanted = set().union(*(channels_of(path) for path in first)) or wanted
    for path in raws:
        lost = sorted(wanted - set(channels_of(path)))
        if lost:
            names = ", ".join(f"CHAN{ifu:02d}" for ifu in lost)
            yield (
                f"{path.name}: found no {names}, expected it: muse would fail after its work on "
                "the other IFUs; leave the frame out"
            )
        elif ab.recipe == _TWILIGHT and 1 not in channels_of(path):
            yield (
                f"{path.name}: found no CHAN01, expected it: the twilight cube is built on it; "
                "take another series"
            )


def _old_response(frames: SetOfFrames) -> Iterator[str]:
    for path in paths_of(frames, "STD_RESPONSE"):
        header = read_header(path)
        if text(header, "ESO PRO REC1 PIPE ID").startswith(PIPELINE) and not header.get(
            FLAT_SPECTRUM
        ):
            yield (
                f"{path.name}: found no {FLAT_SPECTRUM}, expected T: this response holds for data "
                "with the spectrum of the flat in them, and fluxes would be wrong; make a new one"
            )
