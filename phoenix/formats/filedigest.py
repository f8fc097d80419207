"""Checksums of files."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from phoenix.formats.files import open_plain

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["copy_with_digest", "file_digest", "read_digest"]

_PIECE = 1 << 20
"""Bytes that are read, summed and written at a time: they stay in the cache of a core."""


def file_digest(path: Path, algorithm: str) -> str:
    """Return the checksum of a file; read once in a process as long as it does not change.

    Parameters
    ----------
    path : Path
        The file; a new size or time makes it another one.
    algorithm : str
        ``sha256``, or ``md5`` where the data standard wants it.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    facts = path.stat()
    return _digest(path, algorithm, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=4096)
def _digest(path: Path, algorithm: str, size: int, changed: int) -> str:
    # Static tables are read by many ABs of a night, ancillaries belong to 130 fibres.
    del size, changed
    return read_digest(path, algorithm)


def read_digest(path: Path, algorithm: str) -> str:
    """Read a file and return its checksum in hexadecimal digits."""
    with open_plain(path) as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()


def copy_with_digest(source: Path, target: Path, algorithm: str) -> str:
    """Copy a file to a new one and return the checksum of what was written, all in one pass.

    Raises
    ------
    OSError
        If one of them cannot be read or written, or the target is there already.
    """
    digest = hashlib.new(algorithm)
    piece = memoryview(bytearray(_PIECE))
    with source.open("rb", buffering=0) as stream, target.open("xb") as copy:
        while size := stream.readinto(piece):
            digest.update(piece[:size])
            copy.write(piece[:size])
    return digest.hexdigest()
