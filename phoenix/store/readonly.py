"""A database that may only be read: looked at without the right to write, and without a trace."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool, StaticPool

from phoenix.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["READ_ONLY", "check_unchanged", "owner_of", "read_only_engine", "refuse_to_write"]

READ_ONLY = "phoenix_read_only"
"""Execution option of an engine that cannot write."""

_BUSY_MS = 30000


class _Reader(sqlite3.Connection):
    """A connection; `seen` is the size and time of a file that nobody wrote when it was opened."""

    seen: tuple[int, int] | None = None


def read_only_engine(url: str) -> Engine | None:
    """Return the engine of a database that may be read and not written; None for all others.

    A database that is not there, where none may be made, is an empty one.

    SQLite needs no right to write, if it is told so ("Write-Ahead Logging", 6): a database that
    somebody has open is read together with its log, one that nobody has open is read as it lies.
    """
    place = sa.make_url(url)
    if place.get_backend_name() != "sqlite" or not place.database or place.database == ":memory:":
        return None
    path = Path(place.database)
    if not path.parent.is_dir() or _may_write(path):
        return None
    if not path.exists():
        return _marked(sa.create_engine("sqlite://", poolclass=StaticPool))
    # Each connection looks anew whether somebody writes.
    return _marked(sa.create_engine(url, creator=lambda: _open(path), poolclass=NullPool))


def _may_write(path: Path) -> bool:
    # SQLite writes its log beside the file.
    wanted = (path.parent, path) if path.exists() else (path.parent,)
    return all(os.access(one, os.W_OK) for one in wanted)


def _marked(engine: Engine) -> Engine:
    return engine.execution_options(**{READ_ONLY: True})


def _open(path: Path) -> _Reader:
    found = path.stat()
    written = Path(f"{path}-wal").exists()
    how = "mode=ro" if written else "mode=ro&immutable=1"
    reader = sqlite3.connect(
        f"file:{quote(str(path.resolve()))}?{how}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        factory=_Reader,
    )
    reader.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    reader.seen = None if written else (found.st_size, found.st_mtime_ns)
    return reader


def check_unchanged(connection: Connection, path: Path) -> None:
    """Raise StoreError if somebody wrote what was read as if nobody did."""
    # NullPool: the connection of this reading alone.
    reader: Any = connection.connection.dbapi_connection
    if isinstance(reader, _Reader) and reader.seen is not None:
        found = path.stat()
        if (found.st_size, found.st_mtime_ns) != reader.seen:
            raise StoreError(
                f"database {path}: found it written by somebody while it was read; give the same "
                "command again"
            )


def refuse_to_write(where: str, path: Path) -> StoreError:
    """Return the error of somebody who wants to write what he may only read."""
    return StoreError(
        f"database {where}: found no right to write it or beside it, expected one; you may look "
        f"at this workspace, but what changes it is for {owner_of(path)}: ask for the right, or "
        "work in a workspace of your own (`phoenix init`)"
    )


def owner_of(path: Path) -> str:
    """Return who owns a file, or the folder where it would be."""
    found = path if path.exists() else path.parent
    try:
        return found.owner()
    except (KeyError, OSError):
        return "its owner"
