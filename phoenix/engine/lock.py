"""One run for one night: a lock that ends with its holder, however that ends."""

from __future__ import annotations

import fcntl
import json
import os
import platform
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from phoenix.errors import BusyError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["is_held", "night_lock"]

# Who only looks whether a lock is held has it for a moment.
_LOOKS, _LOOK_S = 5, 0.02


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
        If another run holds it; the message says which.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as stream:
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


def is_held(path: Path) -> bool:
    """Whether a run holds the night of this lock file."""
    try:
        with path.open(encoding="utf-8") as stream:
            return not _try(stream)
    except FileNotFoundError:
        return False


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
    except (ValueError, KeyError, TypeError):
        # It has the lock, but has not yet said who it is.
        return "another run"
