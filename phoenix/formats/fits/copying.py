"""A FITS file copied with other headers: pixels pass in pieces, all checksums on the way.

A header stands in front of its data and holds their sum, so it must be known before they are read.
It is where the file that is copied has a DATASUM, and then it is compared with what passes: data
that were changed since are no copy. Only an HDU without one is read twice.

Digest and sum are made in a thread beside the reading and writing: neither waits for the other.
A file of any size takes a few MB of memory (``benchmarks/idp_copying.py``).
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from phoenix.errors import HeaderError, StandardError
from phoenix.formats.fits.blocks import data_bytes, header_blocks
from phoenix.formats.fits.edit_cards import edit_cards
from phoenix.formats.fits.hdu import encode_header, sum_words, whole_blocks
from phoenix.formats.fits.headers import parse_cards
from phoenix.formats.fits.standard import CARD
from phoenix.formats.fits.sums import check_sum, sum_stream, told_sum

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedReader
    from pathlib import Path
    from typing import BinaryIO, Self

    from phoenix.model.idp import Card, HduEdit

    Change = tuple[tuple[Card, ...], tuple[str, ...]]

__all__ = ["Copied", "copy_fits", "whole_or_not"]

_PIECE: Final = 1 << 19
_PIECES: Final = 4
"""Bytes of a piece, and pieces on their way at a time: so many stay in the cache of a core."""
_START: Final = b"SIMPLE  ="
_SUMS: Final = ("CHECKSUM", "DATASUM", "ZHECKSUM")
"""Cards that no longer hold once others change; the last is of the image before it was packed."""


@frozen
class Copied:
    """What was written.

    Attributes
    ----------
    size : int
        Bytes.
    sha256 : str
        Of the whole file, 64 hexadecimal digits.
    """

    size: int
    sha256: str


@frozen
class _Unit:
    """One HDU of the file that is copied: its cards, and where its data are (bytes, with fill)."""

    where: str
    header: bytes = field(repr=False)
    begin: int
    size: int


def copy_fits(source: Path, target: Path, edits: Iterable[HduEdit]) -> Copied:
    """Copy a FITS file with other headers, whole or not at all.

    Every HDU gets CHECKSUM and DATASUM. What is not FITS behind the last HDU stays behind.

    Parameters
    ----------
    source : Path
        Plain FITS; tiles may be packed, since they are a table.
    target : Path
        The file to write.
    edits : iterable of HduEdit
        Several may speak of one HDU.

    Raises
    ------
    HeaderError
        The source is not plain FITS, is cut, or its data are not those of their DATASUM.
    StandardError
        An edit speaks of an HDU that is not there, or a card cannot stand in a header.
    OSError
        One of the files cannot be read or written; nothing of the copy is left.
    """
    with source.open("rb") as stream:
        units = _units(source, stream)
        changes = _changes(source, units, edits)
        sums = [_sum_of(unit, stream) for unit in units]
        headers = [
            encode_header(_edited(unit, *change), expected)
            for unit, change, expected in zip(units, changes, sums, strict=True)
        ]
        with whole_or_not(target) as part, part.open("wb") as copy, _Tally() as tally:
            for unit, header, expected in zip(units, headers, sums, strict=True):
                tally.begin(header)
                copy.write(header)
                check_sum(unit.where, _copy_data(unit, stream, copy, tally), expected)
            return Copied(copy.tell(), tally.sha256)


@contextmanager
def whole_or_not(target: Path) -> Iterator[Path]:
    """Give a file to write, which takes the name of the target if all goes well, and else goes."""
    part = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


# ---- what is there, and what becomes of it ----------------------------------------------------


def _units(path: Path, stream: BufferedReader) -> tuple[_Unit, ...]:
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
        units.append(_Unit(where, header, begin, size))
        begin += size
    return tuple(units)


def _changes(path: Path, units: tuple[_Unit, ...], edits: Iterable[HduEdit]) -> tuple[Change, ...]:
    """Return the cards and what is removed for each HDU."""
    names = [parse_cards(unit.header).get("EXTNAME") for unit in units]
    found: list[Change] = [((), _SUMS)] * len(units)
    for edit in edits:
        places = list(range(len(units)) if isinstance(edit.hdu, int) else names)
        if edit.hdu not in places:
            shown = ", ".join(str(name or i) for i, name in enumerate(names))
            raise StandardError(f"{path}: found HDUs {shown}, expected {edit.hdu!r} to be edited")
        place = places.index(edit.hdu)
        cards, removed = found[place]
        found[place] = ((*cards, *edit.cards), (*removed, *edit.removed))
    return tuple(found)


def _edited(unit: _Unit, cards: tuple[Card, ...], removed: tuple[str, ...]) -> bytes:
    try:
        return edit_cards(unit.header, cards, removed)
    except StandardError as error:
        raise StandardError(f"{unit.where}: {error}") from error


def _sum_of(unit: _Unit, stream: BufferedReader) -> int:
    told = told_sum(unit.header)
    if told is not None:
        return told
    stream.seek(unit.begin)
    return sum_stream(stream, unit.size)


# ---- the copy ---------------------------------------------------------------------------------


class _Tally:
    """Digest of a file and sum of a data unit, made in a thread of pieces as they pass."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._total = 0
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._free = deque(bytearray(_PIECE) for _ in range(_PIECES))
        self._busy: deque[tuple[bytearray, Future[None]]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def begin(self, header: bytes) -> None:
        """Start an HDU."""
        self._digest.update(header)
        self._total = 0

    def buffer(self) -> bytearray:
        """Return room for a piece; wait where all are in use."""
        return self._free.popleft() if self._free else self._oldest()

    def count(self, buffer: bytearray, piece: memoryview) -> None:
        """Count a piece; the buffer that it lies in is used again once that is done."""
        self._busy.append((buffer, self._thread.submit(self._add, piece)))

    def end(self) -> int:
        """Wait for all pieces; return the sum of the words of the HDU's data."""
        while self._busy:
            self._free.append(self._oldest())
        return self._total

    @property
    def sha256(self) -> str:
        """Digest of all that was counted, in hexadecimal digits."""
        return self._digest.hexdigest()

    def _oldest(self) -> bytearray:
        buffer, done = self._busy.popleft()
        done.result()
        return buffer

    def _add(self, piece: memoryview) -> None:
        self._digest.update(piece)
        self._total = sum_words(piece, self._total)


def _copy_data(unit: _Unit, stream: BufferedReader, copy: BinaryIO, tally: _Tally) -> int:
    """Copy the data of an HDU; return the sum of their words."""
    stream.seek(unit.begin)
    left = unit.size
    while left:
        buffer = tally.buffer()
        piece = memoryview(buffer)[: min(left, _PIECE)]
        read = stream.readinto(piece)
        # The last block may be cut where it is only fill; data that are missing change the sum.
        piece[read:] = bytes(len(piece) - read)
        tally.count(buffer, piece)
        copy.write(piece)
        left -= len(piece)
    return tally.end()
