"""What travels with the spectra of one product: all fibres, the sky fibres, the QC report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from phoenix.model.idp import Ancillary, Card, Column, Image, Table
from phoenix.toolkit.spectrumcards import reports
from phoenix_giraffe.delivery.names import science_root
from phoenix_giraffe.fibres import SKY

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix_giraffe.fibres import FibreSpectra

__all__ = ["ancillaries_of"]

ALL_FIBRES, SKY_FIBRES = "ANCILLARY.MOSSPECTRA", "ANCILLARY.MOSSPECTRA.SKY"

UNITS = {"RA": "deg", "DEC": "deg", "THETA": "rad", "GCORR": "km/s", "HCORR": "km/s"}
UNITS |= {"BCORR": "km/s", "WLRES": "nm", "R": "um", "MAGNITUDE": "mag", "B_V": "mag"}


def ancillaries_of(
    ab: AssociationBlock,
    spectra: FibreSpectra,
    shared: tuple[Card, ...],
    products: tuple[Product, ...],
) -> tuple[Ancillary, ...]:
    """Plan the ancillaries that all IDPs of a product have in common.

    Parameters
    ----------
    shared : tuple of Card
        Cards of the IDPs that hold for all fibres.
    products : tuple of Product
        Among them the QC report, known by its suffix.
    """
    everything, sky = np.arange(len(spectra.kinds)), spectra.rows(SKY)
    found = [_mos(science_root(ab, "SMOS"), ALL_FIBRES, spectra, everything, shared)]
    if sky.size:
        found.append(_mos(science_root(ab, "SSKY"), SKY_FIBRES, spectra, sky, shared))
    return (*found, *reports(ab, products))


def _mos(
    root: str,
    category: str,
    spectra: FibreSpectra,
    rows: npt.NDArray[np.intp],
    shared: tuple[Card, ...],
) -> Ancillary:
    return Ancillary(
        name=f"{root}.fits",
        category=category,
        cards=(*_pointing(spectra), Card("SPECSYS", "TOPOCENT", "Not corrected"), *shared),
        hdus=(
            Image("SPECTRA", spectra.flux[rows].T, _world(spectra)),
            Image("ERRORS", spectra.error[rows].T, _world(spectra)),
            Table("FIBER_SETUP", tuple(_table(spectra.table, rows))),
        ),
    )


def _pointing(spectra: FibreSpectra) -> Iterator[Card]:
    for keyword in ("OBJECT", "RA", "DEC"):
        value = spectra.header.get(keyword)
        if isinstance(value, str | int | float):
            yield Card(keyword, value, "Of the plate, not of a fibre")


def _world(spectra: FibreSpectra) -> tuple[Card, ...]:
    step = float(spectra.wave[1] - spectra.wave[0]) if spectra.wave.size > 1 else 0.0
    return (
        Card("BUNIT", "adu", "Physical unit of the pixels"),
        Card("CTYPE1", "INDEX", "Row of FIBER_SETUP, from 1"),
        Card("CRPIX1", 1.0, "Reference pixel"),
        Card("CRVAL1", 1.0, "Coordinate of the reference pixel"),
        Card("CTYPE2", "AWAV", "Wavelength in air"),
        Card("CUNIT2", "nm", "Unit of axis 2"),
        Card("CRPIX2", 1.0, "Reference pixel"),
        Card("CRVAL2", float(spectra.wave[0]), "[nm] Wavelength of the reference pixel"),
        Card("CD1_1", 1.0, "Transformation matrix"),
        Card("CD1_2", 0.0, "Transformation matrix"),
        Card("CD2_1", 0.0, "Transformation matrix"),
        Card("CD2_2", round(step, 9), "[nm] Wavelength bin size"),
    )


def _table(table: dict[str, npt.NDArray[Any]], rows: npt.NDArray[np.intp]) -> Iterator[Column]:
    for name, values in table.items():
        chosen = np.arange(1, rows.size + 1, dtype=np.int32) if name == "INDEX" else values[rows]
        as_stored = chosen.astype(np.bytes_) if chosen.dtype.kind == "U" else chosen
        yield Column(name, as_stored, UNITS.get(name, ""))
