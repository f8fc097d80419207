"""What a person writes about data: bounded, and free of what would command a terminal."""

from __future__ import annotations

from phoenix.errors import DataError

__all__ = ["LONGEST", "bounded", "one_line"]

LONGEST = 10_000
"""Characters; ours."""


def one_line(text: str) -> str:
    """Return a text in one line: runs of blanks and line breaks are one blank.

    Parameters
    ----------
    text : str
        What was written. Other control characters become ``?``.
    """
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else "?" for c in line)


def bounded(text: str) -> str:
    """Return a text that is not too long.

    Raises
    ------
    DataError
        If it is longer than `LONGEST`.
    """
    if len(text) > LONGEST:
        raise DataError(f"comment: found {len(text)} characters, expected at most {LONGEST}")
    return text
