"""Ancillary files of IDPs: made of their plan, or copied and labelled."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from astropy.io import fits

from phoenix.errors import StandardError
from phoenix.formats.fits.hdu import encode_image, encode_primary, encode_table
from phoenix.formats.fits.write_cards import format_card
from phoenix.model.idp import Card, Image

if TYPE_CHECKING:
    from collections.abc import Iterable
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
    label = Card("PRODCATG", ancillary.category, "Data product category")
    try:
        hdus = [encode_primary((label, *ancillary.cards)), *map(_extension, ancillary.hdus)]
    except StandardError as error:
        raise StandardError(f"{ancillary.name}: {error}") from error
    path.write_bytes(b"".join(hdus))


def _extension(hdu: Image | Table) -> bytes:
    return encode_image(hdu) if isinstance(hdu, Image) else encode_table(hdu)


def _label(primary: Any, ancillary: Ancillary) -> None:  # noqa: ANN401 - astropy is untyped
    primary.header["PRODCATG"] = ancillary.category, "Data product category"


def _header(cards: Iterable[Card]) -> fits.Header:
    images = [format_card(card.keyword, card.value, card.comment) for card in cards]
    return fits.Header.fromstring(b"".join(images))
