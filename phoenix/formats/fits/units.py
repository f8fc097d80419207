"""Where the data of each HDU of a plain FITS file lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from phoenix.errors import HeaderError
from phoenix.formats.files import open_plain
from phoenix.formats.fits.blocks import data_bytes, header_blocks
from phoenix.formats.fits.hdu import whole_blocks
from phoenix.formats.fits.standard import CARD

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Unit", "units_of"]

_START: Final = b"SIMPLE  ="


@frozen
class Unit:
    """One HDU as it lies in its file.

    Attributes
    ----------
    where : str
        File and HDU, for messages.
    header : bytes
        Its cards, END excluded.
    begin, size : int
        Bytes in front of its data, and of its data with their fill. The last fill of a file may
        be missing.
    """

    where: str
    header: bytes = field(repr=False)
    begin: int
    size: int


def units_of(path: Path) -> tuple[Unit, ...]:
    """Return the HDUs of a plain FITS file, its data passed over.

    Raises
    ------
    HeaderError
        It is packed, a header alone, no FITS file, or cut.
    OSError
        It cannot be read.
    """
    with open_plain(path) as stream:
        first = stream.read(CARD + 1)
    if not first.startswith(_START) or b"\n" in first:
        raise HeaderError(
            f"{path}: found {first[:8]!r}, expected plain FITS with its data; unpack it first"
        )
    units = []
    begin = 0
    for hdu, header in enumerate(header_blocks(path)):
        where = f"{path}: HDU {hdu}"
        begin += whole_blocks(len(header) + CARD)
        size = whole_blocks(data_bytes(header, where))
        units.append(Unit(where, header, begin, size))
        begin += size
    return tuple(units)
