from __future__ import annotations

import os
import threading
import time

import fakework
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patience import PATIENCE_S, clock, wait_for, wait_until_gone
from phoenix.engine import Batch, Job, open_cluster, record, run
from phoenix.errors import CascadeError, StoreError
from phoenix.model.recipe import Resources
from phoenix.model.report import JobState
from phoenix.model.settings import Engine
from phoenix.store import BlockRow, Store

STEP = "process"


def told(name, state, *after, **options):
    parents = tuple((parent, STEP) for parent in after)
    return Job(name, STEP, payload=(name, state), after=parents, **options)


def run_all(cluster, jobs, work=fakework.end_as_told, **options):
    """Run jobs; return states, reasons and all changes by name."""
    changes = []
    results = run(jobs, work, cluster, changes.extend, clock, **options)
    by_name = {name: [c for c in changes if c.ab_name == name] for name, _ in results}
    states = {name: found.state.value for (name, _), found in results.items()}
    reasons = {name: found.reason for (name, _), found in results.items()}
    return states, reasons, by_name


def test_a_night_ends_as_its_jobs_do_and_the_rest_goes_on(cluster):
    jobs = [
        told("a", "successful"),
        told("b", "successful", "a"),
        told("c", "gated", "a"),
        told("d", "successful", "c"),
        told("e", "raises"),
        told("f", "successful", "d"),
    ]
    states, reasons, _ = run_all(cluster, jobs)
    assert states == {
        "a": "successful",
        "b": "successful",
        "c": "gated",
        "d": "blocked",
        "e": "failed",
        "f": "blocked",
    }
    assert reasons["f"] == "c (gated: told to be gated)"


@given(data=st.data())
@settings(max_examples=15)
def test_any_night_ends_as_its_parents_say(cluster, data):
    jobs, expected = [], {}
    for number in range(data.draw(st.integers(1, 10))):
        name = str(number)
        choice = st.lists(st.sampled_from(sorted(expected)), max_size=2, unique=True)
        parents = data.draw(choice) if expected else []
        state = data.draw(st.sampled_from(["successful", "successful", "gated", "failed"]))
        jobs.append(told(name, state, *parents, priority=data.draw(st.integers(0, 1))))
        whole = all(expected[parent] == "successful" for parent in parents)
        expected[name] = state if whole else "blocked"
    assert run_all(cluster, data.draw(st.permutations(jobs)))[0] == expected


def test_what_the_work_function_returns_besides_is_handed_on(cluster):
    _, _, changes = run_all(cluster, [told("a", "successful")])
    assert changes["a"][-1].value == "a"


def test_the_parents_end_is_told_before_the_child_is_handed_over(cluster, tmp_path):
    stored = []

    def on_change(changes):
        # The child's note must not be there when its parent's end is being stored.
        for change in changes:
            if change.ab_name == "a" and change.state.is_final:
                time.sleep(0.2)
                stored.append((tmp_path / "b").exists())

    jobs = [
        Job("a", STEP, payload=("a", str(tmp_path), 0.0)),
        Job("b", STEP, payload=("b", str(tmp_path), 0.0), after=(("a", STEP),)),
    ]
    run(jobs, fakework.note_times, cluster, on_change, clock)
    assert stored == [False]


def test_a_job_that_raises_fails_with_its_words_and_the_log_has_the_traceback(cluster, caplog):
    _, reasons, _ = run_all(cluster, [told("a", "raises")])
    assert "step process broke: ValueError: no such lamp in a" in reasons["a"]
    assert "in end_as_told" in caplog.text


@pytest.mark.parametrize(
    ("work", "payload", "words"),
    [
        (fakework.return_something_else, "a", "it returned 'a', expected Done"),
        (fakework.return_what_cannot_be_sent, "a", "<lambda>"),
        (fakework.return_a_snag, "a", "its result cannot be read: RuntimeError"),
        (fakework.end_as_told, lambda: "a", "cannot be sent"),
        (fakework.end_as_told, ("a", "running"), "DataError: a: running is no end"),
    ],
)
def test_a_broken_promise_fails_its_own_job_only(cluster, work, payload, words):
    states, reasons, _ = run_all(cluster, [Job("a", STEP, payload=payload)], work)
    assert states == {"a": "failed"}
    assert words in reasons["a"]


def test_a_job_whose_worker_dies_is_tried_again(cluster, tmp_path):
    job = Job("a", STEP, payload=("a", str(tmp_path), 2))
    states, _, changes = run_all(cluster, [job], fakework.die_some_times)
    assert states == {"a": "successful"}
    assert changes["a"][-1].attempt == 3


def test_a_job_whose_worker_always_dies_fails_and_says_so(cluster, tmp_path):
    jobs = [
        Job("a", STEP, payload=("a", str(tmp_path), 99)),
        Job("b", STEP, payload=("b", str(tmp_path), 0)),
    ]
    states, reasons, _ = run_all(cluster, jobs, fakework.die_some_times, retries=1)
    assert states == {"a": "failed", "b": "successful"}
    assert (
        "worker process died in step process, 2 times, the last time killed by SIGKILL"
        in (reasons["a"])
    )


@pytest.mark.parametrize(
    ("work", "payload"),
    [(fakework.leave_by_the_back_door, "a"), (fakework.end_as_told, fakework.Trap())],
)
def test_a_worker_that_leaves_counts_as_dead(cluster, work, payload):
    _, reasons, _ = run_all(cluster, [Job("a", STEP, payload=payload)], work, retries=0)
    assert "died in step process, 1 times, the last time exit code" in reasons["a"]


def test_a_job_that_lasts_is_told_to_be_running(cluster, tmp_path):
    changes = []

    def on_change(batch):
        changes.extend(batch)
        if batch[-1].state is JobState.RUNNING:
            (tmp_path / "a").touch()

    before = clock()
    job = Job("a", STEP, payload=("a", str(tmp_path)))
    run([job], fakework.last_until_told, cluster, on_change, clock)
    assert [c.state.value for c in changes] == ["ready", "running", "successful"]
    running, ended = changes[1:]
    assert running.worker == ended.worker != ""
    assert before <= running.started <= running.when <= ended.when
    assert before <= ended.started <= ended.when


@pytest.mark.parametrize(
    ("resources", "together"),
    [
        (Resources(), True),
        (Resources(stream="deep"), False),
        (Resources(memory_mb=5000), False),
        (Resources(memory_mb=4000), True),
        (Resources(memory_mb=1000, wanted_mb=4000), True),
        (Resources(memory_mb=1000, wanted_mb=90_000), False),
        (Resources(cores=10_000), False),
    ],
)
def test_jobs_run_together_as_far_as_stream_memory_and_cores_allow(
    cluster, tmp_path, resources, together
):
    patience = PATIENCE_S if together else 0.5
    jobs = [
        Job(name, STEP, payload=(name, str(tmp_path), patience), resources=resources)
        for name in "ab"
    ]
    _, _, changes = run_all(cluster, jobs, fakework.meet)
    assert [changes[name][-1].value for name in "ab"] == [together, together]


def test_a_job_larger_than_every_worker_fails_and_says_so(cluster):
    job = told("a", "successful", resources=Resources(memory_mb=9000))
    states, reasons, _ = run_all(cluster, [job])
    assert states == {"a": "failed"}
    assert "needs 9000 MB of memory, the largest worker has 8000 MB" in reasons["a"]


def test_progress_is_told(cluster):
    seen = []
    run_all(cluster, [told("a", "successful"), told("b", "failed")], on_progress=seen.append)
    assert (seen[0].ended, seen[0].total) == (0, 2)
    assert (seen[-1].ended, seen[-1].states[JobState.FAILED]) == (2, 1)


def test_a_run_in_another_thread_does_the_same(cluster):
    found = []
    thread = threading.Thread(
        target=lambda: found.append(run_all(cluster, [told("a", "successful")])[0])
    )
    thread.start()
    thread.join()
    assert found == [{"a": "successful"}]


def test_jobs_that_can_never_run_are_refused(cluster):
    with pytest.raises(CascadeError):
        run_all(cluster, [told("a", "successful", "lost")])


def test_a_run_broken_off_stops_its_recipes_and_leaves_its_jobs_ready(cluster, tmp_path):
    changes = []

    def on_change(batch):
        changes.extend(batch)
        if batch[-1].state is JobState.RUNNING:
            pids.extend(wait_for(tmp_path / "a"))
            raise KeyboardInterrupt

    pids = []
    jobs = [Job("a", STEP, payload=("a", str(tmp_path)))]
    with pytest.raises(KeyboardInterrupt):
        run(jobs, fakework.run_for_ever, cluster, on_change, clock)
    assert changes[-1].state is JobState.READY
    wait_until_gone(pids)


def test_an_error_of_the_store_ends_the_run_and_its_recipes(cluster, tmp_path):
    def on_change(batch):
        if batch[-1].state is JobState.RUNNING:
            pids.extend(wait_for(tmp_path / "a"))
            raise StoreError("disk full")

    pids = []
    jobs = [Job("a", STEP, payload=("a", str(tmp_path)))]
    with pytest.raises(StoreError, match="disk full"):
        run(jobs, fakework.run_for_ever, cluster, on_change, clock)
    wait_until_gone(pids)


def test_closing_the_cluster_stops_recipes(tmp_path):
    jobs = [Job("a", STEP, payload=("a", str(tmp_path)))]

    def interrupt(batch):
        if batch[-1].state is JobState.RUNNING:
            pids.extend(wait_for(tmp_path / "a"))
            raise KeyboardInterrupt

    pids = []
    with pytest.raises(KeyboardInterrupt), open_cluster(Engine(workers=1)) as cluster:
        run(jobs, fakework.run_for_ever, cluster, interrupt, clock)
    wait_until_gone(pids)


def test_a_worker_that_is_killed_in_the_middle_of_a_recipe_is_noticed(cluster, tmp_path):
    def kill(batch):
        if batch[-1].state is JobState.RUNNING:
            os.kill(wait_for(tmp_path / "a")[0], 9)

    job = Job("a", STEP, payload=("a", str(tmp_path)))
    results = run([job], fakework.run_for_ever, cluster, kill, clock, retries=0)
    assert results[job.key].state is JobState.FAILED
    recipe = wait_for(tmp_path / "a")[1]
    # The recipe has lost its runner; the next try of an AB sweeps it away.
    psutil.Process(recipe).kill()


def test_every_change_is_in_the_store_in_the_end(cluster, tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/phoenix.db", "P") as store:
        store.blocks.save(BlockRow(name, "2020-01-01") for name in "abc")
        store.jobs.prepare({(name, STEP): "" for name in "abc"})
        jobs = [told("a", "successful"), told("b", "gated", "a"), told("c", "successful", "b")]
        run(jobs, fakework.end_as_told, cluster, lambda batch: record(store, batch), clock)
        rows = {row.ab_name: row for row in store.jobs.rows()}
    assert [rows[name].state.value for name in "abc"] == ["successful", "gated", "blocked"]
    assert rows["c"].reason == "b (gated: told to be gated)"
    assert rows["a"].started <= rows["a"].ended
    assert (rows["a"].attempt, rows["c"].attempt, rows["c"].started) == (1, 0, None)


def test_a_job_that_outlasts_its_limit_is_stopped_and_not_tried_again(cluster, tmp_path):
    job = Job("a", STEP, payload=("a", str(tmp_path)), limit_s=0.1)
    states, reasons, changes = run_all(cluster, [job], fakework.run_for_ever)
    assert states == {"a": "failed"}
    assert reasons["a"].startswith("step process was stopped after 0.1 s, its time limit")
    assert changes["a"][-1].attempt == 1
    # The job had started a process of its own.
    wait_until_gone(wait_for(tmp_path / "a"))


def test_a_worker_process_is_replaced_after_so_many_jobs():
    jobs = [told("a", "successful"), told("b", "successful", "a"), told("c", "successful", "b")]
    with open_cluster(Engine(workers=1, jobs_per_process=1)) as cluster:
        _, _, changes = run_all(cluster, jobs)
    assert len({changes[name][-1].worker for name in "abc"}) == 3


def test_more_jobs_are_asked_for_as_long_as_there_are_any(cluster):
    batches = [
        Batch((told("b", "successful"),)),
        Batch((told("c", "successful"), told("d", "failed", "c"))),
    ]
    states, _, _ = run_all(
        cluster, [told("a", "successful")], more=lambda: batches.pop(0) if batches else None
    )
    assert states == {"a": "successful", "b": "successful", "c": "successful", "d": "failed"}


def test_a_run_may_begin_with_nothing(cluster):
    assert run_all(cluster, [], more=lambda: None)[0] == {}
