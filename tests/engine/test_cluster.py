from __future__ import annotations

import subprocess
import sys

import fakework
import psutil
import pytest
from dask import config
from distributed import LocalCluster

from patience import clock, wait_for, wait_until_gone
from phoenix.engine import Job, open_cluster, run
from phoenix.errors import PhoenixError, SettingsError
from phoenix.model.report import JobState
from phoenix.model.settings import Engine

STEP = "process"
PAGES = {"dashboard_address": "127.0.0.1:0", "worker_dashboard_address": "127.0.0.1:0"}
ONE = Job("a", STEP, payload=("a", "successful"))


def run_one(cluster, job=ONE, work=fakework.end_as_told, **options):
    return run([job], work, cluster, list, clock, **options)[job.key]


def test_the_machine_is_not_open_to_others():
    with open_cluster(Engine(workers=1)) as cluster:
        run_one(cluster)
        listening = [
            connection.laddr.ip
            for connection in psutil.Process().net_connections()
            if connection.status == psutil.CONN_LISTEN
        ]
    assert set(listening) <= {"127.0.0.1"}


def test_a_closed_cluster_leaves_no_process():
    before = set(psutil.Process().children(recursive=True))
    with open_cluster(Engine(workers=2)) as cluster:
        run_one(cluster)
    assert set(psutil.Process().children(recursive=True)) <= before


def test_nothing_to_do_starts_no_dask():
    with open_cluster(Engine()) as cluster:
        assert run([], fakework.end_as_told, cluster, print, clock) == {}
        assert cluster._client is None


# ---- a running scheduler


@pytest.fixture
def there():
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", **PAGES
    ) as there:
        yield there


def test_a_running_scheduler_is_used(there):
    with open_cluster(Engine(scheduler=there.scheduler_address)) as cluster:
        assert run_one(cluster).state is JobState.SUCCESSFUL
        assert cluster.capacity.cores == 1


def test_a_scheduler_that_is_not_there_is_told():
    with (
        config.set({"distributed.comm.timeouts.connect": "1s"}),
        open_cluster(Engine(scheduler="tcp://127.0.0.1:1")) as cluster,
        pytest.raises(SettingsError, match=r"found no dask scheduler at 'tcp://127\.0\.0\.1:1'"),
    ):
        run_one(cluster)


@pytest.mark.slow
def test_a_scheduler_that_goes_away_ends_the_run_and_its_recipes(there, tmp_path):
    pids = []

    def close(batch):
        if batch[-1].state is JobState.RUNNING:
            pids.extend(wait_for(tmp_path / "a"))
            there.close()

    job = Job("a", STEP, payload=("a", str(tmp_path)))
    with (
        config.set({"distributed.comm.timeouts.connect": "1s"}),
        open_cluster(Engine(scheduler=there.scheduler_address)) as cluster,
        pytest.raises(PhoenixError, match="scheduler is gone"),
    ):
        run([job], fakework.run_for_ever, cluster, close, clock)
    wait_until_gone(pids)


def test_a_job_whose_machine_dies_is_tried_again(tmp_path):
    job = Job("a", STEP, payload=("a", str(tmp_path), 1))
    with (
        config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(n_workers=1, threads_per_worker=1, silence_logs=60, **PAGES) as machines,
        open_cluster(Engine(scheduler=machines.scheduler_address)) as cluster,
    ):
        assert run_one(cluster, job, fakework.kill_the_machine).state is JobState.SUCCESSFUL


def test_importing_the_engine_loads_neither_dask_nor_a_database():
    code = (
        "import sys, phoenix.engine, phoenix.engine.worker; "
        "sys.exit(bool({'dask', 'distributed', 'sqlalchemy'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_cannot_be_closed_in_time_does_not_hide_why_the_run_ended():
    closed = []

    def late():
        raise TimeoutError("Timeout")

    def broken_off():
        with open_cluster(Engine()) as cluster:
            cluster._open.callback(closed.append, "processes")
            cluster._open.callback(late)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert closed == ["processes"]
