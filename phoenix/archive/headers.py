"""The files below a folder and what their headers say: what the header pool is made of."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.archive.source import check_fits
from phoenix.archive.unpack import SUFFIXES
from phoenix.errors import ArchiveError, HeaderError
from phoenix.formats.fits.headers import read_header

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

__all__ = ["FoundFile", "PassedOver", "ReadHeader", "find_files", "read_pool_header"]

Value = str | int | float | bool

_PLAIN = (".fits", ".fit")
_ENDINGS = (
    *_PLAIN,
    ".hdr",
    *(f"{plain}{packed}" for plain in _PLAIN for packed in SUFFIXES),
)
# Whatever its letters and however it is packed: what is not taken is told.
_LIKE_A_FRAME = re.compile(r"\.(fits?(\.\w{1,4})?|hdr)$", re.IGNORECASE)


_SOURCE = re.compile(r"ESO PRO REC\d+ (RAW|CAL)\d+ NAME\Z")


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
    """What a header says, or why it says nothing.

    Attributes
    ----------
    values : dict of str to value
        The keywords that were wanted.
    fault : str
        Why it says nothing.
    made_of : tuple of str
        Names of the files of which a product was made (``ESO PRO RECi RAWj NAME``, ``CALj``).
    """

    values: dict[str, Value]
    fault: str = ""
    made_of: tuple[str, ...] = field(default=(), kw_only=True)


@frozen
class PassedOver:
    """What looks like a frame or a folder of frames and cannot be taken, and why."""

    path: str
    why: str


def find_files(folder: Path) -> Iterator[FoundFile | PassedOver]:
    """Yield all FITS files and headers below a folder, hidden ones left out.

    Linked folders are followed, each folder once, however many links lead to it.
    """
    pending, seen = [str(folder)], set[tuple[int, int]]()
    while pending:
        here = pending.pop()
        try:
            facts = Path(here).stat()
            if (facts.st_dev, facts.st_ino) in seen:
                continue
            seen.add((facts.st_dev, facts.st_ino))
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except FileNotFoundError:
            continue
        except OSError as error:
            yield PassedOver(here, f"found a folder that cannot be read ({error.strerror})")
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                pending.append(entry.path)
            elif _LIKE_A_FRAME.search(entry.name):
                yield _found(entry)


def _found(entry: os.DirEntry[str]) -> FoundFile | PassedOver:
    """Return a file, or why it is none that can be taken."""
    try:
        entry.path.encode()
    except UnicodeEncodeError:
        return PassedOver(entry.path, "found a name that is no UTF-8, expected letters of ASCII")
    try:
        facts = entry.stat()
    except OSError as error:
        return PassedOver(entry.path, f"found a link that leads nowhere ({error.strerror})")
    if not stat.S_ISREG(facts.st_mode):
        return PassedOver(entry.path, "found no plain file, expected one")
    if not entry.name.endswith(_ENDINGS):
        expected = ", ".join(_ENDINGS[:3])
        return PassedOver(
            entry.path, f"found an ending that is not taken, expected {expected} or packed .fits"
        )
    return FoundFile(entry.path, facts.st_size, facts.st_mtime_ns)


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
    return ReadHeader(found, made_of=_made_of(header))


def _made_of(header: Mapping[str, object]) -> tuple[str, ...]:
    if "ESO PRO CATG" not in header:
        return ()
    names = (header[key] for key in header if _SOURCE.match(key))
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name))
