"""What still runs, and what was broken off: calls, nights, and the jobs of nights.

Each call holds a file of its own, each run its nights; the kernel lets go of them, however a
process ends. The store cannot know that.
Where the database is a server, calls and nights are held there too: so those of other machines and
for other workspaces are seen.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.engine.lock import is_held, lock_of, night_lock
from phoenix.model.dates import CivilDate
from phoenix.model.report import JobState
from phoenix.store.rows import RunState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from phoenix.model.workspace import Workspace
    from phoenix.store.rows import JobRow, RunRow
    from phoenix.store.sessions.locks import Locks

__all__ = ["NIGHT", "as_seen", "clear_dead", "hold_call", "is_on", "job_as_seen", "number_of"]

_ABOUT_TO = {JobState.WAITING, JobState.READY, JobState.RUNNING}

_CALL = "call"
NIGHT = "night"
"""What is held in the database: calls by their number, nights by that of their day."""


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


def is_on(workspace: Workspace, locks: Locks, date: object) -> bool:
    """Whether a run holds this night, on this machine or another."""
    if is_held(lock_of(workspace, date)):
        return True
    return number_of(date) in locks.held(NIGHT)


def number_of(date: object) -> int:
    """Return the number by which a night is held in the database."""
    return round(CivilDate.parse(str(date)).mjd)


def job_as_seen(job: JobRow, *, on: bool) -> JobRow:
    """Return a job as it stands: in a night that nobody runs, none runs or is about to.

    What waits for a person, as its reason says, waits whether a run is on or not.
    """
    if on or job.reason or job.state not in _ABOUT_TO:
        return job
    return evolve(job, state=JobState.CREATED)


def clear_dead(workspace: Workspace) -> None:
    """Take away the files of calls that were killed; no call may begin meanwhile."""
    for path in _folder(workspace).glob("*.lock"):
        if not is_held(path):
            path.unlink(missing_ok=True)


def _folder(workspace: Workspace) -> Path:
    return workspace.folder("scratch") / "calls"


def _lock(workspace: Workspace, run_id: int) -> Path:
    return _folder(workspace) / f"{run_id}.lock"
