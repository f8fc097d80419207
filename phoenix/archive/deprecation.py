"""Versions that a person took out of what the archive offers.

A note beside the version says who, when and why; it outlives the database. The files stay unless
a person asks for them to go, and the number of the version stays taken in any case: the archive
never calls two things by one name.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import threading
from typing import TYPE_CHECKING

from attrs import asdict, frozen

from phoenix.errors import ArchiveError
from phoenix.formats.files import is_plain_file, read_plain_text, sync
from phoenix.model.archived import ArchivedFile, Deprecation

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["Note", "delete_version", "note_place", "read_note", "write_note"]


@frozen
class Note:
    """What is left of a version that is no longer offered.

    Attributes
    ----------
    deprecation : Deprecation
        Who took it out, when and why.
    files : tuple of ArchivedFile
        The IDP, and the files that it named.
    """

    deprecation: Deprecation
    files: tuple[ArchivedFile, ...]


def note_place(folder: Path) -> Path:
    """Return where the note of a version lies: beside the folder ``v<version>``."""
    return folder.with_name(f"{folder.name}.deprecated.json")


def write_note(folder: Path, note: Note) -> None:
    """Note that a version is no longer offered, whole or not at all.

    Parameters
    ----------
    folder : Path
        ``<archive>/<night>/<name>/v<version>``.
    note : Note
        What is to be remembered.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    place = note_place(folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    content = asdict(note)
    content["deprecation"]["at"] = note.deprecation.at.isoformat()
    part = place.with_name(f".{place.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        part.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
        sync(part)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
    sync(place.parent)


def read_note(folder: Path) -> Note | None:
    """Return the note of a version, None where it is offered.

    Raises
    ------
    ArchiveError
        If there is one and it cannot be read: who took the version out cannot be told.
    """
    place = note_place(folder)
    try:
        content = json.loads(read_plain_text(place))
        told = content["deprecation"]
        at = dt.datetime.fromisoformat(told.pop("at"))
        files = tuple(ArchivedFile(**row) for row in content["files"])
        return Note(Deprecation(**told, at=at), files)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ArchiveError(
            f"{place}: found {error!r}, expected a note as phoenix writes it; bring it back from "
            "a backup"
        ) from error


def delete_version(archive: Path, folder: Path, files: Iterable[ArchivedFile]) -> None:
    """Delete the files of a version, and their content where no other version has the same.

    Parameters
    ----------
    archive : Path
        Its folder.
    folder : Path
        The version.
    files : iterable of ArchivedFile
        What it holds.

    Raises
    ------
    OSError
        If they cannot be deleted.
    """
    part = folder.with_name(f".{folder.name}.{os.getpid()}-{threading.get_ident()}.part")
    if folder.is_dir():
        # Gone by one rename; what a killed call leaves is swept with the night.
        folder.rename(part)
    shutil.rmtree(part, ignore_errors=True)
    for row in files:
        content = archive / "content" / row.md5[:2] / row.md5
        if is_plain_file(content) and content.stat().st_nlink == 1:
            content.unlink()
