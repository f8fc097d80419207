"""The reference page says what the rules say."""

from __future__ import annotations

from pathlib import Path

import pytest

from phoenix.phase3.describe import keyword_table, reference, rule_rows, rule_table

PAGE = Path(__file__).parents[2] / "docs/reference/validator.md"


def test_the_reference_page_is_up_to_date():
    assert PAGE.read_text("utf-8") == reference()


def test_no_two_rules_share_a_name():
    names = [row[0] for row in rule_rows()]
    assert len(set(names)) == len(names)


def test_a_reader_sees_what_a_keyword_must_be():
    line = next(row for row in keyword_table("SCIENCE.SPECTRUM").splitlines() if "SPEC_ERR" in row)
    assert line == (
        "| SPEC_ERR | primary | recommended | R | nm | [0, inf) | 5.6 |"
        " statistical error of the spectral coordinate |"
    )


def test_a_reader_sees_when_a_keyword_applies():
    assert "| EQUINOX | primary | mandatory with RADESYS = FK5 |" in keyword_table("SPECTRUM")


def test_an_unknown_category_is_refused():
    with pytest.raises(KeyError, match=r"SCIENCE\.SPECTRA"):
        keyword_table("SCIENCE.SPECTRA")


def test_the_rule_table_has_a_line_for_every_rule():
    assert rule_table().count("\n") == len(rule_rows()) + 2
