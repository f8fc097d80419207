"""Intermediate products leave when the last AB that reads them has ended well, and come back."""

from __future__ import annotations

import os
import shutil
import signal
import sys

import cubes
import pytest
from cubes import COMBINED, DATE, EXPOSURES, POSTS, TABLES, run_here

from phoenix.line.production import ProductionLine
from phoenix.model.score import Verdict, VerdictKind
from phoenix.model.workspace import Workspace
from phoenix.steps.shelf.manifest import manifest_of
from phoenix.steps.shelf.places import Places


@pytest.fixture(scope="module")
def ended(cubes_repository, tmp_path_factory):
    """A night that was processed; copy it, nobody may touch it."""
    folder = cubes.make_workspace(tmp_path_factory.mktemp("line") / "ended", cubes_repository)
    with ProductionLine(folder) as line:
        run_here(line)
    return folder


@pytest.fixture
def workspace(ended):
    folder = ended.parent / "copy"
    yield shutil.copytree(ended, folder)
    shutil.rmtree(folder)


def places(folder, root):
    return Places(Workspace(folder), str(DATE), root)


def tables(folder):
    """Return the products that other ABs read and that are there, by AB."""
    found = {
        root: [name for name in names if (places(folder, root).published / name).is_file()]
        for root, names in TABLES.items()
    }
    return {root: names for root, names in found.items() if names}


def states(folder):
    with ProductionLine(folder) as line:
        return {row.state.value for row in line.store.jobs.rows()}


def started(folder):
    return {root: manifest_of(places(folder, root)).started for root in (*TABLES, COMBINED)}


def test_tables_leave_when_the_last_ab_that_reads_them_has_ended(ended):
    assert states(ended) == {"successful"}
    assert tables(ended) == {}


def test_the_manifest_says_that_they_were_taken_away(ended):
    rows = manifest_of(places(ended, EXPOSURES[0])).products
    assert all(row.taken_away.startswith("20") for row in rows)
    (cube, reduced) = manifest_of(places(ended, POSTS[0])).products
    assert (cube.taken_away, reduced.taken_away[:2]) == ("", "20")


def test_what_is_delivered_and_what_nobody_reads_stays(ended):
    kept = {path.name for path in places(ended, COMBINED).published.glob("*.fits")}
    assert kept == {f"r.{COMBINED}_0000.fits", f"r.{COMBINED}_0001.fits"}
    assert (places(ended, POSTS[0]).published / f"r.{POSTS[0]}_0000.fits").is_file()


def test_tables_are_compared_by_size_alone(ended):
    rows = manifest_of(places(ended, POSTS[0])).products
    assert [bool(row.sha256) for row in rows] == [True, False]


def test_the_store_and_the_status_say_so(ended):
    with ProductionLine(ended) as line:
        paths = {row.name: row.path for row in line.store.products.rows()}
        title = line.status(str(DATE)).title
    assert {paths[name] for names in TABLES.values() for name in names} == {""}
    assert "6 intermediate products (0.00 GB) taken away" in title


def test_a_page_of_an_ab_says_so(workspace):
    with ProductionLine(workspace) as line:
        line.write_pages(str(DATE))
    page = next(workspace.rglob(f"monitor/**/{EXPOSURES[0]}.html")).read_text("utf-8")
    assert "intermediate, taken away 20" in page


def test_the_same_command_again_does_nothing(workspace):
    before = started(workspace)
    with ProductionLine(workspace) as line:
        assert line.pending(line.prepare(str(DATE), dry=True)) == {}
        assert run_here(line) == []
    assert started(workspace) == before


def redo(folder, recipe):
    """Have the ABs of a recipe done again, with another parameter."""
    with (folder / "phoenix.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'\n[pipeline.{recipe}]\npixels = "8"\n')


def test_of_a_child_that_is_redone_the_tables_are_made_again_first(workspace):
    redo(workspace, "cubecombine")
    before = started(workspace)
    with ProductionLine(workspace) as line:
        done = run_here(line)
    recipes = [name for name, step in done if step == "process"]
    assert [name.removesuffix(".ab") for name in recipes] == [*EXPOSURES, *POSTS, COMBINED]
    assert states(workspace) == {"successful"}
    assert tables(workspace) == {}
    # What was only made again for it stays as it was: measured, judged, delivered.
    assert {step for name, step in done if COMBINED not in name} == {"process"}
    assert {root: started(workspace)[root] for root in TABLES} == {
        root: before[root] for root in TABLES
    }


def test_a_run_that_would_make_them_again_says_why(workspace):
    redo(workspace, "cubecombine")
    with ProductionLine(workspace) as line:
        told = line.pending(line.prepare(str(DATE), dry=True))
    assert told[f"{COMBINED}.ab"] == "parameter pixels (default) -> 8"
    assert {told[f"{root}.ab"] for root in TABLES} == {
        "its products were taken away and are needed again"
    }


def test_cubes_of_what_is_made_again_stay_to_the_last_bit(workspace):
    cube = places(workspace, POSTS[0]).published / f"r.{POSTS[0]}_0000.fits"
    before = cube.stat()
    redo(workspace, "cubecombine")
    with ProductionLine(workspace) as line:
        run_here(line)
    assert (cube.stat().st_ino, cube.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_verdict_of_what_is_made_again_still_holds(workspace):
    with ProductionLine(workspace) as line:
        said = Verdict(VerdictKind.OK, "looks good", "a person")
        line.store.verdicts.give(f"{POSTS[0]}.ab", said, line.clock())
    redo(workspace, "cubecombine")
    with ProductionLine(workspace) as line:
        run_here(line)
        (night,) = line.run(str(DATE), stop_at="P", resume=True)
    assert night.verdicts[f"{POSTS[0]}.ab"].comment == "looks good"


def certified(line, comment="looks good"):
    """Let a person certify what only a person can."""
    said = Verdict(VerdictKind.OK, comment, "a person")
    line.store.verdicts.give(f"{COMBINED}.ab", said, line.clock())


def test_a_finished_night_has_them_made_again_for_one_ab_too(workspace):
    with ProductionLine(workspace) as line:
        certified(line)
        line.run(str(DATE), resume=True)
        finals = {row.name: row.path for row in line.store.products.rows() if row.path}
    assert not places(workspace, EXPOSURES[0]).published.exists()
    before = {path: (workspace / path).stat().st_mtime_ns for path in finals.values()}
    redo(workspace, "cubecombine")
    with ProductionLine(workspace) as line:
        done = run_here(line)
        certified(line, "the new one too")
        line.run(str(DATE), resume=True)
        after = {row.name: row.path for row in line.store.products.rows() if row.path}
    assert [name.removesuffix(".ab") for name, step in done if step == "process"] == [
        *EXPOSURES,
        *POSTS,
        COMBINED,
    ]
    assert after == finals
    own = [path for path in before if COMBINED not in path]
    assert {path: (workspace / path).stat().st_mtime_ns for path in own} == {
        path: before[path] for path in own
    }
    assert not [path for path in workspace.glob("products/*/*") if path.is_dir()]


def test_what_cannot_be_made_again_is_told_and_nothing_is_lost(workspace):
    redo(workspace, "cubecombine")
    (workspace / "raw" / str(DATE) / f"{EXPOSURES[0]}.fits").unlink()
    with ProductionLine(workspace) as line:
        there = line._context.sources[0].root / "raw" / str(DATE) / f"{EXPOSURES[0]}.fits"
        away = there.rename(there.with_suffix(".away"))
        run_here(line)
        away.rename(there)
        reasons = {row.ab_name: row.reason for row in line.store.jobs.rows(step="process")}
        assert EXPOSURES[0] in reasons[f"{COMBINED}.ab"]
        assert (places(workspace, POSTS[0]).published / f"r.{POSTS[0]}_0000.fits").is_file()
        run_here(line, again=True)
    assert states(workspace) == {"successful"}
    assert tables(workspace) == {}


def test_tables_that_a_failed_child_reads_stay(cubes_repository, tmp_path):
    folder = cubes.make_workspace(tmp_path / "failed", cubes_repository)
    with (folder / "phoenix.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[pipeline.cubecombine]\nfault = "exit"\n')
    with ProductionLine(folder) as line:
        run_here(line)
    assert set(tables(folder)) == set(POSTS)


def test_phoenix_toml_can_keep_them(cubes_repository, tmp_path):
    folder = cubes.make_workspace(tmp_path / "kept", cubes_repository)
    text = (folder / "phoenix.toml").read_text("utf-8")
    (folder / "phoenix.toml").write_text(
        text.replace('\nintermediate = ""\n', '\nintermediate = "night"\n', 1), "utf-8"
    )
    with ProductionLine(folder) as line:
        run_here(line)
    assert set(tables(folder)) == set(TABLES)


# ---- killed at any step -------------------------------------------------------------------------


def killed_at(number, folder, do):
    """Do something in a child of this process that is killed at its n-th change of a product.

    Returns whether it was killed before its end.
    """
    child = os.fork()
    if not child:
        left = number

        def hear(event, arguments):
            nonlocal left
            if event in {"os.rename", "os.remove"} and "/products/" in str(arguments):
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hear)
        try:
            do(folder)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def run_again(folder):
    with ProductionLine(folder) as line:
        run_here(line)


@pytest.mark.slow
def test_killed_at_any_change_the_same_command_goes_on(ended):
    """While tables are made again, while they are read, while they are taken away."""
    number, killed = 1, True
    while killed:
        folder = shutil.copytree(ended, ended.parent / f"killed{number}")
        redo(folder, "cubecombine")
        killed = killed_at(number, folder, run_again)
        run_again(folder)
        assert states(folder) == {"successful"}, number
        assert tables(folder) == {}, number
        assert manifest_of(places(folder, COMBINED)).command.count("--pixels=8") == 1
        assert not list(folder.glob("scratch/*/*/*")), number
        with ProductionLine(folder) as line:
            assert {row.path for row in line.store.products.rows() if row.name in every()} == {""}
            assert run_here(line) == []
        shutil.rmtree(folder)
        number += 1
    assert number > 30


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 4, 8, 12])
def test_a_first_run_killed_at_a_change_ends_like_one_that_was_not(
    ended, cubes_repository, tmp_path, number
):
    folder = cubes.make_workspace(tmp_path / "killed", cubes_repository)
    assert killed_at(number, folder, run_again)
    run_again(folder)
    assert states(folder) == {"successful"}
    assert published(folder) == published(ended)
    assert not list(folder.glob("scratch/*/*/*"))


def published(folder):
    """Return the products that are there and their content."""
    paths = folder.glob("products/*/*/*.fits")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def every():
    return {name for names in TABLES.values() for name in names}
