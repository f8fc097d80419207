"""Workflow metrics in the store: a row a night and category, what jobs took, who said what."""

from __future__ import annotations

import datetime as dt

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from phoenix.model.report import JobState
from phoenix.model.score import Verdict, VerdictKind
from phoenix.store import (
    BlockRow,
    CommentRow,
    FrameRow,
    JobRow,
    MetricsRow,
    RawCommentRow,
    Store,
    WorkloadRow,
    added_up,
)

DATE = "2020-01-01"
NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(seconds=1.5)
CALIB = MetricsRow(DATE, "CALIB", raw_files=3, raw_bytes=3 * 2**31, recipe_s=1.5, delays=1)
SCIENCE = MetricsRow(DATE, "SCIENCE", blocks=2, delay_s=7.0, delay_max_s=7.0, delays=1)


def test_what_was_counted_of_a_night_is_remembered(store):
    store.metrics.replace(DATE, (CALIB, SCIENCE))
    assert store.metrics.rows() == (CALIB, SCIENCE)


def test_a_night_counted_again_has_its_new_numbers_only(store):
    store.metrics.replace(DATE, (CALIB, SCIENCE))
    store.metrics.replace(DATE, (evolve(CALIB, raw_files=4),))
    assert [row.raw_files for row in store.metrics.rows()] == [4]


def test_metrics_are_those_of_the_nights_asked_for(store):
    for date in ("2019-12-31", DATE, "2020-01-02"):
        store.metrics.replace(date, (evolve(CALIB, date=date),))
    found = store.metrics.rows(since=DATE, until=DATE)
    assert [row.date for row in found] == [DATE]


def test_processes_have_metrics_of_their_own(url, store):
    store.metrics.replace(DATE, (CALIB,))
    with Store.open(url, "UVES_ECH") as other:
        assert other.metrics.rows() == ()
        other.metrics.replace(DATE, ())
    assert store.metrics.rows() == (CALIB,)


def frame(path, date):
    return FrameRow(path, "raw", arcfile=path, date=date)


def test_a_night_with_abs_or_raw_files_and_no_metrics_is_to_be_counted(store, night):
    store.frames.replace([frame("a", "2020-01-05"), frame("b", "2020-01-06"), frame("c", "")])
    store.metrics.replace("2020-01-06", (evolve(CALIB, date="2020-01-06"),))
    assert store.metrics.uncounted() == (night[0].date, "2020-01-05")
    assert store.metrics.uncounted(since="2020-01-02", until="2020-01-31") == ("2020-01-05",)


@pytest.mark.parametrize("change", ["new", "moved", "gone"])
def test_a_night_whose_raw_files_change_is_to_be_counted_again(store, change):
    store.frames.replace([frame("a", DATE)])
    store.metrics.replace(DATE, (CALIB,))
    match change:
        case "new":
            store.frames.replace([frame("b", DATE)])
        case "moved":
            store.frames.replace([frame("a", "2020-01-02")])
        case "gone":
            store.frames.replace([], ["a"])
    assert store.metrics.rows() == ()


# ---- jobs --------------------------------------------------------------------------------------


def test_what_the_jobs_of_a_recipe_took_is_added_up_by_step(store):
    blocks = tuple(BlockRow(f"A{number}.ab", DATE, recipe="gibias") for number in range(3))
    store.blocks.save(blocks)
    steps = ("process", "qc")
    store.jobs.prepare({(row.name, step): "key" for row in blocks for step in steps})
    done = JobRow("A0.ab", "process", JobState.SUCCESSFUL, started=NOON, ended=LATER)
    store.jobs.record(
        [
            evolve(done, wall_s=2.0, cpu_s=1.0, peak_memory_mb=10.0),
            evolve(done, ab_name="A1.ab", wall_s=4.0, cpu_s=2.0, peak_memory_mb=9.0),
            # Of a measurement nobody but the moments tells what it took.
            evolve(done, step="qc"),
            # Found on disk: nobody knows.
            evolve(done, ab_name="A1.ab", step="qc", started=None),
            # Not ended.
            JobRow("A2.ab", "process", JobState.RUNNING, started=NOON),
        ]
    )
    recipe, quality = store.metrics.spent(since=DATE, until=DATE)
    assert (recipe.recipe, recipe.step, recipe.jobs) == ("gibias", "process", 2)
    assert (recipe.mean_s, recipe.longest_s, recipe.cpu_s) == (3.0, 4.0, 3.0)
    assert recipe.peak_memory_mb == 10.0
    assert (quality.step, quality.jobs) == ("qc", 1)
    assert quality.wall_s == pytest.approx(1.5, abs=1e-3)


# ---- persons -----------------------------------------------------------------------------------


def test_everything_that_somebody_said_is_work_also_what_no_longer_counts(store, night):
    first, second, third = (row.name for row in night)
    give = store.verdicts.give
    give(first, Verdict(VerdictKind.AUTO, by="rule"), NOON)
    give(second, Verdict(VerdictKind.REVIEW, "red", by="rule"), NOON)
    give(second, Verdict(VerdictKind.OK, by="ann"), NOON)
    give(second, Verdict(VerdictKind.REJECTED, "ghosts", by="ann"), NOON)
    give(third, Verdict(VerdictKind.RAW_BAD, "clouds", by="bob"), NOON)
    give(third, Verdict(VerdictKind.WITHDRAWN, "a slip", by="bob"), NOON)
    store.verdicts.add_comment(CommentRow(third, "seeing", "bob", NOON))
    raw = RawCommentRow("GIRAF.2020-01-01T01:00:00.000", "2020-01-02", "moon", "bob", NOON)
    store.verdicts.add_raw_comment(raw)
    assert store.metrics.workload() == (
        WorkloadRow("ann", certified=1, rejected=1, nights=1),
        WorkloadRow("bob", rejected=1, withdrawn=1, comments=2, nights=2),
        WorkloadRow("rule", certified=1, nights=1),
    )


def test_of_nights_without_verdicts_there_is_no_work(store, night):
    assert store.metrics.workload(since="2021-01-01", until="2021-12-31") == ()


def test_the_judgements_of_a_night_are_known_in_order(store, night):
    store.qc1.add_scores(night[0].name, (), LATER)
    assert store.metrics.judged(DATE) == {night[0].name: (LATER,)}


# ---- adding up ---------------------------------------------------------------------------------

ROWS = st.builds(
    MetricsRow,
    st.sampled_from(["2020-01-01", "2020-01-02", "2020-02-01"]),
    st.sampled_from(["CALIB", "SCIENCE"]),
    raw_bytes=st.integers(0, 2**40),
    delays=st.integers(0, 9),
    delay_max_s=st.integers(0, 1000),
)


@given(st.lists(ROWS))
def test_nothing_is_lost_by_adding_up_and_the_longest_delay_stays_the_longest(rows):
    months = added_up(rows, lambda date: date[:7])
    (*total,) = added_up(months, lambda _: "total", category="all")
    assert sum(row.raw_bytes for row in total) == sum(row.raw_bytes for row in rows)
    assert max((row.delay_max_s for row in total), default=0) == max(
        (row.delay_max_s for row in rows), default=0
    )


def test_a_mean_delay_weighs_every_ab_alike():
    one = MetricsRow(DATE, "CALIB", delays=1, delay_s=10.0)
    three = MetricsRow("2020-01-02", "CALIB", delays=3, delay_s=6.0)
    (month,) = added_up((one, three), lambda date: date[:7])
    assert month.delay_mean_s == 4.0
    assert MetricsRow(DATE, "CALIB").delay_mean_s is None
