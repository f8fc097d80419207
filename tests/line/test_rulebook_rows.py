"""Rows of a plugin change the selects of a rule file."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from phoenix.errors import DataError, RuleSyntaxError, SettingsError
from phoenix.hookspecs import hookimpl
from phoenix.instrument import from_module
from phoenix.line.rulebook import _adapted, shipped_rules
from phoenix.model.process import Process, RuleFile
from phoenix.model.recipe import Recipe, RecipeProduct
from phoenix.model.rules import (
    AddedRules,
    AddedSelects,
    DroppedGroupings,
    MadeProducts,
    SelectLimits,
)
from phoenix.model.settings import PipelinePlace
from phoenix.oca import load

RULES = """
action ACT
{
  minRet = 1; maxRet = 1;
  select file as BIAS from calibFiles where PRO.CATG=="BIAS";
  recipe reduce;
}
"""
WHY = "the rule forgets the binning"
ADDED = """minRet = 1; maxRet = 2;
select file as BIAS from calibFiles where PRO.CATG=="BIAS" and inputFile.BINX==BINX;"""


def test_a_select_is_replaced_by_one_of_the_same_name(tmp_path):
    path = tmp_path / "toy.oca"
    path.write_text(RULES)
    rows = (AddedSelects("ACT", ADDED, WHY), SelectLimits("ACT", "BIAS", 0, 0, WHY))
    (action,) = _adapted(load(path), rows).actions.values()
    assert [rule.wanted for rule in action.selects] == [(0, 0), (1, 2)]


# ---- rules of the plugin's own ------------------------------------------------------------------

SHIPPED = """
if DPR.TYPE=="OBJECT" then { DO.CATG="OBJECT"; }
if DPR.TYPE=="STD" then { DO.CATG="STD"; }
select execute(BASIC) from inputFiles where DO.CATG=="OBJECT" or DO.CATG=="STD";
select execute(POST) from inputFiles where DO.CATG=="REDUCED";
action BASIC { recipe basic; }
action POST { recipe post; }
"""
OWN = """
if PRO.CATG=="PIXTABLE_STD" then { DO.CATG="PIXTABLE_STD"; }
select execute(BASIC) from inputFiles where DO.CATG=="OBJECT";
select execute(BASIC_STD) from inputFiles where DO.CATG=="STD";
action BASIC_STD { recipe basic; }
"""
DROPPED = DroppedGroupings("BASIC", "objects and standard stars are told apart")


@pytest.fixture
def rules_of_toy(tmp_path):
    """Return the rules of a toy pipeline with what a plugin changes in them."""
    folder = tmp_path / "rules" / "toy-1.0"
    folder.mkdir(parents=True)
    (folder / "toy.oca").write_text(SHIPPED)

    def rules(*rows, files=()):
        process = Process(
            "TOY",
            "toy",
            "TO",
            raw_types=(),
            recipes=(Recipe("basic", "toy", products=(RecipeProduct("PIXTABLE"),)),),
            oca_rules=(RuleFile("toy", "toy.oca"), *files),
        )

        @hookimpl
        def processes():
            return [process]

        @hookimpl
        def adapt_rules():
            return rows

        toy = from_module("toy", SimpleNamespace(processes=processes, adapt_rules=adapt_rules))
        return shipped_rules(toy, process, {"toy": PipelinePlace(rules_dir=str(folder.parent))})

    return rules


def test_rules_of_the_plugin_come_after_those_of_the_pipeline(rules_of_toy):
    rules = rules_of_toy(AddedRules(OWN, WHY))
    assert list(rules.actions) == ["BASIC", "POST", "BASIC_STD"]
    assert [rule.action for rule in rules.executes] == ["BASIC", "POST", "BASIC", "BASIC_STD"]
    assert len(rules.classifications) == 3


def test_groupings_of_the_pipeline_give_way_to_those_of_the_plugin(rules_of_toy):
    rules = rules_of_toy(DROPPED, AddedRules(OWN, WHY))
    assert [rule.action for rule in rules.executes] == ["POST", "BASIC", "BASIC_STD"]


def test_added_actions_have_the_products_of_their_recipe_or_of_a_row(rules_of_toy):
    made = MadeProducts("BASIC_STD", (("PIXTABLE_STD", "0000-01.fits"),))
    rules = rules_of_toy(DROPPED, AddedRules(OWN, WHY), made)
    assert [one.name for one in rules.actions["BASIC"].products] == ["PIXTABLE"]
    assert [one.name for one in rules.actions["BASIC_STD"].products] == ["PIXTABLE_STD"]


def test_added_actions_may_be_changed_like_others(rules_of_toy):
    selects = AddedSelects("BASIC_STD", ADDED, WHY)
    rules = rules_of_toy(AddedRules(OWN, WHY), selects)
    assert [rule.name for rule in rules.actions["BASIC_STD"].selects] == ["BIAS"]


def test_a_plugin_may_bring_a_file_of_its_package(rules_of_toy, tmp_path, monkeypatch):
    package = tmp_path / "phoenix_toycube"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "own.oca").write_text(OWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    rules = rules_of_toy(DROPPED, files=(RuleFile("", "own.oca", "phoenix_toycube"),))
    assert [rule.action for rule in rules.executes] == ["POST", "BASIC", "BASIC_STD"]
    with pytest.raises(SettingsError, match="found no such file in"):
        rules_of_toy(files=(RuleFile("", "other.oca", "phoenix_toycube"),))
    with pytest.raises(SettingsError, match="found no package phoenix_nowhere"):
        rules_of_toy(files=(RuleFile("", "own.oca", "phoenix_nowhere"),))


def test_a_grouping_that_is_not_there_cannot_be_dropped(rules_of_toy):
    with pytest.raises(DataError, match="no grouping that executes GONE, expected one of: BASIC"):
        rules_of_toy(DroppedGroupings("GONE", WHY))


def test_rules_that_cannot_be_read_name_the_plugin(rules_of_toy):
    with pytest.raises(RuleSyntaxError, match="rules of toy"):
        rules_of_toy(AddedRules("action {", WHY))


@pytest.mark.parametrize("row", [lambda: AddedRules(OWN, " "), lambda: DroppedGroupings("X", "")])
def test_a_change_of_the_rules_needs_a_reason(row):
    with pytest.raises(DataError, match="needs a reason"):
        row()


def test_rules_come_from_a_pipeline_or_from_the_plugin():
    with pytest.raises(DataError, match="expected one of them"):
        RuleFile("", "own.oca")
    with pytest.raises(DataError, match="expected one of them"):
        RuleFile("toy", "own.oca", "phoenix_toycube")
