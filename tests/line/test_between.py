"""What lies between a recipe and the next: tables that were cut, masters that were rejected."""

from __future__ import annotations

import os
import shutil

import cubes
import pytest
from cubes import COMBINED, DATE, EXPOSURES, POSTS, TABLES, run_here

from phoenix.line.production import ProductionLine
from phoenix.model.report import JobState
from phoenix.model.score import VerdictKind
from phoenix.model.workspace import Workspace
from phoenix.steps.shelf.places import Places


class StopHereError(Exception):
    """Stands for a power cut."""


@pytest.fixture(scope="module")
def broken_off(cubes_repository, tmp_path_factory):
    """A night of which all but the last recipe was run; copy it, nobody may touch it."""
    folder = cubes.make_workspace(tmp_path_factory.mktemp("line") / "night", cubes_repository)
    with pytest.MonkeyPatch.context() as patch, ProductionLine(folder) as line:
        work = cubes.work

        def until_the_last(task):
            if str(task.ab.name) == f"{COMBINED}.ab":
                raise StopHereError
            return work(task)

        patch.setattr(cubes, "work", until_the_last)
        with pytest.raises(StopHereError):
            run_here(line)
    return folder


@pytest.fixture
def workspace(broken_off):
    folder = broken_off.parent / "copy"
    yield shutil.copytree(broken_off, folder)
    shutil.rmtree(folder)


def table(folder, root):
    return Places(Workspace(folder), str(DATE), root).published / TABLES[root][0]


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


def emptied(path):
    os.truncate(path, 0)


def gone(path):
    path.unlink()


def changed(path):
    content = bytearray(path.read_bytes())
    content[3000] ^= 255
    path.write_bytes(content)


def ends(line):
    return {row.ab_name: row.state for row in line.store.jobs.rows(step="process")}


@pytest.mark.parametrize("harm", [cut, emptied, gone])
def test_a_table_that_a_power_cut_harmed_is_made_again_before_it_is_read(workspace, harm):
    harm(table(workspace, POSTS[0]))
    with ProductionLine(workspace) as line:
        jobs = [name for name, step in run_here(line) if step == "process"]
        assert jobs == [f"{POSTS[0]}.ab", f"{COMBINED}.ab"]
        assert set(ends(line).values()) == {JobState.SUCCESSFUL}


def test_a_rejected_exposure_stops_the_cube_of_all_that_was_made_with_it(workspace):
    with ProductionLine(workspace) as line:
        run_here(line)
        first = f"{EXPOSURES[0]}.ab"
        line.give_verdict(first, reject=True, comment="clouds", by="me")
        (report,) = line.run(str(DATE), resume=True)
        kinds = {name: verdict.kind for name, verdict in report.verdicts.items()}
        assert kinds[first] is VerdictKind.REJECTED
        for name in (f"{POSTS[0]}.ab", f"{COMBINED}.ab"):
            assert kinds[name] is VerdictKind.REVIEW
            assert "which was rejected" in report.verdicts[name].comment
        assert kinds[f"{POSTS[1]}.ab"] is VerdictKind.AUTO
        assert not list((workspace / "reduced").glob(f"*/*{COMBINED}*"))


@pytest.mark.parametrize("harm", [cut, changed, gone])
def test_a_cube_that_is_no_longer_what_was_published_is_not_moved_and_made_again(workspace, harm):
    with ProductionLine(workspace) as line:
        run_here(line)
        cube = f"r.{COMBINED}_0000.fits"
        harm(Places(Workspace(workspace), str(DATE), COMBINED).published / cube)
        line.give_verdict(f"{COMBINED}.ab", reject=False, comment="fine", by="me")
        (report,) = line.run(str(DATE), resume=True)
        assert not list((workspace / "reduced").rglob("*_tpl*.fits"))
        assert report.results[f"{COMBINED}.ab"].state is JobState.FAILED
        assert "as it was published" in report.results[f"{COMBINED}.ab"].reason
        assert line.to_redo(str(DATE)) == (f"{COMBINED}.ab",)
        run_here(line, again=True)
        assert set(ends(line).values()) == {JobState.SUCCESSFUL}
