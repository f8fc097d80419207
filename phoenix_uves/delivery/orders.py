"""The orders of a chip before they are merged: the 2-D spectrum that travels with an IDP.

One file a chip, ``UV_S2DX_..._REDL580d1_1x1_08.fits``: a row an order, flat-fielded, wavelengths
as the telescope sees them, in counts; SCI and its errors ERR. Order ``i`` reaches from WSTARTi to
WENDi (Angstrom) in steps of CDELT1, beginning with the first pixel of its row. What ESO puts into
its own files of this name is not published; this is ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.errors import DataError
from phoenix.model.idp import Ancillary, Card, Image
from phoenix.toolkit.files import find
from phoenix.toolkit.fits import read_image
from phoenix.toolkit.headers import Header, read_header, required_number
from phoenix.toolkit.idpcards import copied_cards, group_cards
from phoenix_uves.delivery.names import science_root
from phoenix_uves.process import SCIENCE_TAGS, chips_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product

__all__ = ["CATEGORY", "CODE", "orders_of"]

CATEGORY = "ANCILLARY.2DSPECTRUM"
CODE = "S2DX"
"""In the file name."""

_COPIED = (
    "ORIGIN",
    "TELESCOP",
    "INSTRUME",
    "OBJECT",
    "RA",
    "DEC",
    "MJD-OBS",
    "DATE-OBS",
    "EXPTIME",
)
_GROUPS = ("ESO OBS ", "ESO INS ", "ESO PRO REC1 ", "ESO QC ORD")
_RANGES = ("WSTART", "WEND")
"""Beginnings of the keywords of the ends of an order."""


def orders_of(
    ab: AssociationBlock, products: tuple[Product, ...], timestamp: str = ""
) -> Iterator[Ancillary]:
    """Yield the orders of every chip that the recipe gives them of.

    Parameters
    ----------
    ab : AssociationBlock
        Of the exposure, or of a stack that it is in.
    products : tuple of Product
        Of the exposure.
    timestamp : str
        Of the exposure, where it is not that of the AB.

    Raises
    ------
    DataError
        If a file is not what it must be.
    """
    raw_type = ab.raw_files[0].tag if ab.raw_files else ab.raw_type
    tag = raw_type.rpartition("_")[0]
    for chip in chips_of(raw_type) if tag in SCIENCE_TAGS else ():
        values = find(products, f"WCALIB_FF_{tag}_{chip}")
        errors = find(products, f"ERRORBAR_WCALIB_FF_{tag}_{chip}")
        if values is None or errors is None:
            continue
        header = read_header(values)
        root = science_root(ab, header, CODE, chip)
        if timestamp:
            root = root.replace(ab.name.timestamp, timestamp)
        images = [np.asarray(read_image(path), dtype=np.float32) for path in (values, errors)]
        if images[0].ndim != 2 or images[0].shape != images[1].shape:  # noqa: PLR2004 (orders x wavelength)
            shapes = " and ".join(str(image.shape) for image in images)
            raise DataError(
                f"{values}: found orders and errors of {shapes}, expected the same 2-D"
            )
        yield Ancillary(
            name=f"{root}.fits",
            category=CATEGORY,
            cards=(
                *copied_cards(header, _COPIED),
                Card("SPECSYS", "TOPOCENT", "Not corrected"),
                *group_cards(header, _GROUPS),
            ),
            hdus=tuple(
                Image(name, image, _axes(header))
                for name, image in zip(("SCI", "ERR"), images, strict=True)
            ),
        )


def _axes(header: Header) -> tuple[Card, ...]:
    step = required_number(header, "CDELT1")
    return (
        Card("CTYPE1", "AWAV", "Air wavelength from the begin of the order"),
        Card("CUNIT1", "Angstrom", "Unit of the first axis"),
        Card("CRPIX1", 1.0, "Reference pixel"),
        Card("CRVAL1", 0.0, "See WSTARTi"),
        Card("CDELT1", step, "[Angstrom] Step"),
        Card("BUNIT", "adu", "Counts of the exposure"),
        *group_cards(header, _RANGES),
    )
