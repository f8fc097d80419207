"""Cards are replaced, added and taken away; all others stay byte for byte."""

from __future__ import annotations

import pytest

from phoenix.errors import StandardError
from phoenix.formats.fits.edit_cards import LAYOUT, edit_cards
from phoenix.formats.fits.write_cards import format_card
from phoenix.model.idp import Card


def header(*cards: str) -> bytes:
    return "".join(card.ljust(80) for card in cards).encode()


BEFORE = header(
    "SIMPLE  =                    T / odd    comment",
    "OBJECT  = 'NGC 104 '",
    "COMMENT one",
    "EXPTIME =                 300.",
    "HIERARCH ESO QC ONE = 1.",
    "HIERARCH ESO QC TWO = 2.",
    "PIPEFILE= 'r.fits  '",
)


def lines(cards: bytes) -> list[str]:
    return [cards[i : i + 80].decode().rstrip() for i in range(0, len(cards), 80)]


def keywords(cards: bytes) -> list[str]:
    return [line.partition("=")[0].strip() for line in lines(cards)]


def test_a_header_without_edits_stays_byte_for_byte():
    assert edit_cards(BEFORE, ()) == BEFORE


def test_a_card_takes_the_place_of_the_old_one():
    after = edit_cards(BEFORE, [Card("OBJECT", "47 Tuc", "Target")])
    assert after[80:160] == format_card("OBJECT", "47 Tuc", "Target")
    assert after[:80] + after[160:] == BEFORE[:80] + BEFORE[160:]


def test_new_keywords_stand_in_front_of_those_of_eso_and_those_of_eso_behind():
    after = edit_cards(
        BEFORE, [Card("ESO QC NEW", 3), Card("SNR", 2.5), Card("HISTORY", "edited")]
    )
    assert keywords(after) == [
        "SIMPLE", "OBJECT", "COMMENT one", "EXPTIME", "SNR", "HIERARCH ESO QC ONE",
        "HIERARCH ESO QC TWO", "PIPEFILE", "HIERARCH ESO QC NEW", "HISTORY edited",
    ]  # fmt: skip


def test_repeated_cards_and_long_texts_become_one_card():
    before = header("A       = 'long &'", "CONTINUE  'text'", "B       = 1", "A       = 2")
    after = edit_cards(before, [Card("A", 3)])
    assert keywords(after) == ["A", "B"]


def test_a_long_text_goes_as_a_whole():
    before = header("A       = 'long &'", "CONTINUE  'text'", "B       = 1")
    assert edit_cards(before, (), ["A"]) == header("B       = 1")


def test_removing_what_is_not_there_is_no_error():
    assert edit_cards(BEFORE, (), ["ARCFILE", "ESO DRS *"]) == BEFORE


def test_a_star_removes_all_that_begin_so():
    assert keywords(edit_cards(BEFORE, (), ["ESO QC *"]))[-2:] == ["EXPTIME", "PIPEFILE"]


def test_a_star_spares_what_the_data_are_read_by():
    assert keywords(edit_cards(BEFORE, (), ["*"])) == ["SIMPLE"]


def test_a_keyword_that_is_set_is_not_removed():
    assert edit_cards(BEFORE, [Card("EXPTIME", 1.0)], ["EXP*"])[240:320].startswith(b"EXPTIME ")


def test_comments_are_added_and_never_replaced():
    after = edit_cards(BEFORE, [Card("COMMENT", "two"), Card("COMMENT", "two")])
    assert [one for one in lines(after) if one.startswith("COMMENT")] == [
        "COMMENT one", "COMMENT two", "COMMENT two",
    ]  # fmt: skip


def test_comments_can_be_removed():
    assert "COMMENT one" not in lines(edit_cards(BEFORE, (), ["COMMENT"]))


def test_room_that_was_kept_at_the_end_goes():
    assert edit_cards(BEFORE + b" " * 400, ()) == BEFORE


def test_blank_cards_between_others_stay():
    before = header("A       = 1", "", "B       = 2")
    assert edit_cards(before, ()) == before


def test_a_broken_card_can_be_removed_by_its_keyword():
    before = header("A       = 'no end", "B       = 2")
    assert edit_cards(before, (), ["A"]) == header("B       = 2")


def test_a_keyword_given_twice_is_refused():
    with pytest.raises(StandardError, match="SNR: found two new cards, expected one"):
        edit_cards(BEFORE, [Card("SNR", 1), Card("SNR", 2)])


@pytest.mark.parametrize("keyword", ["NAXIS", "NAXIS3", "BZERO", "TFORM12", "ZCMPTYPE", "END"])
def test_what_the_data_are_read_by_is_known(keyword):
    assert LAYOUT.fullmatch(keyword)


@pytest.mark.parametrize("keyword", ["BUNIT", "EXTNAME", "TUNIT1", "CRPIX1", "ZENITH", "TITLE"])
def test_what_the_data_mean_may_be_edited(keyword):
    assert not LAYOUT.fullmatch(keyword)
