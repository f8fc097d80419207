from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.errors import DataError
from phoenix.model.qc import Measurement, QCParameter
from phoenix.model.score import (
    Outcome,
    ScoreBit,
    ScoreRule,
    Verdict,
    VerdictKind,
    judge,
    qcflag,
)

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
