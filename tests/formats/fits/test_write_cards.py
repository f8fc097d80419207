"""A card is 80 bytes that astropy reads back as the same value."""

from __future__ import annotations

import math
import string

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import example, given
from hypothesis import strategies as st

from phoenix.errors import StandardError
from phoenix.formats.fits.write_cards import format_card
from strategies import card_texts

PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " "
short_names = st.text(string.ascii_uppercase + string.digits + "_-", min_size=1, max_size=8)
eso_names = st.lists(
    st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=6), min_size=1, max_size=4
).map(lambda words: " ".join(["ESO", *words]))
reserved = {"COMMENT", "HISTORY", "END", "CONTINUE", "HIERARCH", "SIMPLE", "XTENSION"}
keywords = (short_names | eso_names).filter(lambda name: name not in reserved | {"MJD-OBS"})
texts = card_texts(PRINTABLE, max_size=34)
values = (
    texts
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
)
comments = st.text(PRINTABLE, max_size=80)


def read(image):
    return fits.Card.fromstring(image)


@given(keywords, values, comments)
@example("OBJECT", "O'Neill's ''star''", "quotes")
@example("ESO QC SNR", 1e-300, "")
@example("RA", 0.1 + 0.2, "seventeen digits")
@example("AIRMASS", 1e22, "no point in repr")
@example("OBJECT", "", "")
@example("REFERENC", "a / b", "a / c")
@example("TUNIT4", "", "'")
def test_astropy_reads_the_same_value(keyword, value, comment):
    image = format_card(keyword, value, comment)
    card = read(image)
    card.verify("exception")
    assert len(image) == 80
    assert card.keyword == keyword
    assert type(card.value) is type(value)
    assert card.value == (value.rstrip() if isinstance(value, str) else value)
    assert comment.strip().startswith(card.comment.strip())


@given(st.floats(40000, 70000))
def test_mjd_has_eight_decimals(mjd):
    image = format_card("MJD-OBS", mjd)
    assert image[10:30].decode().strip() == f"{mjd:.8f}"


def test_equal_values_of_other_types_have_cards_of_their_own():
    cards = [format_card("N", value)[10:30].decode().strip() for value in (1, True, 1.0)]
    assert cards == ["1", "T", "1.0"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float32(0.5), "0.5"),
        (np.float64(1e-7), "1.0E-07"),
        (np.int16(-3), "-3"),
        (np.bool_(True), "T"),
    ],
)
def test_numpy_scalars_are_welcome(value, text):
    assert format_card("X", value)[10:30].decode().strip() == text


def test_a_long_comment_is_cut_at_column_80():
    image = format_card("SNR", 1.0, "c" * 100)
    assert image == b"SNR     =                  1.0 / " + b"c" * 47


def test_history_is_text_without_value():
    assert format_card("HISTORY", "made by hand") == b"HISTORY made by hand".ljust(80)


@pytest.mark.parametrize(
    ("keyword", "value", "words"),
    [
        ("object", "x", "upper-case"),
        ("ESO qc SNR", 1.0, "upper-case"),
        ("AIR.MASS", 1.0, "upper-case"),
        ("HIERARCH ESO QC SNR", 1.0, "upper-case"),
        ("TOOLONGKEY", 1.0, "upper-case"),
        ("", 1.0, "upper-case"),
        ("SNR", math.nan, "finite"),
        ("SNR", -math.inf, "finite"),
        ("SNR", None, "a string, number or truth value"),
        ("SNR", 1j, "a string, number or truth value"),
        ("OBJECT", "x" * 69, "at most 68"),
        ("OBJECT", "'" * 35, "at most 68"),
        ("OBJECT", "M\xfcller", "ASCII"),
        ("OBJECT", "two\nlines", "ASCII"),
        ("ESO " + "ABCDEFGH " * 6 + "I", "x" * 20, "shorter"),
        ("HISTORY", "x" * 73, "at most 72"),
        ("HISTORY", 1, "at most 72"),
    ],
)
def test_what_cannot_stand_in_a_header_is_refused(keyword, value, words):
    with pytest.raises(StandardError, match=words):
        format_card(keyword, value)


def test_a_comment_that_is_not_ascii_is_refused():
    with pytest.raises(StandardError, match="ASCII"):
        format_card("SNR", 1.0, "5 \N{GREEK SMALL LETTER SIGMA}")
