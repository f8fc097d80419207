"""Thresholds that a person sets in place of those of the plugin."""

from __future__ import annotations

import pytest

from phoenix.errors import DataError
from phoenix.model.override import overrides_in, with_overrides
from phoenix.model.threshold import DynamicRule, ScoreRule

SNR = ScoreRule("SNR", 3.0, None, "faint", ("SCIENCE", "STD"), source="plugin 1.0")
RON = ScoreRule("RON", 1.0, 4.0, "noise", ("BIAS",))
JUMP = DynamicRule("RON", 5.0, 0.1, "noise jumped", ("BIAS",))
RULES = (SNR, RON, JUMP)
RAW_TYPES = ("BIAS", "SCIENCE", "STD")


def changed(table, rules=RULES, parameters=None):
    parameters = dict.fromkeys(parameters or (), ("SCIENCE",))
    return with_overrides(rules, overrides_in(table), RAW_TYPES, "phoenix.toml", parameters)


def test_a_limit_is_set_and_the_others_stay():
    snr, *others = changed({"SNR": {"low": 5}})
    assert (snr.low, snr.high, snr.comment, snr.source) == (5.0, None, "faint", "phoenix.toml")
    assert others == [RON, JUMP]


def test_a_limit_is_taken_away():
    assert changed({"RON": {"low": "none"}})[1].low is None


def test_a_limit_of_one_raw_type_leaves_the_other_as_it_was():
    others, science, *_ = changed({"SNR": {"SCIENCE": {"low": 5}}})
    assert (others.raw_types, others.low) == (("STD",), 3.0)
    assert (science.raw_types, science.low) == (("SCIENCE",), 5.0)


def test_the_history_and_the_fixed_limits_of_a_parameter_are_set_apart():
    _, fixed, dynamic = changed({"RON": {"nsigma": 3, "high": 3}})
    assert (fixed.high, dynamic.nsigma) == (3.0, 3)


def test_a_parameter_is_not_scored_any_more():
    assert changed({"RON": {"off": True}}) == (SNR,)


def test_a_parameter_that_the_plugin_does_not_score_is_scored():
    *_, new = changed({"NSKY": {"SCIENCE": {"low": 1}}}, parameters={"NSKY"})
    assert new == ScoreRule(
        "NSKY",
        1.0,
        None,
        "NSKY beyond the limits of phoenix.toml",
        ("SCIENCE",),
        source="phoenix.toml",
    )


def test_a_parameter_that_the_plugin_does_not_score_is_scored_where_it_is_measured():
    *_, new = changed({"NSKY": {"low": 1}}, parameters={"NSKY"})
    assert new.raw_types == ("SCIENCE",)


def test_a_rule_remembers_the_version_of_the_file_that_set_it():
    overrides = overrides_in({"SNR": {"low": 5}})
    rule, *_ = with_overrides(RULES, overrides, RAW_TYPES, "phoenix.toml", {}, "1a2b")
    assert rule.source == "phoenix.toml 1a2b"


def test_a_parameter_gets_a_history_that_it_had_not():
    *_, new = changed({"SNR": {"nsigma": 5, "window_days": 30}})
    assert (new.parameter, new.nsigma, new.window_days) == ("SNR", 5, 30)


def test_each_element_is_looked_at_with_some_to_spare():
    rule = changed({"SNR": {"element": "each", "spare": 5}})[0]
    assert (rule.element, rule.spare) == (None, 5)


def test_one_element_has_nothing_to_spare():
    each = changed({"SNR": {"element": "each", "spare": 5}})
    rule = changed({"SNR": {"element": 2}}, each)[0]
    assert (rule.element, rule.spare) == (2, 0)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"SRN": {"low": 5}}, "scores.SRN: found no QC parameter SRN, expected SNR"),
        ({"SNR": {"SCIENC": {"low": 5}}}, "found no raw type SCIENC, expected SCIENCE"),
        ({"SNR": {"lwo": 5}}, "scores.SNR.lwo: found an unknown setting, expected low"),
        ({"SNR": {"low": "five"}}, "scores.SNR.low: found 'five', expected a number, or"),
        ({"SNR": {"low": True}}, "scores.SNR.low: found True, expected a number, or"),
        ({"SNR": {"low": float("nan")}}, "scores.SNR.low: found nan, expected a number"),
        ({"SNR": {"low": 5, "high": 4}}, "scores.SNR: found low 5 above high 4"),
        ({"RON": {"low": 5}}, "score rule RON: low 5.0 is above 4.0"),
        ({"SNR": {"low": "none"}}, "score rule SNR: expected a limit, found none"),
        ({"SNR": {"off": True, "low": 2}}, "found off = true and other settings"),
        ({"SNR": {"element": 10**23}}, "scores.SNR.element: found 1"),
        ({"SNR": {"low": 10**400}}, "scores.SNR.low: found 1"),
        ({"RON": {"window_days": 10**10}}, "expected a whole number from 0 to 36500"),
        ({"SNR": 5}, "scores.SNR: found 5, expected the table"),
        ({"SNR": {"least_width": 5}}, "dynamic rule SNR: found least_width, expected nsigma too"),
        ({"SNR": {"element": -1}}, "scores.SNR.element: found -1, expected a whole number from 0"),
        ({"SNR": {"spare": 2}}, "found spare 2 with one element, expected it with each"),
        ({"NSKY": {"comment": "new"}}, "found no limit, expected low, high or nsigma"),
        ({"NSKY": {"off": True}}, "scores.NSKY: found off, expected something that is scored"),
        ({"RON": {"SCIENCE": {"off": True}}}, "scores.RON.SCIENCE: found off, expected"),
        ({"x" * 100_000: {"low": 1}}, "x ... (100000 characters), expected one of"),
    ],
)
def test_what_cannot_be_is_told_with_what_would_be_good(table, told):
    with pytest.raises(DataError) as error:
        changed(table, parameters={"NSKY"})
    assert told in str(error.value)
