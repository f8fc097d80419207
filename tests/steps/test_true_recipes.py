"""The true gimasterbias on frames of random numbers, and each way in which it fails."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve

from phoenix.model.frames import RawFrame, Role
from phoenix.model.recipe import Parameter, Recipe, RecipeProduct, Resources
from phoenix.model.report import JobState
from phoenix.steps.recipe.runner import RunnerSettings

from .conftest import DATE, fake_instrument

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.recipes

GIMASTERBIAS = Recipe(
    "gimasterbias",
    "giraf",
    products=(
        RecipeProduct("MASTER_BIAS", Role.CALIBRATION),
        RecipeProduct("BAD_PIXEL_MAP", Role.CALIBRATION),
    ),
    resources=Resources(memory_mb=300, time_limit_s=60.0),
)
SMALL = (2112, 1140)
TOO_SMALL = (1900, 1000)


def bias_frame(path: Path, shape: tuple[int, int], seed: int) -> None:
    counts = np.random.default_rng(seed).normal(200, 3, shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.PrimaryHDU(counts.astype(np.uint16)).writeto(path)


def biases(night, number, shape=SMALL):
    names = [f"GIRAF.2020-01-01T22:00:0{i}.000.fits" for i in range(number)]
    for seed, name in enumerate(names):
        bias_frame(night.sources[0].root / "raw" / str(DATE) / name, shape, seed)
    frames = tuple(RawFrame(f"${{DFO_RAW_DIR}}/{DATE}/{name}", "BIAS") for name in names)
    ab = night.bias()
    return evolve(ab, raw_files=frames, recipe="gimasterbias", products=())


@pytest.fixture
def giraffe(night):
    return evolve(night, instrument=fake_instrument(GIMASTERBIAS), settings=RunnerSettings())


def test_gimasterbias_makes_a_master_bias(giraffe):
    result, published = giraffe.process(biases(giraffe, 3))
    assert result.state is JobState.SUCCESSFUL, result.reason
    assert [row.pro_catg for row in published.manifest.products] == [
        "MASTER_BIAS",
        "BAD_PIXEL_MAP",
    ]
    master = fits.getdata(published.folder / published.manifest.products[0].name)
    assert master.shape == SMALL
    assert abs(np.median(master) - 199.5) < 0.5
    assert {"esorex", "CPL", "giraf"} <= dict(published.manifest.versions).keys()
    assert 10 < result.peak_memory_mb < 300
    assert 0.05 < result.cpu_s < 20


def test_one_bias_is_not_enough(giraffe):
    result, _ = giraffe.process(biases(giraffe, 1))
    assert result.state is JobState.FAILED
    assert "exit code 1: Not enough raw bias Images [1, need 2]" in result.reason


def test_a_crash_by_signal_is_a_reason(giraffe):
    result, published = giraffe.process(biases(giraffe, 2, TOO_SMALL))
    assert result.state is JobState.FAILED
    assert "gimasterbias was ended by signal SIGSEGV" in result.reason
    assert "Computing QC1 parameters" in (published.folder / f"{biases_root()}.log").read_text()


def biases_root():
    return "FAKE.2020-01-01T22:00:00.000_tpl"


def test_an_unknown_parameter_is_a_reason(giraffe):
    ab = evolve(biases(giraffe, 2), parameters=(Parameter("no-such-thing", "1"),))
    result, _ = giraffe.process(ab)
    assert result.state is JobState.FAILED
    assert "ended with exit code 255" in result.reason
    assert "--no-such-thing=1' not recognized" in result.reason


def test_an_unknown_recipe_of_the_pipeline_is_a_reason(giraffe):
    strange = evolve(giraffe, instrument=fake_instrument(evolve(GIMASTERBIAS, name="ginothing")))
    result, _ = strange.process(evolve(biases(giraffe, 2), recipe="ginothing"))
    assert result.state is JobState.FAILED
    assert "ginothing" in result.reason


def test_a_pipeline_that_is_not_installed_is_a_reason(giraffe):
    foreign = evolve(giraffe, instrument=fake_instrument(evolve(GIMASTERBIAS, pipeline="hawki")))
    result, _ = foreign.process(biases(giraffe, 2))
    assert result.state is JobState.FAILED
    assert "found no folder hawki-<version>" in result.reason


def test_a_time_limit_stops_esorex(giraffe):
    result, _ = giraffe.process(biases(giraffe, 3), resources=Resources(time_limit_s=0.02))
    assert result.state is JobState.FAILED
    assert "took longer than 0.02 s" in result.reason


@pytest.mark.parametrize(
    "megabytes",
    [
        pytest.param(12, id="while the raw frames are fetched"),
        pytest.param(17, id="at the first product"),
        pytest.param(30, id="at the second product"),
    ],
)
def test_a_full_disk_is_a_reason_and_nothing_is_published(giraffe, megabytes):
    with small_disk(giraffe.workspace.root, megabytes):
        result, published = giraffe.process(biases(giraffe, 3))
        assert result.state is JobState.FAILED
        assert result.reason.startswith("disk full: ")
        assert not list(giraffe.workspace.folder("products").glob("*/*/*.fits"))
        assert published.folder is None or published.folder.name.endswith(".failed")
        assert giraffe.left_in_scratch() == []


@contextmanager
def small_disk(folder, megabytes):
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let us mount a small file system")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)  # noqa: S607 - as mount above
