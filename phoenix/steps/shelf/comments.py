"""What persons wrote of the ABs and the raw files of a night, in a file: it outlives the database.

``listings/comments/<night>.json``. The original kept comments below ``$DFO_LST_DIR``, too, in
``PRODCOM`` and ``RAWCOM`` (QC Handbook, 5.3.2).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from attrs import frozen

from phoenix.errors import DataError
from phoenix.steps.shelf.jsonfile import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.workspace import Workspace

__all__ = ["Written", "read_comments", "write_comments"]


@frozen
class Written:
    """One comment.

    Attributes
    ----------
    on : str
        ``ab`` or ``raw``.
    name : str
        Of the AB, or of the raw file (ARCFILE without suffix).
    text, by : str
        What was said, and by whom.
    at : datetime
        When (UTC).
    """

    on: str
    name: str
    text: str
    by: str
    at: dt.datetime


def write_comments(workspace: Workspace, night: str, comments: tuple[Written, ...]) -> None:
    """Keep the comments of a night instead of those that were.

    Raises
    ------
    OSError
        If they cannot be written.
    """
    path = _path(workspace, night)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(
        path,
        [
            {"on": c.on, "name": c.name, "text": c.text, "by": c.by, "at": c.at.isoformat()}
            for c in comments
        ],
    )


def read_comments(workspace: Workspace, night: str) -> tuple[Written, ...]:
    """Return the comments of a night, the oldest first; nothing where a power cut left nothing.

    Raises
    ------
    OSError
        If the machine does not let us read them.
    """
    try:
        rows: Any = read_json(_path(workspace, night)) or ()
        return tuple(_written(row) for row in rows)
    except (DataError, KeyError, TypeError, ValueError):
        return ()


def _path(workspace: Workspace, night: str) -> Path:
    return workspace.folder("listings") / "comments" / f"{night}.json"


def _written(row: dict[str, str]) -> Written:
    at = dt.datetime.fromisoformat(row["at"])
    return Written(row["on"], row["name"], row["text"], row["by"], at)
