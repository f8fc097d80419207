"""Plain files, and files that outlive a power cut: their content first, then their names.

What is no plain file is never read: who opens a FIFO waits, and a device has no end.

Delivered files are written to the disk before they get their names, and the names after that, once
for all files of an AB (rename(2), fsync(2)). Nothing is done for scratch, pages and plots, which
can be made again. How many calls that takes is counted by ``benchmarks/syncs.py``: at most one a
delivered file and four an AB.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import BufferedReader
    from pathlib import Path

__all__ = [
    "copy_plain",
    "is_plain_file",
    "open_plain",
    "plain_only",
    "read_plain",
    "read_plain_text",
    "rename_durably",
    "sync",
    "sync_all",
]

_PIECE = 1 << 20
_KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def plain_only(path: str, flags: int) -> int:
    """Open a plain file, or one that a link leads to: the opener of :func:`open` for what we read.

    Raises
    ------
    OSError
        If it cannot be opened, or is a folder, FIFO or device; none of them is waited for.
    """
    # Who opens a FIFO to read it waits for a writer; a plain file does not know the difference.
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    found = _KINDS.get(stat.S_IFMT(mode), "something else")
    raise OSError(errno.EINVAL, f"{found}, no plain file", str(path))


def open_plain(path: Path | str) -> BufferedReader:
    """Open a plain file to read it.

    Raises
    ------
    OSError
        As of :func:`plain_only`.
    """
    return open(path, "rb", opener=plain_only)


def read_plain(path: Path) -> bytes:
    """Return the content of a plain file.

    Raises
    ------
    OSError
        As of :func:`plain_only`.
    """
    with open_plain(path) as stream:
        return stream.read()


def read_plain_text(path: Path, encoding: str = "utf-8") -> str:
    """Return the text of a plain file; every end of a line is one character.

    Raises
    ------
    UnicodeDecodeError
        If it is no such text.
    OSError
        As of :func:`plain_only`.
    """
    with open(path, encoding=encoding, opener=plain_only) as stream:
        return stream.read()


def copy_plain(source: Path, target: Path) -> None:
    """Copy the content of a plain file.

    Raises
    ------
    OSError
        As of :func:`plain_only`, or if the copy cannot be written.
    """
    with open_plain(source) as stream, target.open("wb") as copy:
        shutil.copyfileobj(stream, copy, _PIECE)


def sync(path: Path) -> None:
    """Write a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_all(paths: Iterable[Path]) -> None:
    """Write files to the disk, one after the other."""
    for path in paths:
        sync(path)


def rename_durably(source: Path, target: Path) -> None:
    """Give a folder, whose files were written to the disk, its name for good.

    The names in it were made before its own, and a journal keeps that order.
    """
    source.rename(target)
    sync(target.parent)


def is_plain_file(path: Path) -> bool:
    """Whether it is a file of its own: no symbolic link, folder, FIFO or device."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
