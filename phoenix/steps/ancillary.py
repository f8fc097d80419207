"""Ancillary files of IDPs: made of their plan, or copied and labelled."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from astropy.io import fits

from phoenix.errors import StandardError
from phoenix.formats.fitscards import format_card
from phoenix.model.idp import Card, Image, Table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phoenix.model.idp import Ancillary, Column

__all__ = ["write_ancillary"]

_FITS = (".fits", ".fits.fz")
_CODES = {"f8": "D", "f4": "E", "i8": "K", "i4": "J", "i2": "I", "u1": "B", "b1": "L"}


def write_ancillary(ancillary: Ancillary, path: Path) -> None:
    """Write an ancillary file; a FITS file gets PRODCATG, CHECKSUM and DATASUM.

    Raises
    ------
    StandardError
        If the plan has neither a file nor HDUs, or a card or column that FITS cannot hold.
    OSError
        If it cannot be read or written.
    """
    if not ancillary.name.endswith(_FITS):
        _copy_plain(ancillary, path)
    elif ancillary.path is not None:
        _copy_fits(ancillary, ancillary.path, path)
    else:
        _make_fits(ancillary, path)


def _copy_plain(ancillary: Ancillary, path: Path) -> None:
    if ancillary.path is None:
        raise StandardError(
            f"{ancillary.name}: found no file behind it, expected one for what is not FITS"
        )
    shutil.copyfile(ancillary.path, path)


def _copy_fits(ancillary: Ancillary, source: Path, path: Path) -> None:
    with fits.open(source, do_not_scale_image_data=True, character_as_bytes=True) as hdus:
        _label(hdus[0], ancillary)
        hdus[0].header.extend(_header(ancillary.cards).cards, update=True)
        hdus.writeto(path, checksum=True)


def _make_fits(ancillary: Ancillary, path: Path) -> None:
    primary = fits.PrimaryHDU()
    _label(primary, ancillary)
    primary.header.extend(_header(ancillary.cards).cards, update=True)
    extensions = [_extension(ancillary, hdu) for hdu in ancillary.hdus]
    fits.HDUList([primary, *extensions]).writeto(path, checksum=True)


def _label(primary: Any, ancillary: Ancillary) -> None:  # noqa: ANN401 - astropy is untyped
    primary.header["PRODCATG"] = ancillary.category, "Data product category"


def _header(cards: Iterable[Card]) -> fits.Header:
    images = [format_card(card.keyword, card.value, card.comment) for card in cards]
    return fits.Header.fromstring(b"".join(images))


def _extension(ancillary: Ancillary, hdu: Image | Table) -> Any:  # noqa: ANN401 - astropy is untyped
    header = _header(hdu.cards)
    if isinstance(hdu, Image):
        return fits.ImageHDU(hdu.data, header, name=hdu.name)
    columns = [_column(ancillary, hdu.name, column) for column in hdu.columns]
    table = fits.BinTableHDU.from_columns(columns, header, name=hdu.name)
    for number, column in enumerate(hdu.columns, 1):
        for keyword, text in (("TUTYP", column.utype), ("TUCD", column.ucd)):
            if text:
                table.header[f"{keyword}{number}"] = text
    return table


def _column(ancillary: Ancillary, table: str, column: Column) -> fits.Column:
    kind = column.values.dtype
    size = column.values[0].size if column.values.ndim > 1 else 1
    code = f"{kind.itemsize}A" if kind.kind == "S" else _CODES.get(kind.str[1:])
    if code is None:
        raise StandardError(
            f"{ancillary.name}: column {column.name} of {table}: found type {kind}, expected one "
            f"of {', '.join(_CODES)} or bytes"
        )
    form = code if kind.kind == "S" else f"{size}{code}"
    return fits.Column(column.name, form, column.unit or None, array=column.values)
