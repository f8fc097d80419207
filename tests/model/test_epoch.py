"""Instrument breakpoints: what lies on which side of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from phoenix.model.epoch import InstrumentBreakpoint, epoch_of, setup_values

ARGUS = InstrumentBreakpoint(10.0, "d", "fibres", (("SLIT", "Argus"), ("MODE", "H525*")))
ALL = InstrumentBreakpoint(20.0, "e", "CCD")


def test_a_breakpoint_of_a_setup_holds_where_all_its_keywords_are_so():
    assert ARGUS.concerns({"SLIT": "Argus", "MODE": "H525.8nm"})
    assert not ARGUS.concerns({"SLIT": "Medusa1", "MODE": "H525.8nm"})
    assert not ARGUS.concerns({"SLIT": "Argus"})
    assert ALL.concerns({})


def test_a_value_that_is_a_number_is_compared_as_it_is_written():
    assert InstrumentBreakpoint(1.0, "d", "w", (("BINX", "2"),)).concerns({"BINX": 2})


def test_a_moment_at_a_breakpoint_is_after_it():
    assert [epoch_of([ALL], mjd, {}) for mjd in (19.9, 20.0, 20.1)] == [0, 1, 1]


def test_other_setups_have_no_breakpoint():
    setup = {"SLIT": "Argus", "MODE": "H525.8nm"}
    assert epoch_of([ARGUS, ALL], 15.0, setup) == 1
    assert epoch_of([ARGUS, ALL], 15.0, {}) == 0


@given(st.lists(st.floats(0, 100), max_size=5), st.floats(0, 100), st.floats(0, 100))
def test_two_moments_are_of_one_epoch_where_no_breakpoint_is_between_them(moments, one, other):
    every = [InstrumentBreakpoint(mjd, "d", "w") for mjd in moments]
    between = any(min(one, other) < mjd <= max(one, other) for mjd in moments)
    assert (epoch_of(every, one, {}) != epoch_of(every, other, {})) == between


def test_the_setup_of_the_store_is_read_back_with_blanks_in_its_values():
    assert setup_values("SLIT=Medusa1 CLOCK=225kHz 1port") == {
        "SLIT": "Medusa1",
        "CLOCK": "225kHz 1port",
    }
    assert setup_values("") == {}
