"""The cards of a header with some replaced, added or taken away; all others stay as they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from phoenix.errors import StandardError
from phoenix.formats.fits.grammar import split_loosely
from phoenix.formats.fits.standard import CARD, COMMENTARY
from phoenix.formats.fits.write_cards import format_card

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from phoenix.model.idp import Card

__all__ = ["LAYOUT", "edit_cards"]

LAYOUT: Final = re.compile(
    r"SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|GROUPS|[PG]COUNT|TFIELDS|THEAP|BLANK|B(SCALE|ZERO)"
    r"|T(TYPE|FORM|DIM|SCAL|ZERO|NULL|BCOL)\d+|P(TYPE|SCAL|ZERO)\d+|END"
    r"|Z(IMAGE|TABLE|SIMPLE|TENSION|EXTEND|BITPIX|NAXIS\d*|[PG]COUNT|THEAP|TILE(LEN|\d+)|CMPTYPE"
    r"|(NAME|VAL|FORM|CTYP)\d+|MASKCMP|QUANTIZ|DITHER0|BLANK|SCALE|ZERO)"
)
"""Keywords without which the data cannot be read as they were written (FITS 4.0, 4.4, 7.3, 10)."""

_CONTINUE = b"CONTINUE"
_HIERARCH = b"HIERARCH"
_ANY = "*"


def edit_cards(header: bytes, cards: Iterable[Card], removed: Iterable[str] = ()) -> bytes:
    """Replace, add and remove cards.

    A card takes the place of the first of its keyword; the others of that keyword, and the
    CONTINUE cards of a long text, go. A new one stands in front of the HIERARCH cards, or behind
    all others if it is one itself, a COMMENT or HISTORY. Blank cards at the end, which keep room,
    go too.

    Parameters
    ----------
    header : bytes
        Cards of 80 bytes, END excluded.
    cards : iterable of Card
        Each keyword once, but for COMMENT and HISTORY.
    removed : iterable of str
        Keywords, or how they begin, with a star at the end, which spares those of `LAYOUT`.

    Returns
    -------
    bytes
        Cards of 80 bytes.

    Raises
    ------
    StandardError
        A card cannot stand in a header, or a keyword is given twice.
    """
    unwanted = tuple(removed)
    new: dict[str, bytes] = {}
    behind: list[bytes] = []
    for card in cards:
        image = format_card(card.keyword, card.value, card.comment)
        if card.keyword in COMMENTARY:
            behind.append(image)
        elif card.keyword in new:
            raise StandardError(f"{card.keyword}: found two new cards, expected one")
        else:
            new[card.keyword] = image
    kept = [
        new.get(keyword, group)
        for keyword, group in _once(_groups(header), frozenset(new))
        if keyword in new or not _is_removed(keyword, unwanted)
    ]
    there = {keyword for keyword, _ in _groups(header)}
    added = [image for keyword, image in new.items() if keyword not in there]
    plain = [image for image in added if not image.startswith(_HIERARCH)]
    long = [image for image in added if image.startswith(_HIERARCH)]
    place = next((i for i, one in enumerate(kept) if one.startswith(_HIERARCH)), len(kept))
    return b"".join((*kept[:place], *plain, *kept[place:], *long, *behind))


def _groups(header: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield each keyword and its card, with the CONTINUE cards that follow it."""
    cards = header.rstrip(b" ")
    end = -(-len(cards) // CARD) * CARD
    begin = 0
    while begin < end:
        behind = begin + CARD
        while header.startswith(_CONTINUE, behind) and behind < end:
            behind += CARD
        keyword, _ = split_loosely(header[begin : begin + CARD].decode("latin-1"))
        yield keyword, header[begin:behind]
        begin = behind


def _once(
    groups: Iterable[tuple[str, bytes]], keywords: frozenset[str]
) -> Iterator[tuple[str, bytes]]:
    """Leave out what repeats one of these keywords."""
    seen: set[str] = set()
    for keyword, group in groups:
        if keyword not in seen:
            yield keyword, group
        if keyword in keywords:
            seen.add(keyword)


def _is_removed(keyword: str, removed: tuple[str, ...]) -> bool:
    if keyword in removed:
        return True
    begins = tuple(one.removesuffix(_ANY) for one in removed if one.endswith(_ANY))
    return keyword.startswith(begins) and not LAYOUT.fullmatch(keyword)
