"""The bytes of one HDU: header, data, and the checksums of both."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from phoenix.errors import StandardError
from phoenix.formats.fits.standard import BLOCK, CARD
from phoenix.formats.fits.write_cards import format_card
from phoenix.model.idp import Card

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from phoenix.model.idp import Column, Image, Table

__all__ = [
    "TABLE_CODES",
    "encode_checksum",
    "encode_hdu",
    "encode_header",
    "encode_image",
    "encode_primary",
    "encode_table",
    "sum_words",
    "whole_blocks",
]

TABLE_CODES = {"f8": "D", "f4": "E", "i8": "K", "i4": "J", "i2": "I", "u1": "B"}
"""Type of an array to the letter of its TFORM."""

BITPIX = {"f8": -64, "f4": -32, "i8": 64, "i4": 32, "i2": 16, "u1": 8}
"""Type of an array to its BITPIX."""

EMPTY_CHECKSUM = b"0" * 16
CHECKSUM_VALUE = 11
"""Where the value begins in its card, behind ``CHECKSUM= '``."""


def encode_hdu(cards: Iterable[Card], data: bytes) -> bytes:
    """Make an HDU of all its cards but CHECKSUM, DATASUM and END, and of its data.

    Raises
    ------
    StandardError
        A card cannot stand in a header; names keyword, what was found and what was expected.
    """
    data = data.ljust(whole_blocks(len(data)), b"\0")
    images = b"".join(format_card(card.keyword, card.value, card.comment) for card in cards)
    return encode_header(images, sum_words(data)) + data


def encode_header(images: bytes, data_sum: int) -> bytes:
    """Make a header: END and both checksums added to its cards.

    Parameters
    ----------
    images : bytes
        All cards but CHECKSUM, DATASUM and END, of 80 bytes each.
    data_sum : int
        Sum of the words of the data unit, fill included.
    """
    # Its place is counted, not looked for: the zeros of a value are as good to find as its own.
    place = len(images) + CHECKSUM_VALUE
    header = b"".join(
        (
            images,
            format_card("CHECKSUM", EMPTY_CHECKSUM.decode(), "HDU checksum"),
            format_card("DATASUM", str(data_sum), "data unit checksum"),
            b"END".ljust(CARD),
        )
    )
    header = header.ljust(whole_blocks(len(header)), b" ")
    checksum = encode_checksum(sum_words(header, data_sum))
    return header[:place] + checksum + header[place + len(EMPTY_CHECKSUM) :]


def sum_words(data: bytes | memoryview, start: int = 0) -> int:
    """Add 32-bit big-endian words in ones' complement (FITS 4.0, appendix J)."""
    total = start + int(np.frombuffer(data, dtype=">u4").sum(dtype=np.uint64))
    while total >> 32:
        total = (total & 0xFFFFFFFF) + (total >> 32)
    return total


def encode_checksum(total: int) -> bytes:
    """Write the complement of a sum as the 16 characters of CHECKSUM (FITS 4.0, appendix J)."""
    digits = bytearray(16)
    for i, byte in enumerate((~total & 0xFFFFFFFF).to_bytes(4, "big")):
        digits[i::4] = _alphanumeric(byte)
    return bytes(digits[-1:] + digits[:-1])


@lru_cache(maxsize=256)
def _alphanumeric(byte: int) -> bytes:
    """Four ASCII letters or digits whose distances from '0' add up to a byte."""
    quarter, rest = divmod(byte, 4)
    return _apart(48 + quarter + rest, 48 + quarter) + _apart(48 + quarter, 48 + quarter)


def _apart(one: int, other: int) -> bytes:
    """Move two codes apart until both are letters or digits; their sum stays."""
    while not bytes((one, other)).isalnum():
        one, other = one + 1, other - 1
    return bytes((one, other))


def whole_blocks(size: int) -> int:
    """Bytes of the blocks that so many bytes fill."""
    return -(-size // BLOCK) * BLOCK


# ---- the HDUs of files that are no IDPs --------------------------------------------------------


def encode_primary(cards: Iterable[Card]) -> bytes:
    """Make a primary HDU without data.

    Raises
    ------
    StandardError
        A card cannot stand in a header.
    """
    structure = (
        Card("SIMPLE", True, "Standard FITS format (NOST-100-2.0)"),
        Card("BITPIX", 8, "Number of bits per data pixel"),
        Card("NAXIS", 0, "Number of data axes"),
        Card("EXTEND", True, "Extension may be present"),
    )
    return encode_hdu(_each_once((*structure, *cards)), b"")


def encode_image(image: Image) -> bytes:
    """Make an image extension.

    Raises
    ------
    StandardError
        Its pixels are of a type that FITS has not, or a card cannot stand in a header.
    """
    kind = image.data.dtype.str[1:]
    if kind not in BITPIX:
        raise StandardError(
            f"BITPIX: found {image.name} of type {image.data.dtype}, expected one of "
            f"{', '.join(BITPIX)}"
        )
    axes = image.data.shape[::-1]
    cards = (
        Card("XTENSION", "IMAGE", "FITS Extension first keyword"),
        Card("BITPIX", BITPIX[kind], "Number of bits per data pixel"),
        Card("NAXIS", len(axes), "Number of data axes"),
        *(Card(f"NAXIS{i}", size, f"Length of data axis {i}") for i, size in enumerate(axes, 1)),
        Card("PCOUNT", 0, "Parameter count"),
        Card("GCOUNT", 1, "Group count"),
        Card("EXTNAME", image.name, "FITS Extension name"),
        *image.cards,
    )
    return encode_hdu(_each_once(cards), _big_endian(image.data).tobytes())


def encode_table(table: Table) -> bytes:
    """Make a table extension, one row an element of its columns.

    Raises
    ------
    StandardError
        Columns are of a type that FITS has not or of different lengths, or a card cannot stand
        in a header.
    """
    rows = {len(column.values) for column in table.columns}
    if len(rows) != 1:
        raise StandardError(
            f"NAXIS2: found {table.name} with columns of {sorted(rows)} rows, expected one length"
        )
    cells = [_cells(column) for column in table.columns]
    types = [(f"c{i}", cell.dtype, cell.shape[1:]) for i, cell in enumerate(cells)]
    data = np.zeros(rows.pop(), dtype=types)
    for (name, _, _), cell in zip(types, cells, strict=True):
        data[name] = cell
    cards = (
        Card("XTENSION", "BINTABLE", "FITS Extension first keyword"),
        Card("BITPIX", 8, "Number of bits per data pixel"),
        Card("NAXIS", 2, "Number of data axes"),
        Card("NAXIS1", data.dtype.itemsize, "Length of data axis 1"),
        Card("NAXIS2", data.size, "Length of data axis 2"),
        Card("PCOUNT", 0, "Parameter count"),
        Card("GCOUNT", 1, "Group count"),
        Card("TFIELDS", len(cells), "Number of table fields"),
        Card("EXTNAME", table.name, "FITS Extension name"),
        *(card for i, one in enumerate(table.columns, 1) for card in _describe(i, one)),
        *table.cards,
    )
    return encode_hdu(_each_once(cards), data.tobytes())


def _cells(column: Column) -> npt.NDArray[Any]:
    """Return the values as they stand in the file, shape (rows,) or (rows, elements)."""
    values = column.values
    if values.dtype.kind == "b":
        return np.where(values, b"T", b"F")
    if values.dtype.kind == "S" and values.ndim == 1:
        return values
    if values.dtype.str[1:] not in TABLE_CODES:
        raise StandardError(
            f"TFORM: found column {column.name} of type {values.dtype}, expected one of "
            f"{', '.join(TABLE_CODES)}, a logical or bytes"
        )
    return _big_endian(values if values.ndim == 1 else values.reshape(len(values), -1))


def _describe(i: int, column: Column) -> Iterator[Card]:
    kind = column.values.dtype
    code = {"b": "L", "S": "A"}.get(kind.kind) or TABLE_CODES[kind.str[1:]]
    repeat = kind.itemsize if kind.kind == "S" else math.prod(column.values.shape[1:])
    yield Card(f"TTYPE{i}", column.name, f"Label for field {i}")
    yield Card(f"TFORM{i}", f"{repeat}{code}", f"Data format of field {i}")
    texts = (("TUNIT", column.unit, "Physical unit"), ("TUTYP", column.utype, "UType"))
    for keyword, text, comment in (*texts, ("TUCD", column.ucd, "UCD")):
        if text:
            yield Card(f"{keyword}{i}", text, f"{comment} of field {i}")


def _big_endian(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values.astype(values.dtype.newbyteorder(">"), copy=False)


def _each_once(cards: Iterable[Card]) -> Iterator[Card]:
    """Leave out a card whose keyword stood before: what follows from the data comes first."""
    seen: set[str] = set()
    for card in cards:
        if card.keyword not in seen:
            yield card
        if card.keyword not in {"COMMENT", "HISTORY"}:
            seen.add(card.keyword)
