"""QC of raw files, as their headers tell it: how many, when, in what weather, with which masters.

The pixels of a raw file of 24 detectors are never read: the recipes count saturated ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.errors import DataError
from phoenix.model.dates import mjd_of
from phoenix.model.qc import Measurement
from phoenix.toolkit.conditions import difference, measure_sky, middle
from phoenix.toolkit.files import first_of, paths_of
from phoenix.toolkit.headers import integer, number, read_header, text
from phoenix_muse.quality.keywords import ifus_of, paths_of_all
from phoenix_muse.quality.seeing import USUAL, sky_resolution
from phoenix_muse.quality.table import EXPOSURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames
    from phoenix.toolkit.headers import Header

__all__ = ["measure_exposure", "measure_raw"]

TEMPERATURE = "ESO INS TEMP7 VAL"
"""Ambient temperature at the instrument in C."""

_DAY = 86400.0


def measure_raw(ab: AssociationBlock, frames: SetOfFrames) -> Iterator[Measurement]:
    """Measure what holds for raw files of every type."""
    # An illumination flat beside twilights is none of them.
    paths = paths_of(frames, ab.raw_type)
    header = read_header(paths[0]) if paths else None
    wanted = integer(header, "ESO TPL NEXP") if header else None
    yield Measurement("NUM_RAW", len(paths))
    # Exposures of a template are reduced one by one: of them none is missing here.
    part = len(paths) / wanted if wanted and ab.raw_type not in EXPOSURES else None
    yield Measurement("TPL_PART", part)
    # A dead detector has an extension without pixels.
    yield Measurement("NUM_IFU", len(ifus_of(paths[:1])) if paths else None)
    yield Measurement("TEMPERATURE", number(header, TEMPERATURE) if header else None)


def measure_exposure(
    ab: AssociationBlock, frames: SetOfFrames, products: tuple[Product, ...]
) -> Iterator[Measurement]:
    """Measure an exposure of the sky, the standard star or the target."""
    raws = paths_of(frames, ab.raw_type)
    headers = [read_header(path) for path in raws]
    made = ifus_of(paths_of_all(products, f"PIXTABLE_{ab.raw_type}"))
    there = ifus_of(raws[:1])
    yield Measurement("IFU_PART", len(made) / len(there) if there else None)
    if ab.raw_type != "STD":
        # In an OB that looks at nothing but sky it is reduced as a target.
        kind = text(headers[0], "ESO DPR TYPE") if headers else ""
        yield Measurement("IS_OBJ", int("SKY" in {kind, ab.raw_type}))
    yield from _masters(frames, headers)
    yield from _times(headers)
    yield from _weather(headers)


def _masters(frames: SetOfFrames, headers: list[Header]) -> Iterator[Measurement]:
    arc = first_of(frames, "WAVECAL_TABLE")
    begun = number(read_header(arc), "MJD-OBS") if arc else None
    age = difference(middle(headers), begun)
    yield Measurement("ARC_AGE", None if age is None else abs(age))
    for name, tag in (("SKY_FLAT", "TWILIGHT_CUBE"), ("ILLUM", "ILLUM")):
        yield Measurement(name, int(first_of(frames, tag) is None))


def _times(headers: list[Header]) -> Iterator[Measurement]:
    header = headers[0] if headers else None
    begin = number(header, "MJD-OBS") if header else None
    seconds = number(header, "EXPTIME") if header else None
    end = None if begin is None or seconds is None else begin + seconds / _DAY
    yield Measurement("EXPTIME", seconds)
    yield Measurement("MJD_BEGIN", begin)
    yield Measurement("MJD_END", end)
    yield Measurement("TPL_BEGIN", _begin_of_template(header) if header else None)


def _begin_of_template(header: Header) -> float | None:
    try:
        return mjd_of(text(header, "ESO TPL START"))
    except DataError:
        return None


def _weather(headers: list[Header]) -> Iterator[Measurement]:
    yield from measure_sky(headers)
    header = headers[0] if headers else None
    axes = ("FWHMX", "FWHMY")
    guider = [number(header, f"ESO OCS SGS AG {axis} MED") for axis in axes] if header else []
    known = [value for value in guider if value]
    yield Measurement("SGS_FWHM", float(np.mean(known)) if known else None)
    yield Measurement("AMBI_REQ", number(header, "ESO OBS AMBI FWHM") if header else None)
    found = sky_resolution(header) if header else None
    for name, value in zip(("SKY_RES", "SKY_RERR"), found or USUAL, strict=True):
        yield Measurement(name, value)
    yield Measurement("SKY_RES_KNOWN", int(found is not None))
