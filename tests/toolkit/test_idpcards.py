"""Cards of an IDP that come from headers of the pipeline."""

from __future__ import annotations

from hypothesis import given, strategies

from phoenix.formats.fits.write_cards import format_card
from phoenix.toolkit.idpcards import group_cards


class Headers(dict):
    """A header with comments."""

    def beginning(self, groups):
        return ((k, v, f"about {k}") for k, v in self.items() if k.startswith(groups))


def test_groups_are_taken_over_with_their_comments():
    header = Headers({"ESO INS MODE": "RED", "ESO INS TEMP1 MEAN": 11.5, "ESO TEL AIRM": 1.1})
    cards = group_cards(header, ("ESO INS ",))
    assert [(card.keyword, card.value, card.comment) for card in cards] == [
        ("ESO INS MODE", "RED", "about ESO INS MODE"),
        ("ESO INS TEMP1 MEAN", 11.5, "about ESO INS TEMP1 MEAN"),
    ]


def test_what_no_card_can_hold_stays_behind():
    header = Headers(
        {
            "ESO OBS LONG": "x" * 80,
            "ESO OBS UMLAUT": "M\xfcller",
            "ESO OBS BELL": "a\x07",
            "ESO OBS NAN": float("nan"),
            "ESO OBS NAME": "good",
        }
    )
    assert [card.keyword for card in group_cards(header, ("ESO ",))] == ["ESO OBS NAME"]


@given(strategies.text(max_size=90))
def test_whatever_a_header_says_its_cards_can_be_written(text):
    for card in group_cards(Headers({"ESO OBS NAME": text}), ("ESO ",)):
        assert len(format_card(card.keyword, card.value, card.comment)) == 80
