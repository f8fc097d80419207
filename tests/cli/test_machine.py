"""What no recipe could run with is found before the first of them, and said once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from attrs import evolve

from phoenix.cli import run
from phoenix.errors import SettingsError
from phoenix.instrument import load_instrument
from phoenix.line.jobs.machine import check_machine, parameters_not_taken
from phoenix.line.production import ProductionLine
from phoenix.line.simulation import simulate_night
from phoenix.line.workspace import create_workspace
from phoenix.model.process import Process
from phoenix.model.recipe import Parameter, Recipe
from phoenix.model.settings import Engine, Recipes, Settings
from phoenix.model.workspace import Workspace

DATE = "2020-01-01"
NO_ESOREX = '[recipes.giraf]\nesorex = "esorexx"\n'


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    folder = tmp_path_factory.mktemp("night")
    simulate_night("giraffe", "", DATE, folder, size="small")
    return folder


@pytest.fixture
def fresh(night, tmp_path):
    create_workspace(tmp_path / "fresh", "GIRAFFE_MOS", (night,))
    return tmp_path / "fresh"


def add_settings(folder, text):
    with (folder / "phoenix.toml").open("a", encoding="utf-8") as stream:
        stream.write(text)


def states(folder):
    with ProductionLine(folder) as line:
        return {row["state"] for row in line.status(DATE).records()}


@pytest.mark.recipes
def test_a_machine_without_esorex_is_found_before_the_first_ab(fresh, capsys):
    add_settings(fresh, NO_ESOREX)
    assert run(["run", "-w", str(fresh), "-d", DATE]) == 2
    assert capsys.readouterr().err.count("esorex: found no program 'esorexx'") == 1
    assert states(fresh) == {"created"}


@pytest.mark.recipes
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("extr-metod = 'SUM'", "extr-metod: found no such parameter of giscience; did you mean "),
        ("nonsense = 5", "nonsense: found no such parameter of giscience; expected one of "),
        ("extr-method = 'SLOW'", "extr-method: found 'SLOW', expected one of SUM, "),
        ("remove-bias = 'perhaps'", "remove-bias: found 'perhaps', expected TRUE or FALSE"),
    ],
)
def test_a_parameter_that_the_recipe_does_not_take_is_found_before_the_first_ab(
    fresh, capsys, line, told
):
    add_settings(fresh, f"\n[pipeline.giscience]\n{line}\n")
    assert run(["run", "-w", str(fresh), "-d", DATE]) == 2
    where = f"{fresh / 'phoenix.toml'}: [pipeline.giscience] {told}"
    assert where in capsys.readouterr().err
    assert states(fresh) == {"created"}
    assert run(["doctor", "-w", str(fresh)]) == 1
    assert f"MEND  recipe parameters: {where}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[pipeline.giscienc]\nslight = 1", "no such recipe in GIRAFFE_MOS; did you mean giscien"),
        ("[review.policy]\nBIASS = 5", "no such raw type in GIRAFFE_MOS; did you mean BIAS?"),
        ("[scores.SNRR]\nlow = 5", "scores.SNRR: found no QC parameter SNRR, expected SNR"),
        ("[engine]\nworkes = 5", "engine"),
    ],
)
def test_a_doctor_finds_what_phoenix_toml_names_and_is_not_there(fresh, capsys, text, told):
    add_settings(fresh, f"\n{text}\n")
    assert run(["doctor", "-w", str(fresh)]) == 1
    (line,) = (row for row in capsys.readouterr().out.splitlines() if row.startswith("MEND"))
    assert told in line


@pytest.mark.recipes
def test_parameters_that_recipes_take_are_no_fault_of_a_machine(fresh, capsys):
    add_settings(fresh, "\n[pipeline.giscience]\nremove-bias = true\nextr-method = 'SUM'\n")
    assert run(["doctor", "-w", str(fresh)]) == 0


PYTHON_RECIPE = Recipe("stack", "toy.recipes:stack", parameters=(Parameter("kappa", "3"),))


def not_taken(folder, recipe, given):
    process = Process("TOY_SLIT", "toy", "TO", (), (recipe,))
    return tuple(parameters_not_taken(folder, Settings(pipeline={"stack": given}), process))


def test_a_recipe_in_python_takes_the_parameters_of_its_row(tmp_path):
    assert not_taken(tmp_path, PYTHON_RECIPE, {"kappa": 4}) == ()


def test_what_the_row_of_a_recipe_in_python_does_not_have_is_found_too(tmp_path):
    (told,) = not_taken(tmp_path, PYTHON_RECIPE, {"kapa": 4})
    assert told.endswith(
        "[pipeline.stack] kapa: found no such parameter of stack; did you mean kappa?"
    )


def test_a_recipe_in_python_whose_row_has_no_parameters_takes_none(tmp_path):
    (told,) = not_taken(tmp_path, Recipe("stack", "toy.recipes:stack"), {"clip": 4})
    assert told.endswith("clip: found no such parameter of stack; expected none")


def test_a_workspace_that_was_moved_below_a_blank_is_found_before_the_first_ab(
    night, tmp_path, capsys
):
    folder = tmp_path / "a b" / "work"
    create_workspace(tmp_path / "work", "GIRAFFE_MOS", (night,))
    folder.parent.mkdir()
    (tmp_path / "work").rename(folder)
    set_repository(folder, night)
    assert run(["run", "-w", str(folder), "-d", DATE]) == 2
    assert capsys.readouterr().err.count("found a blank in its name") == 1
    assert states(folder) == {"created"}


def set_repository(folder, night):
    path = folder / "phoenix.toml"
    path.write_text(
        re.sub(r"repository = .*", f'repository = ["{night}"]', path.read_text("utf-8")), "utf-8"
    )


def test_init_says_what_the_machine_lacks_and_makes_the_workspace(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("phoenix.pipelines.find._recipe_places", lambda: (str(tmp_path),))
    assert run(["init", str(tmp_path / "new"), "--process", "GIRAFFE_MOS"]) == 0
    told = capsys.readouterr().err
    assert "nothing can be run on this machine yet: pipeline giraf: found no folder" in told
    assert (tmp_path / "new" / "phoenix.toml").exists()


def test_a_doctor_of_a_workspace_looks_at_its_pipelines_only(fresh, capsys):
    add_settings(fresh, NO_ESOREX)
    assert run(["doctor", "-w", str(fresh)]) == 1
    told = capsys.readouterr().out
    assert "pipeline giraf: esorex: found no program 'esorexx'" in told
    assert "pipeline uves" not in told
    assert "plugin uves" in told


def test_workers_elsewhere_need_no_pipeline_here():
    settings = Settings(process="GIRAFFE_MOS", engine=Engine(scheduler="tcp://elsewhere:8786"))
    process = load_instrument("giraffe").process("GIRAFFE_MOS")
    gone = evolve(settings, recipes=Recipes(pipelines={"giraf": {"plugin_dir": "/nowhere"}}))
    check_machine(Workspace(Path("/somewhere")), gone, process, ())
    with pytest.raises(SettingsError, match="/nowhere: found no such folder"):
        check_machine(Workspace(Path("/somewhere")), evolve(gone, engine=Engine()), process, ())
