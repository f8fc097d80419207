"""What somebody meant who wrote a name that there is not."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["meant"]


def meant(name: str, known: Collection[str]) -> str:
    """Return a hint for a message: the nearest of the names there are, else all of them.

    Parameters
    ----------
    name : str
        As it was written.
    known : collection of str
        Names that there are.
    """
    near = get_close_matches(name, known, 1)
    if near:
        return f"did you mean {near[0]}?"
    return f"expected one of {', '.join(known)}" if known else "expected none"
