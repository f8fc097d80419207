"""On a real Slurm: the same products, and what becomes of a run whose batch jobs are lost."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import fakework
import pytest
from nightwork import DATE, data_sums, make_workspace

from patience import clock, wait_for, wait_until, wait_until_gone
from phoenix.engine import Job, jobqueue, open_cluster, run, watch
from phoenix.errors import BatchError
from phoenix.model.report import JobState
from phoenix.model.settings import Engine

pytestmark = [pytest.mark.slurm, pytest.mark.slow]

ONE = Job("a", "process", payload=("a", "successful"))
TABLE = {
    "class": "SLURM",
    "cores": 1,
    "memory": "2GB",
    "walltime": "00:10:00",
    "interface": "lo",
}
TOML = """
[engine.jobqueue]
class = "SLURM"
cores = 1
memory = "4GB"
walltime = "00:10:00"
interface = "lo"
"""


def batch(workers=1, **table):
    return Engine(workers=workers, jobqueue=TABLE | table)


def ask(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.split()


def queue():
    """Return the numbers of the jobs that are in the queue."""
    return ask("squeue", "--noheader", "--format=%i", "--states=pending,running,suspended")


@pytest.fixture(autouse=True)
def _nothing_is_left(slurm):
    yield
    for node in ("n1", "n2"):
        if ask("sinfo", "--noheader", f"--nodes={node}", "--format=%T") == ["down"]:
            ask("scontrol", "update", f"nodename={node}", "state=resume")
    assert queue() == []


def run_one(settings, workspace, job=ONE, work=fakework.end_as_told, on_change=list, **options):
    with open_cluster(settings, workspace=workspace) as cluster:
        return run([job], work, cluster, on_change, clock, **options)[job.key]


# ---- the same products


@pytest.mark.recipes
def test_a_night_is_the_same_as_on_this_machine(slurm, raw_night, tmp_path):
    here = make_workspace(tmp_path / "here", raw_night)
    there = make_workspace(tmp_path / "there", raw_night)
    settings = there / "phoenix.toml"
    settings.write_text(settings.read_text().replace("\nworkers = 0", "\nworkers = 2") + TOML)
    for work in (here, there):
        with phoenix("run", "-w", work, "-d", DATE) as process:
            told = "".join(process.communicate())
        assert process.returncode == 0, told
    made = data_sums(here)
    assert len(made) > 20
    assert data_sums(there) == made


# ---- batch jobs are looked after


def lose_when_running(tmp_path, lose):
    """Lose the job in mid-work, once; the next one may end."""
    lost = []

    def on_change(changes):
        if changes[-1].state is JobState.RUNNING and not lost:
            lost.append(queue())
            lose(*lost[0])
            (tmp_path / "a").touch()

    return on_change


def cancel(number):
    ask("scancel", number)


def kill(number):
    ask("scancel", "--signal=KILL", "--full", number)


def take_the_node_down(number):
    (node,) = ask("squeue", "--noheader", "--format=%N", f"--jobs={number}")
    ask("scontrol", "update", f"nodename={node}", "state=down", "reason=test")


@pytest.mark.parametrize("lose", [cancel, kill, take_the_node_down])
def test_a_lost_job_is_replaced_and_its_work_done(slurm, workspace, tmp_path, caplog, lose):
    job = Job("a", "process", payload=("a", str(tmp_path)))
    on_change = lose_when_running(tmp_path, lose)
    result = run_one(batch(), workspace, job, fakework.last_until_told, on_change)
    assert result.state is JobState.SUCCESSFUL
    assert "; a new one is asked for" in caplog.text


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"queue": "nosuch"}, "invalid partition specified: nosuch"),
        ({"memory": "64GB"}, "Memory specification can not be satisfied"),
    ],
)
def test_a_refusal_ends_the_run_in_the_words_of_slurm(slurm, workspace, table, words):
    began = time.monotonic()
    with pytest.raises(BatchError, match=f"refused a job: sbatch: error: .*{words}"):
        run_one(batch(**table), workspace)
    # Ten seconds are promised; a busy machine may take longer, and never the minute of a wait.
    assert time.monotonic() - began < jobqueue._SUBMIT_S


def test_a_job_that_can_never_start_is_told_and_ends_the_run(slurm, workspace, monkeypatch):
    monkeypatch.setattr(watch, "_PATIENCE_S", 4.0)
    told = []
    with pytest.raises(BatchError, match=r"will not start \(PartitionTimeLimit\)"):
        run_one(batch(walltime="10:00:00"), workspace, on_wait=told.append)
    assert any("(PartitionTimeLimit)" in text for text in told)


def test_jobs_that_end_before_their_worker_connects_end_the_run_with_their_log(slurm, workspace):
    prologue = ["echo 'module: giraf: no such module' >&2", "exit 1"]
    with pytest.raises(BatchError, match=r"before its worker connected; .*no such module"):
        run_one(batch(job_script_prologue=prologue), workspace)


def test_a_full_queue_is_told_until_the_job_starts(slurm, workspace):
    (first,) = ask(
        *("sbatch", "--parsable", "--nodes=2", "--exclusive"),
        *("--output=/dev/null", "--wrap=sleep 1000"),
    )
    state = "squeue", "--noheader", "--format=%T", f"--jobs={first}"
    wait_until(lambda: ask(*state) == ["RUNNING"])
    told = []

    def make_room(text):
        told.append(text)
        if text:
            ask("scancel", first)

    assert run_one(batch(), workspace, on_wait=make_room).state is JobState.SUCCESSFUL
    assert told[0].startswith("waits for batch job ")
    assert told[-1] == ""


@pytest.mark.recipes
def test_workers_and_scheduler_of_a_call_with_security_speak_tls(slurm, workspace):
    pytest.importorskip("cryptography")
    with open_cluster(batch(security=True), workspace=workspace) as cluster:
        assert run([ONE], fakework.end_as_told, cluster, list, clock)
        scheduler = cluster.client.cluster.scheduler
        addresses = [scheduler.address, *scheduler.workers]
    assert all(address.startswith("tls://") for address in addresses)


# ---- as a command


@pytest.fixture
def work(slurm, raw_night, tmp_path):
    folder = make_workspace(tmp_path / "work", raw_night)
    # A recipe that lasts until it is ended.
    slow = tmp_path / "slow"
    slow.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/recipe\nexec sleep 1000\n")
    slow.chmod(0o755)
    with (folder / "phoenix.toml").open("a") as settings:
        settings.write(TOML)
        settings.write(f'\n[recipes."*"]\nesorex = "{slow}"\n')
    return folder


def phoenix(*words):
    command = [sys.executable, "-m", "phoenix", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def states(work):
    with phoenix("status", "-w", work, "-d", DATE, "--json") as process:
        return [row["state"] for row in json.loads(process.communicate()[0])]


@pytest.mark.recipes
def test_a_refused_run_leaves_with_2_and_one_sentence(work):
    settings = work / "phoenix.toml"
    limit = 'walltime = "00:10:00"'
    text = settings.read_text().replace(limit, f'{limit}\nqueue = "nosuch"')
    settings.write_text(text)
    with phoenix("run", "-w", work, "-d", DATE) as process:
        _, errors = process.communicate()
    assert process.returncode == 2
    assert "sbatch: error: invalid partition specified: nosuch" in errors
    assert "Traceback" not in errors
    assert "running" not in states(work)


@pytest.mark.recipes
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_says_so_and_leaves_nothing(work, number, tmp_path):
    with phoenix("run", "-w", work, "-d", DATE) as process:
        recipe = wait_for(tmp_path / "recipe")
        process.send_signal(number)
        _, errors = process.communicate()
    assert process.returncode == 130
    assert "phoenix: stopped; give the same command again" in errors
    assert "Traceback" not in errors
    assert "running" not in states(work)
    wait_until_gone(recipe)


@pytest.mark.recipes
def test_what_kill_leaves_in_the_queue_is_removed_by_the_next_call(work):
    text = (work / "phoenix.toml").read_text()
    (work / "phoenix.toml").write_text(text.replace('"00:10:00"', '"10:00:00"'))
    with phoenix("run", "-w", work, "-d", DATE) as process:
        wait_until(queue)
        process.kill()
    assert queue()
    with phoenix("convert", "-w", work, "-d", DATE) as process:
        _, errors = process.communicate()
    assert "are cancelled" in errors
