"""QC of raw files: saturation, levels, and what the headers say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.qc import Measurement
from phoenix.toolkit.fits import read_image
from phoenix.toolkit.headers import number, read_header
from phoenix.toolkit.measures import count_saturated
from phoenix_uves.fitness import RAW_CHIPS, SATURATION, raw_frames
from phoenix_uves.process import arm_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import SetOfFrames

__all__ = ["CAMERA", "evenness", "measure_raw_files"]

CAMERA = {"BLUE": "ESO INS TEMP1 MEAN", "RED": "ESO INS TEMP2 MEAN"}
"""Arm to the keyword of the temperature of its camera in C."""

PRESSURE = "ESO INS SENS26 MEAN"

_SPARSE = 8  # every eighth row and column is enough for a level


def measure_raw_files(ab: AssociationBlock, frames: SetOfFrames) -> Iterator[Measurement]:
    """Measure what holds for raw files of every type."""
    paths, arm = raw_frames(ab, frames), arm_of(ab.raw_type)
    saturated = sum(
        count_saturated(read_image(path, hdu), SATURATION)
        for path in paths
        for _, hdu in RAW_CHIPS.get(arm, ())
    )
    header = read_header(paths[0]) if paths else {}
    yield Measurement("NUM_RAW", len(paths))
    yield Measurement("NUM_SAT", saturated if paths else None)
    yield Measurement("TEMPERATURE", number(header, CAMERA.get(arm, "")))
    yield Measurement("PRESSURE", number(header, PRESSURE))


def evenness(paths: tuple[Path, ...], arm: str) -> float | None:
    """Level of the faintest raw frame over that of the brightest, of the worst chip."""
    found = []
    for _, hdu in RAW_CHIPS.get(arm, ()):
        levels = [_level(path, hdu) for path in paths]
        if levels and max(levels) > 0:
            found.append(min(levels) / max(levels))
    return min(found, default=None)


def _level(path: Path, hdu: int) -> float:
    """Mean level of the light above the prescan in ADU."""
    header, frame = read_header(path, hdu), read_image(path, hdu)
    before = int(number(header, "ESO DET OUT1 PRSCX") or 0)
    behind = int(number(header, "ESO DET OUT1 OVSCX") or 0)
    light = frame[::_SPARSE, before : frame.shape[1] - behind : _SPARSE]
    dark = np.median(frame[::_SPARSE, :before]) if before else 0.0
    return max(float(light.mean() - dark), 0.0)
