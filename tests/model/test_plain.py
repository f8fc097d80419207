"""Text from outside is shown, not obeyed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.model.plain import plain, plain_ascii, plain_log, shortened


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;x\x07", "\\x1b]0;x\\x07"),
        ("a\nb\tc", "a\nb\tc"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egnp", "\\u202egnp"),
        ("X\udcff", "X\\udcff"),
        ("Ångström", "Ångström"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(text, shown):
    assert plain(text) == shown


@given(st.text())
def test_any_text_can_be_printed_afterwards(text):
    assert "\x1b" not in plain(text)
    plain(text).encode()


def test_headers_get_letters_without_accents():
    assert plain_ascii("Ångström \u03b1") == "Angstrom ?"


@given(st.text(max_size=2000))
def test_a_long_text_is_cut_and_says_how_long_it_was(text):
    cut = shortened(text)
    assert len(cut) <= 500
    assert cut == text or cut.endswith(f"({len(text)} characters)")


def test_a_log_gets_plain_text_whoever_listens(caplog):
    plain_log("phoenix.somewhere").warning("%s: %s", "AB\x1b[2J", 7)
    assert caplog.messages == ["AB\\x1b[2J: 7"]
