"""What killed runs left: half-written files, scratch folders, recipes that went on alone.

Whatever is written gets its name by a rename of ``.<name>....part``, so these never were visible;
they only take room. Who holds the night takes them away.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from phoenix.steps.shelf.scratch import sweep

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.dates import CivilDate
    from phoenix.model.workspace import Workspace

__all__ = ["clear_night", "clear_shared"]

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
_SHARED = ("calib/gen", "monitor", "monitor/history", "archive/content")
_UNFINISHED = ".*.part"


def clear_night(workspace: Workspace, date: CivilDate) -> None:
    """Take away what killed runs of a night left; nobody else may run it."""
    scratch = workspace.folder("scratch", date)
    if scratch.is_dir() and any(scratch.iterdir()):
        sweep(scratch)
    for name in _OF_A_NIGHT:
        folder = workspace.folder(name, date)
        _clear(folder)
        _clear(folder, "*/")


def clear_shared(workspace: Workspace) -> None:
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
