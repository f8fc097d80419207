"""The grade of an OB and what the observers wrote, in the headers of its IDPs.

ESO's own conversion writes both (MUSE_DEEP instance of 2021, table of plugins). Its UVES IDPs have
``OB_GRADE`` and ``VM_SM``, empty where nothing is known: here such cards are not written. The
observers' comment has no keyword of its own that would hold it (values end at 68 characters, SDP
standard, 3.5): it stands in COMMENT cards, which is ours.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.formats.fits.standard import CARD, KEYWORD_BYTES
from phoenix.model.grade import MODES
from phoenix.model.idp import Card
from phoenix.model.plain import plain_ascii, shortened

if TYPE_CHECKING:
    from phoenix.model.grade import OBGrade
    from phoenix.model.idp import InternalDataProduct

__all__ = ["MOST_CARDS", "grade_cards", "with_grade"]

MOST_CARDS = 10
"""COMMENT cards of an observers' comment; ours. What does not fit is cut, and says so."""

_ROOM = CARD - KEYWORD_BYTES


def grade_cards(grade: OBGrade | None) -> tuple[Card, ...]:
    """Return the cards that say what the observatory says of an OB; none where that is nothing."""
    if grade is None:
        return ()
    cards = []
    if grade.mode:
        cards.append(Card("VM_SM", MODES[grade.mode], "VM-Visitor Mode; SM-Service Mode"))
    if grade.grade:
        meaning = "A-fully within B-mostly within C|D-out of specs"
        cards.append(Card("OB_GRADE", grade.grade, meaning))
    if grade.comment:
        # A line breaks early where a word ends: some room is left over in each.
        told = shortened(plain_ascii(grade.comment), (MOST_CARDS - 2) * _ROOM - len("OB : "))
        lines = textwrap.wrap(f"OB {grade.ob_id}: {told}", _ROOM, break_on_hyphens=False)
        cards += [Card("COMMENT", line) for line in lines[:MOST_CARDS]]
    return tuple(cards)


def with_grade(plan: InternalDataProduct, cards: tuple[Card, ...]) -> InternalDataProduct:
    """Return the plan with these cards; a keyword that the plugin gives itself stays as it is."""
    own = {card.keyword for card in plan.primary}
    new = tuple(card for card in cards if card.keyword == "COMMENT" or card.keyword not in own)
    return evolve(plan, primary=(*plan.primary, *new)) if new else plan
