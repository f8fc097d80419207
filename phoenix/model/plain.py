"""Text from outside made harmless: what a terminal would obey is shown, not sent."""

from __future__ import annotations

import logging
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from phoenix.errors import DataError

if TYPE_CHECKING:
    _Adapter = logging.LoggerAdapter[logging.Logger]
else:
    _Adapter = logging.LoggerAdapter

__all__ = [
    "LONGEST",
    "LONGEST_NAME",
    "LONGEST_REASON",
    "bounded",
    "one_line",
    "plain",
    "plain_ascii",
    "plain_log",
    "shortened",
    "signed",
]

# C0 and C1 without line feed and tab, DEL, what turns the direction of writing, and halves of
# characters, as names of files that are no UTF-8 have them.
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain(text: str) -> str:
    """Return a text in which what a terminal would obey is written out, an escape as ``x1b``."""
    return _OBEYED.sub(lambda match: ascii(match[0])[1:-1], text)


LONGEST = 10_000
"""Characters of what a person says; ours."""


LONGEST_REASON = 500
"""Characters of a reason on pages and terminals; the log has the whole. Ours."""


LONGEST_NAME = 64
"""Characters of who says it; the width of its column."""


def one_line(text: str) -> str:
    """Return the text plain and in one line: runs of blanks and line breaks are one blank."""
    return plain(" ".join(text.split()))


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


def signed(by: str) -> str:
    """Return who says something: plain, in one line.

    Raises
    ------
    DataError
        If that is longer than `LONGEST_NAME`.
    """
    name = one_line(by)
    if len(name) > LONGEST_NAME:
        raise DataError(f"--by: found {len(name)} characters, expected at most {LONGEST_NAME}")
    return name


def plain_ascii(text: str) -> str:
    """Return the text in ASCII, as headers want it: letters without accents, ``?`` for others."""
    parts = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return plain(bare).encode("ascii", "replace").decode("ascii")


def shortened(text: str, most: int = LONGEST_REASON) -> str:
    """Return a text of at most so many characters, its end and the number left out told.

    Reasons quote logs and headers; pages and terminals show this much of them (ours), the log has
    the whole.
    """
    if len(text) <= most:
        return text
    told = f" ... ({len(text)} characters)"
    return text[: most - len(told)] + told


class _PlainLog(_Adapter):
    """Hands on to a logger what is harmless, whoever listens to it and wherever that goes."""

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:  # noqa: ANN401 - as logging has it
        """Put the message together, make it plain and hand it on."""
        if self.isEnabledFor(level):
            text = str(msg) % args if args else str(msg)
            super().log(level, "%s", plain(text), **kwargs)


def plain_log(name: str) -> _PlainLog:
    """Return the logger of a module, for messages that quote what comes from outside."""
    return _PlainLog(logging.getLogger(name), {})
