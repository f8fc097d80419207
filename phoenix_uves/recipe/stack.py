"""The recipe uves_stack: the exposures of one OB averaged to one spectrum, pixel by pixel.

All exposures are brought into the barycentric frame and onto the wavelength grid of the first one,
by linear interpolation with the errors propagated; they share its dispersion solution, so that
they differ by a small part of a pixel. Each exposure has one weight, the inverse of its median
squared error: weights of single pixels would follow the noise. Cosmics were taken out before, by
optimal extraction. Counts are brought to the mean exposure time before: as they are, a mean in
counts would give the short exposures most weight, and be noisier than the long one alone.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.io import fits
from attrs import evolve, field, frozen

from phoenix.errors import DataError
from phoenix.model.frames import Product
from phoenix.toolkit.exposures import exposure_name
from phoenix.toolkit.headers import Header, number, read_header, text
from phoenix_uves.blocks.optional import EXPOSURES, LEAST
from phoenix_uves.process import SCIENCE_TAGS, STACK, arm_of
from phoenix_uves.spectrum import BAD, STACK_CORRECTION, Spectrum, read_spectrum
from phoenix_uves.velocity import barycentric

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["Stacked", "average", "stack"]

_SHAPE = (("WAVE", "D"), ("COUNTS", "E"), ("COUNTS_ERR", "E"), ("FLUX", "E"), ("ERR", "E"))
_SKY = ("SKY", "E")


@frozen
class Stacked:
    """The mean of several exposures.

    Attributes
    ----------
    spectrum : Spectrum
        In the barycentric frame.
    exposures : ndarray of int32, shape (n,)
        Exposures that contribute to each pixel.
    levels : tuple of float
        Median flux (or counts) of each exposure over that of all, before they are averaged.
    """

    spectrum: Spectrum
    exposures: npt.NDArray[np.int32] = field(eq=False, repr=False)
    levels: tuple[float, ...] = ()


def stack(
    frames: tuple[tuple[Path, str], ...], parameters: Mapping[str, str], output: Path
) -> None:
    """Average the exposures of a set of frames and write ``OB_STACK_<arm>``.

    Its header says how many of the exposures of the OB these are (parameter ``exposures``).

    Raises
    ------
    DataError
        If there are not two exposures at least, or they do not fit each other.
    """
    log = logging.getLogger("uves_stack")
    raw_type = _raw_type(tag for _, tag in frames)
    spectra = [_read(products, raw_type) for products in _by_exposure(frames, raw_type)]
    result = average([barycentric(one) for one in spectra])
    arm = arm_of(raw_type)
    for one, level in zip(spectra, result.levels, strict=True):
        log.info("%s: level %.4f", text(one.header, "ARCFILE"), level)
    of_ob = max(int(parameters.get(EXPOSURES, len(spectra))), len(spectra))
    log.info("%d of the %d exposures of the OB", len(spectra), of_ob)
    _write(result, spectra, of_ob, output / f"{STACK.lower()}_{arm.lower()}.fits")


def _raw_type(tags: Iterable[str]) -> str:
    for tag in tags:
        if tag.rpartition("_")[0] in SCIENCE_TAGS:
            return tag
    raise DataError("set of frames: found no science frame, expected those of the OB")


def _by_exposure(
    frames: tuple[tuple[Path, str], ...], raw_type: str
) -> Iterable[tuple[Product, ...]]:
    found: dict[str, list[Product]] = {}
    begins: dict[str, float] = {}
    for path, tag in frames:
        if tag != raw_type:
            header = read_header(path)
            name = exposure_name(header)
            found.setdefault(name, []).append(Product(path, tag))
            begins.setdefault(name, number(header, "MJD-OBS") or 0.0)
    return [tuple(found[name]) for name in sorted(found, key=lambda name: begins[name])]


def _read(products: tuple[Product, ...], raw_type: str) -> Spectrum:
    spectrum = read_spectrum(products, raw_type)
    if spectrum is None:
        have = ", ".join(product.pro_catg for product in products)
        raise DataError(f"{products[0].path}: found {have}, expected a spectrum of every chip")
    return spectrum


def average(spectra: list[Spectrum]) -> Stacked:
    """Average spectra on the grid of the first one.

    Raises
    ------
    DataError
        If there are fewer than two, only some of them are calibrated, or one has no good pixel.
    """
    if len(spectra) < LEAST:
        raise DataError(f"found {len(spectra)} exposure, expected several to be averaged")
    if len({one.flux is None for one in spectra}) > 1 or len({one.frame for one in spectra}) > 1:
        raise DataError("found calibrated and uncalibrated exposures, expected all alike")
    for one in spectra:
        if not one.good.any():
            raise DataError(
                f"{text(one.header, 'ARCFILE') or 'exposure'}: found no pixel with flux and "
                "error, expected a spectrum; reject its AB, and the mean is made of the others"
            )
    spectra = _of_mean_time(spectra)
    first = spectra[0]
    on_grid = [first, *(_resampled(one, first.wave) for one in spectra[1:])]
    good = np.array([one.good for one in on_grid])
    weights = good * np.array([1.0 / _variance(one) for one in on_grid])[:, np.newaxis]
    share = weights / np.where(weights.sum(axis=0) > 0, weights.sum(axis=0), np.nan)
    counts, counts_error = _mean(share, on_grid, "counts", "counts_error")
    flux, error = (None, None) if first.flux is None else _mean(share, on_grid, "flux", "error")
    exposures = good.sum(axis=0).astype(np.int32)
    quality = np.where(exposures > 0, 0, np.where(first.good, BAD, first.quality))
    merged = evolve(
        first,
        counts=counts,
        counts_error=counts_error,
        flux=flux,
        error=error,
        sky=_mean_sky(share, on_grid),
        quality=quality.astype(np.int32),
        correction=_mean_correction(spectra),
    )
    return Stacked(merged, exposures, _levels(on_grid))


def _of_mean_time(spectra: list[Spectrum]) -> list[Spectrum]:
    """Bring counts to the mean exposure time; calibrated flux has been divided by its own."""
    times = [number(one.header, "EXPTIME") or 0.0 for one in spectra]
    if min(times) <= 0 or min(times) == max(times):
        return spectra
    mean = sum(times) / len(times)
    return [_times(one, mean / time) for one, time in zip(spectra, times, strict=True)]


def _times(spectrum: Spectrum, factor: float) -> Spectrum:
    return evolve(
        spectrum,
        counts=spectrum.counts * factor,
        counts_error=spectrum.counts_error * factor,
        sky=None if spectrum.sky is None else spectrum.sky * factor,
    )


def _mean_correction(spectra: list[Spectrum]) -> float | None:
    """Average the velocities by exposure time; each exposure was moved by its own."""
    velocities = [one.correction for one in spectra if one.correction is not None]
    times = [number(one.header, "EXPTIME") or 1.0 for one in spectra]
    if len(velocities) < len(spectra):
        return None
    return float(np.average(velocities, weights=times))


def _variance(spectrum: Spectrum) -> float:
    return float(np.median(spectrum.main[1][spectrum.good] ** 2))


def _mean(share: Array, spectra: list[Spectrum], name: str, error: str) -> tuple[Array, Array]:
    values = np.array([np.nan_to_num(getattr(one, name)) for one in spectra])
    errors = np.array([np.nan_to_num(getattr(one, error)) for one in spectra])
    return (share * values).sum(axis=0), np.sqrt(((share * errors) ** 2).sum(axis=0))


def _mean_sky(share: Array, spectra: list[Spectrum]) -> Array | None:
    skies = [one.sky for one in spectra]
    if any(sky is None for sky in skies):
        return None
    return np.asarray((share * np.nan_to_num(np.array(skies, dtype=np.float64))).sum(axis=0))


def _levels(spectra: list[Spectrum]) -> tuple[float, ...]:
    common = np.all([one.good for one in spectra], axis=0)
    medians = np.array([np.median(one.main[0][common]) for one in spectra])
    return tuple(float(level) for level in medians / medians.mean())


def _resampled(spectrum: Spectrum, wave: Array) -> Spectrum:
    """Interpolate linearly; a pixel is good if both its neighbours are."""
    place = np.interp(wave, spectrum.wave, np.arange(spectrum.wave.size), left=-1, right=-1)
    left = np.clip(place.astype(np.int64), 0, spectrum.wave.size - 2)
    part = np.clip(place - left, 0.0, 1.0)
    good = spectrum.good[left] & (spectrum.good[left + 1] | (part < 1e-9)) & (place >= 0)  # noqa: PLR2004 - on the pixel, but for rounding

    def values(of: Array) -> Array:
        return (1 - part) * of[left] + part * of[left + 1]

    def errors(of: Array) -> Array:
        return np.hypot((1 - part) * of[left], part * of[left + 1])

    return evolve(
        spectrum,
        wave=wave,
        counts=values(spectrum.counts),
        counts_error=errors(spectrum.counts_error),
        flux=None if spectrum.flux is None else values(spectrum.flux),
        error=None if spectrum.error is None else errors(spectrum.error),
        sky=None if spectrum.sky is None else values(spectrum.sky),
        quality=np.where(good, 0, BAD).astype(np.int32),
    )


# ---- writing -----------------------------------------------------------------------------------


def _write(result: Stacked, spectra: list[Spectrum], of_ob: int, path: Path) -> None:
    spectrum = result.spectrum
    primary = fits.PrimaryHDU(header=_header(spectrum.header))
    primary.header["HIERARCH ESO PRO CATG"] = path.stem.upper()
    primary.header["HIERARCH ESO PRO REC1 ID"] = "uves_stack"
    primary.header["HIERARCH ESO PRO DATANCOM"] = len(spectra)
    primary.header["EXPTIME"] = sum(number(one.header, "EXPTIME") or 0.0 for one in spectra)
    primary.header["SPECSYS"] = spectrum.frame
    for keyword, value, comment in _quality(result, of_ob):
        primary.header[f"HIERARCH ESO QC STACK {keyword}"] = value, comment
    if spectrum.correction is not None:
        primary.header[f"HIERARCH {STACK_CORRECTION}"] = round(spectrum.correction, 6), "km/s"
    primary.header.add_history(
        f"uves_stack: mean of {len(spectra)} of {of_ob} exposures of the OB"
    )
    vectors = (
        spectrum.wave,
        spectrum.counts,
        spectrum.counts_error,
        spectrum.flux,
        spectrum.error,
        spectrum.sky,
    )
    columns = [
        fits.Column(name, code, array=values)
        for (name, code), values in zip((*_SHAPE, _SKY), vectors, strict=True)
        if values is not None
    ]
    columns += [
        fits.Column("QUAL", "J", array=spectrum.quality),
        fits.Column("NEXP", "J", array=result.exposures),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="SPECTRUM")
    fits.HDUList([primary, table]).writeto(path)


def _quality(result: Stacked, of_ob: int) -> Iterable[tuple[str, Any, str]]:
    most, good = len(result.levels), result.spectrum.good
    deviation = max(abs(level - 1.0) for level in result.levels)
    lost = float(np.mean(result.exposures[good] < most)) if good.any() else 1.0
    yield "NEXP", most, "exposures averaged"
    yield "MISSING", of_ob - most, "exposures of the OB that are not averaged"
    yield "DEV", round(deviation, 6), "largest deviation of a median level"
    yield "LOST", round(lost, 6), "part of the pixels without all exposures"


_STRUCTURE = ("SIMPLE", "BITPIX", "NAXIS", "EXTEND", "DATAMIN", "DATAMAX", "DATAMD5", "CHECKSUM")
_IMAGE = ("CTYPE1", "CUNIT1", "CRVAL1", "CRPIX1", "CDELT1", "CD1_1", "BUNIT", "DATASUM")


def _header(header: Header) -> fits.Header:
    """Copy what describes the observation and its reduction."""
    cards = fits.Header()
    for key, value in header.items():
        if not key.startswith(_STRUCTURE) and key not in _IMAGE and key not in ("COMMENT", ""):
            cards[f"HIERARCH {key}" if key.startswith("ESO ") else key] = (
                value,
                header.comment(key),
            )
    return cards
