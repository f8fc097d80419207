"""Scores that follow from the history of a QC parameter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.errors import DataError
from phoenix.model.qc import Measurement
from phoenix.model.score import Outcome, judge
from phoenix.model.threshold import DynamicRule, Kind, ScoreRule, with_limits
from phoenix.steps.quality.history import History, PastValue, Peer, rules_of_ab

RON = DynamicRule("RON", 5.0, 0.1, "noise jumped", ("BIAS",))
FIXED = ScoreRule("RON", 1.0, 4.0, "beyond 1 to 4", ("BIAS",))
USUAL = (1.70, 1.72, 1.71, 1.73, 1.69, 1.72)
NIGHT = 58849.875


def past(name, value, *, setup="fast", raw_type="BIAS", night=NIGHT, element=0, epoch=0):
    return PastValue(Peer(name, raw_type, setup, night, epoch), "RON", value, element)


def checked(value, history, name="new", rules=(FIXED, RON), epoch=0):
    own = rules_of_ab(rules, History.of(history), Peer(name, "BIAS", "fast", NIGHT, epoch), 90)
    return judge([Measurement("RON", value)], own, "BIAS")


def outcomes(scores):
    return [score.outcome for score in scores]


HISTORY = [past(f"old{n}", value) for n, value in enumerate(USUAL)]
GREEN_AND_GREY = [Outcome.GREEN, Outcome.GREY]


def test_a_value_within_fixed_limits_but_beyond_its_history_is_red():
    scores = checked(2.75, [*HISTORY, past("new", 2.75)])
    assert outcomes(scores) == [Outcome.GREEN, Outcome.RED]
    assert scores[1].rule.comment == "noise jumped (median of 6: 1.715)"


def test_values_across_a_breakpoint_are_no_history():
    after = [past(f"after{n}", value + 1.0, epoch=1) for n, value in enumerate(USUAL)]
    scores = checked(2.75, [*HISTORY, *after, past("new", 2.75, epoch=1)], epoch=1)
    assert outcomes(scores) == [Outcome.GREEN, Outcome.GREEN]


def test_the_first_values_after_a_breakpoint_are_judged_by_the_fixed_limits_alone():
    scores = checked(2.75, [*HISTORY, past("new", 2.75, epoch=1)], epoch=1)
    assert outcomes(scores) == GREEN_AND_GREY


def test_a_usual_value_is_green():
    assert outcomes(checked(1.74, [*HISTORY, past("new", 1.74)])) == [Outcome.GREEN] * 2


def test_an_ab_is_not_compared_with_itself():
    few = [*HISTORY[:3], past("new", 9.0)]
    assert outcomes(checked(2.0, few)) == GREEN_AND_GREY


def test_what_has_too_short_a_history_is_grey_and_says_so():
    grey = checked(2.0, HISTORY[:3])[1]
    assert grey.rule.kind is Kind.DYNAMIC
    assert grey.comment == "not scored: 3 of 4 values to compare with"


def test_another_setup_and_another_raw_type_are_no_history():
    others = [past(f"o{n}", 2.75, setup="slow") for n in range(9)]
    others += [past(f"p{n}", 2.75, raw_type="DARK") for n in range(9)]
    scores = checked(2.75, [*HISTORY, *others, past("new", 2.75)])
    assert outcomes(scores) == [Outcome.GREEN, Outcome.RED]


def test_nights_beyond_the_window_are_no_history():
    far = [past(f"o{n}", 1.7, night=NIGHT - 91) for n in range(9)]
    assert outcomes(checked(1.7, far)) == GREEN_AND_GREY


def test_a_change_is_red_in_its_first_night_whatever_comes_after():
    after = [past(f"after{n}", 2.75, night=NIGHT + n) for n in range(1, 9)]
    before = [past(f"before{n}", 1.7, night=NIGHT - n) for n in range(1, 5)]
    assert outcomes(checked(2.75, [*before, *after]))[1] is Outcome.RED


def test_the_first_nights_are_compared_with_the_next():
    after = [past(f"after{n}", 2.75, night=NIGHT + n) for n in range(1, 5)]
    scores = checked(1.7, [past("before", 1.7, night=NIGHT - 1), *after])
    assert outcomes(scores)[1] is Outcome.RED


def limits(history):
    own = Peer("new", "BIAS", "fast", NIGHT)
    (rule,) = rules_of_ab([RON], History.of(history), own, 90)
    return rule.low, rule.high


def test_judged_again_an_ab_has_the_limits_that_it_had_when_its_night_was_not_measured_yet():
    earlier = [past(f"old{n}", value, night=NIGHT - 1) for n, value in enumerate(USUAL)]
    own_night = [past("other", 9.0), past("third", 9.2)]
    assert limits(earlier) == limits([*earlier, *own_night])


def test_the_own_night_counts_where_the_earlier_ones_are_too_few():
    earlier = [past("old", 1.7, night=NIGHT - 1)]
    own_night = [past(f"other{n}", value) for n, value in enumerate(USUAL)]
    later = [past("later", 9.0, night=NIGHT + 1)]
    assert limits([*earlier, *own_night, *later]) == limits([*earlier, *own_night])


def test_a_rule_may_have_a_window_of_its_own():
    far = [past(f"o{n}", 1.7, night=NIGHT + 91) for n in range(9)]
    rule = DynamicRule("RON", 5.0, 0.1, window_days=100)
    assert outcomes(checked(1.7, far, rules=[rule])) == [Outcome.GREEN]


def test_two_bad_ones_among_many_do_not_hide_each_other():
    scores = checked(2.75, [*HISTORY, past("bad", 2.8), past("new", 2.75)])
    assert outcomes(scores)[1] is Outcome.RED


def test_each_element_is_compared_with_its_own_history():
    rule = DynamicRule("RON", 5.0, 0.1, "noise jumped", element=None)
    rows = [past(f"o{n}", level, element=element) for n in range(4) for element, level in LEVELS]
    own = rules_of_ab([rule], History.of(rows), Peer("new", "BIAS", "fast", NIGHT), 90)
    (score,) = judge([Measurement("RON", 5.0, 1), Measurement("RON", 5.0, 2)], own, "BIAS")
    assert outcomes(score.elements) == [Outcome.RED, Outcome.GREEN]
    assert (score.value, score.outcome) == (1, Outcome.RED)


LEVELS = ((1, 2.0), (2, 5.0))


def test_a_short_history_gives_no_limits():
    assert with_limits(RON, {0: USUAL[:3]}).is_open


@given(st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=40))
def test_the_median_of_a_history_is_always_within_its_limits(values):
    rule = with_limits(RON, {0: values})
    middle = sorted(values)[len(values) // 2]
    assert rule.low <= rule.high
    assert rule.low <= middle or len(values) % 2 == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"nsigma": 0.0},
        {"nsigma": float("nan")},
        {"least_width": -1.0},
        {"least_history": 0},
        {"window_days": -1},
        {"spare": 2.0},
        {"element": -1},
    ],
)
def test_a_rule_that_cannot_be_is_refused(wrong):
    with pytest.raises(DataError, match="RON"):
        DynamicRule("RON", **{"nsigma": 5.0, "least_width": 0.0} | wrong)
