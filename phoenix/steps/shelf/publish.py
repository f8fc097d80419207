"""Publishing: the folder of a finished try becomes visible by one rename."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from phoenix.formats.files import rename_durably, sync_all
from phoenix.steps.shelf.places import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phoenix.model.report import JobState
    from phoenix.steps.shelf.places import Places
    from phoenix.steps.shelf.scratch import Attempt

__all__ = ["disk_reason", "publish"]

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def publish(
    places: Places, state: JobState, attempt: Attempt, delivered: Iterable[Path] = ()
) -> Path:
    """Make the outcome of a try visible and put away those of earlier ones; return its folder.

    Parameters
    ----------
    places : Places
        Of the AB.
    state : JobState
        How the try ended.
    attempt : Attempt
        The try.
    delivered : iterable of Path
        Files in its folder that are written to the disk before they are visible.

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
    sync_all(delivered)
    rename_durably(attempt.publish, target)
    return target


def disk_reason(error: OSError) -> str:
    """Return the reason of what a machine could not read or write: nobody's data are at fault."""
    if error.errno in _FULL:
        return f"disk full: {error}; free space and run the AB again"
    # Of a renaming it may be either that cannot be written.
    places = " -> ".join(str(one) for one in (error.filename, error.filename2) if one)
    return f"cannot read or write {places or 'a file'}: {error.strerror or error}"
