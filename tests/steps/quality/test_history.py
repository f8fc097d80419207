"""Scores that follow from the history of a QC parameter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.errors import DataError
from phoenix.model.qc import Measurement
from phoenix.model.score import Outcome, ScoreRule, StatisticalRule, thresholds
from phoenix.steps.quality.history import PastValue, check_history
from phoenix.steps.quality.score import QCResult

RON = StatisticalRule("RON", 5.0, 0.1, "noise jumped", ("BIAS",))
FIXED = ScoreRule("RON", 1.0, 4.0, "beyond 1 to 4", ("BIAS",))
USUAL = (1.70, 1.72, 1.71, 1.73, 1.69, 1.72)


def past(name, value, *, setup="fast", raw_type="BIAS", counts=True, epoch=0):
    return PastValue(name, raw_type, setup, "RON", value, counts=counts, epoch=epoch)


def checked(value, history, name="new"):
    result = QCResult(name, (Measurement("RON", value),))
    return check_history({name: result}, [FIXED], [RON], history)[name].scores


def outcomes(scores):
    return [score.outcome for score in scores]


HISTORY = [past(f"old{n}", value) for n, value in enumerate(USUAL)]


def test_a_value_within_fixed_limits_but_beyond_its_history_is_red():
    scores = checked(2.75, [*HISTORY, past("new", 2.75)])
    assert outcomes(scores) == [Outcome.GREEN, Outcome.RED]
    assert scores[1].rule.comment == "noise jumped (median of 6: 1.715)"


def test_values_across_a_breakpoint_are_no_history():
    after = [past(f"after{n}", value + 1.0, epoch=1) for n, value in enumerate(USUAL)]
    scores = checked(2.75, [*HISTORY, *after, past("new", 2.75, epoch=1)])
    assert outcomes(scores) == [Outcome.GREEN, Outcome.GREEN]


def test_the_first_values_after_a_breakpoint_are_judged_by_the_fixed_limits_alone():
    scores = checked(2.75, [*HISTORY, past("new", 2.75, epoch=1)])
    assert outcomes(scores) == [Outcome.GREEN]


def test_a_usual_value_is_green():
    assert outcomes(checked(1.74, [*HISTORY, past("new", 1.74)])) == [Outcome.GREEN] * 2


def test_an_ab_is_not_compared_with_itself():
    few = [*HISTORY[:3], past("new", 9.0)]
    assert outcomes(checked(9.0, few)) == [Outcome.RED]


def test_another_setup_and_another_raw_type_are_no_history():
    others = [past(f"o{n}", 2.75, setup="slow") for n in range(9)]
    others += [past(f"p{n}", 2.75, raw_type="DARK") for n in range(9)]
    scores = checked(2.75, [*HISTORY, *others, past("new", 2.75)])
    assert outcomes(scores) == [Outcome.GREEN, Outcome.RED]


def test_what_was_rejected_is_judged_and_counts_for_nobody():
    wild = [past(f"r{n}", 2.75, counts=False) for n in range(20)]
    scores = checked(2.75, [*HISTORY, *wild, past("new", 2.75, counts=False)])
    assert outcomes(scores) == [Outcome.GREEN, Outcome.RED]


def test_two_bad_ones_among_many_do_not_hide_each_other():
    scores = checked(2.75, [*HISTORY, past("bad", 2.8), past("new", 2.75)])
    assert outcomes(scores)[1] is Outcome.RED


def test_a_short_history_gives_no_limits():
    assert thresholds(RON, USUAL[:3]) is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=40))
def test_the_median_of_a_history_is_always_within_its_limits(values):
    rule = thresholds(RON, values)
    middle = sorted(values)[len(values) // 2]
    assert rule.low <= rule.high
    assert rule.low <= middle <= rule.high or len(values) % 2 == 0


def test_a_width_that_is_no_width_is_refused():
    with pytest.raises(DataError, match="expected numbers above 0"):
        StatisticalRule("RON", 0.0, 0.1)
