"""Calls of the line that still run: each holds a file of its own, which the kernel lets go of.

Where the database is a server it holds a lock there too: calls from other machines and for other
workspaces are seen by that.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.engine.lock import is_held, night_lock
from phoenix.store.rows import RunState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from phoenix.model.workspace import Workspace
    from phoenix.store.rows import RunRow
    from phoenix.store.sessions.locks import Locks

__all__ = ["as_seen", "clear_dead", "hold_call"]


_CALL = "call"


@contextmanager
def hold_call(workspace: Workspace, locks: Locks, run: RunRow) -> Iterator[None]:
    """Show others that a call is alive, until it ends, however that is."""
    path = _lock(workspace, run.id)
    with (
        locks.hold(_CALL, run.id, f"call {run.id}", run.started),
        night_lock(path, run.started),
    ):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def as_seen(workspace: Workspace, locks: Locks, runs: Iterable[RunRow]) -> tuple[RunRow, ...]:
    """Return runs as they stand: those without an end that nobody runs were broken off."""
    found = tuple(runs)
    dead = {
        run.id
        for run in found
        if run.state is RunState.RUNNING and not is_held(_lock(workspace, run.id))
    }
    if dead:
        dead -= locks.held(_CALL)
    return tuple(
        evolve(run, state=RunState.BROKEN_OFF) if run.id in dead else run for run in found
    )


def clear_dead(workspace: Workspace) -> None:
    """Take away the files of calls that were killed; no call may begin meanwhile."""
    for path in _folder(workspace).glob("*.lock"):
        if not is_held(path):
            path.unlink(missing_ok=True)


def _folder(workspace: Workspace) -> Path:
    return workspace.folder("scratch") / "calls"


def _lock(workspace: Workspace, run_id: int) -> Path:
    return _folder(workspace) / f"{run_id}.lock"
