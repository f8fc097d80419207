"""Ancillary files of IDPs: made of their plan, or copied and labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import StandardError
from phoenix.formats.files import copy_plain
from phoenix.formats.fits.hdu import encode_image, encode_primary, encode_table
from phoenix.formats.idpcopy import copy_product
from phoenix.model.idp import Card, HduEdit, Image

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.idp import Ancillary, Table

__all__ = ["write_ancillary"]

_FITS = (".fits", ".fits.fz")


def write_ancillary(ancillary: Ancillary, path: Path) -> None:
    """Write an ancillary file; a FITS file gets PRODCATG, CHECKSUM and DATASUM.

    Raises
    ------
    StandardError
        If the plan has neither a file nor HDUs, or a card or column that FITS cannot hold.
    HeaderError
        If a FITS file to be copied is not whole, or not plain FITS.
    OSError
        If it cannot be read or written.
    """
    if not ancillary.name.endswith(_FITS):
        _write_plain(ancillary, path)
    elif ancillary.path is not None:
        _copy_fits(ancillary, ancillary.path, path)
    else:
        _make_fits(ancillary, path)


def _write_plain(ancillary: Ancillary, path: Path) -> None:
    if ancillary.path is not None:
        copy_plain(ancillary.path, path)
    elif ancillary.text:
        path.write_text(ancillary.text, "utf-8")
    else:
        raise StandardError(
            f"{ancillary.name}: found no file behind it, expected one for what is not FITS"
        )


def _copy_fits(ancillary: Ancillary, source: Path, path: Path) -> None:
    edits = (HduEdit(0, ancillary.cards), *ancillary.edits)
    try:
        copy_product(source, path, _label(ancillary), edits)
    except StandardError as error:
        raise StandardError(f"{ancillary.name}: {error}") from error


def _make_fits(ancillary: Ancillary, path: Path) -> None:
    try:
        primary = encode_primary((*_label(ancillary), *ancillary.cards))
        hdus = [primary, *map(_extension, ancillary.hdus)]
    except StandardError as error:
        raise StandardError(f"{ancillary.name}: {error}") from error
    path.write_bytes(b"".join(hdus))


def _extension(hdu: Image | Table) -> bytes:
    return encode_image(hdu) if isinstance(hdu, Image) else encode_table(hdu)


def _label(ancillary: Ancillary) -> tuple[Card, ...]:
    return (Card("PRODCATG", ancillary.category, "Data product category"),)
