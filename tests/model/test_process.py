"""Processes: what their raw types are told apart by."""

from __future__ import annotations

import pytest

from phoenix.errors import DataError
from phoenix.model.process import ANY, NO_TAG, Look, Process, RawType, ReviewPolicy, ReviewRow
from phoenix.model.recipe import Recipe

PROCESS = Process(
    "TOY_ECH",
    "toy",
    "TO",
    (
        RawType("BIAS", "r", setup_keys=("ESO DET BINX",)),
        RawType("FLAT", "r"),
        RawType("X", "r", setup_keys=()),
    ),
    (Recipe("r", "toy"),),
    setup_keys=("ESO INS SLIT", "ESO DET BINX"),
)


def test_a_raw_type_has_the_setup_of_its_process_unless_it_has_its_own():
    assert PROCESS.setup_keys_of("FLAT") == ("ESO INS SLIT", "ESO DET BINX")
    assert PROCESS.setup_keys_of("BIAS") == ("ESO DET BINX",)


def test_a_raw_type_may_depend_on_nothing():
    assert PROCESS.setup_keys_of("X") == ()


def test_what_the_process_does_not_know_has_its_setup():
    assert PROCESS.setup_keys_of("DOME") == PROCESS.setup_keys


def test_the_first_row_that_speaks_of_an_ab_says_whether_a_person_looks():
    rows = (ReviewRow("FLAT", 5.0), ReviewRow("_tpl", Look.MANDATORY), ReviewRow(ANY, Look.NEVER))
    policy = ReviewPolicy(20.0, rows)
    assert policy.look_at("FLAT", "tpl") == 5.0
    assert policy.look_at("BIAS", "tpl") is Look.MANDATORY
    assert policy.look_at("BIAS", "pst") is Look.NEVER


def test_where_no_row_speaks_the_share_of_all_counts():
    policy = ReviewPolicy(20.0, (ReviewRow("_dpc", Look.MANDATORY),))
    assert policy.look_at("BIAS", "tpl") == 20.0


def test_abs_of_a_single_raw_file_have_a_row_of_their_own():
    policy = ReviewPolicy(20.0, (ReviewRow(NO_TAG, Look.NEVER),))
    assert policy.look_at("BIAS") is Look.NEVER
    assert policy.look_at("BIAS", "tpl") == 20.0


@pytest.mark.parametrize("share", [-1.0, 101.0, float("nan")])
def test_a_share_is_a_percentage(share):
    with pytest.raises(DataError, match="expected 0 to 100 percent"):
        ReviewRow("BIAS", share)
