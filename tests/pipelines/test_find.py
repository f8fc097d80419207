"""One look-up for a pipeline, wherever it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from phoenix.errors import SettingsError
from phoenix.model.settings import ALL_PIPELINES, PipelinePlace
from phoenix.pipelines.find import (
    forget_pipelines,
    installed_pipeline,
    known_pipelines,
    rule_file,
)
from phoenix.pipelines.places import PLACES, RULE_PLACES


def put(root, name, *, esorex=True, machine="x86_64-linux-gnu"):
    """Make what unpacked packages of a pipeline look like."""
    recipes = root / "usr/lib" / machine / "cpl/plugins" / name
    rules = root / "usr/share/cpl-plugins" / name / "gasgano/config"
    for folder in (recipes, rules):
        folder.mkdir(parents=True)
    (rules / f"{name.partition('-')[0]}.oca").write_text("")
    if esorex:
        program = root / "usr/bin/esorex"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return recipes


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder of prefixes, and a system without pipelines."""
    monkeypatch.setenv("PHOENIX_PIPELINES", str(tmp_path / "prefixes"))
    nowhere = ((f"{tmp_path}/system/lib", "packages"),)
    monkeypatch.setattr("phoenix.pipelines.find.PLACES", nowhere)
    monkeypatch.setattr("phoenix.pipelines.find.RULE_PLACES", nowhere)
    forget_pipelines()
    yield tmp_path / "prefixes"
    forget_pipelines()


def test_a_prefix_brings_its_own_esorex_libraries_and_rules(own):
    recipes = put(own / "xshoo", "xshoo-3.5.0")
    found = installed_pipeline("xshoo")
    machine = own / "xshoo/usr/lib/x86_64-linux-gnu"
    assert (found.version, found.recipes) == ("3.5.0", recipes)
    assert found.esorex == own / "xshoo/usr/bin/esorex"
    assert found.environment == (("LD_LIBRARY_PATH", f"{machine}:{machine}/xshoo-3.5.0"),)
    assert rule_file("xshoo", "xshoo.oca").is_relative_to(own)
    assert known_pipelines() == ("xshoo",)


def test_the_newest_version_of_a_pipeline_is_taken(own, tmp_path):
    for version in ("2.9.1", "2.16.10", "2.16.9"):
        put(own / version, f"giraf-{version}")
    assert installed_pipeline("giraf").version == "2.16.10"


def test_of_equal_versions_that_of_the_system_is_taken(own, tmp_path):
    put(own / "giraf", "giraf-2.16.10")
    there = tmp_path / "system/lib/giraf-2.16.10"
    there.mkdir(parents=True)
    place = {"giraf": PipelinePlace(esorex="/bin/sh")}
    assert installed_pipeline("giraf", place).recipes == there


def test_the_settings_of_a_pipeline_win_and_are_for_no_other(own, tmp_path):
    put(own / "giraf", "giraf-2.16.10")
    put(tmp_path / "opt", "uves-6.1.8")
    own_build = tmp_path / "build"
    own_build.mkdir()
    places = {
        "giraf": PipelinePlace(
            esorex="/bin/sh", plugin_dir=str(own_build), library_path="/a:/b", rules_dir="/r"
        )
    }
    found = installed_pipeline("giraf", places)
    assert (found.recipes, found.esorex, found.version) == (own_build, Path("/bin/sh"), "")
    assert found.environment == (("LD_LIBRARY_PATH", "/a:/b"),)
    assert found.rules == Path("/r")
    with pytest.raises(SettingsError, match="pipeline uves: found no folder"):
        installed_pipeline("uves", places)


def test_one_folder_may_hold_all_pipelines(own, tmp_path):
    recipes = put(tmp_path / "opt", "uves-6.1.8")
    places = {ALL_PIPELINES: PipelinePlace(plugin_dir=str(recipes.parent))}
    assert installed_pipeline("uves", places).recipes == recipes


def test_the_folder_of_another_pipeline_is_refused(own, tmp_path):
    recipes = put(tmp_path / "opt", "uves-6.1.8")
    places = {ALL_PIPELINES: PipelinePlace(plugin_dir=str(recipes))}
    assert installed_pipeline("uves", places).recipes == recipes
    with pytest.raises(SettingsError, match=r"found the recipes of pipeline uves.*giraf"):
        installed_pipeline("giraf", places)


def test_a_folder_that_is_not_there_is_refused(own, tmp_path):
    places = {"giraf": PipelinePlace(plugin_dir=str(tmp_path / "nowhere"))}
    with pytest.raises(SettingsError, match="found no such folder"):
        installed_pipeline("giraf", places)


def test_an_unknown_pipeline_says_how_to_get_it():
    with pytest.raises(SettingsError, match="phoenix pipelines install nosuchpipeline"):
        installed_pipeline("nosuchpipeline")


def test_a_pipeline_without_esorex_says_so(own, tmp_path):
    put(own / "giraf", "giraf-2.16.10", esorex=False)
    places = {"giraf": PipelinePlace(esorex="/nowhere/esorex")}
    with pytest.raises(SettingsError, match="/nowhere/esorex"):
        installed_pipeline("giraf", places)


def test_rules_can_be_read_without_recipes(own, tmp_path):
    folder = tmp_path / "system/lib/giraf-2.16.10"
    folder.mkdir(parents=True)
    (folder / "giraf.oca").write_text("")
    shutil.rmtree(own, ignore_errors=True)
    assert rule_file("giraf", "giraf.oca") == folder / "giraf.oca"


def test_every_place_says_whose_it_is():
    assert all(place.startswith("/") and whose for place, whose in (*PLACES, *RULE_PLACES))
