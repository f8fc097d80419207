"""The files below a folder and what their headers say: what the header pool is made of."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.archive.source import check_fits
from phoenix.archive.unpack import SUFFIXES
from phoenix.errors import ArchiveError, HeaderError
from phoenix.formats.fits.headers import read_header

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["FoundFile", "ReadHeader", "find_files", "read_pool_header"]

Value = str | int | float | bool

_PLAIN = (".fits", ".fit")
_ENDINGS = (
    *_PLAIN,
    ".hdr",
    *(f"{plain}{packed}" for plain in _PLAIN for packed in SUFFIXES),
)


@frozen
class FoundFile:
    """A file by its name: FITS, packed FITS or a header alone.

    Attributes
    ----------
    path : str
        As it was found, absolute if the folder was.
    size, mtime_ns : int
        Bytes, and time of change in ns.
    """

    path: str
    size: int
    mtime_ns: int


@frozen
class ReadHeader:
    """What a header says, or why it says nothing."""

    values: dict[str, Value]
    fault: str = ""


def find_files(folder: Path) -> Iterator[FoundFile]:
    """Yield all FITS files and headers below a folder, hidden ones left out."""
    pending = [str(folder)]
    while pending:
        try:
            entries = sorted(os.scandir(pending.pop()), key=lambda entry: entry.name)
        except FileNotFoundError:
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append(entry.path)
            elif entry.name.endswith(_ENDINGS) and entry.is_file():
                facts = entry.stat()
                yield FoundFile(entry.path, facts.st_size, facts.st_mtime_ns)


def read_pool_header(path: str, keys: Collection[str]) -> ReadHeader:
    """Read those keywords of the primary header that are wanted.

    All cards are read and a few kept: that is quicker than looking for thirty one by one. A plain
    file is also checked to be as long as its headers say; a packed one only when it is fetched.
    """
    try:
        header = read_header(path)
        if path.endswith(_PLAIN):
            check_fits(Path(path))
    except (HeaderError, ArchiveError, OSError) as error:
        return ReadHeader({}, str(error))
    found: dict[str, Value] = {}
    for key in keys:
        value = header.get(key)
        if isinstance(value, str | int | float):
            found[key] = value.rstrip() if isinstance(value, str) else value
    return ReadHeader(found)
