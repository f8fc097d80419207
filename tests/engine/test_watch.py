"""What becomes of batch jobs, with a batch system that does as it is told."""

from __future__ import annotations

import logging

import pytest
from attrs import define, field

from phoenix.engine.batch import SLURM, Standing, Stands
from phoenix.engine.watch import Watch
from phoenix.errors import BatchError

RUNS = Standing(Stands.RUNS)
WAITS = Standing(Stands.WAITS, "Resources")


def ended(reason):
    return Standing(Stands.ENDED, reason)


@define
class Jobs:
    """Jobs are numbered from 1; their workers are mark-0, mark-1 ..."""

    system: object = SLURM
    standings: dict = field(factory=dict)
    connected: set = field(factory=set)
    refused: str = ""
    silent: str = ""
    submitted: int = 0
    asked: int = 0

    def submit(self, worker):
        if self.refused:
            raise BatchError(self.refused)
        self.submitted += 1
        self.standings.setdefault(str(self.submitted), RUNS)
        return str(self.submitted)

    def ask(self):
        self.asked += 1

    def answer(self):
        return self.silent or dict(self.standings)

    def workers(self):
        return frozenset(self.connected)

    def cancel(self, job):
        self.standings[job] = ended("CANCELLED")

    def log_of(self, job):
        return f"log {job} ends with: no such module"


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def jobs():
    return Jobs()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def watch_of(jobs, clock):
    def make(wanted=1):
        watch = Watch(jobs, wanted, "mark", clock)
        watch.start()
        return watch

    return make


def look(watch, clock, seconds=20.0, step=1.0):
    """Let time pass, looking as the engine does; return all that was waited for."""
    said = []
    for _ in range(round(seconds / step)):
        clock.now += step
        watch.look()
        if not said or said[-1] != watch.waits:
            said.append(watch.waits)
    return said


def all_run(jobs):
    """Have all jobs run that are not said to be elsewhere, each with its worker."""
    for number in range(jobs.submitted):
        if jobs.standings.setdefault(str(number + 1), RUNS) == RUNS:
            jobs.connected.add(f"mark-{number}")


def end(jobs, number, reason="CANCELLED"):
    jobs.standings[str(number)] = ended(reason)
    jobs.connected.discard(f"mark-{number - 1}")


def test_as_many_jobs_are_asked_for_as_are_wanted(jobs, watch_of):
    watch_of(3)
    assert jobs.submitted == 3


def test_jobs_that_run_are_left_alone(jobs, watch_of, clock):
    watch = watch_of(2)
    all_run(jobs)
    assert look(watch, clock, 600) == [""]
    assert jobs.submitted == 2


def test_the_batch_system_is_asked_seldom_while_all_is_well(jobs, watch_of, clock):
    watch = watch_of()
    all_run(jobs)
    look(watch, clock, 600)
    assert jobs.asked <= 600 / 15 + 2


@pytest.mark.parametrize("reason", ["CANCELLED", "TIMEOUT, TimeLimit", "NODE_FAIL"])
def test_a_lost_job_is_replaced_and_that_is_said(jobs, watch_of, clock, caplog, reason):
    watch = watch_of()
    all_run(jobs)
    look(watch, clock)
    end(jobs, 1, reason)
    look(watch, clock)
    assert jobs.submitted == 2
    assert f"batch job 1 ended ({reason}); a new one is asked for" in caplog.text


def test_a_lost_job_is_replaced_at_once(jobs, watch_of, clock):
    watch = watch_of()
    all_run(jobs)
    look(watch, clock)
    end(jobs, 1)
    look(watch, clock, 2)
    assert jobs.submitted == 2


def test_a_job_that_left_the_queue_is_replaced(jobs, watch_of, clock, caplog):
    watch = watch_of()
    all_run(jobs)
    look(watch, clock)
    jobs.connected.clear()
    del jobs.standings["1"]
    look(watch, clock)
    assert jobs.submitted == 2
    assert "it left the queue" in caplog.text


def test_a_job_that_worked_and_is_held_now_is_replaced(jobs, watch_of, clock, caplog):
    watch = watch_of()
    all_run(jobs)
    look(watch, clock)
    jobs.connected.clear()
    jobs.standings["1"] = Standing(Stands.WAITS, "JobHeldAdmin")
    look(watch, clock)
    assert jobs.submitted == 2
    assert "batch job 1 ended (JobHeldAdmin); a new one is asked for" in caplog.text


def test_a_worker_that_outlives_its_job_goes_on(jobs, watch_of, clock):
    watch = watch_of()
    all_run(jobs)
    look(watch, clock)
    jobs.standings["1"] = ended("NODE_FAIL")
    look(watch, clock, 120)
    assert jobs.submitted == 1


def test_three_new_jobs_without_work_done_are_the_most(jobs, watch_of, clock):
    watch = watch_of()
    for number in range(1, 4):
        all_run(jobs)
        look(watch, clock)
        end(jobs, number, "TIMEOUT")
        look(watch, clock)
    all_run(jobs)
    look(watch, clock)
    end(jobs, 4, "TIMEOUT")
    with pytest.raises(BatchError, match=r"job 4 ended \(TIMEOUT\).*3 new ones did no better"):
        look(watch, clock)
    assert jobs.submitted == 4


def test_work_done_in_between_lifts_the_limit(jobs, watch_of, clock):
    watch = watch_of()
    for number in range(1, 10):
        all_run(jobs)
        look(watch, clock)
        watch.worked()
        end(jobs, number, "TIMEOUT")
        look(watch, clock)
    assert jobs.submitted == 10


def test_where_others_work_the_limit_ends_nothing(jobs, watch_of, clock):
    watch = watch_of(8)
    all_run(jobs)
    look(watch, clock)
    for number in range(1, 6):
        end(jobs, number, "NODE_FAIL")
    look(watch, clock)
    assert jobs.submitted == 11
    watch.worked()
    look(watch, clock)
    assert jobs.submitted == 13


def test_a_job_that_ends_before_its_worker_connects_is_told_with_its_log(
    jobs, watch_of, clock, caplog
):
    watch = watch_of()
    jobs.standings["1"] = ended("FAILED, NonZeroExitCode")
    look(watch, clock, 4)
    assert (
        "batch job 1 ended (FAILED, NonZeroExitCode) before its worker connected; "
        "log 1 ends with: no such module; a new one is asked for"
    ) in caplog.text


def test_jobs_that_all_end_before_their_workers_connect_end_the_run_within_a_minute(
    jobs, watch_of, clock
):
    watch = watch_of(2)
    jobs.standings.update({str(number): ended("FAILED") for number in range(1, 20)})
    with pytest.raises(BatchError, match=r"before its worker connected; log . ends with"):
        look(watch, clock, 60)


def test_a_job_that_waits_is_told_at_once_and_for_what(jobs, watch_of, clock):
    watch = watch_of()
    jobs.standings["1"] = WAITS
    assert look(watch, clock, 3)[-1] == "waits for batch job 1 (Resources)"
    all_run_now(jobs)
    assert look(watch, clock)[-1] == ""


def all_run_now(jobs):
    jobs.standings.clear()
    all_run(jobs)


def test_a_job_that_the_batch_system_has_not_looked_at_waits_only_after_a_while(
    jobs, watch_of, clock
):
    watch = watch_of()
    jobs.standings["1"] = Standing(Stands.WAITS)
    assert look(watch, clock, 4) == [""]
    assert look(watch, clock, 4)[-1] == "waits for batch job 1"


def test_of_many_jobs_three_are_named(jobs, watch_of, clock):
    watch = watch_of(5)
    jobs.standings.update({str(number): WAITS for number in range(1, 6)})
    assert look(watch, clock, 3)[-1] == "waits for batch jobs 1, 2, 3 and 2 more (Resources)"


def test_where_some_work_more_are_waited_for(jobs, watch_of, clock):
    watch = watch_of(2)
    jobs.standings["2"] = WAITS
    all_run(jobs)
    assert look(watch, clock, 3)[-1] == "waits for more batch jobs (Resources)"


def test_a_job_that_can_never_start_ends_the_run_after_a_minute(jobs, watch_of, clock):
    watch = watch_of()
    jobs.standings["1"] = Standing(Stands.WAITS, "PartitionTimeLimit")
    assert look(watch, clock, 55)[-1] == "waits for batch job 1 (PartitionTimeLimit)"
    with pytest.raises(BatchError, match=r"job 1 will not start \(PartitionTimeLimit\)"):
        look(watch, clock, 10)


def test_a_job_that_can_never_start_is_only_told_where_another_works(
    jobs, watch_of, clock, caplog
):
    watch = watch_of(2)
    jobs.standings["2"] = Standing(Stands.WAITS, "JobHeldAdmin")
    all_run(jobs)
    look(watch, clock, 120)
    assert caplog.text.count("batch job 2 will not start (JobHeldAdmin)") == 1


def test_a_job_that_may_still_start_is_waited_for_without_end(jobs, watch_of, clock):
    watch = watch_of()
    jobs.standings["1"] = WAITS
    look(watch, clock, 100_000, step=10)
    assert jobs.submitted == 1


def test_a_job_that_runs_without_a_worker_is_told_after_a_minute(jobs, watch_of, clock, caplog):
    watch = watch_of()
    jobs.standings["1"] = RUNS
    look(watch, clock, 55)
    assert not caplog.records
    assert look(watch, clock, 30)[-1] == "waits for batch job 1"
    assert "batch job 1 has no worker after 60 s; log 1" in caplog.text


def test_a_job_that_begins_after_hours_has_a_minute_too(jobs, watch_of, clock, caplog):
    watch = watch_of()
    jobs.standings["1"] = WAITS
    look(watch, clock, 10_000, step=10)
    jobs.standings["1"] = RUNS
    look(watch, clock, 55)
    assert not caplog.records


def test_a_job_that_runs_on_without_its_worker_is_told_and_given_up_in_the_end(
    jobs, watch_of, clock, caplog
):
    watch = watch_of()
    all_run(jobs)
    look(watch, clock)
    jobs.connected.clear()
    assert look(watch, clock, 100)[-1] == "waits for batch job 1"
    assert "batch job 1 has no worker after 60 s; log 1" in caplog.text
    look(watch, clock, 250)
    assert "batch job 1 ran 300 s without a worker; log 1" in caplog.text
    assert jobs.standings["1"] == ended("CANCELLED")
    assert jobs.submitted == 2


def test_a_worker_that_is_gone_for_a_moment_is_no_loss(jobs, watch_of, clock, caplog):
    watch = watch_of()
    all_run(jobs)
    for _ in range(5):
        look(watch, clock)
        jobs.connected.clear()
        look(watch, clock, 40)
        all_run(jobs)
    assert not caplog.records
    assert jobs.submitted == 1


def test_a_first_job_that_is_refused_ends_the_run_in_the_words_of_the_batch_system(jobs, watch_of):
    jobs.refused = "sbatch: error: invalid partition"
    with pytest.raises(BatchError, match="invalid partition"):
        watch_of(2)


def test_fewer_jobs_than_wanted_are_made_do_with(jobs, watch_of, clock, caplog):
    watch = watch_of(2)
    all_run(jobs)
    look(watch, clock)
    end(jobs, 2)
    jobs.refused = "QOSMaxSubmitJobPerUserLimit"
    look(watch, clock, 300)
    assert caplog.text.count("1 of 2 batch jobs: QOSMaxSubmitJobPerUserLimit") == 1
    jobs.refused = ""
    watch.worked()
    look(watch, clock, 120)
    assert jobs.submitted == 3


def test_a_batch_system_that_does_not_answer_is_told_once_and_asked_again(
    jobs, watch_of, clock, caplog
):
    watch = watch_of()
    jobs.silent = "squeue: error: Unable to contact slurm controller"
    told = look(watch, clock, 120)[-1]
    assert told == f"waits for the batch system ({jobs.silent})"
    assert caplog.text.count("does not answer: squeue: error: Unable") == 1
    jobs.silent = ""
    all_run(jobs)
    assert look(watch, clock)[-1] == ""


def test_a_dead_batch_system_loses_no_job_that_works(jobs, watch_of, clock):
    watch = watch_of()
    all_run(jobs)
    look(watch, clock)
    jobs.silent = "Connection refused"
    assert look(watch, clock, 600) == [""]
    assert jobs.submitted == 1


def test_workers_of_a_job_with_several_processes_are_known(jobs, watch_of, clock):
    watch = watch_of()
    jobs.connected = {"mark-0-0", "mark-0-1"}
    jobs.standings["1"] = ended("COMPLETED")
    look(watch, clock)
    assert jobs.submitted == 1


@pytest.fixture
def unasked(jobs):
    """Jobs of a batch system of which we do not know how it is asked."""
    jobs.system = None
    return jobs


def test_where_nothing_can_be_asked_a_lost_worker_is_replaced_after_a_while(
    unasked, watch_of, clock
):
    watch = watch_of()
    unasked.connected = {"mark-0"}
    look(watch, clock)
    unasked.connected.clear()
    look(watch, clock, 10)
    assert unasked.submitted == 1
    look(watch, clock, 20)
    assert unasked.submitted == 2
    assert unasked.asked == 0


def test_where_nothing_can_be_asked_a_job_without_a_worker_is_told(
    unasked, watch_of, clock, caplog
):
    watch = watch_of()
    assert look(watch, clock, 10)[-1] == "waits for batch job 1"
    look(watch, clock, 90)
    assert "batch job 1 has no worker after 60 s" in caplog.text


@pytest.fixture(autouse=True)
def _hear_everything(caplog):
    caplog.set_level(logging.INFO)
