"""Holding a night: one run at a time, and nothing left of those that were killed."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from phoenix.engine.lock import is_held, night_lock
from phoenix.line.night.leftovers import clear_night, clear_shared

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from phoenix.model.dates import CivilDate
    from phoenix.model.workspace import Workspace

__all__ = ["alone", "hold_night", "hold_nights"]


@contextmanager
def hold_night(workspace: Workspace, date: CivilDate, started: dt.datetime) -> Iterator[None]:
    """Hold a night against other runs; take away what killed ones left half-written.

    Raises
    ------
    BusyError
        If another run holds it.
    """
    with night_lock(_lock(workspace, date), started):
        clear_night(workspace, date)
        if alone(workspace, date):
            clear_shared(workspace)
        yield


@contextmanager
def hold_nights(
    workspace: Workspace, dates: Iterable[CivilDate], started: dt.datetime
) -> Iterator[None]:
    """Hold several nights, in their order; raises as `hold_night`."""
    with ExitStack() as stack:
        for date in sorted(set(dates)):
            stack.enter_context(hold_night(workspace, date, started))
        yield


def alone(workspace: Workspace, date: CivilDate) -> bool:
    """Whether no other night of the workspace is being run."""
    own = _lock(workspace, date)
    return not any(is_held(path) for path in own.parent.glob("*.lock") if path != own)


def _lock(workspace: Workspace, date: CivilDate) -> Path:
    return workspace.folder("scratch") / f"{date}.lock"
