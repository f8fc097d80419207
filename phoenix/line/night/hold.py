"""Holding a night: one run at a time, and nothing left of those that were killed.

It is held in the workspace, by a lock file, and in the database, where that is a server: so other
machines are kept off whose file system does not pass locks on, and other workspaces of the same
database. It is held there a second time as a night of its workspace: what the nights of a
workspace share is nothing to those of another.

Whatever is written gets its name by a rename of ``.<name>....part``, so what killed runs left
never was visible; it only takes room. Who holds the night takes it away.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from phoenix.engine.calls import NIGHT, number_of
from phoenix.engine.lock import NOBODY_BYTES, is_held, lock_of, night_lock
from phoenix.line.workspace import identity_of
from phoenix.steps.shelf.scratch import sweep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from phoenix.line.context import LineContext
    from phoenix.model.dates import CivilDate
    from phoenix.model.workspace import Workspace

__all__ = ["alone", "hold_night", "hold_nights"]


_OF_A_NIGHT = (
    "raw",
    "headers",
    "calib",
    "ab",
    "products",
    "reduced",
    "logs",
    "plots",
    "monitor/nights",
    "archive",
)
_SHARED = ("calib/gen", "monitor", "monitor/history", "monitor/metrics", "archive/content")
_UNFINISHED = ".*.part"


@contextmanager
def hold_night(line: LineContext, date: CivilDate) -> Iterator[None]:
    """Hold a night against other runs; take away what killed ones left half-written.

    Raises
    ------
    BusyError
        If another run holds it.
    """
    workspace, started, number = line.workspace, line.clock(), number_of(date)
    with (
        night_lock(lock_of(workspace, date), started),
        line.store.locks.hold(NIGHT, number, str(date), started),
        line.store.locks.hold(_nights_here(line), number, str(date), started),
    ):
        _clear_night(workspace, date)
        if alone(line, date):
            _clear_shared(workspace)
        yield


@contextmanager
def hold_nights(line: LineContext, dates: Iterable[CivilDate]) -> Iterator[None]:
    """Hold several nights, in their order; raises as `hold_night`."""
    with ExitStack() as stack:
        for date in sorted(set(dates)):
            stack.enter_context(hold_night(line, date))
        yield


def alone(line: LineContext, date: CivilDate) -> bool:
    """Whether no other night of the workspace is being run, on this machine or another."""
    own = lock_of(line.workspace, date)
    others = line.store.locks.held(_nights_here(line)) - {number_of(date)}
    return not others and not any(
        _tells_of_one(path) and is_held(path) for path in own.parent.glob("*.lock") if path != own
    )


def _nights_here(line: LineContext) -> str:
    """Return the kind of lock that a night of this workspace is held by in the database."""
    return f"{NIGHT} of {identity_of(line.workspace)}" if line.store.locks.between else NIGHT


def _tells_of_one(path: Path) -> bool:
    """Whether a lock file names a holder, alive or killed; most of a year's name none."""
    try:
        return path.stat().st_size > NOBODY_BYTES
    except OSError:
        return False


# ---- what killed runs left ------------------------------------------------------------------


def _clear_night(workspace: Workspace, date: CivilDate) -> None:
    """Take away what killed runs of a night left; nobody else may run it."""
    scratch = workspace.folder("scratch", date)
    if scratch.is_dir() and any(scratch.iterdir()):
        sweep(scratch)
    for name in _OF_A_NIGHT:
        folder = workspace.folder(name, date)
        _clear(folder)
        _clear(folder, "*/")


def _clear_shared(workspace: Workspace) -> None:
    """Take away what killed runs left where all nights write; nobody may run any other."""
    for name in _SHARED:
        _clear(workspace.folder(name))


def _clear(folder: Path, below: str = "") -> None:
    for path in folder.glob(below + _UNFINISHED):
        _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
