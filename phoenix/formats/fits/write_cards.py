"""One header card as its 80 bytes."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from phoenix.errors import StandardError
from phoenix.formats.fits.grammar import HIERARCHY, KEYWORD
from phoenix.formats.fits.standard import CARD, COMMENTARY, KEYWORD_BYTES, LONGEST_TEXT

if TYPE_CHECKING:
    from phoenix.model.idp import Value

__all__ = ["format_card"]

_TEXT = COMMENTARY - {""}  # a card without a keyword would say nothing that COMMENT cannot
DECIMALS = {"MJD-OBS": 8, "MJD-END": 8}
"""Keywords whose number of decimals the standard prescribes (section 5.1)."""

PRINTABLE = re.compile(r"[ -~]*")


# typed: True, 1 and 1.0 are equal, but their cards are not.
@lru_cache(maxsize=1 << 15, typed=True)
def format_card(keyword: str, value: Value, comment: str = "") -> bytes:
    """Format a card; a comment that does not fit is cut.

    Parameters
    ----------
    keyword : str
        As astropy spells it: ``SNR``, or ``ESO QC SNR`` for a HIERARCH card.
    value : str, int, float or bool
        Numbers are written in the shortest form that reads back the same, MJD-OBS and MJD-END
        with eight decimals; numpy scalars are welcome.
    comment : str
        Printable ASCII.

    Returns
    -------
    bytes
        The 80 bytes of the card.

    Raises
    ------
    StandardError
        The keyword, the value or the comment cannot stand in a header.
    """
    if not PRINTABLE.fullmatch(comment):
        raise _refusal(keyword, comment, "a comment of printable ASCII characters")
    if keyword in _TEXT:
        return _commentary(keyword, value)
    short = len(keyword) <= KEYWORD_BYTES and KEYWORD.fullmatch(keyword) is not None
    if not short and not _is_hierarchy(keyword):
        raise _refusal(keyword, keyword, "a keyword of upper-case letters, digits, - and _")
    text = _literal(keyword, value)
    card = f"{keyword:8}= {_aligned(text)}" if short else f"HIERARCH {keyword} = {text}"
    if len(card) > CARD:
        raise _refusal(keyword, value, f"a value {len(card) - CARD} characters shorter")
    return _with_comment(card, comment).encode("ascii")


def _is_hierarchy(keyword: str) -> bool:
    words = keyword.split(" ")
    return len(words) > 1 and words[0] != "HIERARCH" and HIERARCHY.fullmatch(keyword) is not None


def _commentary(keyword: str, value: Value) -> bytes:
    room = CARD - KEYWORD_BYTES
    if not isinstance(value, str) or not PRINTABLE.fullmatch(value) or len(value) > room:
        raise _refusal(keyword, value, f"at most {room} printable ASCII characters")
    return f"{keyword:8}{value}".ljust(CARD).encode("ascii")


def _literal(keyword: str, value: Value) -> str:
    if isinstance(value, str):
        return _quoted(keyword, value)
    if isinstance(value, (bool, np.bool_)):
        return "T" if value else "F"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return _decimal(keyword, float(value))
    raise _refusal(keyword, value, "a string, number or truth value")


def _quoted(keyword: str, value: str) -> str:
    doubled = value.replace("'", "''")
    if len(doubled) > LONGEST_TEXT:
        # SDP standard, section 3.5.
        expected = f"at most {LONGEST_TEXT} characters (CONTINUE is not allowed)"
        raise _refusal(keyword, value, expected)
    if not PRINTABLE.fullmatch(value):
        raise _refusal(keyword, value, "printable ASCII characters")
    return f"'{doubled:8}'"


def _decimal(keyword: str, value: float) -> str:
    if not math.isfinite(value):
        raise _refusal(keyword, value, "a finite number")
    if keyword in DECIMALS:
        return f"{value:.{DECIMALS[keyword]}f}"
    mantissa, e, exponent = repr(value).partition("e")
    return (mantissa if "." in mantissa else f"{mantissa}.0") + e.upper() + exponent


def _aligned(text: str) -> str:
    """Strings from column 11, numbers up to column 30 (FITS 4.0, section 4.2)."""
    return f"{text:20}" if text.startswith("'") else f"{text:>20}"


def _with_comment(card: str, comment: str) -> str:
    if not comment or len(card) > CARD - 4:
        return card.ljust(CARD)
    return f"{card} / {comment}"[:CARD].ljust(CARD)


def _refusal(keyword: str, found: object, expected: str) -> StandardError:
    return StandardError(f"{keyword}: found {found!r}, expected {expected}")
