"""What a killed coordinator leaves in the queue of a batch system: the next call takes it out.

A coordinator holds a file for as long as it has batch jobs. The kernel lets go of the file when it
dies, whatever it died of; who finds the file so cancels the jobs of its name.
"""

from __future__ import annotations

import datetime as dt
import platform
from contextlib import contextmanager
from typing import TYPE_CHECKING

from phoenix.engine.batch import SYSTEMS
from phoenix.engine.commands import cancel_all
from phoenix.engine.lock import is_held, night_lock
from phoenix.model.plain import plain_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from phoenix.engine.batch import BatchSystem
    from phoenix.model.workspace import Workspace

__all__ = ["noted", "remove_leftovers"]

_log = plain_log(__name__)


@contextmanager
def noted(
    workspace: Workspace, system: BatchSystem, mark: str, cancel: Callable[[], bool]
) -> Iterator[None]:
    """Have a note that there may be jobs with a mark, and cancel them in the end.

    Parameters
    ----------
    workspace : Workspace
        Has the note.
    system : BatchSystem
        Where the jobs are.
    mark : str
        What they are known by.
    cancel : callable
        Cancels them; where it says that this was not done, the note stays for the next call.
    """
    path = _folder(workspace) / system.name / f"{mark}.lock"
    with night_lock(path, dt.datetime.now(dt.UTC)):
        try:
            yield
        finally:
            if cancel():
                path.unlink(missing_ok=True)


def remove_leftovers(workspace: Workspace) -> None:
    """Cancel the jobs of those coordinators of this machine that were killed."""
    for path in sorted(_folder(workspace).glob("*/*.lock")):
        system = SYSTEMS.get(path.parent.name)
        if system is None or is_held(path):
            continue
        _log.warning("batch jobs of a call that was killed, %s, are cancelled", path.stem)
        if cancel_all(system, path.stem):
            path.unlink(missing_ok=True)


def _folder(workspace: Workspace) -> Path:
    """Return where the notes of this machine are: locks of others may not be seen here."""
    return workspace.folder("scratch") / "batch" / platform.node()
