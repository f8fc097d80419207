"""Pipelines in a prefix: whole, with recipes that load, or not at all."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from phoenix.cli import run
from phoenix.errors import SettingsError
from phoenix.pipelines import install as installing
from phoenix.pipelines.find import forget_pipelines, installed_pipeline, rule_file
from phoenix.pipelines.install import install_pipeline, recipes_of, remove_pipeline

SHARED = Path(__file__).parents[2].parent / "shared" / "packages" / "xshooter-debian11"
shared = pytest.mark.skipif(
    not SHARED.is_dir() or shutil.which("dpkg") is None,
    reason="no folder of X-shooter's packages, or no dpkg",
)


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.setenv("PHOENIX_PIPELINES", str(tmp_path / "pipelines"))
    forget_pipelines()
    yield tmp_path / "pipelines"
    forget_pipelines()


@shared
def test_a_pipeline_is_installed_from_a_folder_found_and_removed(own):
    made = install_pipeline("xshoo", SHARED)
    found = installed_pipeline("xshoo")
    assert found == made
    assert found.version == "3.5.0"
    assert len(recipes_of(found)) == 22
    assert rule_file("xshoo", "xshoo.oca").is_relative_to(own)
    assert [path.name for path in own.iterdir()] == ["xshoo"]
    remove_pipeline("xshoo")
    assert list(own.iterdir()) == []
    with pytest.raises(SettingsError, match="pipelines install xshoo"):
        installed_pipeline("xshoo")


@shared
def test_the_verbs_install_list_and_remove(own, capsys):
    assert run(["pipelines", "install", "xshoo", "--from", str(SHARED)]) == 0
    assert "xshoo 3.5.0: 22 recipes" in capsys.readouterr().out
    assert run(["pipelines", "list"]) == 0
    assert str(own) in capsys.readouterr().out
    assert run(["pipelines", "remove", "xshoo"]) == 0
    assert not (own / "xshoo").exists()


@shared
def test_a_folder_of_ones_own_choice_is_named_in_the_settings(own, tmp_path, capsys):
    words = ["pipelines", "install", "xshoo", "--from", str(SHARED), "--prefix"]
    assert run([*words, str(tmp_path / "here")]) == 0
    assert "[recipes.xshoo]\nplugin_dir = " in capsys.readouterr().out
    assert not own.exists()


@shared
@pytest.mark.recipes
def test_a_recipe_of_a_prefix_runs_in_the_environment_of_recipes(own, tmp_path):
    from phoenix.model.frames import SetOfFrames  # noqa: PLC0415 - for this test
    from phoenix.steps.recipe.esorex import EsorexRunner  # noqa: PLC0415 - the same
    from phoenix.steps.recipe.runner import RecipeCall  # noqa: PLC0415 - the same

    install_pipeline("xshoo", SHARED)
    run_, out = tmp_path / "run", tmp_path / "out"
    run_.mkdir()
    out.mkdir()
    call = RecipeCall("ROOT", "xsh_mbias", SetOfFrames(()), (), run_, out)
    ended = EsorexRunner("xshoo").run(call)
    # There is nothing to reduce, and the recipe itself says so: it was loaded and called.
    assert "xsh_mbias" in ended.log
    assert ended.code not in {0, 127}


def test_a_folder_without_the_package_is_refused(own, tmp_path):
    (tmp_path / "esorex_3.13.3+ds-1_amd64.deb").write_bytes(b"!<arch>\n")
    with pytest.raises(SettingsError, match=r"found no package cpl-plugin-xshoo_\*\.deb"):
        install_pipeline("xshoo", tmp_path)
    assert list(own.iterdir()) == []


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="no dpkg")
def test_a_broken_package_leaves_nothing_behind(own, tmp_path):
    (tmp_path / "cpl-plugin-xshoo_3.5.0+dfsg-4_amd64.deb").write_bytes(b"!<arch>\n")
    with pytest.raises(SettingsError, match="dpkg -x"):
        install_pipeline("xshoo", tmp_path)
    assert list(own.iterdir()) == []


def test_what_is_there_is_not_installed_again(own):
    (own / "xshoo").mkdir(parents=True)
    with pytest.raises(SettingsError, match="expected a new folder"):
        install_pipeline("xshoo", SHARED)


def test_an_unknown_pipeline_is_refused_with_those_that_are_offered(own):
    with pytest.raises(SettingsError, match="expected one of xshoo, fors"):
        install_pipeline("espdr")


@pytest.mark.parametrize("name", ["giraf", "..", "a/b", ""])
def test_only_a_prefix_is_removed(own, name):
    own.mkdir()
    with pytest.raises(SettingsError, match="found no prefix"):
        remove_pipeline(name)
    assert own.is_dir()


def test_a_suite_that_is_gone_is_told_and_nothing_is_left(own, monkeypatch, tmp_path):
    program = tmp_path / "bin" / "apt-get"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\n[ "$1" = indextargets ] && { echo http://mirror.invalid; exit 0; }\n'
        "echo 'The repository does not have a Release file' >&2; exit 100\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    with pytest.raises(SettingsError, match=r"suite bullseye.*Release file.*--from"):
        install_pipeline("xshoo")
    assert list(own.iterdir()) == []


def test_the_packages_of_a_suite_are_asked_for_by_its_name(own, monkeypatch):
    asked: list[list[str]] = []
    monkeypatch.setattr(installing, "_mirror", lambda: "http://mirror.invalid")
    monkeypatch.setattr(installing, "run_program", lambda words, *_more: asked.append(words) or "")
    monkeypatch.setattr(shutil, "which", lambda _name: "/usr/bin/apt-get")
    with pytest.raises(SettingsError, match="found no recipes of xshoo"):
        install_pipeline("xshoo")
    fetched = [words[-1] for words in asked if "download" in words]
    assert fetched[0] == "cpl-plugin-xshoo/bullseye"
    assert all(word.endswith("/bullseye") for word in fetched)


@shared
def test_what_a_killed_call_left_is_taken_away_by_the_next(own):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    mine = f".xshoo.{platform.node()}"
    for number in (dead.pid, os.getpid()):
        (own / f"{mine}.{number}.x" / "root").mkdir(parents=True)
    install_pipeline("xshoo", SHARED)
    assert sorted(path.name for path in own.iterdir()) == [f"{mine}.{os.getpid()}.x", "xshoo"]


def test_a_removal_that_was_killed_is_finished_by_the_next(own):
    (own / "xshoo" / "usr").mkdir(parents=True)
    killed = (
        "import os, shutil; shutil.rmtree = lambda path: os.kill(os.getpid(), 9)\n"
        "from phoenix.pipelines.install import remove_pipeline; remove_pipeline('xshoo')"
    )
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == -9
    assert [path.name for path in own.iterdir()] != ["xshoo"]
    (own / "xshoo" / "usr").mkdir(parents=True)
    remove_pipeline("xshoo")
    assert list(own.iterdir()) == []


def test_a_doctor_reads_the_settings_of_the_workspace(tmp_path, own):
    (tmp_path / "phoenix.toml").write_text(
        'process = "GIRAFFE_MOS"\n[recipes.giraf]\nplugin_dir = "/nowhere/giraf"\n'
    )
    command = [sys.executable, "-m", "phoenix", "doctor"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert told.returncode == 1
    assert "MEND  pipeline giraf: /nowhere/giraf: found no such folder" in told.stdout


@pytest.mark.recipes
def test_a_doctor_tells_version_and_recipes_of_a_pipeline(tmp_path, own):
    command = [sys.executable, "-m", "phoenix", "doctor"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    (line,) = [one for one in told.stdout.splitlines() if "pipeline giraf" in one]
    assert re.match(r"ok    pipeline giraf: [\d.]+, 7 recipes in /", line)
