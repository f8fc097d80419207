"""What no machine could hold is left out before the start, and what recipes took is remembered."""

from __future__ import annotations

import cubes
import pytest
from cubes import COMBINED, DATE, POSTS, run_here

from phoenix.line.production import ProductionLine
from phoenix.line.workflow import Workflow


def workspace_of(folder, repository, memory_gb, each=600):
    cubes.make_workspace(folder, repository)
    path = folder / "phoenix.toml"
    text = path.read_text("utf-8").replace(
        "\nmemory_gb = 0.0\n", f"\nmemory_gb = {memory_gb}\n", 1
    )
    path.write_text(f'{text}\n[pipeline.cubecombine]\neach = "{each}"\n', "utf-8")
    return folder


@pytest.fixture
def small(cubes_repository, tmp_path):
    """A machine into which one exposure fits."""
    return workspace_of(tmp_path / "small", cubes_repository, 1.0)


def combined(line):
    return line.prepare(str(DATE), dry=True).nights[0].cascade.block(f"{COMBINED}.ab")


def test_inputs_that_do_not_fit_are_left_out_from_the_end(small):
    with ProductionLine(small) as line:
        ab = combined(line)
    assert [one.parent for one in ab.calibrations] == [f"{POSTS[0]}.ab"]
    assert ab.edits[-1].why == "1 of 2 exposures; memory: 1 of 2 REDUCED fit into 1000 MB"


def test_it_is_told_before_the_start(small):
    told = []
    with ProductionLine(small) as line:
        line.follow(str(DATE), Workflow(dry=True), tell=told.append)
    assert told == [
        f"{COMBINED}.ab: 1 of 2 exposures; memory: 1 of 2 REDUCED fit into 1000 MB",
    ]


def test_where_all_fit_nothing_is_left_out(cubes_repository, tmp_path):
    with ProductionLine(workspace_of(tmp_path / "large", cubes_repository, 1.3)) as line:
        assert len(combined(line).calibrations) == len(POSTS)


def test_what_cannot_do_with_less_is_told_to_fail(cubes_repository, tmp_path, caplog):
    with ProductionLine(workspace_of(tmp_path / "tiny", cubes_repository, 0.2)) as line:
        assert len(combined(line).calibrations) == len(POSTS)
    assert f"{COMBINED}.ab will fail: it needs 1300 MB of memory" in caplog.text


def test_what_was_run_keeps_its_inputs_whatever_is_learned(small):
    with ProductionLine(small) as line:
        run_here(line)
    text = (small / "phoenix.toml").read_text("utf-8")
    (small / "phoenix.toml").write_text(
        text.replace("\nmemory_gb = 1.0\n", "\nmemory_gb = 5.0\n", 1), "utf-8"
    )
    with ProductionLine(small) as line:
        assert len(combined(line).calibrations) == 1
        assert run_here(line) == []


def test_the_next_run_knows_how_many_files_a_recipe_read(small):
    with ProductionLine(small) as line:
        run_here(line)
        (seen,) = line.store.jobs.spent()["cubecombine", "process"]
        both = line.store.jobs.spent()["cubepost", "process"]
    assert seen.input_files == 1
    assert [row.input_files for row in both] == [2, 2]
    assert both[0].input_mb == pytest.approx(0.0, abs=0.1)
