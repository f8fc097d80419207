"""What persons hid or showed again, in a file of the workspace: it outlives the database.

``listings/hidden.json``, the oldest first. Nothing is taken out: the last row of a name counts.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from attrs import asdict, frozen

from phoenix.errors import DataError
from phoenix.steps.shelf.jsonfile import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phoenix.model.workspace import Workspace

__all__ = ["KeptHide", "read_hides", "write_hides"]


@frozen
class KeptHide:
    """A file was hidden, or shown again.

    Attributes
    ----------
    name : str
        Of the file, without suffixes.
    hides : bool
        False where it was shown again.
    why, by : str
        Why, and who said so.
    at : datetime
        When (UTC).
    """

    name: str
    hides: bool
    why: str
    by: str
    at: dt.datetime


def write_hides(workspace: Workspace, hides: Iterable[KeptHide]) -> None:
    """Keep what was said instead of what was there.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path = _path(workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, [asdict(one) | {"at": one.at.isoformat()} for one in hides])


def read_hides(workspace: Workspace) -> tuple[KeptHide, ...]:
    """Return what was said, the oldest first; nothing where nothing was.

    Raises
    ------
    DataError
        If it cannot be read: a hidden file must not come back in silence.
    """
    path = _path(workspace)
    try:
        rows: Any = read_json(path) or ()
        return tuple(_kept(row) for row in rows)
    except (DataError, OSError, AttributeError, KeyError, TypeError, ValueError):
        raise DataError(
            f"{path}: found no list of hidden files, expected one as phoenix writes it; bring it "
            "back from a backup, or remove it if the database has what was hidden "
            "(`phoenix hidden`)"
        ) from None


def _path(workspace: Workspace) -> Path:
    return workspace.folder("listings") / "hidden.json"


def _kept(row: dict[str, Any]) -> KeptHide:
    at = dt.datetime.fromisoformat(row["at"])
    return KeptHide(str(row["name"]), bool(row["hides"]), str(row["why"]), str(row["by"]), at)
