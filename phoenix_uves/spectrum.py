"""The merged spectrum of one exposure: the chips of an arm joined, the gap between them flagged.

**Errors.** uves_obs_scired 6.1.8 corrects the flux for extinction but not its error, which is thus
too small by 10^(-0.4 k airmass), a third in the far blue (measured). Here the error of the flux is
that of the counts times what one count is worth at that wavelength.

Two more things make errors what a user takes them for. The recipe steps by two thirds of a pixel
and interpolates, so that neighbours share their noise: its error holds for a single pixel, but a
mean over six was 1.27 to 1.54 times as uncertain as theirs say (simulated nights of all settings).
And where the flat is divided pixel by pixel (860), the recipe's errors of the upper chip are 1.6
times the scatter of neighbouring pixels; they are brought down to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve, field, frozen

from phoenix.errors import DataError
from phoenix.toolkit.files import find
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.headers import Header, number, read_header, required_number, text
from phoenix.toolkit.spectra import der_snr
from phoenix_uves.process import chips_of

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.model.frames import Product

    Array = npt.NDArray[np.float64]

__all__ = [
    "BAD",
    "GAP",
    "STACK_CORRECTION",
    "STEEP",
    "Spectrum",
    "joined",
    "read_chip",
    "read_spectrum",
    "read_stack",
]

GAP, BAD, STEEP = 1, 2, 4
"""QUAL: between the chips, where there is no detector; pixels without flux or error; and those
whose flux scale changes too fast (:mod:`phoenix_uves.delivery.steep`), which IDPs alone have."""

STACK_CORRECTION = "ESO QC STACK BARYCORR"
"""Keyword of the mean barycentric velocity (km/s) of the exposures of a stack."""

CORRELATED = 1.4
"""Factor on the errors of the recipe, for means over several pixels (ours, measured)."""

_BLOCK = 400  # pixels over which noise is estimated: enough for a median, few lines in them (ours)


@frozen
class Spectrum:
    """One spectrum, of a chip or of an arm.

    Attributes
    ----------
    headers : tuple of Header
        Of the reduced spectrum of each chip, in the order of wavelength.
    wave : ndarray, shape (n,)
        Air wavelength in Angstrom, as the telescope sees it.
    counts, counts_error : ndarray, shape (n,)
        ADU of the exposure.
    flux, error : ndarray, shape (n,), or None
        erg/s/cm2/Angstrom; None where the flux was not calibrated.
    sky : ndarray, shape (n,), or None
        ADU that were taken off as sky; None where the recipe gives none.
    quality : ndarray of int32, shape (n,)
        0 for good pixels, else GAP or BAD.
    estimated : bool
        True if the errors are estimated from the spectrum itself.
    frame : str
        SPECSYS of the wavelengths: TOPOCENT, or BARYCENT once they were corrected.
    correction : float or None
        The barycentric velocity (km/s) by which they were; of a stack the mean of its exposures.
    """

    headers: tuple[Header, ...] = field(repr=False)
    wave: Array = field(eq=False, repr=False)
    counts: Array = field(eq=False, repr=False)
    counts_error: Array = field(eq=False, repr=False)
    flux: Array | None = field(default=None, eq=False, repr=False)
    error: Array | None = field(default=None, eq=False, repr=False)
    sky: Array | None = field(default=None, eq=False, repr=False)
    quality: npt.NDArray[np.int32] = field(factory=lambda: np.zeros(0, np.int32), eq=False)
    estimated: bool = False
    frame: str = "TOPOCENT"
    correction: float | None = None

    @property
    def header(self) -> Header:
        """Header of the first chip."""
        return self.headers[0]

    @property
    def good(self) -> npt.NDArray[np.bool_]:
        """Pixels without a flag."""
        return np.asarray(self.quality == 0)

    @property
    def main(self) -> tuple[Array, Array]:
        """Calibrated flux and its error, else counts and theirs."""
        if self.flux is None or self.error is None:
            return self.counts, self.counts_error
        return self.flux, self.error


def read_spectrum(products: tuple[Product, ...], raw_type: str) -> Spectrum | None:
    """Read and join the chips of a science AB, None where a reduced spectrum is missing.

    Raises
    ------
    DataError
        If the products do not fit each other.
    """
    tag = raw_type.rpartition("_")[0]
    chips = []
    for chip in chips_of(raw_type):
        counts = find(products, f"RED_{tag}_{chip}")
        if counts is None:
            return None
        chips.append(
            read_chip(
                counts,
                find(products, f"ERRORBAR_{tag}_{chip}"),
                find(products, f"FLUXCAL_{tag}_{chip}"),
                find(products, f"MERGED_SKY_{chip}"),
            )
        )
    return joined(tuple(chips)) if chips else None


def read_chip(
    counts: Path, error: Path | None, flux: Path | None, sky: Path | None = None
) -> Spectrum:
    """Read the spectrum of one chip from where there is light to where it ends.

    Parameters
    ----------
    counts : Path
        RED_<tag>_<chip>.
    error : Path or None
        ERRORBAR_<tag>_<chip>; without it the noise is estimated.
    flux : Path or None
        FLUXCAL_<tag>_<chip>.
    sky : Path or None
        MERGED_SKY_<chip>, which optimal extraction makes.
    """
    header, values = read_header(counts), _vector(counts)
    errors = _noise(values) if error is None else _vector(error, values.size)
    calibrated = None if flux is None else _vector(flux, values.size)
    background = None if sky is None else _vector(sky, values.size)
    lit = np.flatnonzero((values != 0) & (errors > 0))
    if lit.size == 0:
        raise DataError(f"{counts}: found no pixel with light, expected a spectrum")
    part = slice(int(lit[0]), int(lit[-1]) + 1)
    values, errors = values[part], _honest(values[part], errors[part])
    good = np.isfinite(values) & np.isfinite(errors) & (errors > 0) & (values != 0)
    if calibrated is not None:
        calibrated = calibrated[part]
        good &= np.isfinite(calibrated) & (calibrated != 0)
    return Spectrum(
        headers=(header,),
        wave=_wavelengths(header, part),
        counts=values,
        counts_error=errors,
        flux=calibrated,
        error=None if calibrated is None else errors * _worth(values, calibrated, good),
        sky=None if background is None else background[part],
        quality=np.where(good, 0, BAD).astype(np.int32),
        estimated=error is None,
    )


def _honest(counts: Array, errors: Array) -> Array:
    """Return errors that hold for means over pixels, and are not above the scatter of pixels."""
    scatter = _noise(counts) if counts.size >= _BLOCK else np.zeros(counts.size)
    known = (errors > 0) & (scatter > 0)
    # The lower quartile: lines raise the scatter of the blocks they are in, nothing lowers it.
    share = float(np.percentile(scatter[known] / errors[known], 25)) if known.any() else 1.0
    return errors * min(share, 1.0) * CORRELATED


def _vector(path: Path, size: int | None = None) -> Array:
    values = np.asarray(read_image(path), dtype=np.float64)
    if values.ndim != 1 or (size is not None and values.size != size):
        raise DataError(
            f"{path}: found pixels of shape {values.shape}, expected one row"
            + (f" of {size}, as its counts have" if size else "")
        )
    return values


def _wavelengths(header: Header, part: slice) -> Array:
    pixel = np.arange(part.start, part.stop, dtype=np.float64) + 1.0
    first, reference = required_number(header, "CRVAL1"), required_number(header, "CRPIX1")
    return first + (pixel - reference) * required_number(header, "CDELT1")


def _worth(counts: Array, flux: Array, good: npt.NDArray[np.bool_]) -> Array:
    """Flux of one count, interpolated where a pixel has none."""
    places = np.flatnonzero(good)
    if places.size == 0:
        return np.full(counts.size, np.nan)
    return np.interp(np.arange(counts.size), places, flux[places] / counts[places])


def _noise(counts: Array) -> Array:
    """Noise of blocks of pixels from their differences (DER_SNR); blocks differ by a pixel."""
    size, longer = divmod(counts.size, max(1, counts.size // _BLOCK))
    border = longer * (size + 1)
    parts = counts[:border].reshape(longer, size + 1), counts[border:].reshape(-1, size)
    return np.concatenate([_noise_of_blocks(part) for part in parts if part.size])


def _noise_of_blocks(counts: Array) -> Array:
    ratio, level = der_snr(counts), np.median(counts, axis=-1)
    known = np.isfinite(ratio) & (ratio != 0)
    noise = np.divide(level, ratio, out=np.zeros(level.shape), where=known)
    return np.repeat(noise, counts.shape[-1])


def joined(chips: tuple[Spectrum, ...]) -> Spectrum:
    """Join the chips of an arm in the order of wavelength; pixels of the gap have no flux.

    Where the chips overlap, the second begins where the first ends.
    """
    result = chips[0]
    for chip in chips[1:]:
        result = _pair(result, chip)
    return result


def _pair(lower: Spectrum, upper: Spectrum) -> Spectrum:
    step = float(lower.wave[-1] - lower.wave[-2])
    upper = _from(upper, float(lower.wave[-1]) + 0.5 * step)
    number = int((upper.wave[0] - lower.wave[-1]) / step - 0.5)
    gap = lower.wave[-1] + step * np.arange(1, number + 1, dtype=np.float64)
    empty = np.full(gap.size, np.nan)

    def both(name: str) -> Array | None:
        first, second = getattr(lower, name), getattr(upper, name)
        return None if first is None or second is None else np.concatenate((first, empty, second))

    counts, counts_error = both("counts"), both("counts_error")
    if counts is None or counts_error is None:
        raise DataError("found a chip without counts, expected them of both")
    flags = np.full(gap.size, GAP, dtype=np.int32)
    return Spectrum(
        headers=(*lower.headers, *upper.headers),
        wave=np.concatenate((lower.wave, gap, upper.wave)),
        counts=counts,
        counts_error=counts_error,
        flux=both("flux"),
        error=both("error"),
        sky=both("sky"),
        quality=np.concatenate((lower.quality, flags, upper.quality)),
        estimated=lower.estimated or upper.estimated,
    )


def _from(spectrum: Spectrum, first: float) -> Spectrum:
    """Leave out what lies below a wavelength."""
    part = slice(int(np.searchsorted(spectrum.wave, first)), None)

    def cut(values: Array | None) -> Array | None:
        return None if values is None else values[part]

    return evolve(
        spectrum,
        wave=spectrum.wave[part],
        counts=spectrum.counts[part],
        counts_error=spectrum.counts_error[part],
        flux=cut(spectrum.flux),
        error=cut(spectrum.error),
        sky=cut(spectrum.sky),
        quality=spectrum.quality[part],
    )


def read_stack(path: Path) -> Spectrum:
    """Read what uves_stack made.

    Raises
    ------
    DataError
        If it is no such file.
    """
    header, table = read_header(path), read_table(path, "SPECTRUM")
    vectors = {name: np.asarray(values, dtype=np.float64) for name, values in table.items()}
    return Spectrum(
        headers=(header,),
        wave=vectors["WAVE"],
        counts=vectors["COUNTS"],
        counts_error=vectors["COUNTS_ERR"],
        flux=vectors.get("FLUX"),
        error=vectors.get("ERR"),
        sky=vectors.get("SKY"),
        quality=table["QUAL"].astype(np.int32),
        frame=text(header, "SPECSYS"),
        correction=number(header, STACK_CORRECTION),
    )
