"""Sums of the data of files: those that were changed on their way are told from whole ones."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from phoenix.errors import HeaderError
from phoenix.formats.filedigest import read_digest
from phoenix.formats.files import open_plain
from phoenix.formats.fits.blocks import find_card
from phoenix.formats.fits.cards import parse_card
from phoenix.formats.fits.hdu import sum_words
from phoenix.formats.fits.standard import BLOCK, CARD
from phoenix.formats.fits.units import units_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import BinaryIO

__all__ = ["check_data_sums", "check_sum", "digest_and_sums", "sum_stream", "told_sum"]

_PIECE = 128 * BLOCK
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
    with open_plain(path) as stream:
        for unit in units_of(path):
            told = told_sum(unit.header)
            if told is not None:
                stream.seek(unit.begin)
                check_sum(unit.where, sum_stream(stream, unit.size), told)


def digest_and_sums(path: Path) -> tuple[str, tuple[int, ...]]:
    """Read a file once for its sha256 and for the sum of the data of each HDU.

    Returns
    -------
    str
        The sha256, 64 hexadecimal digits.
    tuple of int
        The sums; none for what is not plain FITS.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    try:
        units = units_of(path)
    except HeaderError:
        return read_digest(path, "sha256"), ()
    digest = hashlib.sha256()
    sums = []
    with open_plain(path) as stream:
        for unit in units:
            digest.update(stream.read(unit.begin - stream.tell()))
            sums.append(sum_stream(stream, unit.size, digest.update))
        while rest := stream.read(_PIECE):
            digest.update(rest)
    return digest.hexdigest(), tuple(sums)


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


def sum_stream(
    stream: BinaryIO, size: int, besides: Callable[[bytes], object] | None = None
) -> int:
    """Add the words of so many bytes; where the stream ends earlier, what is missing are zeros.

    What is to be done besides with each piece is given it as it was read.
    """
    total = 0
    while size:
        piece = stream.read(min(size, _PIECE))
        if not piece:
            break
        if besides is not None:
            besides(piece)
        # The last block may be cut where it is only padding; what is missing counts nothing.
        total = sum_words(piece + b"\0" * (-len(piece) % 4), total)
        size -= len(piece)
    return total
