"""Plain files, and files that outlive a power cut: their content first, then their names.

Delivered files are written to the disk before they get their names, and the names after that, once
for all files of an AB (rename(2), fsync(2)). Nothing is done for scratch, pages and plots, which
can be made again. How many calls that takes is counted by ``benchmarks/syncs.py``: at most one a
delivered file and four an AB.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["is_plain_file", "rename_durably", "sync", "sync_all"]


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
