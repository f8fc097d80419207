"""QC of raw files: how many, saturation, levels, and what the first header says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.qc import Measurement
from phoenix.toolkit.fits import read_image, read_rows
from phoenix.toolkit.headers import integer, number, read_header
from phoenix.toolkit.measures import count_saturated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["evenness", "light_level", "measure_raw_files"]

_SPARSE = 8  # every eighth row and column is enough for a level (ours)


def measure_raw_files(
    paths: Sequence[Path],
    saturation: float,
    keywords: Mapping[str, str],
    hdus: Sequence[int] = (0,),
) -> Iterator[Measurement]:
    """Measure what holds for raw files of every type.

    Parameters
    ----------
    paths : sequence of Path
        The raw files of an AB.
    saturation : float
        ADU from which a pixel is saturated; NUM_SAT counts those of all files and chips.
    keywords : mapping
        QC parameter to the keyword that it is in the first file.
    hdus : sequence of int
        Where the pixels of the chips are.
    """
    saturated = (
        count_saturated(read_image(path, hdu), saturation) for path in paths for hdu in hdus
    )
    yield Measurement("NUM_RAW", len(paths))
    yield Measurement("NUM_SAT", sum(saturated) if paths else None)
    header = read_header(paths[0]) if paths else {}
    for name, key in keywords.items():
        yield Measurement(name, number(header, key))


def evenness(paths: Sequence[Path], hdu: int = 0) -> float | None:
    """Level of the faintest raw frame over that of the brightest, None without light."""
    levels = [light_level(path, hdu) for path in paths]
    return min(levels) / max(levels) if levels and max(levels) > 0 else None


def light_level(path: Path, hdu: int = 0) -> float:
    """Mean level of the light above the prescan in ADU, at least 0."""
    header, rows = read_header(path, hdu), read_rows(path, hdu, _SPARSE)
    before = integer(header, "ESO DET OUT1 PRSCX") or 0
    behind = integer(header, "ESO DET OUT1 OVSCX") or 0
    light = rows[:, before : rows.shape[1] - behind : _SPARSE]
    dark = np.median(rows[:, :before]) if before else 0.0
    return max(float(light.mean() - dark), 0.0)
