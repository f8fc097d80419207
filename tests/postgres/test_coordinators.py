"""Two coordinators, as processes, on one PostgreSQL: nothing is lost, and nothing done twice."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from shutil import which

import pytest
from nightwork import DATE, data_sums, make_workspace, runs

from patience import wait_for, wait_until, wait_until_gone
from phoenix.line.production import ProductionLine

pytestmark = [pytest.mark.recipes, pytest.mark.slow]

OTHER = "2020-01-02"
ABS = 7


@pytest.fixture
def make(url, raw_nights, tmp_path):
    """Makes workspaces that share the database."""

    def new(name):
        folder = make_workspace(tmp_path / name, raw_nights)
        settings = folder / "phoenix.toml"
        text, found = re.subn(r"(?m)^url = .*$", f'url = "{url}"', settings.read_text())
        assert found == 1
        settings.write_text(text)
        return folder

    return new


@pytest.fixture
def slow(tmp_path):
    """Makes recipes of a workspace last until they are ended, and proper ones again."""
    script = tmp_path / "slow"
    script.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/recipe\nexec sleep 1000\n")
    script.chmod(0o755)

    class Slow:
        recipe = tmp_path / "recipe"

        def __init__(self, work):
            self.settings = work / "phoenix.toml"
            self.proper = self.settings.read_text()
            self.settings.write_text(f'{self.proper}\n[recipes."*"]\nesorex = "{script}"\n')

        def ends(self):
            self.settings.write_text(self.proper)

    return Slow


def begin(*words):
    command = [sys.executable, "-m", "phoenix", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def call(*words):
    with begin(*words) as process:
        _, errors = process.communicate()
    assert "Traceback" not in errors
    return process.returncode, errors


def run(work, date=DATE):
    return call("run", "-w", work, "-d", date)


def standing(work, date=DATE):
    """Return the state of every AB of a night, and how often it was handed to a worker."""
    with ProductionLine(work) as line:
        rows = line.store.jobs.rows(since=date, until=date, step="process")
        scores = line.store.qc1.scores(since=date, until=date)
        # A score that is given again without need would be there twice.
        keys = {(row.ab_name, row.parameter, row.element, row.part, row.place) for row in scores}
        assert len(keys) == len(scores) > 0
    return [(row.state.value, row.attempt) for row in rows]


def test_different_nights_at_the_same_time_in_one_workspace(make):
    work = make("work")
    with begin("run", "-w", work, "-d", DATE) as one, begin("run", "-w", work, "-d", OTHER) as two:
        told = [process.communicate() for process in (one, two)]
    assert [one.returncode, two.returncode] == [0, 0], told
    assert standing(work) == standing(work, OTHER) == [("successful", 1)] * ABS
    alone = make("alone")
    assert run(alone)[0] == 0
    made, whole = data_sums(alone), data_sums(work)
    assert made == {name: whole[name] for name in made}


@pytest.mark.parametrize("shared", [True, False])
def test_a_night_that_another_runs_is_refused(make, slow, shared):
    work = make("work")
    recipes = slow(work)
    with begin("run", "-w", work, "-d", DATE) as first:
        pids = wait_for(recipes.recipe)
        code, errors = run(work if shared else make("elsewhere"))
        first.send_signal(signal.SIGTERM)
        first.communicate()
    assert code == 2
    assert errors.count("\n") == 1
    assert f"found it held by process {first.pid} " in errors
    assert first.returncode == 130
    wait_until_gone(pids)


def test_a_killed_coordinator_leaves_its_night_to_the_other(make, slow):
    work = make("work")
    recipes = slow(work)
    with begin("run", "-w", work, "-d", DATE) as first:
        pids = wait_for(recipes.recipe)
        recipes.ends()
        assert run(work, OTHER)[0] == 0
        first.kill()
        first.communicate()
    wait_until_gone(pids)
    assert run(work)[0] == 0
    assert {state for state, _ in standing(work)} == {"successful"}
    assert standing(work, OTHER) == [("successful", 1)] * ABS


def test_both_killed_are_both_taken_up(make, slow):
    work = make("work")
    recipes = slow(work)
    with begin("run", "-w", work, "-d", DATE) as one, begin("run", "-w", work, "-d", OTHER) as two:
        wait_for(recipes.recipe)
        wait_until(lambda: len(list((work / "scratch").glob("*.lock"))) == 2)
        for process in (one, two):
            process.kill()
            process.communicate()
    recipes.ends()
    for date in (DATE, OTHER):
        assert run(work, date)[0] == 0
        assert {state for state, _ in standing(work, date)} == {"successful"}


def test_a_restart_of_the_server_in_mid_run_is_survived(make, server, tmp_path):
    work = make("work")
    gate, went = tmp_path / "gate", tmp_path / "went"
    settings = work / "phoenix.toml"
    script = tmp_path / "waits"
    script.write_text(
        f"#!/bin/sh\ncase $* in *.sof*) echo $$ > {went}; "
        f'while [ ! -e {gate} ]; do sleep 0.1; done;; esac\nexec {which("esorex")} "$@"\n'
    )
    script.chmod(0o755)
    settings.write_text(f'{settings.read_text()}\n[recipes."*"]\nesorex = "{script}"\n')
    with begin("run", "-w", work, "-d", DATE) as process:
        wait_for(went)
        server("restart")
        gate.touch()
        _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert standing(work) == [("successful", 1)] * ABS


def test_a_server_that_ends_transactions_costs_one_sentence_and_nothing_else(make, server):
    work = make("work")
    with begin("run", "-w", work, "-d", DATE) as process:
        wait_until(lambda: list((work / "products").glob("*/*/manifest.json")))
        server("restart")
        _, errors = process.communicate()
    # Where the restart falls into a transaction the run ends, and else it does not.
    assert process.returncode in {0, 2}
    assert "Traceback" not in errors
    made = data_sums(work)
    assert run(work)[0] == 0
    assert {state for state, _ in standing(work)} == {"successful"}
    assert made.items() <= data_sums(work).items() or process.returncode


def test_a_backup_that_is_restored_is_gone_on_with_and_no_recipe_run_again(make, url, tmp_path):
    work, dump = make("work"), tmp_path / "dump"
    address = url.replace("+psycopg", "")
    assert run(work)[0] == 0
    command = (which("pg_dump"), "--format=custom", f"--file={dump}", address)
    subprocess.run(command, check=True)
    assert run(work, OTHER)[0] == 0
    began = {name: one.started for name, one in runs(work).items()}
    subprocess.run(
        [
            *(which("pg_restore"), "--clean", "--if-exists", "--single-transaction"),
            *(f"--dbname={address}", dump),
        ],
        check=True,
    )
    assert standing(work) == [("successful", 1)] * ABS
    assert run(work, OTHER)[0] == 0
    assert {state for state, _ in standing(work, OTHER)} == {"successful"}
    assert {name: one.started for name, one in runs(work).items()} == began
    assert len(began) == 2 * ABS
