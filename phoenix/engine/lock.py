"""One run for one night: a lock that ends with its holder, however that ends."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import stat
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from phoenix.errors import BusyError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from phoenix.model.workspace import Workspace

__all__ = ["NOBODY_BYTES", "is_held", "lock_of", "night_lock"]

NOBODY_BYTES = len("{}")
"""A lock file of no more bytes names no holder."""

_ODD_FILE = {errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.EINVAL, errno.ENODEV}
# Who only looks whether a lock is held has it for a moment.
_NO_LOCK = "found no plain file, expected a lock file or nothing; take it away"
_LOOKS, _LOOK_S = 5, 0.02


def lock_of(workspace: Workspace, date: object) -> Path:
    """Return the lock file of a night."""
    return workspace.folder("scratch") / f"{date}.lock"


@contextmanager
def night_lock(path: Path, started: dt.datetime) -> Iterator[None]:
    """Hold a night, or whatever the file stands for.

    The lock belongs to the open file, so the kernel lets go of it when the holder dies; the file
    itself stays and only tells who holds it.

    Parameters
    ----------
    path : Path
        Lock file; its folder is made.
    started : datetime
        When the run began, told to others.

    Raises
    ------
    BusyError
        If another run holds it; the message says which. Or if it is no plain file.
    OSError
        If it cannot be opened or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _opened(path) as stream:
        _lock(path, stream)
        _write(
            stream,
            {
                "pid": os.getpid(),
                "host": platform.node(),
                "started": started.isoformat(" ", "seconds"),
            },
        )
        try:
            yield
        finally:
            _write(stream, {})


def _opened(path: Path) -> IO[str]:
    """Open a lock file; whoever put a link, a FIFO or a folder there must not lead us on."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o666)
    except OSError as error:
        if error.errno not in _ODD_FILE:
            # No right, no room: nobody holds it, and there is nothing to be taken away.
            raise
        raise BusyError(f"{path}: {_NO_LOCK} ({error.strerror})") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BusyError(f"{path}: {_NO_LOCK}")
    return os.fdopen(descriptor, "r+", encoding="utf-8")


def is_held(path: Path) -> bool:
    """Whether a run holds the night of this lock file."""
    try:
        with _opened_to_look(path) as stream:
            return not _try(stream)
    except OSError:
        # Gone, or no plain file: no run holds it.
        return False


def _opened_to_look(path: Path) -> IO[str]:
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), encoding="utf-8")


def _lock(path: Path, stream: IO[str]) -> None:
    for _ in range(_LOOKS):
        if _try(stream):
            return
        time.sleep(_LOOK_S)
    raise BusyError(
        f"{path}: found it held by {_holder(stream)}, expected it free; wait for that run, "
        "or end that process and give the same command again"
    )


def _try(stream: IO[str]) -> bool:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(stream: IO[str], holder: dict[str, object]) -> None:
    stream.seek(0)
    stream.truncate()
    json.dump(holder, stream)
    stream.flush()


def _holder(stream: IO[str]) -> str:
    stream.seek(0)
    try:
        holder = json.load(stream)
        return f"process {holder['pid']} on {holder['host']} since {holder['started']}"
    except (ValueError, KeyError, TypeError, RecursionError):
        # It has the lock, but has not yet said who it is.
        return "another run"
