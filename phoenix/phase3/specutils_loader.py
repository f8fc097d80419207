"""Teach specutils to read spectra of the standard, ours and those of ESO's archive.

specutils takes a one-row table of vectors for a table of many rows and stops (version 2.4, with
every Phase 3 spectrum). After :func:`register` it reads them by themselves::

    from phoenix.phase3 import specutils_loader

    specutils_loader.register()
    spectrum = specutils.Spectrum.read("GI_SRBS_....fits")

specutils is no requirement of phoenix; only this module needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from astropy import units
from astropy.io import fits
from astropy.nddata import StdDevUncertainty
from specutils import Spectrum
from specutils.io.registers import data_loader

from phoenix.phase3.product import main_columns

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LABEL", "read_spectrum", "register"]

LABEL = "ESO Phase 3 spectrum"
"""Name of the format in ``Spectrum.read(..., format=...)``."""


def register() -> None:
    """Add the format to specutils, before its general one for tables; twice does no harm."""
    data_loader(LABEL, identifier=_identify, priority=10, extensions=["fits"], force=True)(
        read_spectrum
    )


def _identify(_: str, path: str | Path | None, *__: object, **___: object) -> bool:
    if path is None:
        return False
    header = fits.getheader(path, 1)
    return str(header.get("VOCLASS", "")).upper().startswith("SPECTRUM") and header["NAXIS2"] == 1


def read_spectrum(path: str | Path, **_: object) -> Spectrum:
    """Read flux, error and spectral axis of a SCIENCE.SPECTRUM.

    Parameters
    ----------
    path : str or Path
        A FITS file with a one-row table; axis, flux and error are found by their UTypes, without
        these they are the first three columns.

    Returns
    -------
    specutils.Spectrum
        Flux masked where it is no number or QUAL is not 0; ``meta["header"]`` holds the primary
        header.
    """
    with fits.open(path, memmap=False) as hdus:
        table, header = hdus[1], hdus[0].header.copy()
        axis, flux, error = (_quantity(table, i - 1) for i in main_columns(table.header))
        bad = ~np.isfinite(flux.value)
        if "QUAL" in table.columns.names:
            bad |= table.data["QUAL"][0] != 0
    return Spectrum(
        flux=flux,
        spectral_axis=axis,
        uncertainty=StdDevUncertainty(error),
        mask=bad,
        meta={"header": header},
    )


def _quantity(table: fits.BinTableHDU, index: int) -> units.Quantity:
    """Return the vector of a column with its unit."""
    values = np.array(table.data[0][index])
    native = values.astype(values.dtype.newbyteorder("="))
    return native * units.Unit(table.columns[index].unit or "")
