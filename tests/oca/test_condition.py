"""What the operators mean."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.errors import RuleSyntaxError
from phoenix.oca import Frame, RuleSet, classify, parse
from phoenix.oca.language.condition import Layout, _with_gaps, compiled, keys
from phoenix.oca.language.parse import read

NUMBERS = st.integers(-5, 5) | st.floats(-1e6, 1e6)
TEXTS = st.text("ab%,", max_size=6).map(str.rstrip)
VALUES = st.none() | st.booleans() | NUMBERS | TEXTS


def holds(text, candidate=None, other=None):
    condition = parse(f"if {text} then {{ X = T; }}").classifications[0].condition
    layout = Layout.of(key.name for key in keys(condition))
    test = compiled(condition, layout)
    return test(layout.row(candidate or {}), layout.row(other or {}))


@given(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), VALUES)
def test_a_comparison_with_something_undefined_is_false(operator, value):
    assert not holds(f"A {operator} B", {"B": value})
    assert not holds(f"B {operator} A", {"B": value})


@given(VALUES)
def test_is_undefined_says_whether_a_keyword_is_there(value):
    header = {} if value is None else {"A": value}
    assert holds("A is undefined", header) == (value is None)
    assert holds("A is defined", header) == (value is not None)


@given(NUMBERS, NUMBERS)
def test_numbers_compare_as_numbers(first, second):
    header = {"A": first, "B": second}
    assert holds("A < B", header) == (first < second)
    assert holds("A >= B", header) == (first >= second)
    assert holds("A == B", header) == (first == second)
    assert holds("A != B", header) == (first != second)


@given(NUMBERS, TEXTS)
def test_a_number_is_neither_equal_to_a_text_nor_before_it(number, text):
    header = {"A": number, "B": text}
    assert not holds("A == B", header)
    assert not holds("A < B", header)
    assert not holds("A >= B", header)
    assert holds("A != B", header)


@given(TEXTS, st.text("ab%", max_size=5))
def test_like_takes_percent_for_anything_and_all_else_as_it_is(text, pattern):
    expected = re.fullmatch(".*".join(map(re.escape, pattern.split("%"))), text, re.DOTALL)
    assert holds(f'A like "{pattern}"', {"A": text}) == (expected is not None)


def test_like_minds_upper_and_lower_case():
    assert not holds('A like "%test%"', {"A": "TEST"})


def test_like_has_no_other_wildcards():
    assert not holds('A like "SLIC#_"', {"A": "SLIC#1"})


def test_regexp_searches_anywhere():
    assert holds('A regexp "[wn]fm_cal"', {"A": "MUSE_wfm_cal_specflat"})
    assert not holds('A regexp "^wfm"', {"A": "MUSE_wfm"})


@given(st.booleans(), st.booleans(), st.booleans())
def test_and_goes_before_or(a, b, c):
    header = {"A": a, "B": b, "C": c}
    assert holds("A or B and C", header) == (a or (b and c))
    assert holds("A and B or C", header) == ((a and b) or c)
    assert holds("(A or B) and C", header) == ((a or b) and c)
    assert holds("not A or B", header) == ((not a) or b)


@pytest.mark.parametrize(
    ("value", "true"),
    [
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        ("T", True),
        ("F", False),
        (None, False),
    ],
)
def test_a_bare_keyword_is_a_logical(value, true):
    assert holds("INS.LAMP2.ST", {"INS.LAMP2.ST": value}) == true


@given(NUMBERS, NUMBERS, NUMBERS)
def test_sums_and_differences_are_those_of_numbers(a, b, c):
    assert holds("A - B < C", {"A": a, "B": b, "C": c}) == (a - b < c)
    assert holds("A + B < C", {"A": a, "B": b, "C": c}) == (a + b < c)


def test_plus_joins_texts():
    assert holds('A + "_" + B == "x_1"', {"A": "x", "B": 1})


def test_a_difference_with_something_undefined_is_undefined():
    assert holds("A - B is undefined", {"A": 1})
    assert not holds("A - B < 1", {"A": 1})


def test_a_difference_of_texts_and_a_division_by_zero_are_undefined():
    assert holds("A - B is undefined", {"A": "x", "B": 1})
    assert holds("A / B is undefined", {"A": 1, "B": 0})


def test_input_file_means_the_other_file():
    assert holds("inputFile.A == B", {"B": 2}, {"A": 2, "B": 3})
    assert not holds("inputFile.A == A", {"A": 2}, {"A": 3})


def test_a_condition_nested_without_end_is_refused_and_does_not_crash():
    for nested in ("not " * 5000 + "A", "(A or B and " * 3000 + "C" + ")" * 3000):
        with pytest.raises(RuleSyntaxError, match=r"deep\.oca, line 1: .*nested too deeply"):
            RuleSet.parsed(f"if {nested} then {{ B = T; }}", "deep.oca")


def test_a_condition_of_many_parts_or_a_hundred_levels_is_no_trouble():
    for wide in (" or ".join(["A"] * 5000), "(" * 5000 + "A" + ")" * 5000, "not " * 100 + "A"):
        rules = RuleSet.parsed(f"if {wide} then {{ B = T; }}", "wide.oca")
        assert classify(rules, [Frame("x", {"A": 1})])


def test_a_file_that_is_no_rule_file_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "huge.oca"
    path.write_text("if A == 1 then { B = 1; }\n" * 5)
    with pytest.raises(RuleSyntaxError, match=r"huge\.oca: found more than 100 bytes"):
        read(path, most=100)


def test_a_later_rule_overwrites_an_earlier_one():
    rules = RuleSet.parsed(
        'if A == 1 then { DO.CATG = "FIRST"; } if A == 1 then { DO.CATG = "SECOND"; }'
    )
    assert classify(rules, [Frame("x", {"A": 1})])[0].category == "SECOND"


def test_a_rule_sees_what_earlier_rules_assigned():
    rules = RuleSet.parsed(
        'if A == 1 then { RAW.TYPE = "FLAT"; } if RAW.TYPE == "FLAT" then { DO.CATG = "LAMP"; }'
    )
    found = classify(rules, [Frame("x", {"A": 1})])[0]
    assert (found.raw_type, found.category) == ("FLAT", "LAMP")
    assert [rule.rule.line for rule in found.applied] == [1, 1]


def test_a_condition_can_be_assigned():
    rules = RuleSet.parsed('if T then { FILTER = NAME like "Blue%"; }')
    found = classify(rules, [Frame("x", {"NAME": "Blue1"}), Frame("y", {"NAME": "Clear"})])
    assert [dict(entry.assigned)["FILTER"] for entry in found] == [True, False]


def test_a_file_that_no_rule_knows_is_unclassified():
    rules = RuleSet.parsed('if A == 1 then { DO.CATG = "X"; }')
    assert classify(rules, [Frame("x", {})])[0].category == "UNCLASSIFIED"


def test_a_product_without_a_rule_goes_under_its_pro_catg():
    rules = RuleSet.parsed('if A == 1 then { DO.CATG = "X"; }')
    assert classify(rules, [Frame("x", {"PRO.CATG": "P"})])[0].category == "P"


def test_fits_keywords_are_taken_as_the_rules_write_them():
    frame = Frame.of(
        "x", {"HIERARCH ESO DPR CATG": "CALIB  ", "ESO DET WIN1 BINX": 2, "EXPTIME": 1.0}
    )
    assert frame.header == {"DPR.CATG": "CALIB", "DET.WIN1.BINX": 2, "EXPTIME": 1.0}


@pytest.mark.parametrize("number", [14, 28])
def test_a_pattern_of_many_gaps_takes_one_search_for_each(number):
    searched = []

    class Counting(str):
        __slots__ = ()

        def find(self, *words):
            searched.append(words[0])
            return super().find(*words)

    pattern = "%".join(["", *"a" * number, "b"])
    matches = _with_gaps(pattern.split("%"))
    assert not matches(Counting("a" * 60 + "c"))
    assert matches(Counting("a" * 60 + "b"))
    assert len(searched) <= number


def test_a_regular_expression_that_would_go_back_without_end_ends():
    assert not holds('A regexp "(a+)+$"', {"A": "a" * 60 + "b"})


def test_what_cannot_be_searched_for_in_linear_time_is_no_pattern():
    with pytest.raises(RuleSyntaxError, match="expected a regular expression"):
        holds('A regexp "(?=a)b"', {"A": "ab"})
