"""JSON files written whole or not at all."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

from phoenix.errors import DataError
from phoenix.formats.files import read_plain_text

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_json", "write_json", "write_text"]


def write_json(path: Path, content: object) -> None:
    """Write a JSON file by atomic rename."""
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


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
    except ValueError as error:
        raise DataError(
            f"{path}: found {error}, expected JSON as phoenix writes it; remove the file and "
            "run the AB again"
        ) from error
