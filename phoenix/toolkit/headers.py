"""Header values with a type: what must be there raises, what may be missing is None."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from phoenix.errors import HeaderError
from phoenix.formats.fits.headers import Header, read_header, read_headers, read_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phoenix.formats.fits.cards import Value

__all__ = [
    "Header",
    "flag",
    "integer",
    "number",
    "read_header",
    "read_headers",
    "read_keys",
    "required_number",
    "required_text",
    "text",
]


def number(header: Mapping[str, Value], key: str) -> float | None:
    """Return a finite number, None where there is none."""
    value = header.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def integer(header: Mapping[str, Value], key: str) -> int | None:
    """Return a whole number, None where there is none."""
    value = number(header, key)
    return int(value) if value is not None and value.is_integer() else None


def text(header: Mapping[str, Value], key: str) -> str:
    """Return a text without blanks around it, empty where there is none."""
    value = header.get(key)
    return value.strip() if isinstance(value, str) else ""


def flag(header: Mapping[str, Value], key: str) -> bool | None:
    """Return a logical value, None where there is none."""
    value = header.get(key)
    return value if isinstance(value, bool) else None


def required_number(header: Mapping[str, Value], key: str) -> float:
    """Return a finite number.

    Raises
    ------
    HeaderError
        If there is none; names file and keyword.
    """
    value = number(header, key)
    if value is None:
        raise _missing(header, key, "a number")
    return value


def required_text(header: Mapping[str, Value], key: str) -> str:
    """Return a text that is not empty.

    Raises
    ------
    HeaderError
        If there is none; names file and keyword.
    """
    value = text(header, key)
    if not value:
        raise _missing(header, key, "a text")
    return value


def _missing(header: Mapping[str, Value], key: str, expected: str) -> HeaderError:
    source = getattr(header, "source", "") or "header"
    found = repr(header[key]) if key in header else "no such keyword"
    return HeaderError(f"{source}: {key}: found {found}, expected {expected}")
