"""Cards of an IDP that come from headers of the pipeline."""

from __future__ import annotations

from hypothesis import given, strategies

from phoenix.formats.fits.write_cards import format_card
from phoenix.toolkit.idpcards import commented, copied_cards, group_cards, one_or_many


class Headers(dict):
    """A header with comments."""

    def comment(self, key):
        return f"about {self.get(key)}"

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


def test_the_name_of_a_person_is_taken_over_without_its_accents():
    (card,) = copied_cards(Headers({"PI-COI": "M\xfcller\tand\x07"}), ("PI-COI", "OBSERVER"))
    assert (card.value, card.comment) == (r"Muller and\x07", r"about Muller and\x07")


def test_a_number_that_is_none_is_not_taken_over():
    assert copied_cards(Headers({"UTC": float("inf"), "LST": float("nan")}), ("UTC", "LST")) == ()


@given(strategies.text(max_size=90))
def test_no_text_of_outside_keeps_an_idp_from_being_written(text):
    header = Headers({"OBSERVER": text, "ESO OBS TARG NAME": text})
    for card in (
        *copied_cards(header, ("OBSERVER", "ESO OBS TARG NAME")),
        *commented({"OBJECT": text, "TITLE": text}, {"OBJECT": "target", "TITLE": "title"}),
        *one_or_many("PROG_ID", "PROGID", (text, "60.A-9000(A)"), "programme"),
        *one_or_many("PROG_ID", "PROGID", (text,), "programme"),
    ):
        assert len(format_card(card.keyword, card.value, card.comment)) == 80
