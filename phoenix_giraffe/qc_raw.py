"""QC of raw files: saturation, levels, and what the headers say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.qc import Measurement
from phoenix.toolkit.fits import read_image
from phoenix.toolkit.headers import number, paths_of, read_header
from phoenix.toolkit.measures import count_saturated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import SetOfFrames

__all__ = ["SATURATION", "TEMPERATURE", "evenness", "measure_raw_files", "raw_paths"]

SATURATION = 60000.0
"""ADU from which the pipeline counts a raw pixel as saturated (QC OUT1 NSAT RAW)."""

TEMPERATURE = "ESO INS TEMP1 VAL"
"""Temperature of the grating in C: score bit 0 compares that of science and arc."""

_SPARSE = 8  # every eighth row and column is enough for a level


def raw_paths(ab: AssociationBlock, frames: SetOfFrames) -> tuple[Path, ...]:
    """Return the raw files that the recipe read."""
    tags = dict.fromkeys(raw.tag for raw in ab.raw_files)
    return tuple(path for tag in tags for path in paths_of(frames, tag))


def measure_raw_files(ab: AssociationBlock, frames: SetOfFrames) -> Iterator[Measurement]:
    """Measure what holds for raw files of every type."""
    paths = raw_paths(ab, frames)
    saturated = sum(count_saturated(read_image(path), SATURATION) for path in paths)
    yield Measurement("NUM_RAW", len(paths))
    yield Measurement("NUM_SAT", saturated if paths else None)
    yield Measurement("TEMPERATURE", number(read_header(paths[0]), TEMPERATURE) if paths else None)


def evenness(paths: tuple[Path, ...]) -> float | None:
    """Level of the faintest raw frame over that of the brightest, None without light."""
    levels = [_level(path) for path in paths]
    return min(levels) / max(levels) if levels and max(levels) > 0 else None


def _level(path: Path) -> float:
    """Mean level of the light above the prescan in ADU."""
    header, frame = read_header(path), read_image(path)
    prescan = int(number(header, "ESO DET OUT1 PRSCX") or 0)
    overscan = int(number(header, "ESO DET OUT1 OVSCX") or 0)
    light = frame[::_SPARSE, prescan : frame.shape[1] - overscan : _SPARSE]
    bias = np.median(frame[::_SPARSE, :prescan]) if prescan else 0.0
    return max(float(light.mean() - bias), 0.0)
