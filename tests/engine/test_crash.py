from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import fakenight
import fakework
import psutil
import pytest
from fakenight import PARENTS, STEP

from patience import PATIENCE_S, wait_for, wait_until, wait_until_gone
from phoenix.model.report import JobState

SCRIPT = Path(__file__).with_name("fakenight.py")


@pytest.fixture
def root(tmp_path):
    (tmp_path / "products").mkdir()
    (tmp_path / "scratch").mkdir()
    (tmp_path / "done").touch()
    return tmp_path


def start(root):
    return subprocess.Popen([sys.executable, SCRIPT, root], stdout=subprocess.PIPE)


def expected_products():
    texts = {}
    for name, parents in PARENTS.items():
        texts[name] = f"{name}({','.join(texts[parent] for parent in parents)})"
    return texts


def products(root):
    return {path.name: path.read_text() for path in (root / "products").iterdir()}


def recorded(root):
    with fakenight.open_store(root) as store:
        return {name for name, _ in fakenight.done(store)}


def done_lines(root):
    return (root / "done").read_text().split()


def workers_of(process):
    try:
        return psutil.Process(process.pid).children()
    except psutil.NoSuchProcess:
        return []


def is_gone(process):
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def kill_in_the_middle(root, chance, longest):
    """Run until some moment, then kill; return the exit code if it came to its end before."""
    with start(root) as process:
        process.stdout.readline()
        time.sleep(chance.uniform(0, longest))
        workers = workers_of(process)
        process.kill()
    wait_until_gone([worker.pid for worker in workers])
    return process.returncode


@pytest.mark.slow
def test_a_run_killed_at_many_moments_and_taken_up_does_the_same_as_an_undisturbed_one(root):
    chance = random.Random(2020)
    whole, safe, lines, kills = expected_products(), set(), 0, 0
    # Longer and longer: on a busy machine a run must come to its end some time.
    while kill_in_the_middle(root, chance, longest=0.15 * 1.1**kills) != 0:
        kills += 1
        assert products(root).items() <= whole.items(), "something half-written is visible"
        assert safe.isdisjoint(done_lines(root)[lines:]), "done twice what was recorded done"
        safe, lines = recorded(root), len(done_lines(root))
        assert safe <= products(root).keys(), "recorded done without a product"
    assert kills > 3
    assert safe.isdisjoint(done_lines(root)[lines:])
    assert products(root) == whole
    assert recorded(root) == whole.keys()


@pytest.mark.slow
def test_a_run_whose_workers_are_killed_at_many_moments_comes_to_the_same_end(root):
    chance = random.Random(2020)
    kills = 0
    with start(root) as process:
        process.stdout.readline()
        # Not for ever: on a busy machine no worker would live long enough to begin.
        while process.poll() is None and kills < 15:
            time.sleep(chance.uniform(0.1, 0.3))
            for worker in chance.sample(workers := workers_of(process), k=min(1, len(workers))):
                worker.kill()
                kills += 1
        process.stdout.read()
    assert process.returncode == 0
    assert kills > 2
    assert products(root) == expected_products()


def test_sigterm_stops_the_recipes_and_the_same_command_goes_on(root):
    code = (
        f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r}); import fakenight, fakework; "
        f"from pathlib import Path; fakenight.night(Path({str(root)!r}), fakework.pause)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        wait_until((root / "paused").exists)
        # Let it be told to be running.
        time.sleep(0.5)
        workers = workers_of(process)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE_S)
    assert errors.splitlines()[-1] == b"KeyboardInterrupt"
    assert workers
    assert all(map(is_gone, workers))
    with fakenight.open_store(root) as store:
        states = {row.ab_name: row.state for row in store.jobs.rows()}
    assert set(states.values()) == {JobState.READY, JobState.WAITING}
    fakenight.night(root)
    assert products(root) == expected_products()


def test_a_worker_stopped_when_its_coordinator_is_killed_ends_with_its_recipe(root):
    """The coordinator stops a worker before it kills it, and may die between the two."""
    code = (
        f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r}); import fakenight, fakework; "
        f"from pathlib import Path; fakenight.night(Path({str(root)!r}), fakework.run_a_recipe)"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        family = wait_for(root / "AB00")
        psutil.Process(family[0]).suspend()
        process.kill()
    wait_until_gone(family)


def test_a_finished_night_run_again_does_nothing(root):
    fakenight.night(root)
    lines = done_lines(root)
    assert sorted(lines) == sorted(PARENTS)
    assert fakenight.night(root) == {}
    assert done_lines(root) == lines


def test_what_was_published_and_not_recorded_is_taken_up_and_not_done_again(root):
    fakenight.night(root)
    with fakenight.open_store(root) as store:
        store.jobs.reset([("AB03", STEP)])
    assert list(fakenight.night(root)) == [("AB03", STEP)]
    assert len(done_lines(root)) == len(PARENTS)


def test_the_fake_work_is_atomic(root):
    fakework.publish_by_rename(("AB00", (), str(root)))
    assert products(root) == {"AB00": "AB00()"}
    assert list((root / "scratch").iterdir()) == []
