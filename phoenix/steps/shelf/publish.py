"""Publishing: the folder of a finished try becomes visible by one rename."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from phoenix.model.report import JobState

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.workspace import Workspace
    from phoenix.steps.recipe.runner import RecipeExit
    from phoenix.steps.shelf.scratch import Attempt

__all__ = ["ENDINGS", "filled_the_disk", "is_disk_full", "publish", "published_folder"]

ENDINGS = {JobState.SUCCESSFUL: "", JobState.GATED: ".gated", JobState.FAILED: ".failed"}
"""What the state of an AB adds to the name of its folder of products."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL_WORDS = (
    "No space left on device",
    "Disk quota exceeded",
    "File too large",
    # CPL's words; a recipe writes into an empty folder of its own, so nothing else is in its way.
    "Cannot create local file",
)
_LEAST_FREE_BYTES = 1 << 20


def published_folder(workspace: Workspace, ab: AssociationBlock, state: JobState) -> Path:
    """Return where the products of an AB lie that ended in this state."""
    folder = workspace.products(ab)
    return folder.with_name(folder.name + ENDINGS[state])


def publish(workspace: Workspace, ab: AssociationBlock, state: JobState, attempt: Attempt) -> Path:
    """Make the outcome of a try visible and put away those of earlier ones; return its folder.

    Raises
    ------
    OSError
        If the try was taken away by a newer one, or the folder cannot be renamed.
    """
    target = published_folder(workspace, ab, state)
    target.parent.mkdir(parents=True, exist_ok=True)
    for ending in ENDINGS:
        earlier = published_folder(workspace, ab, ending)
        if earlier.exists():
            earlier.rename(attempt.old / earlier.name)
    attempt.publish.rename(target)
    return target


def is_disk_full(error: OSError) -> bool:
    """Whether an error means: no space, no quota, or the largest size of a file reached."""
    return error.errno in _FULL


def filled_the_disk(ended: RecipeExit, folder: Path) -> bool:
    """Whether a recipe that failed did so because the disk is full, or it may not write more."""
    if ended.signal == "SIGXFSZ" or any(words in ended.log for words in _FULL_WORDS):
        return True
    facts = os.statvfs(folder)
    return facts.f_bavail * facts.f_frsize < _LEAST_FREE_BYTES
