from __future__ import annotations

import math

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from phoenix.errors import DataError
from phoenix.model.qc import Measurement, QCParameter
from phoenix.model.score import (
    Outcome,
    ScoreBit,
    Verdict,
    VerdictKind,
    judge,
    qcflag,
)
from phoenix.model.threshold import ScoreRule

BITS = (
    ScoreBit(1, "second", "B", None, 10, "B is small"),
    ScoreBit(0, "first", "A", 1, None, "A is large"),
)
RULE = ScoreRule("NUM_SAT", high=1000, comment="saturated", raw_types=("SCIENCE",))


@pytest.mark.parametrize(
    ("values", "flag"),
    [
        ({"A": 1, "B": 10}, "00"),
        ({"A": 0, "B": 10}, "10"),
        ({"A": 1, "B": 11}, "01"),
        ({"A": 1}, "01"),
        ({"A": None, "B": "text"}, "11"),
    ],
)
def test_a_bit_is_zero_within_its_limits_only(values, flag):
    assert qcflag(BITS, values) == flag


@pytest.mark.parametrize(
    ("value", "outcome"), [(1000, Outcome.GREEN), (1001, Outcome.RED), (None, Outcome.GREY)]
)
def test_a_score_is_green_red_or_grey(value, outcome):
    (score,) = judge([Measurement("NUM_SAT", value)], [RULE], "SCIENCE")
    assert score.outcome is outcome


def test_a_rule_is_for_its_raw_types_only():
    assert judge([Measurement("NUM_SAT", 1)], [RULE], "BIAS") == ()


def test_a_rule_looks_at_the_value_of_the_whole_ab_not_of_a_fibre():
    (score,) = judge([Measurement("NUM_SAT", 5000, element=3)], [RULE], "SCIENCE")
    assert score.outcome is Outcome.GREY


FAINT = ScoreRule("SNR", low=5.0, comment="faint fibres", element=None, spare=2)


def of_fibres(*values):
    return [Measurement("SNR", value, number) for number, value in enumerate(values, 1)]


def test_a_rule_may_look_at_one_element():
    rule = ScoreRule("SNR", low=5.0, element=2)
    (score,) = judge(of_fibres(9.0, 4.0, 9.0), [rule], "")
    assert (score.value, score.outcome, str(rule)) == (4.0, Outcome.RED, "5 <= SNR of 2")


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ((9.0, 9.0, 9.0, 9.0), Outcome.GREEN),
        ((9.0, 1.0, 1.0, 9.0), Outcome.GREEN),
        ((1.0, 1.0, 1.0, 9.0), Outcome.RED),
        ((None, None), Outcome.GREY),
        ((), Outcome.GREY),
    ],
)
def test_a_rule_that_looks_at_each_element_has_some_to_spare(values, outcome):
    (score,) = judge(of_fibres(*values), [FAINT], "")
    assert score.outcome is outcome


def test_a_score_of_each_element_says_how_many_are_outside_of_how_many_allowed():
    (score,) = judge(of_fibres(1.0, 1.0, 1.0, 9.0), [FAINT], "")
    assert (score.value, score.limits, score.comment) == (3, (None, 2), "faint fibres (3 of 4)")


def test_a_score_of_each_element_tells_them_one_by_one():
    (score,) = judge(of_fibres(1.0, None, 9.0), [FAINT], "")
    told = [(one.element, one.value, one.outcome.value) for one in score.elements]
    assert told == [(1, 1.0, "red"), (2, None, "grey"), (3, 9.0, "green")]


@pytest.mark.parametrize(("spare", "allowed"), [(0.1, 13), (0.05, 6), (5, 5), (0, 0)])
def test_what_is_to_spare_is_a_number_or_a_share(spare, allowed):
    assert evolve(FAINT, spare=spare).may_break(130) == allowed


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_a_rule_never_has_its_low_above_its_high(low, high):
    if low > high:
        with pytest.raises(DataError):
            ScoreRule("A", low, high)
    else:
        assert ScoreRule("A", low, high).low == low


def test_a_measurement_that_is_no_number_is_none_and_never_nan():
    with pytest.raises(DataError, match="finite"):
        Measurement("SNR", math.nan)


@pytest.mark.parametrize("name", ["snr", "S NR", "", "SNR;"])
def test_a_qc_parameter_is_named_in_upper_case(name):
    with pytest.raises(DataError):
        QCParameter(name, "", "signal to noise")


def test_a_rejection_needs_a_comment():
    with pytest.raises(DataError, match="comment"):
        Verdict(VerdictKind.REJECTED)
