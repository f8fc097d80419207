"""One 80-byte card of a FITS header: its keyword, value, comment, and what is wrong with it.

Follows the FITS standard 4.0, sections 4.1 to 4.2 (cards and values), the HIERARCH convention of
ESO, and CONTINUE (section 4.2.1.2). Where a card leaves the standard, keyword and value are those
that ``astropy.io.fits`` gives, so that a header reads alike in both; where astropy gives none
(characters beyond ASCII) the text is kept and the card named as a fault.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from attrs import frozen

from phoenix.formats.fits.grammar import LOOSE_VALUE, WITHOUT_VALUE, split_loosely

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "UNREADABLE",
    "WITHOUT_VALUE",
    "Fault",
    "Value",
    "card_comment",
    "card_fault",
    "forget_cards",
    "parse_all",
    "parse_card",
    "parse_long_card",
]

Value: TypeAlias = str | int | float | complex | bool | None
"""What a card can hold; ``None`` where the keyword stands without a value."""

UNREADABLE: Final = "\0"
"""Stands for the keyword of a card whose value cannot be read."""

# What nearly every card looks like. The value is only roughly checked: int() and float() decide.
_usual = re.compile(
    r"(?:HIERARCH +([^=\n]*[^= \n])|(?=.{8}= )(?!COMMENT|HISTORY|CONTINUE|END )([A-Z0-9_-]+)) *= *"
    r"(?:'([^'\n]*)'|([-+.\dE]+)|([TF])) *(?:/.*)?\n|(.*)\n",
    re.ASCII,
).findall

_EXPONENT = str.maketrans("dD", "ee", " ")


@frozen
class Fault:
    """A card that breaks the standard.

    Attributes
    ----------
    number : int
        Which card of the header, from 1.
    image : str
        The card as it stands, trailing blanks removed.
    reason : str
        What is wrong with it.
    """

    number: int
    image: str
    reason: str

    def __str__(self) -> str:
        return f"card {self.number}: {self.reason}: {self.image!r}"


def _number(text: str) -> int | float:
    """Read an integer or real, blanks inside and D exponents allowed."""
    plain = text.translate(_EXPONENT)
    try:
        return int(plain)
    except ValueError:
        return float(plain)


def _odd_card(card: str) -> tuple[str, Value]:
    """Read a card that is not of the usual form, as tolerantly as astropy does."""
    keyword, field = split_loosely(card)
    if field is None:
        return keyword, card[8:].rstrip()
    found = LOOSE_VALUE.match(field)
    if found is None:
        return UNREADABLE, None
    text, loose, flag, number, real, imaginary, _ = found.groups()
    if text is not None or loose is not None:
        return keyword, (text or loose or "").replace("''", "'").rstrip()
    if flag:
        return keyword, flag == "T"
    if number:
        return keyword, _number(number)
    return keyword, complex(_number(real), _number(imaginary)) if real else None


def _parse_usual(cards: Sequence[bytes]) -> list[tuple[str, Value]]:
    """Keyword and value of each card, all found by one pass of one pattern: that is the speed.

    Raises
    ------
    ValueError
        Some value looks like a number and is none, or some card has a line end in it.
    """
    lines = b"\n".join([*cards, b""]).decode("latin-1")
    pairs: list[tuple[str, Value]] = []
    for long, short, text, number, flag, odd in _usual(lines):
        if odd:
            pairs.append(_odd_card(odd))
            continue
        value: Value = text
        if number:
            value = float(number) if "." in number or "E" in number else int(number)
        elif flag:
            value = flag == "T"
        else:
            value = text.rstrip()
        pairs.append((long or short, value))
    if len(pairs) != len(cards):
        raise ValueError("a line end inside a card")
    return pairs


def _parse_new(cards: Sequence[bytes]) -> list[tuple[str, Value]]:
    try:
        return _parse_usual(cards)
    except ValueError:
        return [_odd_card(card.decode("latin-1")) for card in cards]


# Cards seen lately, with what they say. The frames of a night repeat nine cards in ten, so that
# remembering makes the scanner three times faster. 32768 cards are about 15 MB.
_known: Final[dict[bytes, tuple[str, Value]]] = {}
_MOST_KNOWN: Final = 1 << 15


def forget_cards() -> None:
    """Empty the memory of cards, as a benchmark of the first reading needs."""
    _known.clear()


def parse_all(cards: Sequence[bytes]) -> list[tuple[str, Value]]:
    """Keyword and value of each card.

    Parameters
    ----------
    cards : sequence of bytes
        Cards of exactly 80 bytes.

    Returns
    -------
    list of (str, Value)
        The keyword as astropy spells it: ``"MJD-OBS"``, ``"ESO DPR CATG"``; one of `WITHOUT_VALUE`
        for a card of text; `UNREADABLE` where no value can be made out. Text has its trailing
        blanks removed and its quotes undoubled.
    """
    pairs = list(map(_known.get, cards))
    holes = [place for place, pair in enumerate(pairs) if pair is None]
    if holes:
        missing = [cards[place] for place in holes]
        new = _parse_new(missing)
        for place, pair in zip(holes, new, strict=True):
            pairs[place] = pair
        _remember(missing, new)
    return cast("list[tuple[str, Value]]", pairs)


def _remember(cards: Sequence[bytes], pairs: Sequence[tuple[str, Value]]) -> None:
    if len(_known) + len(cards) > _MOST_KNOWN:
        forget_cards()
    _known.update(zip(cards, pairs, strict=True))


def parse_card(card: bytes) -> tuple[str, Value]:
    """Keyword and value of one card; see `parse_all`."""
    return _known.get(card) or parse_all((card,))[0]


def _part(field: str) -> str | None:
    """Return the piece of text that one card adds to a long one; None where it holds no text."""
    found = LOOSE_VALUE.match(field)
    if found is None or (found["text"] is None and found["loose"] is None):
        return None
    return (found["text"] or found["loose"] or "").rstrip().removesuffix("&")


def parse_long_card(cards: Sequence[bytes]) -> tuple[str, Value]:
    """Keyword and value of a card with the CONTINUE cards that follow it.

    Where the first card holds no text there is nothing to continue, and its own value stands.
    """
    keyword, field = split_loosely(cards[0].decode("latin-1"))
    parts = [_part(field or ""), *(_part(card[8:].decode("latin-1")) for card in cards[1:])]
    if field is None or parts[0] is None:
        return parse_card(cards[0])
    return keyword, "".join(part or "" for part in parts).replace("''", "'").rstrip()


# Chips and exposures share most of their cards.
@lru_cache(maxsize=1 << 14)
def card_comment(card: bytes) -> str:
    """Return what follows the slash; empty for cards of text and where nothing follows."""
    text = card.decode("latin-1")
    _, field = split_loosely(text) if not text.startswith("CONTINUE") else ("", text[8:])
    if field is None:
        return ""
    found = LOOSE_VALUE.match(field)
    comment = found["comment"] if found else field.partition("/")[2]
    return (comment or "").strip()


def card_fault(card: bytes) -> str:
    """Say what is wrong with a card; empty where nothing is."""
    text = card.decode("latin-1")
    keyword, field = split_loosely(text)
    if not text.isascii() or not text.isprintable():
        return "a character outside printable ASCII"
    if field is None:
        return "" if keyword in WITHOUT_VALUE else "no '= ' in bytes 9 and 10"
    if parse_card(card)[0] == UNREADABLE:
        return "the value cannot be read"
    return ""
