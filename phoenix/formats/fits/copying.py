"""A FITS file copied with other headers: pixels pass in pieces, all checksums on the way.

A header stands in front of its data and holds their sum, so it must be known before they are read.
It is where the file has a DATASUM, or where its sums were made together with its sha256, when it
was published; then it is compared with what passes: data that were changed since are no copy. Only
an HDU of which nothing is known is read twice.

Digests and sum are made in threads beside the reading and writing: none waits for the others.
A file of any size takes a few MB of memory (``benchmarks/idp_copying.py``).
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from attrs import frozen

from phoenix.errors import DataError, StandardError
from phoenix.formats.files import open_plain
from phoenix.formats.fits.edit_cards import edit_cards
from phoenix.formats.fits.hdu import encode_header, sum_words
from phoenix.formats.fits.headers import parse_cards
from phoenix.formats.fits.sums import check_sum, sum_stream, told_sum
from phoenix.formats.fits.units import units_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedReader
    from pathlib import Path
    from typing import BinaryIO, Self

    from phoenix.formats.fits.units import Unit
    from phoenix.model.idp import Card, HduEdit

    Change = tuple[tuple[Card, ...], tuple[str, ...]]

__all__ = ["ChangedError", "Copied", "Known", "copy_fits", "whole_or_not"]

_PIECE: Final = 1 << 19
_PIECES: Final = 4
"""Bytes of a piece, and pieces on their way at a time: so many stay in the cache of a core."""
_WAITING: Final = 32 << 20
"""Bytes after which the disk is asked to write."""
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
class Known:
    """What is known of a file from the time when it was made.

    Attributes
    ----------
    sha256 : str
        Of the whole file.
    data_sums : tuple of int
        Sums of the words of the data of its HDUs; empty where they were not made.
    """

    sha256: str
    data_sums: tuple[int, ...] = ()


class ChangedError(DataError):
    """A file is not the one that it was said to be."""


def copy_fits(
    source: Path, target: Path, edits: Iterable[HduEdit], known: Known | None = None
) -> Copied:
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
    known : Known or None
        What the source must be; None where nothing is known of it.

    Raises
    ------
    ChangedError
        The source has another sha256.
    HeaderError
        The source is not plain FITS, is cut, or its data are not those of their DATASUM.
    StandardError
        An edit speaks of an HDU that is not there, or a card cannot stand in a header.
    OSError
        One of the files cannot be read or written; nothing of the copy is left.
    """
    with open_plain(source) as stream:
        units = units_of(source)
        changes = _changes(source, units, edits)
        sums = _sums_of(units, stream, known)
        headers = [
            encode_header(_edited(unit, *change), expected)
            for unit, change, expected in zip(units, changes, sums, strict=True)
        ]
        with whole_or_not(target) as part, part.open("wb") as copy, _Tally(known) as tally:
            stream.seek(0)
            for unit, header, expected in zip(units, headers, sums, strict=True):
                tally.begin(header, stream.read(unit.begin - stream.tell()))
                copy.write(header)
                check_sum(unit.where, _copy_data(unit, stream, copy, tally), expected)
            tally.compare(source, stream)
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


def _changes(path: Path, units: tuple[Unit, ...], edits: Iterable[HduEdit]) -> tuple[Change, ...]:
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


def _edited(unit: Unit, cards: tuple[Card, ...], removed: tuple[str, ...]) -> bytes:
    try:
        return edit_cards(unit.header, cards, removed)
    except StandardError as error:
        raise StandardError(f"{unit.where}: {error}") from error


def _sums_of(
    units: tuple[Unit, ...], stream: BufferedReader, known: Known | None
) -> tuple[int, ...]:
    """Return the sums of the data: as they are known, as the headers tell, else read for it."""
    if known is not None and len(known.data_sums) == len(units):
        return known.data_sums
    return tuple(_sum_of(unit, stream) for unit in units)


def _sum_of(unit: Unit, stream: BufferedReader) -> int:
    told = told_sum(unit.header)
    if told is not None:
        return told
    stream.seek(unit.begin)
    return sum_stream(stream, unit.size)


# ---- the copy ---------------------------------------------------------------------------------


class _Tally:
    """Digests of two files and sum of a data unit, made in threads of pieces as they pass."""

    def __init__(self, known: Known | None) -> None:
        self._known = known
        self._read, self._written = hashlib.sha256(), hashlib.sha256()
        self._total = 0
        # A digest takes its pieces in order: each has a thread of its own.
        self._reading, self._writing = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._free = deque(bytearray(_PIECE) for _ in range(_PIECES))
        self._busy: deque[tuple[bytearray, list[Future[None]]]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for thread in (self._reading, self._writing):
            thread.shutdown(cancel_futures=True)

    def begin(self, written: bytes, read: bytes) -> None:
        """Start an HDU with its header, as it is written and as it was read."""
        self._written.update(written)
        self._read.update(read)
        self._total = 0

    def buffer(self) -> bytearray:
        """Return room for a piece; wait where all are in use."""
        return self._free.popleft() if self._free else self._oldest()

    def count(self, buffer: bytearray, piece: memoryview, read: int) -> None:
        """Count a piece, of which so many bytes were read; then its buffer is free again."""
        work = [self._writing.submit(self._add, piece)]
        if self._known is not None:
            work.append(self._reading.submit(self._read.update, piece[:read]))
        self._busy.append((buffer, work))

    def end(self) -> int:
        """Wait for all pieces; return the sum of the words of the HDU's data."""
        while self._busy:
            self._free.append(self._oldest())
        return self._total

    def compare(self, path: Path, stream: BufferedReader) -> None:
        """Read what is left of the source, which no HDU is; look whether it is the one meant."""
        if self._known is None:
            return
        while rest := stream.read(_PIECE):
            self._read.update(rest)
        found = self._read.hexdigest()
        if found != self._known.sha256:
            raise ChangedError(f"{path}: found sha256 {found}, expected {self._known.sha256}")

    @property
    def sha256(self) -> str:
        """Digest of all that was written, in hexadecimal digits."""
        return self._written.hexdigest()

    def _oldest(self) -> bytearray:
        buffer, work = self._busy.popleft()
        for one in work:
            one.result()
        return buffer

    def _add(self, piece: memoryview) -> None:
        self._written.update(piece)
        self._total = sum_words(piece, self._total)


def _copy_data(unit: Unit, stream: BufferedReader, copy: BinaryIO, tally: _Tally) -> int:
    """Copy the data of an HDU; return the sum of their words."""
    left, waiting = unit.size, 0
    while left:
        buffer = tally.buffer()
        piece = memoryview(buffer)[: min(left, _PIECE)]
        read = stream.readinto(piece)
        # The last block may be cut where it is only fill; data that are missing change the sum.
        piece[read:] = bytes(len(piece) - read)
        tally.count(buffer, piece, read)
        copy.write(piece)
        left -= len(piece)
        waiting += len(piece)
        if waiting >= _WAITING:
            _hand_over(copy, waiting)
            waiting = 0
    return tally.end()


def _hand_over(copy: BinaryIO, waiting: int) -> None:
    """Let the disk begin with the last bytes, so that little is left for the end (fsync)."""
    if sys.platform == "linux":
        copy.flush()
        begin = copy.tell() - waiting
        os.posix_fadvise(copy.fileno(), begin, waiting, os.POSIX_FADV_DONTNEED)
