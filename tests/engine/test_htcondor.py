"""What HTCondor is asked for, read by HTCondor's own parser; there is no pool of it here."""

from __future__ import annotations

import re
import subprocess
import warnings

import pytest

from phoenix.engine.batch import HTCONDOR
from phoenix.engine.jobqueue import open_jobqueue
from phoenix.model.settings import Engine
from phoenix.model.workspace import Workspace

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    htcondor = pytest.importorskip("htcondor2")
    classad = pytest.importorskip("classad2")

TABLE = {
    "class": "HTCondor",
    "cores": 8,
    "memory": "32GB",
    "disk": "20GB",
    "job_extra_directives": {"+MaxRuntime": 28800},
    "job_script_prologue": ["module load giraf", """echo "it's" """],
}


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture
def submitted(workspace):
    """What condor_submit is given, parsed."""
    with open_jobqueue(Engine(workers=8, jobqueue=TABLE), workspace) as (cluster, watch):
        kind = cluster.new_spec["cls"]
        job = kind(cluster.scheduler.address, name="one", **watch.jobs._options)
        return htcondor.Submit(job.job_script())


def words_of(arguments):
    """Split arguments as condor_submit(1) says: quotes doubled, words with blanks in quotes."""
    inner = arguments.removeprefix('"').removesuffix('"').replace('""', '"')
    words = re.findall(r"(?:[^\s']|'(?:[^']|'')*')+", inner)
    return [
        re.sub(r"'((?:[^']|'')*)'", lambda found: found[1].replace("''", "'"), word)
        for word in words
    ]


def test_cores_memory_and_disk_are_asked_for(submitted):
    assert submitted["MY.DaskWorkerCores"] == "8"
    assert submitted["MY.DaskWorkerMemory"] == str(32 * 10**9)
    assert submitted["MY.DaskWorkerDisk"] == str(20 * 10**9)
    assert submitted["RequestMemory"] == "floor(MY.DaskWorkerMemory / 1048576)"


def test_a_time_limit_goes_as_an_attribute(submitted):
    assert submitted["MY.MaxRuntime"] == "28800"


def test_logs_go_into_the_workspace(submitted, workspace):
    assert submitted["LogDirectory"] == f"{workspace.root}/logs/batch"


def test_what_the_job_runs_is_a_shell_command(submitted):
    assert submitted["Executable"] == "/bin/sh"
    flag, command = words_of(submitted.expand("Arguments"))
    assert flag == "-c"
    assert command.startswith('module load giraf; echo "it\'s" ; ')
    assert "distributed.cli.dask_worker" in command
    done = subprocess.run(
        ["/bin/sh", "-n", "-c", command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_nothing_of_the_command_is_a_macro(submitted):
    assert "$" not in submitted["Arguments"]


def test_its_jobs_are_found_by_the_mark(submitted):
    mark = submitted["MY.PhoenixCall"]
    job = classad.ClassAd({"PhoenixCall": mark.strip('"')})
    for command in (HTCONDOR.ask, HTCONDOR.cancel):
        constraint = command[command.index("-constraint") + 1].format(mark=mark.strip('"'))
        assert classad.ExprTree(constraint).eval(job) is True
        assert classad.ExprTree(constraint).eval(classad.ClassAd({"PhoenixCall": "x"})) is False
