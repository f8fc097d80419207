"""The header blocks of a file, whatever it is wrapped in: plain FITS, gzip, compress, text.

FITS standard 4.0, sections 3.1 to 3.5 and 4.4.1: a file is a sequence of HDUs; each has a header
of 80-byte cards up to END and a data unit, both filled up to a multiple of 2880 bytes. Nothing is
read or unpacked beyond what the caller asks for.
"""

from __future__ import annotations

import gzip
import subprocess
import zlib
from contextlib import contextmanager
from math import prod
from typing import IO, TYPE_CHECKING, Final, Protocol

from phoenix.errors import HeaderError
from phoenix.formats.files import plain_only
from phoenix.formats.fits.cards import parse_card
from phoenix.formats.fits.standard import BLOCK, CARD

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

__all__ = ["data_bytes", "find_card", "header_blocks"]

_END: Final = b"END".ljust(CARD)
_START: Final = b"SIMPLE  ="
# 16 blocks hold 576 cards: the whole primary header of most ESO frames in one system call.
_READ: Final = 16 * BLOCK
# The longest headers of MUSE products have some 5000 cards; beyond this it is no header.
_MOST_CARDS: Final = 100_000
# Headers written as text (.hdr): those of MUSE have 600 kB.
_MOST_WRITTEN: Final = 20_000_000
_MOST_AXES: Final = 999
# 4 TB; file systems refuse to go to places much further out.
_MOST_BYTES: Final = 1 << 42


class _Stream(Protocol):
    """What is asked of an opened file; a plain file, gzip and a pipe all give it."""

    def read(self, size: int = ..., /) -> bytes: ...
    def seek(self, offset: int, whence: int = ..., /) -> int: ...
    def seekable(self) -> bool: ...


@contextmanager
def _uncompress(packed: IO[bytes]) -> Iterator[_Stream]:
    """Unpack what ``compress`` wrote; the process ends with the reading, however far it got."""
    try:
        process = subprocess.Popen(
            ["gzip", "-dc"],  # noqa: S607  found on PATH, as esorex is
            stdin=packed,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise HeaderError("found no gzip on PATH, expected it for .Z files; install it") from None
    with process:
        try:
            if process.stdout is not None:
                yield process.stdout
        finally:
            process.kill()


def _gunzip(packed: IO[bytes]) -> AbstractContextManager[_Stream]:
    return gzip.GzipFile(fileobj=packed, mode="rb")


# How a file begins that must be unpacked first.
_WRAPPED: Final[dict[bytes, Callable[[IO[bytes]], AbstractContextManager[_Stream]]]] = {
    b"\x1f\x8b": _gunzip,
    b"\x1f\x9d": _uncompress,
}

# How a file begins that was never FITS, and what to call it.
_STRANGERS: Final = (
    (b"<!doctype html", "an HTML page (a login or error page saved as FITS?)"),
    (b"<html", "an HTML page (a login or error page saved as FITS?)"),
    (b"<?xml", "an XML document (an error message saved as FITS?)"),
    (b"{", "JSON (an error message saved as FITS?)"),
)


def header_blocks(path: Path | str) -> Generator[bytes, None, None]:
    """Yield the cards of each HDU, END excluded; a multiple of 80 bytes each.

    Parameters
    ----------
    path : Path or str
        FITS, plain or packed by gzip or compress (told by content, not by name), or a header
        alone: cards as lines of text, or as blocks in a file ending in ``.hdr``.

    Raises
    ------
    HeaderError
        Not FITS; no END; or the data end too early, once the next HDU is asked for.
    OSError
        The file cannot be opened.
    """
    with open(path, "rb", buffering=0, opener=plain_only) as file:
        first = file.read(_READ)
        unpack = _WRAPPED.get(first[:2])
        if unpack is None:
            yield from _headers(path, file, first)
            return
        file.seek(0)
        try:
            with unpack(file) as stream:
                yield from _headers(path, stream, stream.read(_READ))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise HeaderError(
                f"{path}: found a broken compressed file ({error}), expected a whole one; "
                "fetch it again"
            ) from error


def _headers(path: Path | str, stream: _Stream, buffer: bytes) -> Iterator[bytes]:
    if not buffer.startswith(_START):
        raise _not_fits(path, buffer)
    if b"\n" in buffer[: CARD + 1] or str(path).endswith(".hdr"):
        text = buffer + stream.read(_MOST_WRITTEN)
        if len(text) > _MOST_WRITTEN:
            raise HeaderError(
                f"{path}: found more than {_MOST_WRITTEN} bytes of header, expected those of "
                "headers alone; look at the file"
            )
        yield from _written_headers(path, text)
        return
    hdu = 0
    while hdu == 0 or buffer.startswith(b"XTENSION"):
        buffer, end = _read_to_end(path, hdu, stream, buffer)
        header = buffer[:end]
        yield header
        buffer = _after_data(path, hdu, stream, buffer, header)
        hdu += 1


def _not_fits(path: Path | str, start: bytes) -> HeaderError:
    plain = start.lstrip().lower()
    named = [name for begin, name in _STRANGERS if plain.startswith(begin)]
    found = named[0] if named else repr(start[:16]) if start else "an empty file"
    return HeaderError(
        f"{path}: found {found}, expected FITS, which begins with 'SIMPLE  ='; fetch it again"
    )


def find_card(header: bytes, start: bytes, at: int = 0) -> int:
    """Offset of the first card from `at` on that begins with `start`; -1 where there is none."""
    at = header.find(start, at)
    while at > 0 and at % CARD:
        at = header.find(start, at + 1)
    return at


def _read_to_end(path: Path | str, hdu: int, stream: _Stream, buffer: bytes) -> tuple[bytes, int]:
    """Read on until the END card is in the buffer; also return its offset."""
    end = find_card(buffer, _END)
    while end < 0:
        more = stream.read(_READ)
        if not more or len(buffer) > _MOST_CARDS * CARD:
            raise HeaderError(
                f"{path}: HDU {hdu}: found no END in {len(buffer) // CARD} cards, expected "
                "it to close the header; the file is cut or damaged, fetch it again"
            )
        seen = len(buffer) // CARD * CARD
        buffer += more
        end = find_card(buffer, _END, seen)
    return buffer, end


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _after_data(
    path: Path | str, hdu: int, stream: _Stream, buffer: bytes, header: bytes
) -> bytes:
    """Pass over the data unit; return what was read of the next HDU, empty at the end."""
    size = data_bytes(header, f"{path}: HDU {hdu}")
    begin = _padded(len(header) + CARD)
    behind = begin + _padded(size)
    if behind < len(buffer):
        return buffer[behind:]
    if size > _MOST_BYTES:
        raise _cut(path, hdu, size)
    missing = begin + size - len(buffer)
    if size and missing > 0:
        # The last byte is read: a seek beyond the end of a file does not complain.
        _skip(stream, missing - 1)
        if not stream.read(1):
            raise _cut(path, hdu, size)
        _skip(stream, behind - begin - size)
    else:
        _skip(stream, behind - len(buffer))
    return stream.read(_READ)


def _cut(path: Path | str, hdu: int, size: int) -> HeaderError:
    return HeaderError(
        f"{path}: found the end of the file inside the data of HDU {hdu}, expected {size} bytes "
        "of data; the file is cut, fetch it again"
    )


def _skip(stream: _Stream, size: int) -> None:
    if stream.seekable():
        stream.seek(size, 1)
        return
    while size > 0 and (piece := stream.read(min(size, _READ))):
        size -= len(piece)


def data_bytes(header: bytes, where: str) -> int:
    """Size of the data unit in bytes, without the fill (FITS standard, section 4.4.1.2).

    Parameters
    ----------
    header : bytes
        The cards of one HDU.
    where : str
        File and HDU, for the message.

    Raises
    ------
    HeaderError
        A keyword of the size is missing or is no possible number.
    """
    axes = [
        _size(header, f"NAXIS{axis}", where)
        for axis in range(1, _size(header, "NAXIS", where, most=_MOST_AXES) + 1)
    ]
    if not axes:
        return 0
    if axes[0] == 0 and find_card(header, b"GROUPS  =") >= 0:  # random groups, section 6.1.1
        axes = axes[1:]
    bits = abs(_size(header, "BITPIX", where, least=-64))
    groups, extra = _size(header, "GCOUNT", where, 1), _size(header, "PCOUNT", where, 0)
    return bits // 8 * groups * (extra + prod(axes))


def _size(
    header: bytes,
    key: str,
    where: str,
    default: int | None = None,
    *,
    least: int = 0,
    most: int = _MOST_BYTES,
) -> int:
    at = find_card(header, f"{key:8}=".encode())
    value = default if at < 0 else parse_card(header[at : at + CARD])[1]
    if type(value) is not int or not least <= value <= most:
        raise HeaderError(f"{where}: found {key} = {value!r}, expected {least} to {most}")
    return value


def _written_headers(path: Path | str, content: bytes) -> Iterator[bytes]:
    """Headers without data; the last needs no END, as the file ends there anyway."""
    cards: list[bytes] = []
    for card in _written_cards(path, content):
        if card != _END:
            if cards or card.strip():
                cards.append(card)
            continue
        yield b"".join(cards)
        cards = []
    if cards:
        yield b"".join(cards)


def _written_cards(path: Path | str, content: bytes) -> Iterator[bytes]:
    if b"\n" not in content[: CARD + 1]:
        for at in range(0, len(content), CARD):
            yield content[at : at + CARD].ljust(CARD)
        return
    for number, line in enumerate(content.splitlines(), 1):
        card = line.rstrip()
        if len(card) > CARD:
            raise HeaderError(
                f"{path}, line {number}: found {len(card)} characters, expected a card of "
                f"at most {CARD}"
            )
        yield card.ljust(CARD)
