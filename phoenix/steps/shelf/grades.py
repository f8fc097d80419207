"""Grades of the OBs of a night, in the folder of its logs: what IDPs are made with.

``logs/<night>/ob_grades``; those of any night in ``logs/ob_grades``. The original kept
``ob_grades`` and ``ob_comments`` there, and its conversion read them (MUSE_DEEP instance of 2021,
table of plugins). What is in it is JSON. Grades outlive the database, and the workers that
convert need none.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from attrs import asdict, field, frozen

from phoenix.errors import DataError
from phoenix.model.grade import Graded, OBGrade, newest
from phoenix.steps.shelf.jsonfile import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.workspace import Workspace

__all__ = ["KeptGrades", "grade_of", "read_grades", "write_grades"]


@frozen
class KeptGrades:
    """What is kept of a night.

    Attributes
    ----------
    rows : tuple of Graded
        In the order in which they were read.
    told : tuple of str
        What was wrong with their sources when they were read last.
    """

    rows: tuple[Graded, ...] = ()
    told: tuple[str, ...] = field(default=())


def write_grades(workspace: Workspace, night: str, kept: KeptGrades) -> None:
    """Keep the grades of a night instead of those that were; an empty night is any night.

    Raises
    ------
    OSError
        If they cannot be written.
    """
    path = _path(workspace, night)
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(row.grade), "at": row.at.isoformat()} for row in kept.rows]
    write_json(path, {"grades": rows, "told": [*kept.told]})


def read_grades(workspace: Workspace, night: str) -> KeptGrades:
    """Return the grades of a night; nothing where a power cut left nothing.

    Raises
    ------
    OSError
        If the machine does not let us read them: no IDP must go out without its grade.
    """
    try:
        content: Any = read_json(_path(workspace, night)) or {}
        rows = tuple(map(_graded, content.get("grades", ())))
        return KeptGrades(rows, tuple(map(str, content.get("told", ()))))
    except (DataError, AttributeError, KeyError, TypeError, ValueError):
        return KeptGrades()


def grade_of(workspace: Workspace, ab: AssociationBlock) -> OBGrade | None:
    """Return the grade that counts for the OB of an AB; None if there is none."""
    if not ab.obs_id:
        return None
    night = str(ab.date or "")
    rows = _both(workspace, night)
    found = newest(rows, ab.obs_id, night)
    return found.grade if found else None


def _both(workspace: Workspace, night: str) -> Iterable[Graded]:
    """Return the rows of a night and of any, in the order in which they were read."""
    nights = dict.fromkeys(("", night))
    rows = [row for one in nights for row in read_grades(workspace, one).rows]
    return sorted(rows, key=lambda row: row.at)


def _path(workspace: Workspace, night: str) -> Path:
    return workspace.folder("logs", night) / "ob_grades"


def _graded(row: dict[str, Any]) -> Graded:
    fields = dict(row)
    at = dt.datetime.fromisoformat(fields.pop("at"))
    return Graded(OBGrade(**fields), at)
