"""Publishing: the folder of a finished try becomes visible by one rename."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from phoenix.steps.shelf.places import ENDINGS

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.report import JobState
    from phoenix.steps.shelf.places import Places
    from phoenix.steps.shelf.scratch import Attempt

__all__ = ["is_disk_full", "publish"]

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def publish(places: Places, state: JobState, attempt: Attempt) -> Path:
    """Make the outcome of a try visible and put away those of earlier ones; return its folder.

    Raises
    ------
    OSError
        If the try was taken away by a newer one, or the folder cannot be renamed.
    """
    target = places.ended(state)
    target.parent.mkdir(parents=True, exist_ok=True)
    for earlier in map(places.ended, ENDINGS):
        if earlier.exists():
            earlier.rename(attempt.old / earlier.name)
    attempt.publish.rename(target)
    return target


def is_disk_full(error: OSError) -> bool:
    """Whether an error means: no space, no quota, or the largest size of a file reached."""
    return error.errno in _FULL
