"""Tests of single cards: values and keywords are those that astropy gives."""

from __future__ import annotations

import string
import warnings

import pytest
from astropy.io.fits import Card
from astropy.io.fits.card import Undefined
from astropy.io.fits.verify import VerifyError, VerifyWarning
from hypothesis import given
from hypothesis import strategies as st

from phoenix.formats.fits.cards import (
    UNREADABLE,
    card_comment,
    card_fault,
    parse_all,
    parse_card,
    parse_long_card,
)

PRINTABLE = st.characters(min_codepoint=32, max_codepoint=126)
SHORT_KEYS = st.text(string.ascii_uppercase + string.digits + "-_", min_size=1, max_size=8).filter(
    lambda key: key not in {"COMMENT", "HISTORY", "CONTINUE", "END", "HIERARCH"}
)
LONG_KEYS = st.lists(
    st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=7), min_size=2, max_size=5
).map(lambda words: " ".join(["ESO", *words]))
NUMBERS = st.one_of(
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False),
)
COMPLEX = st.complex_numbers(allow_nan=False, allow_infinity=False)
# Two quotes together are left out: there the standard is followed where astropy is not.
TOKENS = ["' ", "'x", " ", "T", "1", "1.5", "E5", "-", "/", "(", ",", ")", "= ", ".", "D"]
# What astropy writes in pieces and gets back: blanks go, quotes may be torn apart.
UNBROKEN = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="'&")
TEXTS = st.text(PRINTABLE, max_size=30)


def card(text):
    return text.encode("latin-1").ljust(80)


def by_astropy(image):
    """Keyword and value as astropy gives them, None for an undefined value."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = Card.fromstring(image)
        value = read.value
        return read.keyword, None if isinstance(value, Undefined) else value


def written(key, value, comment=""):
    """Write a card by astropy; the HIERARCH cards that it announces are wanted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VerifyWarning)
        return str(Card(key, value, comment)).encode()


def pieces(image):
    return [image[at : at + 80] for at in range(0, len(image), 80)]


def assert_same(found, expected):
    assert found == expected
    assert type(found[1]) is type(expected[1])


@given(st.one_of(SHORT_KEYS, LONG_KEYS), NUMBERS, st.text(PRINTABLE, max_size=10))
def test_a_number_written_by_astropy_reads_as_astropy_reads_it(key, value, comment):
    image = written(key, value, comment)
    assert_same(parse_card(image[:80]), by_astropy(image))


@given(SHORT_KEYS, COMPLEX)
def test_a_complex_number_reads_as_astropy_reads_it(key, value):
    image = written(key, value)
    assert_same(parse_card(image[:80]), by_astropy(image))


@given(SHORT_KEYS, TEXTS, st.text(string.ascii_letters, max_size=10))
def test_a_text_written_by_astropy_is_read_back_without_trailing_blanks(key, value, comment):
    assert_same(parse_card(written(key, value, comment)[:80]), (key, value.rstrip()))


@given(SHORT_KEYS, st.text(UNBROKEN, min_size=80, max_size=400))
def test_a_long_text_is_put_together_from_its_continue_cards(key, value):
    image = written(key, value)
    assert parse_long_card(pieces(image)) == (key, value)


def test_a_long_text_with_blanks_and_quotes_reads_as_astropy_reads_it():
    image = written("KEY", "O'Hara's " * 30, "and a comment")
    assert_same(parse_long_card(pieces(image)), by_astropy(image))


def test_a_number_is_not_continued():
    assert parse_long_card([card("K       = 5"), card("CONTINUE  'more'")]) == ("K", 5)


@given(st.binary(min_size=80, max_size=80))
def test_any_80_bytes_are_read_without_an_exception(image):
    keyword, _ = parse_card(image)
    assert isinstance(keyword, str)


@given(st.lists(st.sampled_from(TOKENS), max_size=8).map("".join))
def test_a_tangled_field_reads_as_astropy_reads_it_where_astropy_can(field):
    image = card("KEY     = " + field)
    try:
        expected = by_astropy(image)
    except VerifyError:
        assert parse_card(image)[0] == UNREADABLE
    else:
        assert_same(parse_card(image), expected)


@pytest.mark.parametrize(
    "text",
    [
        "D       = 1.5D-3",
        "E       = 1.5e+3 / lower case",
        "POINT   = .5",
        "WHOLE   = 5.",
        "PLUS    = +12",
        "ZEROS   = 0012",
        "SPACED  = - 1.5 E 3",
        "INTEXP  = 1E5",
        "EMPTY   =",
        "NOTHING =                      / no value",
        "NULL    = ''",
        "BLANK   = '        '",
        "LEAD    = '  leading blanks are kept'",
        "QUOTE   = 'O''Hara'           / its comment",
        "SLASH   = 'km/s'/unit",
        "LOOSE   = 'it's'",
        "LEFT= 3",
        "lower   = 5",
        "CPLX    = (1.5, -2D3)",
        "FREE    =T",
        "NOTTRUE = T / x",
        "HIERARCH ESO DET  X  =   5 / two blanks",
        "HIERARCH   ESO DET Y=5",
        "HIERARCH ESO Det lower = 'x'",
        "HIERARCH ESO NOVALUE",
        "HIERARCH X = 1",
        "COMMENT = 'this is text'",
        "HISTORY HIERARCH ESO A = 1",
        "",
        "        = 5",
        "JUST SOME TEXT",
        "ESO-LOG 01:02:03> begun",
        "END",
    ],
)
def test_an_unusual_card_reads_as_astropy_reads_it(text):
    assert_same(parse_card(card(text)), by_astropy(card(text)))


def test_a_doubled_quote_before_a_slash_belongs_to_the_text():
    # The standard, section 4.2.1.1; astropy ends the text at the first of the two.
    assert parse_card(card("KEY     = 'dogs'' / cats'' home' / c")) == (
        "KEY",
        "dogs' / cats' home",
    )


@pytest.mark.parametrize(
    "text", ["K       = 'open", "K       = NaN", "K       = 1 2", "K       = 12:30:05"]
)
def test_a_value_that_cannot_be_made_out_is_a_fault_and_no_keyword(text):
    assert parse_card(card(text))[0] == UNREADABLE
    assert card_fault(card(text)) == "the value cannot be read"


def test_a_text_beyond_ascii_is_kept_and_named_as_a_fault():
    umlaut = card("OBSERVER= 'Müller'")
    assert parse_card(umlaut) == ("OBSERVER", "Müller")
    assert "ASCII" in card_fault(umlaut)


def test_a_card_without_value_indicator_is_a_fault():
    assert "'= '" in card_fault(card("JUST SOME TEXT"))


@pytest.mark.parametrize("text", ["COMMENT x", "", "A       = 1", "HIERARCH ESO A B = 'x'"])
def test_a_good_card_has_no_fault(text):
    assert card_fault(card(text)) == ""


@pytest.mark.parametrize(
    "text",
    [
        "K       = 'a / b'  / the comment ",
        "K       = 1 /none between",
        "K       = 5",
        "K       = 'it''s' / it's",
        "HIERARCH ESO A = 5 / [m] metres / second",
        "COMMENT no / comment",
    ],
)
def test_a_comment_reads_as_astropy_reads_it(text):
    assert card_comment(card(text)) == Card.fromstring(card(text)).comment


def test_a_line_end_inside_a_card_does_not_shift_its_neighbours():
    cards = [card("A       = 1"), card("B       = 'x\ny'"), card("C       = 3")]
    assert [value for _, value in parse_all(cards)] == [1, "x\ny", 3]


def test_a_broken_card_does_not_spoil_its_neighbours():
    cards = [card("A       = 1.5"), card("B       = 1.2.3"), card("C       = T")]
    assert parse_all(cards) == [("A", 1.5), (UNREADABLE, None), ("C", True)]


def test_a_card_reads_the_same_when_it_is_remembered():
    image = card("FIRST   = 1.25")
    assert parse_card(image) == parse_card(image) == ("FIRST", 1.25)
