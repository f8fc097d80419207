from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.engine import Batch, Done, Job
from phoenix.engine.frontier import Frontier
from phoenix.errors import CascadeError, DataError
from phoenix.model.recipe import Resources
from phoenix.model.report import ABResult, JobState

NOW = dt.datetime(2020, 1, 2, tzinfo=dt.UTC)
STEP = "process"
ENDS = [JobState.SUCCESSFUL, JobState.SUCCESSFUL, JobState.GATED, JobState.FAILED]


def result(name, state):
    return ABResult(name, state, "" if state is JobState.SUCCESSFUL else "dark lamp")


def job(name, *after, soft=(), **options):
    return Job(
        name,
        STEP,
        after=tuple((parent, STEP) for parent in after),
        soft_after=tuple((parent, STEP) for parent in soft),
        **options,
    )


def frontier_of(*jobs, **ended):
    frontier = Frontier()
    before = {(name, STEP): result(name, state) for name, state in ended.items()}
    return frontier, frontier.add(Batch(jobs, before), NOW)


def end(frontier, name, state=JobState.SUCCESSFUL):
    return frontier.end((name, STEP), Done(result(name, state)), NOW)


def names(jobs):
    return [job.ab_name for job in jobs]


def states(changes):
    return [(change.ab_name, change.state) for change in changes]


@st.composite
def nights(draw):
    """Jobs that wait for earlier ones, and how each would end if it were run."""
    jobs, ends = [], {}
    for number in range(draw(st.integers(1, 12))):
        earlier = [job.ab_name for job in jobs]
        some = (
            st.lists(st.sampled_from(earlier), max_size=3, unique=True) if earlier else st.just(())
        )
        name = f"{number:02d}"
        jobs.append(
            job(
                name,
                *draw(some),
                soft=draw(some),
                priority=draw(st.integers(0, 2)),
                resources=Resources(stream=draw(st.sampled_from(["", "", "a", "b"]))),
            )
        )
        ends[name] = draw(st.sampled_from(ENDS))
    return draw(st.permutations(jobs)), ends


def expected_states(jobs, ends):
    states = {}
    for one in sorted(jobs, key=lambda job: job.ab_name):
        whole = all(states[name] is JobState.SUCCESSFUL for name, _ in one.after)
        states[one.ab_name] = ends[one.ab_name] if whole else JobState.BLOCKED
    return states


@given(night=nights(), data=st.data())
def test_any_night_ends_as_its_parents_say_in_whatever_order_workers_are_done(night, data):
    jobs, ends = night
    frontier, changes = frontier_of(*jobs)
    last = {change.key: change.state for change in changes}
    out = {}
    while not frontier.finished:
        for taken in frontier.take(data.draw(st.integers(1, 3)) - len(out)):
            assert all(key in frontier.results for key in (*taken.after, *taken.soft_after))
            busy = [other.resources.stream for other in out.values()]
            assert not taken.resources.stream or taken.resources.stream not in busy
            out[taken.ab_name] = taken
        if not out:
            continue
        name = data.draw(st.sampled_from(sorted(out)))
        lost = data.draw(st.integers(0, 4)) == 4
        key = out.pop(name).key
        changes = frontier.give_back(key, NOW) if lost else end(frontier, name, ends[name])
        last.update((change.key, change.state) for change in changes)
    assert {name: found.state for (name, _), found in frontier.results.items()} == (
        expected_states(jobs, ends)
    )
    assert last == {key: found.state for key, found in frontier.results.items()}
    assert frontier.progress.ended == frontier.progress.total == len(jobs)


def test_jobs_begin_ready_or_waiting():
    _, changes = frontier_of(job("a"), job("b", "a"))
    assert states(changes) == [("b", JobState.WAITING), ("a", JobState.READY)]


def test_a_child_is_ready_when_its_last_parent_is_done():
    frontier, _ = frontier_of(job("a"), job("b"), job("c", "a", "b"))
    frontier.take(2)
    assert states(end(frontier, "a")) == [("a", JobState.SUCCESSFUL)]
    assert states(end(frontier, "b")) == [("b", JobState.SUCCESSFUL), ("c", JobState.READY)]


def test_a_whole_branch_is_blocked_by_the_first_culprit_and_the_rest_goes_on():
    frontier, _ = frontier_of(job("a"), job("b", "a"), job("c", "b"), job("d"))
    frontier.take(1)
    changes = end(frontier, "a", JobState.GATED)
    assert [(c.ab_name, c.result.reason) for c in changes[1:]] == [
        ("b", "a (gated: dark lamp)"),
        ("c", "a (gated: dark lamp)"),
    ]
    assert names(frontier.take(9)) == ["d"]


def test_a_soft_parent_may_end_in_any_state():
    frontier, _ = frontier_of(job("a"), job("b", soft=["a"]))
    frontier.take(1)
    assert states(end(frontier, "a", JobState.FAILED))[1:] == [("b", JobState.READY)]


def _told(payload, lost):
    return payload, [result.culprit for result in lost]


def test_a_job_is_told_of_soft_parents_that_have_nothing_when_it_is_taken():
    child = job("c", soft=("a", "b"), payload="c", tell=_told)
    frontier, _ = frontier_of(job("a"), child, b=JobState.GATED)
    frontier.take(1)
    end(frontier, "a", JobState.FAILED)
    (taken,) = frontier.take(9)
    assert taken.payload == ("c", ["a (failed: dark lamp)", "b (gated: dark lamp)"])


def test_a_job_whose_soft_parents_have_all_succeeded_is_told_nothing():
    frontier, _ = frontier_of(job("c", soft=("a",), payload="c", tell=_told), a=ENDS[0])
    (taken,) = frontier.take(9)
    assert taken.payload == "c"


def test_a_job_taken_again_is_told_once():
    child = job("c", soft=("a",), payload="c", tell=_told)
    frontier, _ = frontier_of(child, a=JobState.FAILED)
    frontier.take(1)
    frontier.give_back(child.key, NOW)
    (again,) = frontier.take(1)
    assert again.payload == ("c", ["a (failed: dark lamp)"])


def test_parents_done_before_count():
    _, changes = frontier_of(job("b", "a"), a=JobState.SUCCESSFUL)
    assert states(changes) == [("b", JobState.READY)]


def test_parents_that_failed_before_block():
    frontier, changes = frontier_of(job("b", "a"), job("c", "b"), a=JobState.FAILED)
    assert states(changes) == [("b", JobState.BLOCKED), ("c", JobState.BLOCKED)]
    assert frontier.finished


def test_a_branch_blocked_before_keeps_its_culprit():
    before = {("b", STEP): ABResult("b", JobState.BLOCKED, "a (failed: no lamp)")}
    frontier = Frontier()
    assert (
        frontier.add(Batch([job("c", "b")], before), NOW)[0].result.reason == "a (failed: no lamp)"
    )


def test_the_most_urgent_goes_first_then_the_first_given():
    frontier, _ = frontier_of(job("a"), job("b", priority=1), job("c"), job("d", priority=1))
    assert names(frontier.take(9)) == ["b", "d", "a", "c"]


def test_what_an_earlier_batch_has_left_goes_before_the_most_urgent_of_a_later_one():
    frontier, _ = frontier_of(job("report"))
    frontier.add(Batch((job("recipe", priority=2), job("other report"))), NOW)
    assert names(frontier.take(9)) == ["report", "recipe", "other report"]


def test_machines_are_told_that_an_earlier_batch_is_more_urgent():
    frontier, _ = frontier_of(job("report"))
    frontier.add(Batch((job("recipe", priority=2),)), NOW)
    report, recipe = frontier.take(9)
    assert report.priority > recipe.priority


def test_a_stream_is_taken_one_after_the_other():
    stream = Resources(stream="deep")
    frontier, _ = frontier_of(job("a", resources=stream), job("b", resources=stream), job("c"))
    assert names(frontier.take(9)) == ["a", "c"]
    end(frontier, "a")
    assert names(frontier.take(9)) == ["b"]


def test_of_a_wide_stream_so_many_are_taken_at_a_time():
    stream = Resources(stream="pst", stream_width=3)
    jobs = [job(name, resources=stream) for name in "abcde"]
    frontier, _ = frontier_of(*jobs, job("f"))
    assert names(frontier.take(9)) == ["a", "b", "c", "f"]
    end(frontier, "b")
    assert names(frontier.take(9)) == ["d"]
    end(frontier, "a")
    end(frontier, "c")
    assert names(frontier.take(9)) == ["e"]


def test_a_lost_job_gives_its_place_in_the_stream_back():
    stream = Resources(stream="pst", stream_width=2)
    frontier, _ = frontier_of(*(job(name, resources=stream) for name in "abc"))
    frontier.take(9)
    frontier.give_back(("a", STEP), NOW)
    assert len(frontier.take(9)) == 1


@given(st.lists(st.integers(1, 3), min_size=1, max_size=9), st.data())
def test_no_stream_is_wider_than_it_may_be_and_every_job_is_run(widths, data):
    jobs = [
        job(f"j{number}", resources=Resources(stream="s", stream_width=width))
        for number, width in enumerate(widths)
    ]
    frontier, _ = frontier_of(*jobs)
    running, done = [], []
    while len(done) < len(jobs):
        running += names(frontier.take(data.draw(st.integers(1, 4))))
        assert 0 < len(running) <= max(widths)
        one = data.draw(st.sampled_from(running))
        running.remove(one)
        done.append(one)
        end(frontier, one)
    assert frontier.finished


def test_a_stream_in_which_nothing_could_run_is_refused():
    with pytest.raises(DataError, match="found a width of 0, expected 1 or more"):
        Resources(stream="pst", stream_width=0)


def test_a_lost_job_is_taken_again_and_counted():
    frontier, _ = frontier_of(job("a"))
    frontier.take(1)
    frontier.give_back(("a", STEP), NOW)
    assert names(frontier.take(1)) == ["a"]
    assert frontier.attempt(("a", STEP)) == 2


def test_a_run_broken_off_leaves_its_running_jobs_ready():
    frontier, _ = frontier_of(job("a"), job("b"), job("c", "a"))
    frontier.take(2)
    frontier.start(("a", STEP), "host:1", NOW, NOW)
    assert states(frontier.stop(NOW)) == [("a", JobState.READY)]


@pytest.mark.parametrize(
    ("jobs", "words"),
    [
        ([job("a", "lost")], "a: the step process waits for process of lost, which is neither"),
        ([job("a"), job("a")], "a: found the step process twice"),
        ([job("a", "b"), job("b", soft=["a"])], "jobs wait in a ring: .*a process"),
        ([job("a", "a")], "jobs wait in a ring"),
    ],
)
def test_jobs_that_can_never_run_are_refused(jobs, words):
    with pytest.raises(CascadeError, match=words):
        Frontier().add(Batch(tuple(jobs)), NOW)
