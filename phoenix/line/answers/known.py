"""Names of columns as a person types them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.model.plain import shortened

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["column_name", "known_column"]

_LONGEST_LIST = 2000  # characters of a message that lists columns


def column_name(text: str) -> str:
    """Return the name of a column as it is kept, of ``MJD-OBS`` or ``ins.exp.mode``."""
    return text.upper().replace("-", "_").replace(".", "_")


def known_column(name: str, known: Collection[str]) -> str:
    """Return the column of a name in upper or lower case, or as it stands in a header.

    Raises
    ------
    DataError
        If there is none; the nearest is named.
    """
    wanted = column_name(name)
    if wanted in known:
        return wanted
    near = get_close_matches(wanted, known, 1)
    every = shortened(", ".join(sorted(known)), _LONGEST_LIST)
    hint = f"did you mean {near[0]}?" if near else f"expected one of {every}"
    raise DataError(f"QC1: found no column {name[:80]!r}; {hint}")
