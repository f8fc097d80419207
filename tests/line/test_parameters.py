"""Recipe parameters of phoenix.toml win, whenever an AB was made and by whom."""

from __future__ import annotations

import pytest
from attrs import evolve
from nightwork import (
    BIAS,
    DATE,
    FLAT,
    make_workspace,
    manifests,
    phoenix,
    runs,
    snapshot,
)

from phoenix.errors import SettingsError
from phoenix.formats.abfile import format_ab, parse_ab, read_ab
from phoenix.line.jobs.remember import record_prepared
from phoenix.line.jobs.to_do import job_keys
from phoenix.line.night.parameters import with_present_settings, with_settings
from phoenix.line.night.process import begin
from phoenix.line.night.standing import NEW, changes
from phoenix.line.production import ProductionLine
from phoenix.line.report import PreparedNight
from phoenix.line.workspace import create_workspace
from phoenix.model.ab import AssociationBlock
from phoenix.model.cascade import Cascade
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame
from phoenix.model.process import Process
from phoenix.model.recipe import Parameter, Recipe
from phoenix.model.report import JobState
from phoenix.model.settings import Settings
from phoenix.steps.prepare import Prepared
from phoenix.steps.shelf.manifest import read_manifest
from phoenix.steps.task import ProcessTask
from phoenix.store.rows import JobRow
from phoenix.testing.fake_esorex import make_fake_esorex

AB = AssociationBlock(
    "GIRAF.2020-01-02T10:06:20.003_tpl.ab",
    "gimasterbias",
    (RawFrame("${DFO_RAW_DIR}/2020-01-01/a.fits", "BIAS"),),
    parameters=(Parameter("a", "1"), Parameter("b", "2")),
)


def settings(**parameters):
    return Settings(pipeline={"gimasterbias": parameters})


def told(ab):
    return [str(row) for row in ab.parameters]


# ---- what an AB is given -----------------------------------------------------------------------


def test_phoenix_toml_wins_over_the_ab_and_the_edit_says_so():
    ab = with_settings(settings(b=3, c=True), AB)
    assert told(ab) == ["--a=1", "--b=3", "--c=true"]
    assert ab.edits[-1].why == "phoenix.toml says so in [pipeline.gimasterbias]"


@pytest.mark.parametrize("now", [{}, {"b": 4}, {"a": 5, "d": 6}, {"b": 3, "c": True}])
def test_an_ab_that_was_written_down_has_what_phoenix_toml_says_now_and_nothing_else(now):
    written = parse_ab(format_ab(with_settings(settings(b=3, c=True), AB)))
    assert with_present_settings(settings(**now), written) == with_settings(settings(**now), AB)


def test_edits_of_others_stay():
    edited = AB.edited(why="the overscan", parameters=(*AB.parameters, Parameter("o", "5")))
    written = with_settings(settings(o=6), edited)
    assert with_present_settings(settings(), written) == edited


# ---- what differs ------------------------------------------------------------------------------


def test_a_change_of_parameters_names_what_the_recipe_was_given_and_is_given_now():
    recipe = Recipe("gimasterbias", "giraf", parameters=(Parameter("c", "extract"),))
    process = Process("P", "giraffe", "GI", (), recipes=(recipe,))
    now = evolve(AB, parameters=(Parameter("b", "2"), Parameter("c", "pixel")))
    assert changes(process, AB, now) == (
        "parameter c extract -> pixel",
        "parameter a 1 -> (default)",
    )


def test_a_change_of_something_else_is_named_too():
    now = evolve(AB, raw_files=AB.raw_files * 2)
    assert changes(Process("P", "giraffe", "GI", (), ()), AB, now) == ("other raw files",)


def test_of_what_nobody_asks_about_it_is_only_said_that_it_differs():
    now = evolve(AB, mjd_mid=58850.4, obs_mode="MEDUSA")
    assert changes(Process("P", "giraffe", "GI", (), ()), AB, now) == ("its AB was changed",)


# ---- nights that were prepared before ----------------------------------------------------------


def set_parameter(folder, value):
    path = folder / "phoenix.toml"
    kept = path.read_text("utf-8").partition("\n[pipeline.")[0]
    path.write_text(f'{kept}\n[pipeline.gimasterbias]\nstack-method = "{value}"\n', "utf-8")


def historical(line):
    return line.prepare(DATE)


def created(line):
    return line.create(DATE)


def masters(line):
    return line.create(DATE, masters=True)


KINDS = pytest.mark.parametrize("kind", [historical, created, masters])


@pytest.fixture
def folder(raw_night, tmp_path):
    return make_workspace(tmp_path / "work", raw_night)


def parameters_of(blocks):
    return {str(ab.name): told(ab) for ab in blocks}


@pytest.mark.recipes
@KINDS
def test_a_night_that_was_prepared_has_the_parameters_of_today(kind, folder):
    with ProductionLine(folder) as line:
        before = parameters_of(kind(line).blocks)
    written = snapshot(folder)
    set_parameter(folder, "median")
    with ProductionLine(folder) as line:
        dry = parameters_of(line.prepare(DATE, dry=True).blocks)
        assert set(dry[BIAS]) - set(before[BIAS]) == {"--stack-method=median"}
        assert dry | {BIAS: before[BIAS]} == before
        assert {name for name in snapshot(folder) if name not in written} == set()
        line.prepare(DATE)
    assert told(read_ab(folder / "ab" / DATE / BIAS)) == dry[BIAS]


def as_if_run(line, blocks):
    keys = job_keys(blocks, {})
    record_prepared(line.store, blocks, keys)
    line.store.jobs.record(
        JobRow(name, step, JobState.SUCCESSFUL, ended=line.clock()) for name, step in keys
    )


@pytest.mark.recipes
@KINDS
def test_a_dry_run_says_what_would_be_run_and_why(kind, folder):
    with ProductionLine(folder) as line:
        ready = kind(line)
        assert set(line.pending(ready).values()) == {NEW}
        as_if_run(line, ready.blocks)
        assert line.pending(ready) == {}
        names = {str(ab.name) for ab in ready.blocks}
    set_parameter(folder, "median")
    with ProductionLine(folder) as line:
        ready = line.prepare(DATE, dry=True)
        why = line.pending(ready)
        assert why[BIAS] == "parameter stack-method (default) -> median"
        assert why[FLAT].startswith(f"depends on {BIAS}")
        assert why.keys() == names
        assert set(line.to_redo(DATE)) == names


@pytest.mark.recipes
def test_the_command_shows_why(folder, capsys):
    set_parameter(folder, "median")
    done = phoenix("run", "-w", folder, "-d", DATE, "-n")
    assert done.returncode == 0, done.stderr
    assert "to be run" in done.stdout
    assert NEW in " ".join(done.stdout.split())


@pytest.mark.recipes
def test_a_failed_ab_waits_for_a_rerun_unless_it_was_changed(folder):
    with ProductionLine(folder) as line:
        ready = historical(line)
        as_if_run(line, ready.blocks)
        line.store.jobs.record([JobRow(BIAS, "process", JobState.FAILED, "no light")])
        assert line.pending(ready) == {}
    set_parameter(folder, "median")
    with ProductionLine(folder) as line:
        assert BIAS in line.pending(line.prepare(DATE, dry=True))


CHEAP = {"BIAS", "DARK", "FIBER_FLAT"}


def test_parameters_of_an_unknown_recipe_are_refused(tmp_path):
    create_workspace(tmp_path, "GIRAFFE_MOS")
    with (tmp_path / "phoenix.toml").open("a") as toml:
        toml.write('\n[pipeline.giscence]\nslight = "TRUE"\n')
    with pytest.raises(SettingsError, match=r"\[pipeline\.giscence\]: found no such recipe"):
        ProductionLine(tmp_path)


def test_variables_of_phoenix_toml_go_with_every_recipe(tmp_path):
    create_workspace(tmp_path, "GIRAFFE_MOS")
    esorex = make_fake_esorex(tmp_path)
    with (tmp_path / "phoenix.toml").open("a") as toml:
        toml.write('\n[recipes.environment]\nLD_LIBRARY_PATH = "${LIBS}"\n')
        toml.write(f'\n[recipes."*"]\nesorex = "{esorex}"\nplugin_dir = "{tmp_path}"\n')
    ab = evolve(AB, date=CivilDate.parse(DATE))
    with ProductionLine(tmp_path) as line:
        batch = begin(line._context, PreparedNight(ab.date, Prepared(Cascade((ab,)))))
    (task,) = (job.payload for job in batch.jobs if isinstance(job.payload, ProcessTask))
    assert task.runner.environment == (("LD_LIBRARY_PATH", "${LIBS}"),)


# ---- through the true recipes ------------------------------------------------------------------


@pytest.mark.recipes
@pytest.mark.slow
# Of a night of the repository, see test_night.
@pytest.mark.parametrize("kind", [created, masters])
def test_an_ab_with_other_parameters_is_done_again_with_its_children_and_no_other(kind, folder):
    with ProductionLine(folder) as line:
        ready = kind(line)
        only = tuple(str(ab.name) for ab in ready.blocks if ab.raw_type in CHEAP)
        children = set(ready.nights[0].cascade.descendants(BIAS))
        line.run(DATE, only)
    first = runs(folder)
    assert first.keys() == set(only)
    set_parameter(folder, "median")
    with ProductionLine(folder) as line:
        line.run(DATE, only)
    second = runs(folder)
    assert {name for name in only if second[name] != first[name]} == {BIAS, *children} & set(only)
    assert "--stack-method=median" in command_of(folder, BIAS)
    with ProductionLine(folder) as line:
        assert line.pending(line.prepare(DATE, only, dry=True)) == {}
        line.run(DATE, only)
    assert runs(folder) == second


def command_of(folder, name):
    found = (read_manifest(path) for path in manifests(folder))
    return next(row.command for row in found if row.ab_name == name)
