from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phoenix.errors import DataError, StoreError
from phoenix.model.report import JobState
from phoenix.store import BlockRow, JobRow

MOMENTS = st.datetimes(
    min_value=dt.datetime(1999, 1, 1),  # noqa: DTZ001 - hypothesis wants naive limits
    max_value=dt.datetime(2099, 1, 1),  # noqa: DTZ001 - the same
    timezones=st.just(dt.UTC),
)
SECONDS = st.floats(min_value=0, max_value=1e9)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]))


@pytest.fixture
def names(store, night):
    names = [block.name for block in night]
    store.jobs.prepare({(name, "process"): "key" for name in names})
    return names


def test_a_prepared_job_is_created(store, names):
    assert store.jobs.rows() == tuple(JobRow(name, "process", job_key="key") for name in names)


@given(
    row=st.builds(
        JobRow,
        ab_name=st.just("GIRAF.2020-01-01T00:00:00.000.ab"),
        step=st.just("process"),
        state=st.sampled_from(JobState),
        reason=TEXTS,
        attempt=st.integers(0, 9),
        worker=st.text("abc:09", max_size=20),
        started=st.none() | MOMENTS,
        ended=st.none() | MOMENTS,
        wall_s=SECONDS,
        cpu_s=SECONDS,
        peak_memory_mb=SECONDS,
        products=st.integers(0, 1000),
        details=st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple),
        job_key=st.just("key"),
    )
)
@settings(max_examples=50)
def test_a_job_read_back_is_the_same_job(store, names, row):
    store.jobs.record([row])
    assert store.jobs.rows(names=[row.ab_name]) == (row,)


def test_recording_twice_changes_nothing_more(store, names):
    row = JobRow(names[0], "process", JobState.RUNNING, worker="host:1")
    store.jobs.record([row])
    once = store.jobs.rows()
    store.jobs.record([row])
    assert store.jobs.rows() == once


def test_the_last_of_several_states_in_one_batch_counts(store, names):
    states = [JobState.READY, JobState.RUNNING]
    store.jobs.record([JobRow(names[0], "process", state) for state in states])
    assert [row.state for row in store.jobs.rows(names=names[:1])] == [JobState.RUNNING]


def test_a_done_job_stays_done_when_prepared_again(store, names):
    store.jobs.record([JobRow(names[0], "process", JobState.SUCCESSFUL, products=3)])
    store.jobs.prepare({(names[0], "process"): "key"})
    assert [row.products for row in store.jobs.rows(names=names[:1])] == [3]


def test_a_job_made_of_something_else_is_created_again(store, names):
    store.jobs.record([JobRow(names[0], "process", JobState.SUCCESSFUL, products=3)])
    store.jobs.prepare({(names[0], "process"): "other"})
    assert store.jobs.rows(names=names[:1]) == (JobRow(names[0], "process", job_key="other"),)


def test_a_job_put_back_is_created(store, names):
    store.jobs.record([JobRow(names[0], "process", JobState.FAILED, reason="no lamp")])
    store.jobs.reset([(names[0], "process")])
    assert store.jobs.rows(names=names[:1]) == (JobRow(names[0], "process", job_key="key"),)


def test_jobs_are_found_by_state_step_and_night(store, names):
    store.jobs.record([JobRow(names[1], "process", JobState.FAILED, reason="no lamp")])
    assert [row.ab_name for row in store.jobs.rows(states=[JobState.FAILED])] == [names[1]]
    assert store.jobs.rows(step="qc") == ()
    assert store.jobs.rows(since="2020-01-02") == ()
    assert len(store.jobs.rows(since="2020-01-01", until="2020-01-01")) == 3


def test_a_job_that_was_never_prepared_is_refused_and_nothing_recorded(store, names):
    rows = [JobRow(names[0], "process", JobState.READY), JobRow(names[0], "qc")]
    with pytest.raises(StoreError, match="2 jobs were to be recorded, the database has 1"):
        store.jobs.record(rows)
    assert [row.state for row in store.jobs.rows(names=names[:1])] == [JobState.CREATED]


def test_a_job_of_an_unknown_ab_is_refused(store, names):
    with pytest.raises(StoreError, match=r"found no AB GIRAF[.]lost[.]ab"):
        store.jobs.prepare({("GIRAF.lost.ab", "process"): ""})


def test_an_empty_batch_is_no_error(store):
    store.jobs.record([])
    assert store.jobs.rows() == ()


def test_the_result_of_a_job_is_how_it_ended():
    row = JobRow("A", "process", JobState.GATED, reason="dark lamp", products=2, wall_s=1.5)
    result = row.result()
    assert (result.state, result.reason, result.products) == (JobState.GATED, "dark lamp", 2)


def test_a_job_that_has_not_ended_has_no_result():
    with pytest.raises(DataError, match="running is no end"):
        JobRow("A", "process", JobState.RUNNING).result()


def test_a_reason_with_characters_that_no_database_takes_is_kept_readable(store, names):
    reason = "cannot read \udcff\0.fits"
    store.jobs.record([JobRow(names[0], "process", JobState.FAILED, reason=reason)])
    assert store.jobs.rows(names=names[:1])[0].reason == "cannot read ??.fits"


def test_a_thousand_jobs_are_recorded_in_one_call(store):
    blocks = [BlockRow(f"GIRAF.{number:04d}.ab", "2020-01-01") for number in range(1200)]
    store.blocks.save(blocks)
    store.jobs.prepare({(block.name, "process"): "" for block in blocks})
    store.jobs.record(JobRow(block.name, "process", JobState.SUCCESSFUL) for block in blocks)
    assert len(store.jobs.rows(states=[JobState.SUCCESSFUL])) == 1200


# ---- what jobs took ----------------------------------------------------------------------------


def ended(name, second, step="process", **spent):
    began = dt.datetime(2020, 1, 2, tzinfo=dt.UTC)
    return JobRow(
        name,
        step,
        JobState.SUCCESSFUL,
        started=began,
        ended=began + dt.timedelta(seconds=second),
        **spent,
    )


def test_what_jobs_took_is_told_by_recipe_and_step_the_newest_first(store, names):
    store.jobs.record(
        ended(name, 10 + number, wall_s=9.0, peak_memory_mb=100.0 + number)
        for number, name in enumerate(names[:2])
    )
    (rows,) = store.jobs.spent().values()
    assert [(row.ab_name, row.peak_memory_mb) for row in rows] == [
        (names[1], 101.0),
        (names[0], 100.0),
    ]


def test_a_step_that_did_not_measure_itself_took_from_its_begin_to_its_end(store, names):
    store.jobs.record([ended(names[0], 7)])
    (rows,) = store.jobs.spent().values()
    assert rows[0].wall_s == 7.0


def test_a_new_database_knows_of_nothing_that_jobs_took(store):
    assert store.jobs.spent() == {}
