"""QC of raw files: how many, saturation, levels, and what the first header says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.qc import Measurement
from phoenix.toolkit.fits import read_image, read_rows
from phoenix.toolkit.headers import integer, number, read_header
from phoenix.toolkit.measures import count_saturated, robust_sigma

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = [
    "evenness",
    "level_spread",
    "light_level",
    "mean_level",
    "measure_raw_files",
    "repeated_frames",
    "shared_light",
]

_FEW_ROWS = 64  # every 64th row is enough to tell two exposures apart (ours)
_SPARSE = 8  # every eighth row and column is enough for a level (ours)


def measure_raw_files(
    paths: Sequence[Path],
    saturation: float,
    keywords: Mapping[str, str],
    hdus: Sequence[int] = (0,),
) -> Iterator[Measurement]:
    """Measure what holds for raw files of every type: NUM_RAW, NUM_SAT, TPL_PART and keywords.

    TPL_PART is the number of files over that of the template (TPL NEXP): below 1 it was broken
    off, if all its exposures are of one type.

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
    wanted = integer(header, "ESO TPL NEXP")
    yield Measurement("TPL_PART", len(paths) / wanted if wanted else None)
    for name, key in keywords.items():
        yield Measurement(name, number(header, key))


def evenness(paths: Sequence[Path], hdu: int = 0) -> float | None:
    """Level of the faintest raw frame over that of the brightest, None without light."""
    levels = [light_level(path, hdu) for path in paths]
    return min(levels) / max(levels) if levels and max(levels) > 0 else None


def level_spread(paths: Sequence[Path], hdu: int = 0) -> float | None:
    """Largest distance (ADU) of the mean of a frame from that of the others, None without frames.

    The others are their median: one frame with light among biases stands out, however faint.
    """
    means = [mean_level(path, hdu) for path in paths]
    return max(abs(mean - float(np.median(means))) for mean in means) if means else None


def mean_level(path: Path, hdu: int = 0) -> float:
    """Mean of a frame, prescan and overscan included, from every eighth row and column."""
    return float(read_rows(path, hdu, _SPARSE)[:, ::_SPARSE].mean(dtype=np.float64))


def repeated_frames(paths: Sequence[Path], hdu: int = 0) -> int:
    """Count the frames whose pixels are those of another one: no two exposures have one noise."""
    seen = {read_rows(path, hdu, _FEW_ROWS).tobytes() for path in paths}
    return len(paths) - len(seen)


def shared_light(path: Path, hdu: int = 0) -> float:
    """Return how much neighbouring rows have in common: the correlation of even and odd ones.

    Light is wider than a pixel, noise, hot pixels and most cosmic rays are not. The medians of
    columns and rows, with what the read-out makes of them, are taken off, and single bright pixels
    count as five sigma.
    """
    pixels = np.asarray(read_image(path, hdu), dtype=np.float32)
    pixels = pixels[: pixels.shape[0] // 2 * 2]
    pixels -= np.median(pixels, axis=0)
    pixels -= np.median(pixels, axis=1, keepdims=True)
    most = 5.0 * float(robust_sigma(pixels))
    pixels = np.clip(pixels, -most, most)
    even, odd = pixels[0::2], pixels[1::2]
    scatter = float(even.std()) * float(odd.std())
    return float((even * odd).mean(dtype=np.float64)) / scatter if scatter > 0 else 0.0


def light_level(path: Path, hdu: int = 0) -> float:
    """Mean level of the light above the prescan in ADU, at least 0."""
    header, rows = read_header(path, hdu), read_rows(path, hdu, _SPARSE)
    before = integer(header, "ESO DET OUT1 PRSCX") or 0
    behind = integer(header, "ESO DET OUT1 OVSCX") or 0
    light = rows[:, before : rows.shape[1] - behind : _SPARSE]
    dark = np.median(rows[:, :before]) if before else 0.0
    return max(float(light.mean() - dark), 0.0)
