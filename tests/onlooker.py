"""Somebody who may look at a folder and not write in it, whoever runs the tests."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# root reads and writes wherever it likes; this takes that away from what is started (prctl(2)).
_WITHOUT_RIGHT = """
import ctypes, os, sys
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, right, 0, 0, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def look(*words: str) -> subprocess.CompletedProcess[str]:
    """Run Python with some words, without the right to read or write what its mode forbids."""
    return subprocess.run(
        [sys.executable, "-c", _WITHOUT_RIGHT, *words],
        check=False,
        capture_output=True,
        text=True,
    )


@contextmanager
def only_to_read(folder: Path) -> Iterator[Path]:
    """Take away the right to write a folder and all in it."""
    paths = [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths if not path.is_symlink()}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield folder
    finally:
        for path, mode in modes.items():
            if path.exists():
                path.chmod(mode)
