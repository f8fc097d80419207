"""Raw frames and static tables on disk: complete or not there at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits

from phoenix.formats.fits.write_cards import format_card

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.model.idp import Card

    HDUs = Sequence[fits.PrimaryHDU | fits.ImageHDU | fits.BinTableHDU]

__all__ = [
    "counts_hdu",
    "folder",
    "header_of",
    "image_hdu",
    "table_hdu",
    "write_bytes",
    "write_fits",
]


def header_of(cards: Iterable[Card]) -> fits.Header:
    """Build a header from cards; comments that do not fit are cut, as the VLT software does."""
    text = b"".join(format_card(card.keyword, card.value, card.comment) for card in cards)
    return fits.Header.fromstring(text)


def image_hdu(
    cards: Iterable[Card], pixels: npt.NDArray[np.generic] | None = None
) -> fits.PrimaryHDU:
    """Make a primary HDU; uint16 pixels are stored with BZERO 32768."""
    return fits.PrimaryHDU(data=pixels, header=header_of(cards))


def counts_hdu(
    cards: Iterable[Card],
    counts: npt.NDArray[np.uint16],
    kind: type[fits.PrimaryHDU | fits.ImageHDU] = fits.PrimaryHDU,
) -> fits.PrimaryHDU | fits.ImageHDU:
    """Make an image of counts whose BSCALE and BZERO are floating-point cards.

    astropy writes ``BSCALE = 1``; the UVES recipes stop there with a type mismatch (exit code 19).
    """
    signed = (counts ^ np.uint16(0x8000)).view(np.int16)
    hdu = kind(data=signed, header=header_of(cards))
    hdu.header["BSCALE"] = (1.0, "pixel = file * BSCALE + BZERO")
    hdu.header["BZERO"] = (32768.0, "pixel = file * BSCALE + BZERO")
    return hdu


def table_hdu(
    name: str, columns: Sequence[tuple[str, str, object, str]], cards: Iterable[Card] = ()
) -> fits.BinTableHDU:
    """Make a table from rows of (TTYPE, TFORM, values, unit)."""
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column(name=label, format=form, array=values, unit=unit or None)
            for label, form, values, unit in columns
        ],
        header=header_of(cards),
    )
    table.name = name
    # astropy writes the name in capitals, but some recipes look for it as it is.
    table.header["EXTNAME"] = (name, "Name of this table")
    return table


def write_fits(path: Path, hdus: HDUs) -> Path:
    """Write HDUs under a temporary name and rename; returns `path`."""
    unfinished = path.with_name(f".{path.name}.part")
    fits.HDUList(list(hdus)).writeto(unfinished, overwrite=True, output_verify="exception")
    unfinished.replace(path)
    return path


def write_bytes(path: Path, content: bytes) -> Path:
    """Write bytes under a temporary name and rename; returns `path`."""
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
    return path


def folder(root: Path, *parts: str) -> Path:
    """Return a folder below another; it is made if it is not there."""
    path = root.joinpath(*parts)
    path.mkdir(parents=True, exist_ok=True)
    return path
