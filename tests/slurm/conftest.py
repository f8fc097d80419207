"""A real Slurm for all tests of this folder, and what they share with others."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))
sys.path.insert(0, str(Path(__file__).parents[1] / "line"))

import loopback
from nightwork import DATE

from phoenix.line.simulation import simulate_night
from phoenix.model.workspace import Workspace
from phoenix.testing.night import has_esorex


@pytest.fixture(scope="session")
def slurm():
    """The configuration of a Slurm with two nodes of two cores, in use by this process."""
    if why := loopback.missing():
        pytest.skip(why)
    with loopback.slurm() as configuration, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_CONF", str(configuration))
        patch.setenv("PATH", os.pathsep.join((os.environ["PATH"], "/usr/sbin")))
        # Batch jobs find the fake work functions as the tests do.
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1] / "engine"))
        yield configuration


@pytest.fixture(scope="session")
def raw_night(tmp_path_factory):
    if not has_esorex():
        pytest.skip("no esorex: run `make test`, which installs the pipelines")
    folder = tmp_path_factory.mktemp("raw")
    simulate_night("giraffe", "", DATE, folder, size="small")
    return folder


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "work")
