from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from patience import wait_until
from phoenix.model.report import JobState
from phoenix.steps.shelf.places import Places
from phoenix.steps.shelf.scratch import SCRATCH_MARK, begin_attempt, clear_away, end_orphans, sweep

from ..conftest import DATE, told

ROOT = Path(__file__).parents[3]


def test_a_try_has_its_own_folders_and_leaves_none(tmp_path):
    attempt = begin_attempt(tmp_path, "ROOT")
    assert attempt.folder.parent == tmp_path / "ROOT"
    assert {path.name for path in attempt.folder.iterdir()} == {"run", "out", "publish", "old"}
    attempt.close()
    assert list(tmp_path.iterdir()) == []


def test_a_new_try_takes_away_what_an_earlier_one_left(tmp_path):
    first = begin_attempt(tmp_path, "ROOT")
    (first.output / "half.fits").write_bytes(b"x")
    second = begin_attempt(tmp_path, "ROOT")
    assert list(second.output.iterdir()) == []


def test_another_ab_with_a_similar_name_is_left_alone(tmp_path):
    other = begin_attempt(tmp_path, "GIRAF.2020-01-01T00:00:00.100")
    begin_attempt(tmp_path, "GIRAF.2020-01-01T00:00:00")
    assert other.folder.exists()


@pytest.fixture
def orphan(tmp_path):
    """A process of an earlier try that moved to another folder and another session."""
    folder = tmp_path / "ROOT" / "host.1.1" / "run"
    folder.mkdir(parents=True)
    process = subprocess.Popen(
        [sys.executable, "-c", "import os, time; os.chdir('/'); time.sleep(600)"],
        env={SCRATCH_MARK: str(folder)},
        start_new_session=True,
    )
    yield process
    process.kill()
    process.wait()


def test_a_folder_that_is_taken_away_leaves_nothing_nor_do_earlier_tries(tmp_path):
    begin_attempt(tmp_path / "scratch", "ROOT")
    published = tmp_path / "ROOT"
    (published / "below").mkdir(parents=True)
    (published / "below" / "product.fits").touch()
    clear_away(published, tmp_path / "scratch", "ROOT")
    assert [*tmp_path.rglob("*")] == [tmp_path / "scratch"]


def test_a_recipe_without_its_runner_is_ended(tmp_path, orphan):
    wait_until(lambda: f"{tmp_path}" in environment_of(orphan.pid))
    # It is our own child here: somebody must reap it while it is being ended.
    ended = reaping(orphan, lambda: sweep(tmp_path / "ROOT"))
    assert ended == 1
    assert orphan.returncode == -signal.SIGKILL
    assert not (tmp_path / "ROOT").exists()


def test_a_recipe_of_another_ab_goes_on(tmp_path, orphan):
    wait_until(lambda: f"{tmp_path}" in environment_of(orphan.pid))
    assert end_orphans(tmp_path / "ROO") == 0
    assert orphan.poll() is None


def environment_of(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


def reaping(process, act):
    reaper = threading.Thread(target=process.wait)
    reaper.start()
    result = act()
    reaper.join()
    return result


RUNNER = """
    import sys
    from pathlib import Path
    from attrs import evolve
    from phoenix.archive.source import FolderSource
    from phoenix.steps.recipe.runner import RunnerSettings
    from tests.steps.conftest import Night, fake_instrument, told

    root, esorex = map(Path, sys.argv[1:])
    settings = RunnerSettings.at(esorex, root)
    night = Night(root, fake_instrument(), settings, (FolderSource(root / "source"),))
    night.process(told(night.bias(), fault="stubborn"))
"""


def test_after_kill_9_the_same_ab_is_done_and_its_recipe_is_gone(night, esorex):
    killed = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(RUNNER), str(night.root), str(esorex)],
        cwd=ROOT,
    )
    scratch = night.workspace.folder("scratch", DATE)
    wait_until(lambda: list(scratch.glob("*/*/run/.logfile")))
    killed.kill()
    killed.wait()
    assert marked(scratch), "the recipe died with its runner; nothing to clean up"
    result, _ = night.process(night.bias())
    assert result.state is JobState.SUCCESSFUL, result.reason
    assert not marked(scratch)
    assert night.left_in_scratch() == []


def marked(scratch: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(scratch) in (entry / "environ").read_text():
                found.append(int(entry.name))
        except (OSError, UnicodeDecodeError):
            continue
    return found


def test_a_try_whose_folder_was_taken_away_publishes_nothing(night, monkeypatch):
    ab = night.bias()

    def judge_late(*_arguments):
        sweep(night.workspace.folder("scratch", DATE))
        return ()

    monkeypatch.setattr("phoenix.steps.recipe.tries.check_outcome", judge_late)
    result, _ = night.process(ab)
    assert result.state is JobState.FAILED
    assert "No such file" in result.reason
    assert not Places.of(night.workspace, ab).published.exists()


def test_a_second_outcome_is_kept_when_the_first_try_ends_late(night, monkeypatch):
    ab = night.bias()

    def another_try_meanwhile(*_arguments):
        monkeypatch.undo()
        assert night.process(ab)[0].state is JobState.SUCCESSFUL
        return ()

    monkeypatch.setattr("phoenix.steps.recipe.tries.check_outcome", another_try_meanwhile)
    result, _ = night.process(told(ab, seconds="0"))
    assert result.state is JobState.FAILED
    assert night.process(ab)[1].done_before
