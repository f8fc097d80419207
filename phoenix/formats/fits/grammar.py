"""The grammar of a header card: as the FITS standard has it, and as loosely as files are written.

The standard (4.0, sections 4.1 and 4.2, and the HIERARCH convention of ESO) is what the validator
holds cards against and what the writer makes. Reading is more patient: blanks inside numbers,
quotes that are not doubled and an indicator out of its place are read as ``astropy.io.fits`` reads
them.
"""

from __future__ import annotations

import re
from typing import Final

from phoenix.formats.fits.standard import COMMENTARY, KEYWORD_BYTES

__all__ = [
    "HIERARCHY",
    "KEYWORD",
    "LONG_STRINGS",
    "LOOSE_VALUE",
    "STRICT_VALUE",
    "WITHOUT_VALUE",
    "split_loosely",
    "split_strictly",
]

LONG_STRINGS: Final = frozenset({"CONTINUE", "LONGSTRN"})
"""Keywords of texts that do not fit into one card (section 4.2.1.2)."""
WITHOUT_VALUE: Final = COMMENTARY | {"CONTINUE", "END"}
"""Keywords that hold text for a person, or continue another card."""

KEYWORD: Final = re.compile(r"[A-Z0-9_-]+")
"""A standard keyword, without the limit of eight letters."""
HIERARCHY: Final = re.compile(r"[A-Z0-9_-]+( [A-Z0-9_-]+)*")
"""The words of a HIERARCH keyword."""

_TEXT = r"'(?P<text>(?:[^']|'')*)'"
_FLAG = r"(?P<flag>[TF])"
_DIGITS = r"(?:\d+\.?\d*|\.\d+)"
_NUMBER = rf"[+-]?{_DIGITS}(?:[EeDd][+-]?\d+)?"
_SPACED_NUMBER = rf"[+-]? *{_DIGITS} *(?:[EeDd] *[+-]? *\d+)?"

STRICT_VALUE: Final = re.compile(
    rf" *(?:{_TEXT}|{_FLAG}(?![^ /])|(?P<number>{_NUMBER})|(?P<complex>\([^)]*\)))?"
    r" *(?P<comment>/.*)?"
)
"""The value field of the standard: text, flag, number, complex, comment with its slash."""
LOOSE_VALUE: Final = re.compile(
    rf"\s*(?:{_TEXT}|'(?P<loose>.*?)'|{_FLAG}|(?P<number>{_SPACED_NUMBER})"
    rf"|\( *(?P<real>{_SPACED_NUMBER}) *, *(?P<imaginary>{_SPACED_NUMBER}) *\))?"
    r"\s*(?:/(?P<comment>.*))?\Z",
    re.ASCII | re.DOTALL,
)
"""The value field as it is read; a text whose quotes are not doubled is `loose`."""

_HIERARCH = "HIERARCH"
_INDICATOR = "= "


def split_strictly(card: str) -> tuple[str, str | None]:
    """Return the keyword as it is spelt and the value field; None where the card has no value."""
    keyword = card[:KEYWORD_BYTES].rstrip()
    if keyword == _HIERARCH and "=" in card:
        words, _, field = card[KEYWORD_BYTES + 1 :].partition("=")
        return words.strip(), field
    behind = KEYWORD_BYTES + len(_INDICATOR)
    if card[KEYWORD_BYTES:behind] == _INDICATOR and keyword not in COMMENTARY:
        return keyword, card[behind:]
    return keyword, None


def split_loosely(card: str) -> tuple[str, str | None]:
    """Return the keyword in capitals and what follows its value indicator, wherever that is."""
    name = card[:KEYWORD_BYTES].strip().upper()
    if name in WITHOUT_VALUE:
        return name, None
    if name == _HIERARCH and card[KEYWORD_BYTES] == " " and "=" in card:
        keyword, _, field = card.partition("=")
        return keyword[KEYWORD_BYTES + 1 :].strip(), field
    at = card.find(_INDICATOR)
    if 0 <= at <= KEYWORD_BYTES:
        return card[:at].strip().upper(), card[at + len(_INDICATOR) :]
    return card[:KEYWORD_BYTES].strip(), None
