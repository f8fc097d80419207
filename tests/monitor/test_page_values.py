"""Tests of what pages say, before they are written: numbers, places, time axes, calendars."""

from __future__ import annotations

import datetime as dt
import json
from itertools import pairwise

import pytest
from attrs import asdict, evolve
from hypothesis import given
from hypothesis import strategies as st

from monitor.example import HOSTILE
from phoenix.errors import DataError
from phoenix.model.ab import Mode
from phoenix.model.dates import mjd_of
from phoenix.model.epoch import InstrumentBreakpoint
from phoenix.model.grade import OBGrade
from phoenix.model.report import JobState
from phoenix.model.score import VerdictKind
from phoenix.monitor.abpage import Series
from phoenix.monitor.calendar import calendar, strip
from phoenix.monitor.history import front_page, history_page, periods
from phoenix.monitor.night import indices, night_page, remarks_of
from phoenix.monitor.places import ab_place, href, night_place
from phoenix.monitor.record import ABRecord, Noted, Observed
from phoenix.monitor.render import chart_of, html, json_twin
from phoenix.store import (
    BlockRow,
    CommentRow,
    JobRow,
    NightRow,
    RawCommentRow,
    RunRow,
    RunState,
)

NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
OK, FAILED = JobState.SUCCESSFUL, JobState.FAILED
NIGHTS = (
    NightRow("2019-12-31", {OK: 3}, 30.0, 6),
    NightRow("2020-01-01", {OK: 4, FAILED: 1}, 40.0, 8),
    NightRow("2020-02-01", {OK: 5}, 50.0, 10),
)


def record(number: int, mode: Mode = Mode.SCIENCE, job: JobRow | None = None) -> ABRecord:
    name = f"GIRAF.2020-01-02T0{number}:00:00.000.ab"
    return ABRecord(BlockRow(name, "2020-01-01", mode, mjd_obs=58850.0 + number), job)


def ran(number: int, start_s: float, length_s: float) -> ABRecord:
    began = NOON + dt.timedelta(seconds=start_s)
    name = f"GIRAF.2020-01-02T0{number}:00:00.000.ab"
    ended = began + dt.timedelta(seconds=length_s)
    return record(number, job=JobRow(name, "process", OK, started=began, ended=ended, wall_s=1.0))


def test_abs_are_numbered_in_order_of_observation_and_by_mode() -> None:
    night = [record(3), record(1), record(2, Mode.CALIB)]
    assert [indices(night)[row.block.name] for row in night] == ["sci002", "sci001", "cal001"]


def test_calibrations_come_first() -> None:
    night = [record(1), record(2, Mode.CALIB)]
    page = night_page("GIRAFFE_MOS", "2020-01-01", night)
    assert [row.index for row in page.rows] == ["cal001", "sci001"]


def test_a_night_knows_its_neighbours() -> None:
    page = night_page("P", "2020-01-01", (), ("2019-12-31", "2020-02-01"))
    assert (page.earlier.text, page.later.text) == ("2019-12-31", "2020-02-01")
    assert page.earlier.href == "../2019-12-31/index.html"


def test_recipes_that_ran_at_once_are_in_lanes_of_their_own() -> None:
    page = night_page("P", "2020-01-01", [ran(1, 0, 10), ran(2, 5, 10), ran(3, 10, 5)])
    assert [(bar.lane, bar.start_s, bar.length_s) for bar in page.bars] == [
        (0, 0.0, 10.0),
        (1, 5.0, 10.0),
        (0, 10.0, 5.0),
    ]
    assert page.span_s == 15.0
    assert page.ended == "2020-01-02T12:00:15Z"


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1e3)), max_size=9))
def test_bars_of_one_lane_never_overlap(runs: list[tuple[float, float]]) -> None:
    page = night_page("P", "2020-01-01", [ran(n, *run) for n, run in enumerate(runs, 1)])
    assert len(page.bars) == len(runs)
    for lane in {bar.lane for bar in page.bars}:
        bars = [bar for bar in page.bars if bar.lane == lane]
        for bar, later in pairwise(bars):
            assert bar.start_s + bar.length_s <= later.start_s + 1e-6


def test_an_ab_without_a_job_is_created() -> None:
    page = night_page("P", "2020-01-01", [record(1)])
    assert page.states == (("created", 1),)
    assert page.rows[0].recipe_s is None


def test_states_are_counted_in_the_order_of_the_line() -> None:
    night = [record(1, job=JobRow("a", "process", FAILED, "x")), record(2), ran(3, 0, 1)]
    assert night_page("P", "2020-01-01", night).states == (
        ("created", 1),
        ("successful", 1),
        ("failed", 1),
    )


def test_a_blocked_measurement_does_not_repeat_why_there_are_no_products() -> None:
    failed = JobRow("a", "process", FAILED, "no light")
    blocked = JobRow("a", "qc", JobState.BLOCKED, "process of a failed")
    night = [ABRecord(BlockRow("GIRAF.2020.ab", "2020-01-01"), failed, (blocked,))]
    (row,) = night_page("P", "2020-01-01", night).rows
    assert [remark.text for remark in row.remarks] == ["no light"]


def test_the_json_twin_has_every_field_of_the_page() -> None:
    page = night_page("P", "2020-01-01", [ran(1, 0, 10), record(2)])
    assert json.loads(json_twin(page)) == json.loads(json.dumps(asdict(page)))


def test_a_year_adds_up_its_months_and_a_month_its_nights() -> None:
    year = history_page("P", "2020", NIGHTS, {"2020-01-01": 7})
    assert [(row.label, row.blocks, row.wrong, row.idps) for row in year.rows] == [
        ("2020-01", 5, 1, 7),
        ("2020-02", 5, 0, 0),
    ]
    assert (year.total.recipe_s, year.total.products, year.total.nights) == (90.0, 18, 2)
    month = history_page("P", "2020-01", NIGHTS, {})
    assert [row.label for row in month.rows] == ["2020-01-01"]
    assert (month.earlier.text, month.later.text) == ("2019-12", "2020-02")


def test_breakpoints_stand_before_the_first_night_or_the_month_that_they_concern() -> None:
    every = [
        InstrumentBreakpoint(mjd_of("2020-01-01T12:00"), "2019-12-31", "<b>CCD"),
        InstrumentBreakpoint(mjd_of("2020-01-02T12:00"), "2020-01-02T12:00", "slit"),
        InstrumentBreakpoint(mjd_of("2020-01-20T12:00"), "2020-01-20T12:00", "lamp"),
    ]
    month = history_page("P", "2020-01", NIGHTS, {}, breakpoints=every)
    assert [(row.before, row.text.rpartition(" ")[2]) for row in month.breakpoints] == [
        ("2020-01-01", "slit"),
        ("", "lamp"),
    ]
    year = history_page("P", "2020", NIGHTS, {}, breakpoints=every)
    assert [row.before for row in year.breakpoints] == ["2020-01", "2020-01"]
    before = history_page("P", "2019-12", NIGHTS, {}, breakpoints=every)
    assert "&lt;b&gt;CCD" in html(before)
    assert "<b>CCD" not in html(before)


def test_years_and_months_with_nights_have_a_page() -> None:
    assert periods(NIGHTS) == ("2019", "2019-12", "2020", "2020-01", "2020-02")


def test_the_front_page_names_the_nights_that_wait_for_somebody() -> None:
    page = front_page("P", NIGHTS, {})
    assert [row.label for row in page.wrong] == ["2020-01-01"]
    assert [row.label for row in page.latest] == ["2020-02-01", "2020-01-01", "2019-12-31"]


def test_pseudo_dates_have_pages_and_no_calendar() -> None:
    nights = (NightRow("2094-45-16", {OK: 1}),)
    assert calendar(history_page("P", "2094", nights, {}).nights) == ()
    assert "2094-45" in html(history_page("P", "2094", nights, {}))
    assert ">45<" in html(front_page("P", nights, {}))


def test_a_calendar_begins_its_weeks_on_monday() -> None:
    (month,) = calendar(history_page("P", "2020-02", NIGHTS, {}).nights)
    assert [cell.day for cell in month.cells[:8]] == [0, 0, 0, 0, 0, 1, 2, 3]
    assert month.cells[-1].day == 29
    assert [cell.day for cell in month.cells if cell.night] == [1]


def test_a_year_always_shows_twelve_months() -> None:
    months = front_page("P", NIGHTS, {}).months
    found = strip(months, "2020")
    assert [label for label, _ in found] == [f"2020-{n:02d}" for n in range(1, 13)]
    assert [label for label, month in found if month] == ["2020-01", "2020-02"]


def test_links_are_relative_and_colons_are_encoded() -> None:
    page = night_place("2020-01-01")
    assert href(page, ab_place("2020-01-01", "GIRAF.2020-01-02T01:00:00.000")) == (
        "GIRAF.2020-01-02T01%3A00%3A00.000.html"
    )
    assert href(page, "plots/a b.png") == "../../../plots/a%20b.png"
    assert href(page, "") == ""


@pytest.mark.parametrize("date", ["../../etc", "2020-01-01/..", "", "2020-01-01\n", HOSTILE])
def test_a_date_that_is_none_gets_no_page(date: str) -> None:
    with pytest.raises(DataError, match="expected a date"):
        night_place(date)


@pytest.mark.parametrize("root", ["../x", "a/b", "", ".hidden", HOSTILE])
def test_a_root_that_is_none_gets_no_page(root: str) -> None:
    with pytest.raises(DataError, match="root of an AB"):
        ab_place("2020-01-01", root)


def test_a_series_without_numbers_has_nochart_of() -> None:
    assert chart_of(Series("NAME", "", "", (1, 2), ("a", None))) is None
    chart = chart_of(Series("SNR", "", "", (1, 2, 3), (5.0, None, 7.0)))
    assert chart is not None
    assert (chart["low"], chart["high"], chart["count"]) == (5.0, 7.0, 2)


# ---- the last runs ---------------------------------------------------------------------------

MONTHLY = RunRow(
    "run",
    "2020-01",
    "phoenix run -m 2020-01",
    NOON,
    ended=NOON + dt.timedelta(seconds=90),
    since="2020-01-01",
    until="2020-01-31",
    state=RunState.WRONG,
    reason="2020-01-03 was skipped",
    counts={"successful": 7, "failed": 1},
    versions={"phoenix-idp": "1.2"},
)


def test_a_run_says_when_it_was_what_it_did_and_how_it_ended() -> None:
    (line,) = front_page("P", NIGHTS, {}, [MONTHLY]).runs
    assert line.began == NOON.isoformat(timespec="seconds")
    assert (line.verb, line.pool, line.href) == ("run", "2020-01", "history/2020-01.html")
    assert (line.state, line.took_s) == ("wrong", 90.0)
    assert line.did == (("successful", 7), ("failed", 1))
    assert (line.command, line.version) == ("phoenix run -m 2020-01", "1.2")
    assert line.reason == "2020-01-03 was skipped"


def test_the_ten_newest_runs_are_shown_the_newest_first() -> None:
    runs = [evolve(MONTHLY, command=f"run {number}") for number in range(12)]
    shown = [line.command for line in front_page("P", NIGHTS, {}, runs).runs]
    assert shown == [f"run {number}" for number in range(11, 1, -1)]


def test_a_month_shows_the_runs_of_its_nights() -> None:
    other = evolve(MONTHLY, pool="2020-02-01", since="2020-02-01", until="2020-02-01")
    index = RunRow("pool index", "", "phoenix pool index", NOON)
    runs = [MONTHLY, other, index]
    assert [line.pool for line in history_page("P", "2020-01", NIGHTS, {}, runs).runs] == [
        "2020-01"
    ]
    assert len(history_page("P", "2020", NIGHTS, {}, runs).runs) == 2
    assert len(front_page("P", NIGHTS, {}, runs).runs) == 3


def test_a_pool_without_a_page_has_no_link() -> None:
    lost = evolve(MONTHLY, pool="2031-01", since="2031-01-01", until="2031-01-31")
    (line,) = front_page("P", NIGHTS, {}, [lost]).runs
    assert line.href == ""


# ---- what is said ------------------------------------------------------------------------------


def remarks(**fields):
    said = remarks_of(evolve(record(1), **fields))
    return [(one.kind, one.of, one.text, one.by) for one in said]


def test_observers_and_persons_are_told_apart_with_who_said_it() -> None:
    when = dt.datetime(2020, 1, 3, tzinfo=dt.UTC)
    assert remarks(
        grade=OBGrade(7, grade="C", comment="clouds"),
        raw_comments=(RawCommentRow("GIRAF.2020", "2020-01-01", "saturated", "anna", when),),
        comments=(CommentRow("a", "moon", "bob", when),),
    ) == [
        ("observer", "", "clouds", ""),
        ("raw", "GIRAF.2020", "saturated", "anna"),
        ("person", "", "moon", "bob"),
    ]


def test_the_grade_of_an_ob_stands_with_its_abs() -> None:
    night = [evolve(record(1), grade=OBGrade(7, grade="C")), record(2)]
    page = night_page("P", "2020-01-01", night)
    assert [row.grade for row in page.rows] == ["C", ""]
    assert [(ob.ob_id, ob.grade) for ob in page.obs] == [(7, "C")]


def test_an_ob_without_abs_is_listed_too() -> None:
    observed = Observed({7: OBGrade(7, grade="A")}, told=("a log is cut",))
    page = night_page("P", "2020-01-01", [], observed=observed)
    assert [(ob.ob_id, ob.blocks) for ob in page.obs] == [(7, 0)]
    assert page.told == ("a log is cut",)


def test_a_year_adds_up_the_comments_of_its_nights() -> None:
    noted = Noted({"2020-01-01": 2, "2019-12-31": 5})
    year = history_page("P", "2020", NIGHTS, {}, noted=noted)
    assert year.total.comments == 2


def test_a_month_adds_up_what_waits_for_a_person_and_what_was_rejected():
    kinds = {VerdictKind.REVIEW: 2, VerdictKind.REJECTED: 1, VerdictKind.RAW_BAD: 1}
    nights = [evolve(night, verdicts=kinds) for night in NIGHTS]
    month = history_page("P", "2020-01", nights, {})
    assert (month.total.review, month.total.rejected) == (2, 2)
