"""Typed header access."""

from __future__ import annotations

import pytest

from phoenix.errors import HeaderError
from phoenix.toolkit.headers import (
    flag,
    integer,
    number,
    required_number,
    required_text,
    text,
)

HEADER = {"A": 1.5, "N": 3, "S": " Medusa1 ", "T": True, "NAN": float("nan"), "V": None, "E": " "}


@pytest.mark.parametrize(
    ("key", "value"),
    [("A", 1.5), ("N", 3.0), ("S", None), ("T", None), ("NAN", None), ("X", None)],
)
def test_a_number_is_finite_and_no_truth_value(key, value):
    assert number(HEADER, key) == value


@pytest.mark.parametrize(("key", "value"), [("N", 3), ("A", None), ("S", None)])
def test_an_integer_is_whole(key, value):
    assert integer(HEADER, key) == value


@pytest.mark.parametrize(("key", "value"), [("S", "Medusa1"), ("A", ""), ("V", ""), ("X", "")])
def test_a_text_has_no_blanks_around_it(key, value):
    assert text(HEADER, key) == value


@pytest.mark.parametrize(("key", "value"), [("T", True), ("N", None), ("X", None)])
def test_a_flag_is_a_truth_value(key, value):
    assert flag(HEADER, key) is value


def test_a_required_number_that_is_missing_is_named():
    with pytest.raises(HeaderError, match="header: X: found no such keyword, expected a number"):
        required_number(HEADER, "X")
    assert required_number(HEADER, "A") == 1.5


def test_a_required_text_that_is_empty_is_named():
    with pytest.raises(HeaderError, match="E: found ' ', expected a text"):
        required_text(HEADER, "E")
    assert required_text(HEADER, "S") == "Medusa1"
