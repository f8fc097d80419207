"""Numbers with their nouns: 1 AB, 2 ABs."""

from __future__ import annotations

__all__ = ["counted", "noun"]


def counted(number: int, one: str, more: str = "") -> str:
    """Return a number and what is counted: ``counted(1, "AB")`` is ``1 AB``.

    Parameters
    ----------
    number : int
        How many.
    one : str
        The noun, and what depends on it: ``AB has``.
    more : str, optional
        The same of none or several: ``ABs have``; the noun with an s if not given.
    """
    return f"{number} {noun(number, one, more)}"


def noun(number: int, one: str, more: str = "") -> str:
    """Return what is counted without the number, which stands elsewhere; as :func:`counted`."""
    return one if number == 1 else more or f"{one}s"
