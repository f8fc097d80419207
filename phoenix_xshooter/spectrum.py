"""The merged spectrum of an arm, as the recipes leave it.

MERGE1D and its calibrated twin FLUX_MERGE1D hold flux, error and quality of every bin; the table
that the recipes write in the form of the data standard has the same numbers.

**QUAL** is that of the recipe but for two things. The bit of 2^22, "interpolated in extraction",
stands at a quarter of all bins of real spectra and says nothing against them: it is taken off.
Bins without a number, or without an error above zero (a response that is negative beyond its
knots turns errors negative), get the recipe's own bit of 2^30, "no data", and hold zeros. Bins of
that kind at either end are cut off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, field, frozen

from phoenix.errors import DataError
from phoenix.toolkit.barycentre import velocity_of_exposures
from phoenix.toolkit.files import find
from phoenix.toolkit.fits import read_image
from phoenix.toolkit.headers import Header, number, read_header, required_number
from phoenix.toolkit.spectra import in_rest_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.model.frames import Product

    Array = npt.NDArray[np.float64]

__all__ = ["HARMLESS", "NO_DATA", "Spectrum", "barycentric", "correction_of", "read_spectrum"]

HARMLESS = 1 << 22
"""Bit of QUAL that says nothing: interpolated in extraction."""

NO_DATA = 1 << 30
"""Bit of QUAL of bins without data."""

COUNTS, FLUX = (
    tuple(f"{whose}_SLIT_{family}" for whose in ("SCI", "TELL"))
    for family in ("MERGE1D", "FLUX_MERGE1D")
)
SKY = ("SKY_SLIT_MERGE1D",)
"""PRO.CATGs without the arm: of science and of telluric standards."""

_FLUX, _ERROR, _QUALITY = 0, 1, 2  # HDUs


@frozen
class Spectrum:
    """One spectrum of an arm.

    Attributes
    ----------
    header : Header
        Of the merged spectrum in counts.
    arm : str
        UVB, VIS or NIR.
    wave : ndarray, shape (n,)
        Air wavelength in nm.
    counts, counts_error : ndarray, shape (n,)
        ADU.
    flux, error : ndarray, shape (n,), or None
        erg/s/cm2/Angstrom; None where the flux was not calibrated.
    sky : ndarray, shape (n,), or None
        ADU that were taken off as sky.
    quality : ndarray of int32, shape (n,)
        0 for good bins.
    frame : str
        SPECSYS of the wavelengths: TOPOCENT, or BARYCENT once they were corrected.
    correction : float or None
        The barycentric velocity (km/s) by which they were.
    """

    header: Header = field(repr=False)
    arm: str
    wave: Array = field(eq=False, repr=False)
    counts: Array = field(eq=False, repr=False)
    counts_error: Array = field(eq=False, repr=False)
    flux: Array | None = field(default=None, eq=False, repr=False)
    error: Array | None = field(default=None, eq=False, repr=False)
    sky: Array | None = field(default=None, eq=False, repr=False)
    quality: npt.NDArray[np.int32] = field(factory=lambda: np.zeros(0, np.int32), eq=False)
    frame: str = "TOPOCENT"
    correction: float | None = None

    @property
    def good(self) -> npt.NDArray[np.bool_]:
        """Bins without a flag."""
        return np.asarray(self.quality == 0)

    @property
    def main(self) -> tuple[Array, Array]:
        """Calibrated flux and its error, else counts and theirs."""
        if self.flux is None or self.error is None:
            return self.counts, self.counts_error
        return self.flux, self.error


def read_spectrum(products: Sequence[Product], arm: str) -> Spectrum | None:
    """Read the merged spectrum of an arm, None where the recipe made none.

    Raises
    ------
    DataError
        If a file is not what it must be.
    """
    path, fluxed, sky_path = (_first(products, families, arm) for families in (COUNTS, FLUX, SKY))
    if path is None:
        return None
    header = read_header(path)
    wave = _wavelengths(header, path)
    counts, counts_error, quality = _read(path, wave.size)
    flux, error = None, None
    if fluxed is not None:
        flux, error, of_flux = _read(fluxed, wave.size)
        quality = quality | of_flux
        quality = _without_data(quality, flux, error)
    quality = _without_data(quality, counts, counts_error)
    sky = None if sky_path is None else _same_size(read_image(sky_path), wave.size)
    names = ("counts", "counts_error", "flux", "error", "sky")
    vectors = _known(quality, counts, counts_error, flux, error, sky)
    found = dict(zip(names, vectors, strict=True))
    return _cut(Spectrum(header, arm, wave, quality=quality, **found))


def _first(products: Sequence[Product], families: tuple[str, ...], arm: str) -> Path | None:
    found = (find(products, f"{family}_{arm}") for family in families)
    return next((path for path in found if path is not None), None)


def _wavelengths(header: Header, path: Path) -> Array:
    size = int(required_number(header, "NAXIS1"))
    step = required_number(header, "CDELT1")
    if step <= 0:
        raise DataError(f"{path}: found CDELT1 = {step:g}, expected nm above 0; reduce it again")
    first = required_number(header, "CRVAL1")
    pixel = number(header, "CRPIX1")
    place = np.arange(size, dtype=np.float64) + 1.0 - (1.0 if pixel is None else pixel)
    return np.asarray(first + step * place)


def _read(path: Path, size: int) -> tuple[Array, Array, npt.NDArray[np.int32]]:
    """Return flux, error and quality of a merged spectrum."""
    values = [np.asarray(read_image(path, hdu)) for hdu in (_FLUX, _ERROR, _QUALITY)]
    if any(row.shape != (size,) for row in values):
        shapes = ", ".join(str(row.shape) for row in values)
        raise DataError(
            f"{path}: found flux, error and quality of {shapes}, expected three of ({size},); "
            "reduce it again"
        )
    flux, error, quality = values
    return flux.astype(float), error.astype(float), quality.astype(np.int32) & ~HARMLESS


def _same_size(values: npt.NDArray[np.generic], size: int) -> Array | None:
    return np.asarray(values, dtype=float) if values.shape == (size,) else None


def _without_data(
    quality: npt.NDArray[np.int32], flux: Array, error: Array
) -> npt.NDArray[np.int32]:
    lost = ~np.isfinite(flux) | ~np.isfinite(error) | (error <= 0)
    return np.where(lost, quality | NO_DATA, quality).astype(np.int32)


def _known(quality: npt.NDArray[np.int32], *vectors: Array | None) -> list[Any]:
    """Return the vectors with zeros where there are no data."""
    lost = (quality & NO_DATA) > 0
    return [
        None if values is None else np.where(lost | ~np.isfinite(values), 0.0, values)
        for values in vectors
    ]


def _cut(spectrum: Spectrum) -> Spectrum:
    """Cut off the bins without data at both ends."""
    known = np.flatnonzero((spectrum.quality & NO_DATA) == 0)
    if known.size == 0:
        return spectrum
    part = slice(int(known[0]), int(known[-1]) + 1)
    vectors = ("wave", "counts", "counts_error", "flux", "error", "sky", "quality")
    return evolve(
        spectrum,
        **{
            name: values[part]
            for name in vectors
            if (values := getattr(spectrum, name)) is not None
        },
    )


def correction_of(headers: Sequence[Header]) -> float | None:
    """Return the barycentric velocity (km/s) of exposures, by the headers of their raw files."""
    if not headers:
        return None
    ra, dec = number(headers[0], "RA"), number(headers[0], "DEC")
    if ra is None or dec is None:
        return None
    found = velocity_of_exposures(headers, ra, dec)
    return None if found is None else float(found)


def barycentric(spectrum: Spectrum, headers: Sequence[Header]) -> Spectrum:
    """Bring a spectrum into the barycentric frame; one that cannot be stays as it is.

    Parameters
    ----------
    headers : sequence of Header
        Of the raw exposures of the target; without any that of the product serves.
    """
    correction = correction_of(headers or (spectrum.header,))
    if correction is None or spectrum.frame == "BARYCENT":
        return spectrum
    wave = in_rest_of(spectrum.wave, correction)
    return evolve(spectrum, wave=wave, frame="BARYCENT", correction=correction)
