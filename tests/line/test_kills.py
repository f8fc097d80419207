"""kill -9 at any moment, then the same command again: the same as if nothing had happened."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from nightwork import (
    ALL,
    DATE,
    data_sums,
    file_names,
    half_written,
    make_workspace,
    orphans,
    phoenix,
    products_in_store,
    runs,
    states,
    unlisted_products,
)

from patience import wait_until
from phoenix.steps.shelf.checksum import file_checksum

pytestmark = [pytest.mark.recipes, pytest.mark.slow]

SEED = int(os.environ.get("PHOENIX_TEST_SEED", "1"))
"""Another seed kills at other moments."""
KILLS = int(os.environ.get("PHOENIX_TEST_KILLS", "10"))
"""So many kills of a night that is processed."""
VICTIMS = ("runner", "worker", "recipe")
DYING = Path(__file__).with_name("dying.py")


def start(folder, verb="run"):
    command = [sys.executable, "-m", "phoenix", verb, "-w", str(folder), "-d", DATE]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def family(process):
    """Return the processes of a run: itself, its workers, the recipes."""
    with suppress(psutil.NoSuchProcess):
        head = psutil.Process(process.pid)
        return {"runner": [head], "worker": head.children(), "recipe": recipes(head)}
    return {}


def recipes(head):
    return [child for child in head.children(recursive=True) if "esorex" in name_of(child)]


def name_of(process):
    with suppress(psutil.NoSuchProcess):
        return process.name()
    return ""


def kill_one(process, chance):
    """Kill the runner, a worker or a recipe; return what was killed, nothing if there is none."""
    for kind in chance.sample(VICTIMS, len(VICTIMS)):
        for victim in family(process).get(kind, [])[:1]:
            with suppress(psutil.NoSuchProcess):
                victim.kill()
                return kind
    return ""


def well_done(folder):
    """Return the runs of the ABs that the store has as successful, and check what is visible."""
    found = runs(folder)
    assert unlisted_products(folder) == []
    return {name: found[name] for name, state in states(folder).items() if state == "successful"}


def assert_same(folder, undisturbed, expected=None):
    """Everything is as after an undisturbed run, and nothing else is there."""
    files = expected or undisturbed.files
    assert half_written(folder) == []
    assert orphans(folder) == []
    assert file_names(folder) == files
    assert data_sums(folder) == {k: v for k, v in undisturbed.data.items() if k in files}
    assert set(states(folder).values()) == {"successful"}
    for path, checksum in products_in_store(folder):
        assert file_checksum(folder / path) == checksum


def deliver(folder):
    for verb in ("run", "convert", "ingest"):
        done = phoenix(verb, "-w", folder, "-d", DATE)
        assert done.returncode == 0, done.stderr


def test_a_night_killed_at_random_moments_ends_like_any_other(raw_night, undisturbed):
    chance = random.Random(SEED)
    killed = []
    while len(killed) < KILLS:
        folder = make_workspace(undisturbed.folder.parent / f"killed{len(killed)}", raw_night)
        while len(killed) < KILLS and not is_processed(folder):
            killed.append(run_and_kill(folder, chance))
        phoenix("run", "-w", folder, "-d", DATE, check=True)
        assert_same(folder, undisturbed, undisturbed.finished)
        shutil.rmtree(folder)
    assert "runner" in killed


def is_processed(folder):
    found = states(folder)
    return len(found) == len(ALL) and set(found.values()) == {"successful"}


def run_and_kill(folder, chance):
    """Kill something of a run; kill the runner too if it goes on. Nothing done is done again."""
    before = well_done(folder)
    with start(folder) as process:
        time.sleep(chance.uniform(0.3, 5.0))
        kind = kill_one(process, chance)
        if kind != "runner":
            time.sleep(chance.uniform(0.0, 1.0))
            process.kill()
    after = well_done(folder)
    assert {name: after[name] for name in before} == before
    return kind


def test_a_run_survives_the_death_of_a_recipe_and_of_a_worker(raw_night, undisturbed):
    folder = make_workspace(undisturbed.folder.parent / "survivor", raw_night)
    with start(folder) as process:
        for victim in ("recipe", "worker"):
            os.kill(first(process, victim).pid, signal.SIGKILL)
        assert process.wait() == 0, process.stderr.read()
    assert_same(folder, undisturbed, undisturbed.finished)
    shutil.rmtree(folder)


def first(process, victim):
    """Wait for a process of that kind, and return it."""
    return wait_until(lambda: family(process).get(victim))[0]


# ---- while products are moved, converted and archived --------------------------------------


def die(folder, verb, call):
    """Run a verb until its so-manieth change of a file, then die; return whether it came to it."""
    command = [sys.executable, str(DYING), str(call), verb, "-w", str(folder), "-d", DATE]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode != 0


@pytest.mark.parametrize("verb", ["run", "convert", "ingest"])
def test_dying_at_any_change_of_a_file_is_made_good(verb, processed, undisturbed, copy_of):
    chance = random.Random(f"{SEED} {verb}")
    folder = copy_of(processed)
    for earlier in {"run": (), "convert": ("run",), "ingest": ("run", "convert")}[verb]:
        phoenix(earlier, "-w", folder, "-d", DATE, check=True)
    before = runs(folder)
    deaths = 0
    while die(folder, verb, chance.choice((1, 2, 3, 5, 8, 13, 21, 34, 55, 89))):
        deaths += 1
        assert unlisted_products(folder) == []
        if deaths >= 4:
            break
    assert deaths
    deliver(folder)
    assert runs(folder) == before
    assert_same(folder, undisturbed)
