"""Whether the shutter was open: what raw frames of the sky have in common with the flat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.toolkit.files import paths_of, raw_paths
from phoenix.toolkit.fits import read_image
from phoenix.toolkit.headers import integer, number, read_header
from phoenix.toolkit.measures import robust_sigma
from phoenix.toolkit.rawframes import shared_light
from phoenix_xshooter.process import arm_of
from phoenix_xshooter.setups import slit_width

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.model.gate import RecipeOutcome

    Image = npt.NDArray[np.float32]

__all__ = ["frame_light", "order_light"]

LEAST_EXPOSURE = 50.0
"""Seconds times arcsec of slit width below which no sky need be seen in UVB (ours)."""


def frame_light(outcome: RecipeOutcome) -> float | None:
    """Return what neighbouring rows of the emptiest raw frame share, None in the ultraviolet.

    In VIS and NIR the night sky has lines in any exposure; that they cancel in a nod does not
    matter here.
    """
    paths = raw_paths(outcome.ab, outcome.frames)
    if arm_of(outcome.ab.raw_type) == "UVB" or not paths:
        return None
    return min(map(shared_light, paths))


def order_light(outcome: RecipeOutcome) -> float | None:
    """Return how many times its noise the light is that a raw frame of UVB has where the flat has.

    That of the emptiest frame. The continuum of the sky is too faint for single pixels; a million
    of them show it. None in other arms, without a flat, and for exposures too short for it.
    """
    paths = raw_paths(outcome.ab, outcome.frames)
    flats = paths_of(outcome.frames, "MASTER_FLAT_SLIT_UVB")
    if arm_of(outcome.ab.raw_type) != "UVB" or not flats:
        return None
    flat = _contrast(flats[0])
    found = [_over_noise(_turned(path, flat), flat) for path in paths if _long_enough(path)]
    return min((one for one in found if one is not None), default=None)


def _contrast(path: Path) -> Image:
    """Return a flat, less the means of its columns and rows; the brightest twentieth is cut."""
    flat = np.nan_to_num(read_image(path)).astype(np.float32)
    flat = np.minimum(np.maximum(flat, 0), np.percentile(flat, 95.0).astype(np.float32))
    flat -= flat.mean(axis=0)
    flat -= flat.mean(axis=1, keepdims=True)
    return np.asarray(flat, dtype=np.float32)


def _long_enough(path: Path) -> bool:
    header = read_header(path)
    return (number(header, "EXPTIME") or 0.0) * (slit_width(header, "UVB") or 0.0) > LEAST_EXPOSURE


def _turned(path: Path, flat: Image) -> Image:
    """Return the pixels of a raw frame as the recipes turn them, without the prescan."""
    first = integer(read_header(path), "ESO DET OUT1 PRSCX") or 0
    raw = np.asarray(read_image(path), dtype=np.float32)
    return raw[:, first : first + flat.shape[1]][::-1, ::-1]


def _over_noise(pixels: Image, flat: Image) -> float | None:
    """Fit the flat to a frame of which the medians of columns and rows are taken off."""
    if pixels.shape != flat.shape or not np.isfinite(pixels).all():
        return None
    pixels = pixels - np.median(pixels, axis=0).astype(np.float32)
    pixels -= np.median(pixels, axis=1, keepdims=True)
    most = 5.0 * float(robust_sigma(pixels))
    pixels = np.clip(pixels, -most, most).astype(np.float32)
    noise = float(pixels.std()) * float(np.sqrt((flat * flat).sum(dtype=np.float64)))
    return float((pixels * flat).sum(dtype=np.float64)) / noise if noise > 0 else None
