"""Bad input ends in a clear state and message, the rest of the night completes, mending helps."""

from __future__ import annotations

import json
import subprocess
import sys

import badnight
import pytest
from attrs import frozen
from badnight import CASES, INTRUDERS, NAMES, told
from nightwork import (
    ALL,
    BIAS,
    DARK,
    DATE,
    SECOND,
    half_written,
    make_workspace,
    phoenix,
    reasons,
    runs,
    states,
)

from patience import wait_until
from phoenix.engine.lock import is_held
from phoenix.line.production import ProductionLine
from phoenix.line.simulation import simulate_night

pytestmark = [pytest.mark.recipes, pytest.mark.slow]


@frozen
class Ended:
    """How a command ended, and what was true then."""

    code: int
    out: str
    errors: str


@frozen
class BadNight:
    """A night with every bad input: run, run by another at the same time, mended, run again."""

    first: Ended
    second: Ended
    pages: set[str]
    states: dict[str, str]
    reasons: dict[str, str]
    runs: dict[str, object]
    to_redo: list[str]
    again: Ended
    runs_again: dict[str, object]
    states_again: dict[str, str]
    measured: dict[str, dict[str, object]]


@pytest.fixture(scope="module")
def bad(raw_night, tmp_path_factory) -> BadNight:
    place = tmp_path_factory.mktemp("bad")
    source = badnight.build(raw_night, place / "night")
    folder = make_workspace(place / "work", source)
    first, second = run_twice(folder)
    before = states(folder), reasons(folder), runs(folder)
    for what in CASES:
        badnight.mend(source, what)
    badnight.leave(source)
    listed = phoenix("rerun", "-w", folder, "-d", DATE, "--failed", "--dry-run", "--json")
    again = ended(phoenix("rerun", "-w", folder, "-d", DATE, "--failed"))
    return BadNight(
        first=first,
        second=second,
        pages={path.stem for path in folder.glob(f"monitor/nights/{DATE}/*.html")},
        states=before[0],
        reasons=before[1],
        runs=before[2],
        to_redo=json.loads(listed.stdout),
        again=again,
        runs_again=runs(folder),
        states_again=states(folder),
        measured=measured(folder),
    )


def ended(done):
    return Ended(done.returncode, done.stdout, done.stderr)


def run_twice(folder):
    """Run a night, and try to run it again meanwhile."""
    command = [sys.executable, "-m", "phoenix", "run", "-w", str(folder), "-d", DATE]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        wait_until(lambda: is_held(folder / "scratch" / f"{DATE}.lock"))
        second = ended(phoenix("run", "-w", folder, "-d", DATE))
        out, errors = process.communicate()
    return Ended(process.returncode, out, errors), second


def measured(folder):
    with ProductionLine(folder) as line:
        found = {}
        for row in line.qc_table(DATE, elements=True).records():
            values = found.setdefault(row["AB"], {})
            values[row["parameter"], row["element"]] = row["value"]
        return found


def test_the_rest_of_a_bad_night_completes(bad):
    assert {name: bad.states[name] for name in ALL} == dict.fromkeys(ALL, "successful")
    assert set(bad.runs) == set(ALL)


def test_a_bad_night_leaves_with_one_and_names_what_is_wrong(bad):
    assert bad.first.code == 1
    assert f"{len(CASES) + len(INTRUDERS) + 2} failed, 7 successful" in bad.first.out
    for name in NAMES.values():
        assert name in bad.first.out
    assert "Traceback" not in bad.first.errors


@pytest.mark.parametrize("what", CASES)
def test_bad_input_fails_and_says_where_what_and_what_to_do(bad, what):
    assert bad.states[NAMES[what]] == "failed"
    for words in told(what):
        assert words in bad.reasons[NAMES[what]]


def test_every_ab_that_has_a_name_has_its_page(bad):
    assert {name.removesuffix(".ab") for name in (*ALL, *NAMES.values())} < bad.pages


def test_a_second_run_of_the_same_night_is_refused_and_says_who_has_it(bad):
    assert bad.second.code == 2
    assert "held by process" in bad.second.errors
    assert "give the same command again" in bad.second.errors


def test_a_rerun_lists_exactly_what_failed(bad):
    assert sorted(bad.to_redo) == sorted(NAMES.values())


def test_after_mending_a_rerun_makes_everything_good(bad):
    assert bad.again.code == 0, bad.again.errors
    good = {*ALL, *NAMES.values()}
    assert {bad.states_again[name] for name in good} == {"successful"}
    assert f"{len(ALL) + len(CASES)} successful" in bad.again.out


def test_what_left_the_repository_is_no_longer_wrong(bad):
    gone = set(bad.states_again) - {*ALL, *NAMES.values()}
    assert gone == {"GIRAF.2020-01-02T04:00:00.000.ab", "GIRAF.2020-01-02T04:01:00.000.ab"}
    assert {bad.states_again[name] for name in gone} == {"cancelled"}


def test_a_rerun_runs_nothing_that_was_done(bad):
    assert {name: bad.runs_again[name] for name in ALL} == bad.runs


def test_what_is_run_again_is_measured_with_its_finished_parents(bad):
    """The same raw frame has the same QC, whether its parents' night was finished or not."""
    moment = {"DATE_OBS", "MJD_OBS"}
    expected = {k: v for k, v in bad.measured[SECOND].items() if k[0] not in moment}
    for name in NAMES.values():
        found = {k: v for k, v in bad.measured[name].items() if k[0] not in moment}
        assert found == expected


# ---- recipes that crash, hang, fill the disk -------------------------------------------------

PLAIN = '#!/bin/sh\nexec esorex "$@"\n'
SHIM = """#!/bin/sh
case "$*" in *{root}.log*) {what} ;; esac
exec esorex "$@"
"""


def with_shim(folder, name, what):
    """Let something happen before esorex runs the recipe of one AB."""
    shim = folder.parent / f"{folder.name}-esorex"
    tell(shim, name, what)
    shim.chmod(0o755)
    with (folder / "phoenix.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'\n[recipes.giraf]\nesorex = "{shim}"\n')
    return shim


def tell(shim, name, what):
    shim.write_text(SHIM.format(root=name.removesuffix(".ab"), what=what))


def setting(folder, old, new):
    path = folder / "phoenix.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def workspace(raw_night, tmp_path):
    return make_workspace(tmp_path / "work", raw_night)


def run_only(folder, name):
    return phoenix("run", "-w", folder, "-d", DATE, "-a", name)


def rerun(folder):
    return phoenix("rerun", "-w", folder, "-d", DATE, "--failed")


@pytest.mark.parametrize(
    ("what", "words"),
    [
        pytest.param("sleep 600", "took longer than 10 s", id="hangs"),
        pytest.param("ulimit -f 100", "disk full: gimasterdark", id="fills the disk"),
        pytest.param("kill -SEGV $$", "ended by signal SIGSEGV", id="crashes"),
        pytest.param("kill -KILL $$", "ended by signal SIGKILL", id="is killed every time"),
        pytest.param("exit 0", "gimasterdark", id="does nothing with exit code 0"),
    ],
)
def test_a_recipe_that(workspace, what, words):
    shim = with_shim(workspace, DARK, what)
    setting(workspace, "time_limit_s = 3600.0", "time_limit_s = 10.0")
    done = run_only(workspace, DARK)
    assert done.returncode == 1
    assert words in reasons(workspace)[DARK]
    assert half_written(workspace) == []
    bias = runs(workspace)
    shim.write_text(PLAIN)
    done = phoenix("rerun", "-w", workspace, "-d", DATE, "--failed", "--dry-run")
    assert done.stdout.split() == [DARK]
    with ProductionLine(workspace) as line:
        line.rerun(DATE)
    assert states(workspace)[DARK] == "successful"
    assert {name: row for name, row in runs(workspace).items() if name in bias} == bias


def test_a_crash_by_a_true_signal_blocks_all_that_hang_on_it(tmp_path):
    source = tmp_path / "night"
    simulate_night("giraffe", "", DATE, source, size="small", faults=("windowed_bias",))
    folder = make_workspace(tmp_path / "work", source)
    done = phoenix("run", "-w", folder, "-d", DATE)
    assert done.returncode == 1
    assert "was ended by signal SIGSEGV" in reasons(folder)[BIAS]
    for name in set(ALL) - {BIAS}:
        assert states(folder)[name] == "blocked"
        assert reasons(folder)[name].startswith(f"{BIAS} (failed: gimasterbias was ended")


def test_a_killed_rerun_is_taken_up_by_the_next(workspace):
    shim = with_shim(workspace, DARK, "exit 0")
    assert run_only(workspace, DARK).returncode == 1
    tell(shim, DARK, "sleep 600")
    command = [sys.executable, "-m", "phoenix", "rerun", "-w", str(workspace), "-d", DATE]
    with subprocess.Popen([*command, "--failed"]) as process:
        wait_until(lambda: states(workspace)[DARK] == "running")
        process.kill()
    shim.write_text(PLAIN)
    listed = phoenix("rerun", "-w", workspace, "-d", DATE, "--failed", "--dry-run")
    assert listed.stdout.split() == [DARK]
    rerun(workspace)
    assert states(workspace)[DARK] == "successful"
