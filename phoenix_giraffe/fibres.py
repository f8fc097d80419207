"""The spectra of all fibres of one science product, read once and laid fibre by fibre."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen

from phoenix.errors import DataError
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.headers import Header, read_header, required_number

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt


__all__ = ["SIMCAL", "SKY", "TARGET", "FibreSpectra", "read_fibre_spectra"]

TARGET, SKY, SIMCAL = "M", "S", "C"
"""What a fibre looks at: TYPE of the OzPoz table, and C (ours) for the lamp fibres."""

FIBRE_TABLE = "FIBER_SETUP"


@frozen
class FibreSpectra:
    """Rebinned spectra of one product, one row a fibre.

    Attributes
    ----------
    header : Header
        Primary header of the spectra.
    wave : ndarray, shape (n_pixel,)
        Air wavelength in nm as measured at the telescope.
    flux, error : ndarray of float32, shape (n_fibre, n_pixel)
        ADU of one exposure, divided by the flat.
    table : dict of str to ndarray, shape (n_fibre,)
        FIBER_SETUP.
    kinds : ndarray of str, shape (n_fibre,)
        TARGET, SKY or SIMCAL.
    """

    header: Header = field(repr=False)
    wave: npt.NDArray[np.float64] = field(eq=False, repr=False)
    flux: npt.NDArray[np.float32] = field(eq=False, repr=False)
    error: npt.NDArray[np.float32] = field(eq=False, repr=False)
    table: dict[str, npt.NDArray[Any]] = field(eq=False, repr=False)
    kinds: npt.NDArray[np.str_] = field(eq=False, repr=False)

    @property
    def fps(self) -> npt.NDArray[np.int64]:
        """Position of each fibre in the slit (FPS): its number everywhere in phoenix."""
        return self.table["FPS"].astype(np.int64)

    def rows(self, kind: str) -> npt.NDArray[np.intp]:
        """Return the rows of the fibres of a kind."""
        return np.flatnonzero(self.kinds == kind)


def read_fibre_spectra(spectra: Path, errors: Path) -> FibreSpectra:
    """Read SCIENCE_RBNSPECTRA and SCIENCE_RBNERRORS.

    Raises
    ------
    DataError
        If pixels, fibre table and header do not fit each other.
    """
    header = read_header(spectra)
    flux, error = _fibre_by_fibre(spectra), _fibre_by_fibre(errors)
    table = read_table(spectra, FIBRE_TABLE)
    if flux.shape != error.shape or len(table["FPS"]) != len(flux):
        raise DataError(
            f"{spectra}: found {flux.shape[::-1]} pixels, {len(table['FPS'])} fibres in "
            f"{FIBRE_TABLE} and errors of {error.shape[::-1]} pixels; expected one column a fibre"
        )
    wave = _wavelengths(header, flux.shape[1])
    return FibreSpectra(header, wave, flux, error, table, _kinds(table))


def _fibre_by_fibre(path: Path) -> npt.NDArray[np.float32]:
    """Read an image whose columns are fibres so that every spectrum is contiguous."""
    return np.ascontiguousarray(read_image(path).T, dtype=np.float32)


def _wavelengths(header: Header, size: int) -> npt.NDArray[np.float64]:
    first = required_number(header, "CRVAL2")
    step = required_number(header, "CDELT2")
    reference = required_number(header, "CRPIX2")
    return first + (np.arange(1, size + 1, dtype=np.float64) - reference) * step


def _kinds(table: dict[str, npt.NDArray[Any]]) -> npt.NDArray[np.str_]:
    lamps = table["RP"].astype(np.int64) < 0
    return np.where(lamps, SIMCAL, table["TYPE"].astype(str))
