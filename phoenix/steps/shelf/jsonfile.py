"""JSON files written whole or not at all."""

from __future__ import annotations

import json
import os
import threading
from enum import Enum
from functools import cache
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

import attrs

from phoenix.errors import DataError
from phoenix.formats.files import read_plain_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["json_text", "read_json", "write_json", "write_text"]

# What json makes of values that hold no others; it indents in Python, and slowly.
_STRICT, _LOOSE = (
    json.JSONEncoder(ensure_ascii=False, allow_nan=nan).encode for nan in (False, True)
)
_WORDS: dict[object, str] = {None: "null", True: "true", False: "false"}


def json_text(content: object, *, allow_nan: bool = True) -> str:
    """Return values as JSON that a person can read: that of json.dumps with an indent of 1.

    It takes a third of the time. A value of an attrs class is the mapping of its fields, a member
    of an enumeration its value.

    Parameters
    ----------
    content : object
        Mappings, sequences, attrs classes, and what JSON has words for.
    allow_nan : bool
        Whether numbers may be NaN or infinite, which only Python reads again.

    Raises
    ------
    TypeError
        For what JSON has no word for.
    ValueError
        For a number that is not allowed.
    """
    return _text(content, "\n", _LOOSE if allow_nan else _STRICT) + "\n"


def _text(value: object, newline: str, plain: Callable[[object], str]) -> str:
    """Return a value; `newline` begins the lines of what it stands in."""
    if isinstance(value, str):
        return encode_basestring(value)
    kind: Any = type(value)
    inner = f"{newline} "
    if isinstance(value, list | tuple):
        rows = [_text(one, inner, plain) for one in value]
        return f"[{inner}{f',{inner}'.join(rows)}{newline}]" if rows else "[]"
    if isinstance(value, dict):
        rows = [f"{_name(name, plain)}: {_text(one, inner, plain)}" for name, one in value.items()]
        return f"{{{inner}{f',{inner}'.join(rows)}{newline}}}" if rows else "{}"
    if (names := _fields(kind)) is not None:
        rows = [f'"{name}": {_text(getattr(value, name), inner, plain)}' for name in names]
        return f"{{{inner}{f',{inner}'.join(rows)}{newline}}}" if rows else "{}"
    if value is None or kind is bool:
        return _WORDS[value]
    return plain(value.value if isinstance(value, Enum) else value)


@cache
def _fields(kind: type) -> tuple[str, ...] | None:
    """Return the names of the fields of an attrs class; None for another."""
    return tuple(field.name for field in attrs.fields(kind)) if attrs.has(kind) else None


def _name(name: object, plain: Callable[[object], str]) -> str:
    return encode_basestring(name) if isinstance(name, str) else f'"{plain(name)}"'


def write_json(path: Path, content: object) -> None:
    """Write a JSON file by atomic rename."""
    write_text(path, json_text(content))


def write_text(path: Path, text: str) -> None:
    """Write a text file (UTF-8) by atomic rename."""
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        part.write_text(text, "utf-8")
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def read_json(path: Path) -> Any | None:  # noqa: ANN401 - the caller knows what it wrote
    """Return the content of a JSON file, None where there is no such file.

    Raises
    ------
    DataError
        If it is no JSON.
    """
    try:
        return json.loads(read_plain_text(path))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{path}: found {error}, expected JSON as phoenix writes it; remove the file and "
            "run the AB again"
        ) from error
