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

from patience import clock, wait_until
from phoenix.engine import Job, jobqueue, open_cluster, run, watch
from phoenix.errors import BatchError
from phoenix.line.simulation import simulate_night
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
def empty(slurm):
    """No test leaves anything in the queue."""
    yield
    left = queue()
    ask("scontrol", "update", "nodename=n1,n2", "state=resume") if down() else None
    assert left == []


def down():
    states = ask("sinfo", "--noheader", "--Node", "--format=%T")
    return any(state.startswith(("down", "drain")) for state in states)


def run_one(settings, workspace, job=ONE, work=fakework.end_as_told, on_change=list, **options):
    with open_cluster(settings, workspace=workspace) as cluster:
        return run([job], work, cluster, on_change, clock, **options)[job.key]


# ---- the same products


@pytest.mark.recipes
def test_a_night_is_the_same_as_on_this_machine(slurm, tmp_path):
    raw = tmp_path / "raw"
    simulate_night("giraffe", "", DATE, raw, size="small")
    here = make_workspace(tmp_path / "here", raw)
    there = make_workspace(tmp_path / "there", raw)
    with (there / "phoenix.toml").open("a") as settings:
        settings.write(TOML.replace("[engine.jobqueue]", "[engine.jobqueue]\n"))
    for work in (here, there):
        command = [sys.executable, "-m", "phoenix", "run", "-w", work, "-d", DATE]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
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


@pytest.mark.parametrize(
    "lose",
    [
        lambda number: ("scancel", number),
        lambda number: ("scancel", "--signal=KILL", "--full", number),
        lambda number: (
            "scontrol",
            "update",
            f"nodename={node(number)}",
            "state=down",
            "reason=x",
        ),
    ],
    ids=["cancelled", "killed", "node down"],
)
def test_a_lost_job_is_replaced_and_its_work_done(slurm, workspace, tmp_path, caplog, lose):
    job = Job("a", "process", payload=("a", str(tmp_path)))
    on_change = lose_when_running(tmp_path, lambda number: ask(*lose(number)))
    result = run_one(batch(), workspace, job, fakework.last_until_told, on_change)
    assert result.state is JobState.SUCCESSFUL
    assert "; a new one is asked for" in caplog.text


def node(number):
    return ask("squeue", "--noheader", "--format=%N", f"--jobs={number}")[0]


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
    (first,) = ask("sbatch", "--parsable", "--nodes=2", "--exclusive", "--wrap=sleep 1000")
    wait_until(
        lambda: ask("squeue", "--noheader", "--format=%T", f"--jobs={first}") == ["RUNNING"]
    )
    told = []

    def make_room(text):
        told.append(text)
        if text:
            ask("scancel", first)

    assert run_one(batch(), workspace, on_wait=make_room).state is JobState.SUCCESSFUL
    assert told[0].startswith("waits for batch job ")
    assert told[-1] == ""


# ---- how the coordinator ends


@pytest.fixture
def work(slurm, tmp_path):
    raw = tmp_path / "raw"
    simulate_night("giraffe", "", DATE, raw, size="small")
    folder = make_workspace(tmp_path / "work", raw)
    # A recipe that lasts until it is ended.
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 1000\n")
    slow.chmod(0o755)
    with (folder / "phoenix.toml").open("a") as settings:
        settings.write(TOML)
        settings.write(f'\n[recipes."*"]\nesorex = "{slow}"\n')
    return folder


def phoenix(*words, **options):
    command = [sys.executable, "-m", "phoenix", *map(str, words)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def states(work):
    with phoenix("status", "-w", work, "-d", DATE, "--json") as process:
        return [row["state"] for row in json.loads(process.communicate()[0])]


@pytest.mark.recipes
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_says_so_and_leaves_nothing(work, number):
    with phoenix("run", "-w", work, "-d", DATE) as process:
        wait_until(lambda: "running" in states(work))
        process.send_signal(number)
        _, errors = process.communicate()
    assert process.returncode == 130
    assert "phoenix: stopped; give the same command again" in errors
    assert "Traceback" not in errors
    assert "running" not in states(work)


@pytest.mark.recipes
def test_what_kill_leaves_in_the_queue_is_removed_by_the_next_call(work):
    text = (work / "phoenix.toml").read_text()
    (work / "phoenix.toml").write_text(text.replace('"00:10:00"', '"10:00:00"'))
    with phoenix("run", "-w", work, "-d", DATE) as process:
        wait_until(queue)
        process.kill()
    assert queue()
    with phoenix("run", "-w", work, "-d", DATE, "--dry-run") as process:
        process.communicate()
    with phoenix("convert", "-w", work, "-d", DATE) as process:
        _, errors = process.communicate()
    assert "are cancelled" in errors
