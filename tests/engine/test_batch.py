"""What batch systems answer, and what is asked of them: text in, values out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.engine.batch import (
    HTCONDOR,
    SLURM,
    SYSTEMS,
    Standing,
    Stands,
    read_condor_q,
    read_squeue,
    refusal,
)

# As squeue 22.05 and condor_q print them.
SQUEUE = """\
23|PENDING|Resources
24|RUNNING|None
25|TIMEOUT|TimeLimit
26|PENDING|ReqNodeNotAvail, UnavailableNodes:n1
27|CANCELLED|None
28|NODE_FAIL|None
29|COMPLETING|NonZeroExitCode
30|PENDING|None
"""
CONDOR_Q = (
    "23\t0\t1\tundefined\n24\t0\t2\tundefined\n25\t0\t5\tError from slot1: no such file\n"
    "26\t0\t3\tundefined\n27\t0\t4\tundefined\n"
)


def test_squeue_tells_where_jobs_stand_and_why():
    assert read_squeue(SQUEUE) == {
        "23": Standing(Stands.WAITS, "Resources"),
        "24": Standing(Stands.RUNS),
        "25": Standing(Stands.ENDED, "TIMEOUT, TimeLimit"),
        "26": Standing(Stands.WAITS, "ReqNodeNotAvail, UnavailableNodes:n1"),
        "27": Standing(Stands.ENDED, "CANCELLED"),
        "28": Standing(Stands.ENDED, "NODE_FAIL"),
        "29": Standing(Stands.RUNS),
        "30": Standing(Stands.WAITS),
    }


def test_condor_q_tells_where_jobs_stand_and_why():
    assert read_condor_q(CONDOR_Q) == {
        "23.0": Standing(Stands.WAITS, "idle"),
        "24.0": Standing(Stands.RUNS),
        "25.0": Standing(Stands.WAITS, "held: Error from slot1: no such file"),
        "26.0": Standing(Stands.ENDED, "removed"),
        "27.0": Standing(Stands.ENDED, "completed"),
    }


@pytest.mark.parametrize("read", [read_squeue, read_condor_q])
@given(text=st.text())
def test_whatever_is_printed_is_read_and_harmless(read, text):
    for standing in read(text).values():
        assert len(standing.reason) < 1000
        assert "\n" not in standing.reason
        assert "\x1b" not in standing.reason


def test_the_sentence_of_a_refusal_is_taken_out_of_what_dask_raises():
    raised = (
        "Command exited with non-zero exit code.\nExit code: 1\nCommand:\nsbatch /tmp/x.sh\n"
        "stdout:\n\nstderr:\nsbatch: error: invalid partition specified: nosuch\n"
        "sbatch: error: Batch job submission failed: Invalid partition name specified\n\n"
    )
    assert refusal(raised) == (
        "sbatch: error: invalid partition specified: nosuch "
        "sbatch: error: Batch job submission failed: Invalid partition name specified"
    )


def test_a_refusal_without_a_sentence_is_told_as_it_is():
    assert refusal("no such thing") == "no such thing"


def test_jobs_of_slurm_are_known_by_their_name():
    options = SLURM.marked({"cores": 1, "job_name": "uves"}, "uves-7")
    assert options["job_name"] == "uves-7"
    assert "--name={mark}" in SLURM.ask
    assert "--name={mark}" in SLURM.cancel


@pytest.mark.parametrize("own", ["--requeue", "--no-requeue"])
def test_who_says_what_becomes_of_jobs_of_lost_nodes_is_heard(own):
    assert SLURM.marked({"job_extra_directives": [own]}, "m")["job_extra_directives"] == [own]
    assert SLURM.marked({}, "m")["job_extra_directives"] == ["--no-requeue"]


def test_jobs_of_htcondor_are_known_by_an_attribute():
    options = HTCONDOR.marked({"job_extra_directives": {"accounting_group": "qc"}}, "m")
    assert options["job_extra_directives"] == {
        "accounting_group": "qc",
        "MY.PhoenixCall": '"m"',
    }


def test_every_system_can_be_found_by_the_name_of_its_class():
    assert all(SYSTEMS[name].name == name for name in SYSTEMS)
