from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from attrs import evolve

from phoenix.archive.unpack import MOST_UNPACKED
from phoenix.errors import SettingsError
from phoenix.model.frames import SetOfFrames
from phoenix.model.limits import GB, MB
from phoenix.model.recipe import Parameter
from phoenix.model.settings import Settings, describe
from phoenix.oca.language.parse import MOST_BYTES
from phoenix.pipelines.find import Pipeline
from phoenix.pipelines.places import SYSTEM_PATH
from phoenix.steps.recipe.esorex import EsorexRunner, esorex_command
from phoenix.steps.recipe.python_runner import PythonRunner
from phoenix.steps.recipe.runner import (
    RecipeCall,
    RunnerSettings,
    recipe_environment,
    run_command,
)
from phoenix.steps.recipe.runners import runner_of

ROOT = str(Path(__file__).parents[3])
# A recipe runs in an environment of its own; where these functions are must be told.
HERE = RunnerSettings(environment=(("PYTHONPATH", ROOT),), grace_s=0.2)


@pytest.fixture
def call(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "raw.fits").write_text("raw")
    return RecipeCall(
        name="ROOT",
        recipe="stack",
        frames=SetOfFrames(((tmp_path / "raw.fits", "RAW"),)),
        parameters=(Parameter("kappa", "3"),),
        folder=tmp_path / "run",
        output=tmp_path / "out",
        cores=2,
        time_limit_s=300,
    )


def stack(frames, parameters, output):
    text = " ".join(f"{path.name} {tag}" for path, tag in frames)
    (output / "stacked.txt").write_text(f"{text} {parameters}")


def stumble(frames, parameters, output):
    raise ValueError(f"no dark of {parameters['kappa']} s")


def eat(frames, parameters, output):
    block = bytearray(int(parameters["bytes"]))
    (output / "eaten.txt").write_text(str(len(block)))


def sleep(frames, parameters, output):
    time.sleep(60)


def leave(frames, parameters, output):
    words = [sys.executable, "-c", "import time; time.sleep(60)"]
    child = subprocess.Popen(words, start_new_session=True)
    (output / "left.txt").write_text(str(child.pid))
    if "for_ever" in parameters:
        time.sleep(60)


def run(call, name):
    return PythonRunner(f"tests.steps.recipe.test_runner:{name}", HERE).run(call)


def test_a_python_recipe_reads_frames_and_parameters(call):
    ended = run(call, "stack")
    assert ended.ok, ended.log
    assert (call.output / "stacked.txt").read_text() == "raw.fits RAW {'kappa': '3'}"


def test_a_python_recipe_that_raises_ends_with_exit_code_1_and_an_error_line(call):
    ended = run(call, "stumble")
    assert ended.code == 1
    assert "[ ERROR ] stack: ValueError: no dark of 3 s" in ended.log


def test_a_python_recipe_that_does_not_exist_ends_with_exit_code_1(call):
    ended = run(call, "nothing")
    assert ended.code == 1
    assert "nothing" in ended.log


def test_a_python_recipe_is_stopped_at_its_time_limit(call):
    ended = run(evolve(call, time_limit_s=1.0), "sleep")
    assert not ended.ok
    assert str(ended) == "was stopped, it took longer than 1 s"
    assert ended.signal == "SIGTERM"
    assert ended.wall_s >= 1


@pytest.mark.parametrize("parameters", [(), (Parameter("for_ever", "1"),)])
def test_a_child_that_has_left_the_group_does_not_outlive_its_recipe(call, parameters):
    left = call.output / "left.txt"
    # On a busy machine it has not begun when the first limits come.
    for limit_s in (2.0, 8.0, 32.0, 128.0):
        run(evolve(call, parameters=parameters, time_limit_s=limit_s), "leave")
        if left.exists():
            break
    pid = int(left.read_text())
    state = Path(f"/proc/{pid}/stat")
    # Where nobody reaps it, a dead child stays as a zombie.
    assert not state.exists() or ") Z " in state.read_text()


def test_without_pidfd_a_recipe_is_stopped_too(call, monkeypatch):
    def forbidden(_pid):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "pidfd_open", forbidden)
    assert run(call, "stack").ok
    ended = run(evolve(call, time_limit_s=0.5), "sleep")
    assert ended.time_limit_s == 0.5
    assert ended.signal == "SIGTERM"


def test_time_and_memory_of_a_recipe_are_measured(call):
    # Above our own peak the kernel's number is the recipe's own, whatever the load of the machine.
    unit = 1 if sys.platform == "darwin" else 1024
    eaten = unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + 150_000_000
    ended = run(evolve(call, parameters=(Parameter("bytes", str(eaten)),)), "eat")
    assert ended.ok, ended.log
    assert eaten < 1e6 * ended.peak_memory_mb < eaten + 200_000_000
    assert 0.01 < ended.cpu_s < 20
    assert ended.started > 1e9
    assert ended.host


def test_the_memory_of_a_small_recipe_is_its_own_and_not_ours(call):
    ours = bytearray(400_000_000)
    ours[::4096] = b"x" * len(ours[::4096])
    command = (sys.executable, "-IS", "-c", "import time; time.sleep(0.3)")
    ended = run_command(command, call, RunnerSettings(), {})
    assert 3 < ended.peak_memory_mb < 100


def test_a_recipe_sees_nothing_of_our_environment(call, monkeypatch):
    monkeypatch.setenv("ESOREX_RECIPE_CONFIG", "/home/someone/.esorex")
    environment = recipe_environment(call, RunnerSettings())
    assert "ESOREX_RECIPE_CONFIG" not in environment
    assert environment["HOME"] == str(call.folder)
    assert environment["OMP_NUM_THREADS"] == "2"


def test_a_recipe_sees_the_variables_that_the_settings_name(call):
    own = RunnerSettings(environment=(("LD_LIBRARY_PATH", "/opt/giraf/lib:${LIBS}"),))
    environment = recipe_environment(call, own, {"LIBS": "/opt/cpl", "SECRET": "x"})
    assert environment["LD_LIBRARY_PATH"] == "/opt/giraf/lib:/opt/cpl"
    assert "SECRET" not in environment


def test_a_variable_that_the_machine_has_not_is_told(call):
    own = RunnerSettings(environment=(("LD_LIBRARY_PATH", "${LIBS}"),))
    with pytest.raises(SettingsError, match="LD_LIBRARY_PATH: found no variable LIBS on"):
        recipe_environment(call, own, {})


def test_a_recipe_keeps_the_memory_of_its_images(call):
    # Each image that glibc gives back to the kernel costs a page fault for every 4 kB of the next.
    images = "for _ in range(40): bytearray(b'x') * 40_000_000"
    count = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)"
    code = f"{images}\n{count}"
    faults = [
        int(
            subprocess.run(
                [sys.executable, "-IS", "-c", code], env=env, stdout=subprocess.PIPE, check=True
            ).stdout
        )
        for env in ({}, recipe_environment(call, RunnerSettings()))
    ]
    assert faults[1] < faults[0] / 5


def test_the_default_of_the_grace_is_that_of_the_settings():
    assert RunnerSettings().grace_s == Settings().recipes.kill_grace_s


def test_the_setting_of_esorex_names_the_folders_that_are_looked_through():
    (meaning,) = (row.meaning for row in describe() if row.key == "recipes.pipelines")
    named = re.findall(r"(/[\w/]+/bin|/bin)", meaning)
    assert named == SYSTEM_PATH.split(":")


def test_a_program_that_is_not_there_says_what_to_do(call):
    with pytest.raises(SettingsError, match=r"phoenix\.toml"):
        run_command(("/nowhere/esorex",), call, RunnerSettings(), {})


def test_a_log_without_end_is_kept_by_head_and_tail_of_the_setting(call):
    command = (sys.executable, "-c", "import sys; sys.exit('a' * 5000 + 'b' * 5001)")
    ended = run_command(command, call, RunnerSettings(most_logged=1000), {})
    assert "9002 bytes left out" in ended.log
    assert ended.log.startswith("a")
    assert ended.log.rstrip().endswith("b")


def test_the_usual_bounds_are_those_of_the_settings():
    limits = Settings().limits
    assert RunnerSettings().most_logged == limits.recipe_log_mb * MB
    assert limits.unpacked_gb * GB == MOST_UNPACKED
    assert limits.rules_mb * MB == MOST_BYTES


def test_what_goes_to_standard_error_ends_up_in_the_log(call):
    command = (sys.executable, "-c", "import sys; sys.exit('out of luck')")
    ended = run_command(command, call, RunnerSettings(), {})
    assert ended.code == 1
    assert ended.log == "out of luck\n"


def test_a_pipeline_is_run_by_esorex_and_a_function_by_python():
    assert isinstance(runner_of("giraf", RunnerSettings()), EsorexRunner)
    assert isinstance(runner_of("phoenix_uves.recipe.stack:stack", RunnerSettings()), PythonRunner)


def test_the_command_line_is_a_list_without_a_shell(call, tmp_path):
    hostile = evolve(call, parameters=(Parameter("x", "$(reboot);`id`"),))
    pipeline = Pipeline("giraf", "2.16.10", Path(sys.executable), tmp_path)
    command = esorex_command(hostile, pipeline)
    assert command[0] == sys.executable
    assert command[-3:] == ("stack", "--x=$(reboot);`id`", str(call.sof))
    assert f"--recipe-dir={tmp_path}" in command
