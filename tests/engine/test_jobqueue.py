"""Batch jobs by the true dask-jobqueue, on commands that stand in for those of Slurm."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import fakework
import psutil
import pytest
from attrs import evolve
from fakeslurm import FakeSlurm

from patience import clock, wait_until
from phoenix.engine import Job, jobqueue, open_cluster, run, watch
from phoenix.errors import BatchError, SettingsError
from phoenix.model.recipe import Resources
from phoenix.model.report import JobState
from phoenix.model.settings import Engine
from phoenix.model.workspace import Workspace

HERE = Path(__file__).parent
STEP = "process"
ONE = Job("a", STEP, payload=("a", "successful"))
TABLE = {"class": "SLURM", "cores": 2, "memory": "4GB", "interface": "lo"}


def batch(workers=2, **table):
    return Engine(workers=workers, jobqueue=TABLE | table)


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    # The fake answers at once.
    monkeypatch.setattr(watch, "_SOON_S", 0.2)
    fake = FakeSlurm(tmp_path / "slurm")
    monkeypatch.setenv("PATH", str(fake.bin), prepend=os.pathsep)
    # Jobs find the fake work functions as the tests do.
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    yield fake
    fake.close()


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "work")


@pytest.fixture
def cluster(slurm, workspace):
    with open_cluster(batch(), workspace=workspace) as cluster:
        yield cluster


def run_one(cluster, job=ONE, work=fakework.end_as_told, **options):
    return run([job], work, cluster, list, clock, **options)[job.key]


# ---- all is well


def test_a_job_is_done_by_a_worker_in_the_queue_and_nothing_is_left_there(slurm, workspace):
    with open_cluster(batch(), workspace=workspace) as cluster:
        assert run_one(cluster).state is JobState.SUCCESSFUL
        assert slurm.states == {1: "RUNNING"}
    assert slurm.states == {1: "CANCELLED"}
    assert not list(workspace.folder("scratch").rglob("*.lock"))


def test_a_job_as_large_as_a_batch_job_is_run(cluster):
    whole = evolve(ONE, resources=Resources(cores=2, memory_mb=4000))
    assert run_one(cluster, whole).state is JobState.SUCCESSFUL


@pytest.mark.parametrize(("workers", "cores", "jobs"), [(5, 2, 3), (4, 2, 2), (0, 8, 1)])
def test_as_many_jobs_are_wanted_as_hold_the_recipes(workers, cores, jobs):
    settings = batch(workers, cores=cores)
    assert jobqueue.jobs_wanted(settings) == jobs
    with open_cluster(settings) as cluster:
        assert cluster.slots == jobs * cores


def test_nothing_listens_on_all_addresses(slurm, workspace):
    given = {key: value for key, value in TABLE.items() if key != "interface"}
    with open_cluster(Engine(workers=1, jobqueue=given), workspace=workspace) as cluster:
        run_one(cluster)
        job = psutil.Process(slurm.pid(1))
        listening = {
            connection.laddr.ip
            for process in (psutil.Process(), *job.children(recursive=True))
            for connection in process.net_connections()
            if connection.status == psutil.CONN_LISTEN
        }
    assert not listening & {"0.0.0.0", "::"}  # noqa: S104 - that is the point


def test_logs_go_into_the_workspace(cluster, slurm, workspace):
    run_one(cluster)
    assert f"#SBATCH -e {workspace.root}/logs/batch/" in slurm.script(1)


def test_who_says_where_logs_go_is_heard(slurm, workspace, tmp_path):
    with open_cluster(batch(log_directory=str(tmp_path)), workspace=workspace) as cluster:
        run_one(cluster)
    assert f"#SBATCH -e {tmp_path}/phoenix-" in slurm.script(1)


# ---- what is lost


def test_a_lost_job_is_replaced_and_its_work_done(cluster, slurm, tmp_path, caplog):
    def lose(batch):
        if batch[-1].state is JobState.RUNNING and slurm.states[1] == "RUNNING":
            slurm.lose(1)
            (tmp_path / "a").touch()

    job = Job("a", STEP, payload=("a", str(tmp_path)))
    results = run([job], fakework.last_until_told, cluster, lose, clock)
    assert results[job.key].state is JobState.SUCCESSFUL
    assert slurm.states == {1: "TIMEOUT", 2: "RUNNING"}
    assert "batch job 1 ended (TIMEOUT, TimeLimit)" in caplog.text
    assert "a new one is asked for" in caplog.text


def test_jobs_that_end_before_their_worker_connects_end_the_run_with_the_end_of_a_log(
    slurm, workspace
):
    prologue = ["echo 'module: giraf: no such module' >&2", "exit 1"]
    with (
        open_cluster(batch(job_script_prologue=prologue), workspace=workspace) as cluster,
        pytest.raises(BatchError, match=r"before its worker connected; .*no such module"),
    ):
        run_one(cluster)
    assert len(slurm.states) == 4


def test_a_job_that_waits_is_told_until_it_starts(cluster, slurm):
    slurm.say("hold", "Resources")
    told = []

    def release(text):
        told.append(text)
        if text:
            slurm.unsay("hold")
            slurm.lose(1, "CANCELLED|None")

    assert run_one(cluster, on_wait=release).state is JobState.SUCCESSFUL
    assert told == ["waits for batch job 1 (Resources)", ""]


def test_a_job_that_can_never_start_is_told_and_ends_the_run(cluster, slurm, monkeypatch):
    monkeypatch.setattr(watch, "_PATIENCE_S", 3.0)
    slurm.say("hold", "PartitionTimeLimit")
    with pytest.raises(BatchError, match=r"job 1 will not start \(PartitionTimeLimit\)"):
        run_one(cluster)
    cluster.close()
    assert slurm.states == {1: "CANCELLED"}


def test_a_refused_job_ends_the_run_at_once_with_what_the_batch_system_says(cluster, slurm):
    slurm.say("refuse", "sbatch: error: invalid partition specified: nosuch")
    with pytest.raises(
        BatchError, match=r"refused a job: sbatch: error: invalid partition specified: nosuch$"
    ):
        run_one(cluster)


def test_a_machine_without_sbatch_is_told(slurm, cluster, monkeypatch):
    (slurm.bin / "sbatch").unlink()
    monkeypatch.setenv("PATH", str(slurm.bin))
    with pytest.raises(BatchError, match="found no program sbatch"):
        run_one(cluster)


def test_a_controller_that_dies_stops_nothing_but_is_told(slurm, workspace, tmp_path, caplog):
    def kill(batch):
        if batch[-1].state is JobState.RUNNING:
            slurm.say("dead", "slurm_load_jobs error: Unable to contact slurm controller")
            (tmp_path / "a").touch()

    job = Job("a", STEP, payload=("a", str(tmp_path)))
    with open_cluster(batch(), workspace=workspace) as cluster:
        results = run([job], fakework.last_until_told, cluster, kill, clock)
    assert results[job.key].state is JobState.SUCCESSFUL
    assert "batch jobs may be left in the queue (slurm_load_jobs error" in caplog.text
    assert slurm.states == {1: "RUNNING"}
    slurm.unsay("dead")
    with open_cluster(Engine(), workspace=workspace):
        assert slurm.states == {1: "CANCELLED"}


# ---- how the coordinator ends

_COORDINATOR = """
import sys
from pathlib import Path

import fakework
from patience import clock
from phoenix.engine import Job, open_cluster, run
from phoenix.model.settings import Engine
from phoenix.model.workspace import Workspace

table = {table!r}
job = Job("a", "process", payload=("a", sys.argv[1]))
workspace = Workspace(Path(sys.argv[2]))

def tell(batch):
    print(batch[-1].state.value, flush=True)

with open_cluster(Engine(workers=1, jobqueue=table), workspace=workspace) as cluster:
    run([job], fakework.last_until_told, cluster, tell, clock)
"""


@pytest.fixture
def coordinator(slurm, workspace, tmp_path):
    path = os.pathsep.join((str(HERE), str(HERE.parent)))
    with subprocess.Popen(
        [sys.executable, "-c", _COORDINATOR.format(table=TABLE), str(tmp_path), workspace.root],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def is_running(slurm):
    return slurm.states and set(slurm.states.values()) == {"RUNNING"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_breaks_the_run_off_in_order(coordinator, slurm, number):
    while coordinator.stdout.readline() != "running\n":
        pass
    coordinator.send_signal(number)
    assert coordinator.stdout.read() == "ready\n"
    assert "KeyboardInterrupt" in coordinator.stderr.read()
    assert coordinator.wait() != 0
    assert set(slurm.states.values()) == {"CANCELLED"}


def test_what_a_killed_coordinator_leaves_is_removed_by_the_next_call(
    coordinator, slurm, workspace
):
    slurm.say("hold", "PartitionTimeLimit")
    wait_until(lambda: slurm.states)
    coordinator.kill()
    coordinator.wait()
    assert slurm.states == {1: "PENDING"}
    with open_cluster(Engine(), workspace=workspace):
        assert slurm.states == {1: "CANCELLED"}
    assert not list(workspace.folder("scratch").rglob("*.lock"))


def test_the_jobs_of_a_call_that_lives_are_left_alone(coordinator, slurm, workspace):
    wait_until(lambda: is_running(slurm))
    with open_cluster(Engine(), workspace=workspace):
        assert is_running(slurm)


# ---- the import of dask_jobqueue


def _import_in_a_new_process(body):
    done = subprocess.run(
        [sys.executable, "-c", f"import signal, threading\n{body}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_ctrl_c_stays_what_it_was():
    _import_in_a_new_process(
        "from phoenix.engine.jobqueue import _class\n"
        "_class('SLURM')\n"
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
        "assert signal.signal.__module__ == 'signal'"
    )


def test_a_cluster_can_be_had_in_any_thread():
    _import_in_a_new_process(
        "from phoenix.engine.jobqueue import _class\n"
        "found = []\n"
        "thread = threading.Thread(target=lambda: found.append(_class('SLURM')))\n"
        "thread.start(); thread.join()\n"
        "assert found[0].__name__ == 'SLURMCluster'"
    )


# ---- wrong settings


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"class": "Abacus"}, "found class 'Abacus', expected one of HTCondorCluster, .*SLURM"),
        ({"disk": "20GB"}, "SLURMCluster cannot be had so: .*unexpected keyword argument 'disk'"),
        ({"interface": "nosuch0"}, "found interface 'nosuch0', expected one of this machine"),
        ({"memory": "much"}, "found memory 'much', expected a size"),
        ({"security": "yes"}, "SLURMCluster cannot be had so: "),
    ],
)
def test_wrong_settings_are_told_in_a_line(slurm, table, words):
    with (
        open_cluster(batch(**table)) as cluster,
        pytest.raises(SettingsError, match=words) as raised,
    ):
        run_one(cluster)
    assert len(str(raised.value)) < 400


def test_a_missing_package_for_batch_systems_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask_jobqueue", None)
    with (
        open_cluster(batch()) as cluster,
        pytest.raises(SettingsError, match="no package dask-jobqueue"),
    ):
        run_one(cluster)
