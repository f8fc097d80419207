"""DATASUM of files from outside: data that were changed on their way are told from whole ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import HeaderError
from phoenix.formats.fits.blocks import data_bytes, find_card, header_blocks
from phoenix.formats.fits.cards import parse_card
from phoenix.formats.fits.hdu import sum_words, whole_blocks
from phoenix.formats.fits.standard import BLOCK, CARD

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

__all__ = ["check_data_sums", "check_sum", "sum_stream", "told_sum"]

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
            where = f"{path}: HDU {hdu}"
            begin += whole_blocks(len(header) + CARD)
            size = whole_blocks(data_bytes(header, where))
            told = told_sum(header)
            if told is not None:
                stream.seek(begin)
                check_sum(where, sum_stream(stream, size), told)
            begin += size


def told_sum(header: bytes) -> int | None:
    """Return DATASUM, None for a header without one or with an empty one."""
    at = find_card(header, _DATASUM)
    value = str(parse_card(header[at : at + CARD])[1]).strip() if at >= 0 else ""
    return int(value) if value.isdecimal() else None


def check_sum(where: str, found: int, told: int) -> None:
    """Compare the sum of the words of a data unit with what its header tells.

    Raises
    ------
    HeaderError
        If they differ.
    """
    if found != told:
        raise HeaderError(
            f"{where}: found data with the sum {found}, expected {told} (DATASUM); they were "
            "changed after they were written, fetch it again"
        )


def sum_stream(stream: BinaryIO, size: int) -> int:
    """Add the words of so many bytes; where the stream ends earlier, what is missing are zeros."""
    total = 0
    while size:
        piece = stream.read(min(size, _PIECE))
        if not piece:
            break
        # The last block may be cut where it is only padding; what is missing counts nothing.
        total = sum_words(piece + b"\0" * (-len(piece) % 4), total)
        size -= len(piece)
    return total
