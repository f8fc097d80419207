"""Scratch folders: one for each try of an AB, and what killed runs left in them.

A try works in ``scratch/<date>/<root>/<host>.<pid>.<thread>/``. Who tries an AB again takes away
what earlier tries left: their folders, and recipes that went on without their runner. Such a
process is known by the variable PHOENIX_SCRATCH in its environment, which no number that the
kernel has given away a second time can have.
"""

from __future__ import annotations

import os
import platform
import shutil
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SCRATCH_MARK", "Attempt", "begin_attempt", "clear_away", "end_orphans", "sweep"]

SCRATCH_MARK = "PHOENIX_SCRATCH"
"""Environment variable by which the processes of a try are known, wherever they go."""

_PROC = Path("/proc")
# So long it is tried to end processes that start others meanwhile (ours).
_PATIENCE_S = 5.0


@frozen
class Attempt:
    """The folder of one try.

    Attributes
    ----------
    folder : Path
        Removed when the try is over.
    """

    folder: Path

    @property
    def run(self) -> Path:
        """Where the recipe works."""
        return self.folder / "run"

    @property
    def output(self) -> Path:
        """Where it puts its products."""
        return self.folder / "out"

    @property
    def publish(self) -> Path:
        """What will be published by one rename."""
        return self.folder / "publish"

    @property
    def old(self) -> Path:
        """Where what was published before is put away."""
        return self.folder / "old"

    def close(self) -> None:
        """Remove the folder, and the AB's folder if this was the only try."""
        shutil.rmtree(self.folder, ignore_errors=True)
        _remove_if_empty(self.folder.parent)


def begin_attempt(scratch: Path, root: str) -> Attempt:
    """Make the folder of a new try, after earlier tries of the AB have been taken away.

    Parameters
    ----------
    scratch : Path
        The scratch folder of the night.
    root : str
        Root of the AB.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    attempt = Attempt(_new_folder(scratch, root))
    for folder in (attempt.run, attempt.output, attempt.publish, attempt.old):
        folder.mkdir(parents=True)
    return attempt


def clear_away(folder: Path, scratch: Path, root: str) -> None:
    """Take away a folder of an AB: for others it is there or not, and never a part of it.

    Parameters
    ----------
    folder : Path
        The folder.
    scratch, root
        As for :func:`begin_attempt`.

    Raises
    ------
    OSError
        If it cannot be renamed.
    """
    own = _new_folder(scratch, root)
    own.mkdir(parents=True)
    folder.rename(own / folder.name)
    Attempt(own).close()


def _new_folder(scratch: Path, root: str) -> Path:
    """Return where a try of an AB will have its folders; what earlier ones left is taken away."""
    sweep(scratch / root)
    return scratch / root / f"{platform.node()}.{os.getpid()}.{threading.get_ident()}"


def sweep(folder: Path) -> int:
    """Take away a scratch folder and end the recipes that still work in it.

    Parameters
    ----------
    folder : Path
        ``scratch/<date>`` of a night that nobody else runs, or the folder of one AB.

    Returns
    -------
    int
        Number of processes that were ended.
    """
    if not folder.is_dir():
        return 0
    ended = end_orphans(folder)
    shutil.rmtree(folder, ignore_errors=True)
    return ended


def end_orphans(folder: Path) -> int:
    """End all processes of tries in or below a folder, on this machine; return their number.

    Also stops the recipes of a run that is being broken off.
    """
    number = 0
    deadline = time.monotonic() + _PATIENCE_S
    # A process may start another between the look and the blow: look until nobody is left.
    while (found := list(_processes_of(folder))) and time.monotonic() < deadline:
        number = max(number, len(found))
        for pid in found:
            _end(pid)
        time.sleep(0.01)
    return number


def _processes_of(folder: Path) -> Iterator[int]:
    if not _PROC.is_dir():
        return
    mark = f"{SCRATCH_MARK}={folder}".encode()
    for entry in os.scandir(_PROC):
        if entry.name.isdigit() and _has_mark(Path(entry.path), mark):
            yield int(entry.name)


def _has_mark(process: Path, mark: bytes) -> bool:
    try:
        environment = (process / "environ").read_bytes()
    except OSError:
        # Ended meanwhile, or of another user.
        return False
    return any((entry + b"/").startswith(mark + b"/") for entry in environment.split(b"\0"))


def _end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
