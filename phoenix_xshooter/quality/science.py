"""QC of science spectra: what is in them, and how the calibrations fit them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.qc import Measurement
from phoenix.toolkit.barycentre import tells_site
from phoenix.toolkit.conditions import difference, inherited, measure_sky, middle
from phoenix.toolkit.files import find, first_of, raw_paths
from phoenix.toolkit.fits import read_image, read_rows
from phoenix.toolkit.headers import number, read_header
from phoenix.toolkit.measures import finite, robust_sigma
from phoenix.toolkit.spectra import snr
from phoenix_xshooter.process import NOD, arm_of, spectrum_catg
from phoenix_xshooter.quality.calib import unhealthy
from phoenix_xshooter.quality.table import BANDS
from phoenix_xshooter.setups import WIDE, nominal_resolution, orders_of, slit_width
from phoenix_xshooter.spectrum import Spectrum, correction_of, read_spectrum

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames
    from phoenix.toolkit.headers import Header

__all__ = ["measure_science", "target_headers"]

CONTINUUM = 1.0
"""Median signal-to-noise ratio, without sign, above which there is a continuum (ours)."""

SIGNIFICANT = 5.0
"""Errors by which a bin stands out (ours)."""

AGREEMENT = 0.2
"""Part by which exposures may differ and still be called photometric (ours)."""

FEWEST = 200
"""Pixels of each sign without which two positions of a nod cannot be compared (ours)."""

_SPARSE = 4  # every fourth row is enough to compare two exposures (ours)
_BLUEST = {"UVB": 24, "VIS": 30, "NIR": 26}


def target_headers(ab: AssociationBlock, frames: SetOfFrames) -> list[Header]:
    """Return the headers of the raw files that are of the target: sky frames are not."""
    paths = raw_paths(ab, frames)
    tags = [raw.tag for raw in ab.raw_files]
    return [
        read_header(path)
        for path, tag in zip(paths, tags, strict=False)
        if not tag.startswith("SKY_")
    ]


def measure_science(
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: Sequence[Product],
    parents_qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterator[Measurement]:
    """Measure the merged spectrum, its orders, and what calibrations and sky are like."""
    arm = arm_of(ab.raw_type)
    headers = target_headers(ab, frames)
    spectrum = read_spectrum(products, arm)
    yield from _measure_merged(spectrum)
    orders, merged = (
        find(products, spectrum_catg(family, ab.raw_type))
        for family in ("SLIT_ORDER1D", "SLIT_MERGE1D")
    )
    yield from _measure_orders(orders, ab.raw_type)
    yield from _measure_bands(merged)
    yield from _measure_light(ab, frames, headers, arm)
    yield Measurement("CALIB_HEALTH", unhealthy(parents_qc))
    wave = first_of(frames, f"WAVE_TAB_2D_{arm}")
    # The table says when its frame was begun, and not how long that took.
    begun = number(read_header(wave), "MJD-OBS") if wave else None
    yield Measurement("DELTATIME", difference(middle(headers), begun))
    yield Measurement("SPEC_RES", nominal_resolution(headers[0], arm) if headers else None)
    for name in ("LAMRMS", "LAMNLIN", "STD_SLIT"):
        yield Measurement(name, inherited(parents_qc, name))
    yield from _measure_velocity(headers, spectrum)
    yield from measure_sky(headers)


def _measure_merged(spectrum: Spectrum | None) -> Iterator[Measurement]:
    if spectrum is None or not spectrum.good.any():
        names = ("SNR", "MEAN_COUNTS", "NEGATIVE", "NET_LINES", "FLUX_CALIBRATED")
        yield from (Measurement(name, None) for name in names)
        return
    flux, error = (values[spectrum.good] for values in spectrum.main)
    ratio = float(np.median(flux / error))
    yield Measurement("SNR", finite(ratio))
    yield Measurement("MEAN_COUNTS", finite(float(np.median(spectrum.counts[spectrum.good]))))
    yield Measurement("NEGATIVE", float(np.mean(flux < 0)))
    yield Measurement("NET_LINES", _net_lines(flux, error, ratio))
    if spectrum.sky is not None:
        yield Measurement("SKY_COUNTS", finite(float(np.median(spectrum.sky[spectrum.good]))))
    yield Measurement("FLUX_CALIBRATED", int(spectrum.flux is not None))


def _net_lines(
    flux: np.ndarray[tuple[int], np.dtype[np.float64]],
    error: np.ndarray[tuple[int], np.dtype[np.float64]],
    ratio: float,
) -> float:
    """Return 1 for lines in emission alone, -1 for negative ones, 0 with a continuum or nothing.

    Zero net flux is no issue: an object may have lines and no continuum.
    """
    if abs(ratio) > CONTINUUM:
        return 0.0
    strong = flux[np.abs(flux) > SIGNIFICANT * error]
    total = float(np.abs(strong).sum())
    return float(strong.sum()) / total if total > 0 else 0.0


def _measure_orders(path: Path | None, raw_type: str) -> Iterator[Measurement]:
    """Measure the signal-to-noise ratio of every order, by its number: three HDUs each."""
    if path is None:
        return
    number = orders_of(raw_type)
    reddest = _BLUEST[arm_of(raw_type)] - number + 1
    for place in range(number):
        flux, error = (np.asarray(read_image(path, 3 * place + i), dtype=float) for i in (0, 1))
        known = np.isfinite(flux) & (error > 0)
        if known.any():
            ratio = finite(float(snr(flux[known], error[known])))
            yield Measurement("SNR", ratio, reddest + place)


def _measure_bands(path: Path | None) -> Iterator[Measurement]:
    header = read_header(path) if path else {}
    yield Measurement("FLUX", number(header, "ESO QC FLUX VAL"))
    for band in BANDS:
        value = number(header, f"ESO QC FLUX{band} VAL")
        if value is not None:
            yield Measurement("FLUX", value, band)


def _measure_light(
    ab: AssociationBlock, frames: SetOfFrames, headers: list[Header], arm: str
) -> Iterator[Measurement]:
    """Measure how much of the light came through slit and clouds, as far as that can be told."""
    width = slit_width(headers[0], arm) if headers else None
    yield Measurement("SLIT", width)
    differ = None
    if ab.recipe == NOD:
        differ = _nods_differ(raw_paths(ab, frames))
        yield Measurement("NODS_DIFFER", differ)
    told = None
    if width is not None:
        told = int(width >= WIDE and (differ is None or differ <= AGREEMENT))
    yield Measurement("PHOTOMETRIC", told)


def _nods_differ(paths: Sequence[Path]) -> float | None:
    """Compare the first two exposures of a nod: the one is positive in their difference.

    Sky and bias cancel; what is left are the traces of the target, one of each sign.
    """
    if len(paths) < 2:  # noqa: PLR2004 - two positions
        return None
    one, other = (read_rows(path, 0, _SPARSE).astype(float) for path in paths[:2])
    if one.shape != other.shape:
        return None
    difference_ = one - other
    noise = robust_sigma(difference_)
    up = difference_[difference_ > SIGNIFICANT * noise]
    down = difference_[difference_ < -SIGNIFICANT * noise]
    if min(up.size, down.size) < FEWEST:
        return None
    # Means of the brightest: cosmic rays are few, and a faint trace has fewer pixels above.
    plus, minus = (float(np.sort(np.abs(row))[-5 * FEWEST :].mean()) for row in (up, down))
    return abs(plus - minus) / (0.5 * (plus + minus))


def _measure_velocity(headers: list[Header], spectrum: Spectrum | None) -> Iterator[Measurement]:
    """Measure the motion of the observer, ours and that of the pipeline."""
    ours = correction_of(headers)
    theirs = number(spectrum.header, "ESO QC VRAD BARYCOR") if spectrum else None
    yield Measurement("BARYCORR", ours)
    yield Measurement("BARYCORR_DIFF", difference(ours, theirs))
    yield Measurement("SITE_TOLD", int(tells_site(headers[0])) if headers else None)
