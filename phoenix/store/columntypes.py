"""Types of columns that behave alike in every database."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import DateTime, Text, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Dialect

__all__ = ["UTC", "Prose"]


class UTC(TypeDecorator[dt.datetime]):
    """A moment: aware in Python, UTC without a zone in the database (SQLite has none)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(
        self,
        value: dt.datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> dt.datetime | None:
        """Return what is written."""
        return None if value is None else value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(
        self,
        value: dt.datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> dt.datetime | None:
        """Return what was read."""
        return None if value is None else value.replace(tzinfo=dt.UTC)


class Prose(TypeDecorator[str]):
    """Free text. What no database takes (NUL, half characters of file names) is replaced."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> str | None:
        """Return what is written."""
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.encode(errors="replace").decode().replace("\0", "?")
