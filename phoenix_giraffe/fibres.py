"""The spectra of all fibres of one science product, read once and laid fibre by fibre."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen

from phoenix.errors import DataError
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.headers import Header, number, read_header, required_number

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt


__all__ = ["SIMCAL", "SKY", "TARGET", "FibreSpectra", "read_fibre_spectra", "row_width"]

TARGET, SKY, SIMCAL = "M", "S", "C"
"""What a fibre looks at: TYPE of the OzPoz table, and C (ours) for the lamp fibres."""

FIBRE_TABLE = "FIBER_SETUP"

PIXEL, FOCAL = 0.015, 359.1
"""mm: a pixel of the detector, and the focal length of collimator and camera together."""

LEAST_SHARED = 1.05
"""Rows in a step of the rebinned spectrum below which nothing is shared (ours)."""


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
    error *= np.float32(_shared_noise(header))
    return FibreSpectra(header, wave, flux, error, table, _kinds(table))


def _shared_noise(header: Header) -> float:
    """Return by how much errors grow that are to hold for means over pixels, too.

    The recipe rebins to steps of 0.02 nm (0.005 in high resolution) whatever a row of the detector
    covers. Where that is more, as in L881.7 (0.0295 nm), neighbours share their noise: means over
    six pixels scattered by 1.22 to 1.27 of what the errors of the recipe say (simulated nights).
    """
    row, step = row_width(header), abs(required_number(header, "CDELT2"))
    if row is None or row < LEAST_SHARED * step:
        return 1.0
    return float(np.sqrt(row / step))


def row_width(header: Header) -> float | None:
    """Return what a row of the detector covers in nm; None where the header does not tell.

    For a grating in Littrow: the sine of its angle is half of order, grooves and wavelength.
    """
    keys = ("ESO INS GRAT WLEN", "ESO INS GRAT ORDER", "ESO INS GRAT GROOVES")
    wavelength, order, grooves = (number(header, key) for key in keys)
    if not wavelength or not order or not grooves:
        return None
    sine = 0.5 * wavelength * abs(order) * grooves
    if sine >= 1.0:
        return None
    binned = number(header, "ESO DET WIN1 BINY") or 1.0
    return math.sqrt(1.0 - sine**2) / (abs(order) * grooves) * binned * PIXEL / FOCAL


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
