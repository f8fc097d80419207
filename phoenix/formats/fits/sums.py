"""DATASUM of files from outside: data that were changed on their way are told from whole ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import HeaderError
from phoenix.formats.fits.blocks import data_bytes, header_blocks
from phoenix.formats.fits.cards import parse_card
from phoenix.formats.fits.hdu import sum_words
from phoenix.formats.fits.standard import BLOCK, CARD

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

__all__ = ["check_data_sums"]

_PIECE = 1024 * BLOCK
_DATASUM = b"DATASUM ="


def check_data_sums(path: Path) -> None:
    """Compare the data of a plain FITS file with the DATASUM of each HDU that has one.

    CHECKSUM is not looked at: it holds for the header too, and many a tool changes a keyword and
    leaves it (FITS 4.0, 4.4.2.7).

    Raises
    ------
    HeaderError
        If the data of an HDU are not those that its DATASUM was made of, or it is no FITS file.
    OSError
        If it cannot be read.
    """
    begin = 0
    with path.open("rb") as stream:
        for hdu, header in enumerate(header_blocks(path)):
            begin += _whole(len(header) + CARD)
            size = _whole(data_bytes(header, f"{path}: HDU {hdu}"))
            told = _told(header)
            if told is not None:
                stream.seek(begin)
                found = _sum(stream, size)
                if found != told:
                    raise HeaderError(
                        f"{path}: HDU {hdu}: found data with the sum {found}, expected {told} "
                        "(DATASUM); they were changed after they were written, fetch it again"
                    )
            begin += size


def _whole(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _told(header: bytes) -> int | None:
    """Return DATASUM, None for a header without one or with an empty one."""
    cards = (header[i : i + CARD] for i in range(0, len(header), CARD))
    card = next((card for card in cards if card.startswith(_DATASUM)), None)
    value = str(parse_card(card)[1]).strip() if card else ""
    return int(value) if value.isdecimal() else None


def _sum(stream: BinaryIO, size: int) -> int:
    total = 0
    while size:
        piece = stream.read(min(size, _PIECE))
        if not piece:
            break
        # The last block may be cut where it is only padding; what is missing counts nothing.
        total = sum_words(piece + b"\0" * (-len(piece) % 4), total)
        size -= len(piece)
    return total
