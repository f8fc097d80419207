from __future__ import annotations

import datetime as dt

import pytest
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from phoenix.errors import DataError
from phoenix.model.dates import CivilDate, Month, RunID, as_pool, mjd_of, pseudo_date

DATES = st.dates().map(lambda day: CivilDate(day.year, day.month, day.day))
RUNS = st.builds(
    RunID,
    period=st.integers(1, 999),
    category=st.sampled_from("ABCDEFGHIJKL"),
    number=st.integers(0, 9999),
    run=st.sampled_from("ABCDEFGHI"),
)


@pytest.mark.parametrize(
    ("timestamp", "night"),
    [
        ("2015-01-11T21:00:00.000", "2015-01-11"),
        ("2015-01-11T20:59:59.999", "2015-01-10"),
        ("2015-01-12T00:54:04.379", "2015-01-11"),
        ("2016-03-01T12:00:00", "2016-02-29"),
    ],
)
def test_a_night_begins_at_21_ut(timestamp, night):
    assert str(CivilDate.of(mjd_of(timestamp))) == night


@given(DATES)
def test_a_date_read_back_is_the_same_date(date):
    assert CivilDate.parse(str(date)) == date


@given(DATES.filter(lambda date: date.year < 9999))
def test_a_night_contains_its_own_beginning(date):
    assert CivilDate.of(date.mjd + 1e-6) == date


@pytest.mark.parametrize("text", ["2020-02-30", "2020-1-1", "20200101", "2020-01-01T00", ""])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(DataError):
        CivilDate.parse(text)


def test_a_month_lists_its_nights():
    nights = Month.parse("2020-02").nights()
    assert [str(nights[0]), str(nights[-1]), len(nights)] == ["2020-02-01", "2020-02-29", 29]


def test_a_month_beyond_december_is_refused():
    with pytest.raises(DataError, match="expected a month"):
        Month.parse("2020-13")


def test_the_pseudo_date_of_the_manual_is_ours():
    assert pseudo_date(RunID.parse("094.A-0116B")) == "2094-01-16"


@given(RUNS)
def test_a_run_comes_back_from_its_pseudo_date(run):
    assert RunID.of(pseudo_date(run), category=run.category) == run


@given(RUNS)
def test_a_run_read_back_is_the_same_run(run):
    assert RunID.parse(str(run)) == run


def test_a_run_beyond_letter_i_has_no_pseudo_date():
    with pytest.raises(DataError, match="no pseudo-date"):
        pseudo_date(RunID.parse("094.A-0116(J)"))


# ---- what a notebook calls a night -----------------------------------------------------------

CHILE = dt.timezone(dt.timedelta(hours=-3))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("2020-01-01", "2020-01-01"),
        ("2020-01", "2020-01"),
        (CivilDate(2020, 1, 1), "2020-01-01"),
        (Month(2020, 1), "2020-01"),
        (dt.date(2020, 1, 1), "2020-01-01"),
        (Time("2020-01-01"), "2020-01-01"),
        (dt.datetime(2020, 1, 1), "2020-01-01"),  # noqa: DTZ001 - as a notebook has it
        (Time("2020-01-02T03:00:00"), "2020-01-01"),
        (Time("2020-01-01T21:00:00"), "2020-01-01"),
        # 37 s before 21:00 UTC.
        (Time("2020-01-01T21:00:00", scale="tai"), "2019-12-31"),
        (dt.datetime(2020, 1, 1, 22, tzinfo=CHILE), "2020-01-01"),
        (dt.datetime(2020, 1, 1, 17, tzinfo=CHILE), "2019-12-31"),
        ((dt.date(2020, 1, 1), "2020-01-09"), "2020-01-01..2020-01-09"),
    ],
    ids=repr,
)
def test_a_pool_is_text_a_date_or_a_moment(given, text):
    assert as_pool(given) == text


@pytest.mark.parametrize(
    "given", [5, None, Time(["2020-01-01", "2020-01-02"]), ("2020-01-01",)], ids=repr
)
def test_what_names_no_night_is_refused(given):
    with pytest.raises(DataError, match="expected a night such as 2020-01-01"):
        as_pool(given)


@given(st.datetimes(dt.datetime(1975, 1, 1), dt.datetime(2020, 1, 1)))  # noqa: DTZ001 - UTC
def test_a_moment_is_of_the_night_that_its_mjd_is_of(moment):
    if moment.time() != dt.time():
        night = str(CivilDate.of(mjd_of(moment.isoformat())))
        assert as_pool(Time(moment)) == as_pool(moment) == night


def test_a_date_that_is_not_in_the_calendar_is_told_as_it_was_typed():
    with pytest.raises(DataError, match="'2020-13-01', expected a date of the calendar"):
        CivilDate.parse("2020-13-01")
