"""Every hook: documented, and called with what it promises. One test a hook, named after it."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import typer
from attrs import evolve

from phoenix import hookimpl, hookspecs
from phoenix.errors import PluginError
from phoenix.instrument import from_module
from phoenix.model.ab import AssociationBlock, PredictedProduct
from phoenix.model.dates import CivilDate
from phoenix.model.frames import MasterCalibration, Product, RawFrame, Role, SetOfFrames
from phoenix.model.gate import Gate, RecipeOutcome
from phoenix.model.grade import OBGrade
from phoenix.model.idp import Card, InternalDataProduct
from phoenix.model.panel import Curve, Plot
from phoenix.model.process import Process, RawType
from phoenix.model.qc import Measurement, QCParameter
from phoenix.model.recipe import Parameter, Recipe, RecipeProduct, Resources, Spent, Step
from phoenix.model.report import JobState
from phoenix.model.rules import SelectLimits
from phoenix.model.score import ScoreBit
from phoenix.model.threshold import DynamicRule, ScoreRule
from phoenix.simulate.night import SimulatedNight, SimulationOptions
from phoenix.testing.hooks_page import hook_names, hooks_page

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "hooks.md"

RECIPE = Recipe(
    "scired",
    "toy",
    products=(RecipeProduct("SPECTRUM", Role.SCIENCE),),
    resources=Resources(memory_mb=77),
)
PROCESS = Process("TOY_ECH", "toy", "TO", (RawType("SCIENCE", "scired"),), (RECIPE,))
RAW = RawFrame("${DFO_RAW_DIR}/2020-01-01/TOY.2020-01-02T01:00:00.000.fits", "SCIENCE")
AB = AssociationBlock("TOY.2020-01-02T01:00:00.000.ab", "scired", (RAW,))
PRODUCT = Product(Path("/products/r.TOY_0000.fits"), "SPECTRUM")
FRAMES = SetOfFrames(((Path("/raw/a.fits"), "SCIENCE"),))


def toy(**hooks):
    """Load a plugin of these functions."""
    marked = {name: hookimpl(function) for name, function in hooks.items()}
    return from_module("toy", SimpleNamespace(**marked))


# ---- documented --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", hook_names())
def test_a_hook_says_what_it_does_how_answers_add_up_and_shows_an_example(name):
    text = inspect.getdoc(getattr(hookspecs, name))
    assert "(first)" in text or "(all)" in text
    assert "Examples\n--------\n>>> @hookimpl" in text


@pytest.mark.parametrize("name", hook_names())
def test_the_kind_of_a_hook_is_the_one_it_tells(name):
    function = getattr(hookspecs, name)
    first = function.phoenix_spec["firstresult"]
    assert ("(first)" in function.__doc__) is first


def test_the_reference_page_is_that_of_the_code():
    assert PAGE.read_text("utf-8") == hooks_page(), (
        "run python -m phoenix.testing.hooks_page > docs/reference/hooks.md"
    )


def test_every_exported_hook_is_one():
    assert set(hook_names()) == set(hookspecs.__all__) - {"answered_by", "hookspec", "hookimpl"}


def test_every_hook_has_a_test_named_after_it():
    tests = {
        node.name
        for node in ast.parse(Path(__file__).read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    missing = [
        name for name in hook_names() if not any(t.startswith(f"test_hook_{name}_") for t in tests)
    ]
    assert missing == []


# ---- called ------------------------------------------------------------------------------------


def test_hook_processes_offers_rows():
    assert toy(processes=lambda: [PROCESS]).process("TOY_ECH") == PROCESS


def test_hook_adapt_rules_adds_rows():
    row = SelectLimits("scired", "MASTER_BIAS", 0, 1, "a first month has none")
    assert toy(adapt_rules=lambda: [row]).adapt_rules(PROCESS) == (row,)
    assert toy().adapt_rules(PROCESS) == ()


def test_hook_edit_ab_changes_an_ab():
    def edit_ab(ab):
        return ab.edited(why="too slow", raw_type="SCIENCE")

    assert toy(edit_ab=edit_ab).edit_ab(PROCESS, AB).raw_type == "SCIENCE"


def test_hook_edit_ab_may_have_no_opinion():
    assert toy(edit_ab=lambda ab: None).edit_ab(PROCESS, AB) is AB


def test_hook_build_cascade_may_add_an_ab():
    more = AssociationBlock("TOY.2020-01-02T02:00:00.000_tpl.ab", "scired", (RAW,))
    plugin = toy(build_cascade=lambda blocks: (*blocks, more))
    assert plugin.build_cascade(PROCESS, (AB,)) == (AB, more)


def test_hook_build_cascade_by_default_waits_for_the_makers_of_virtual_calibrations():
    maker = AssociationBlock(
        "TOY.2020-01-01T23:00:00.000_tpl.ab",
        "scired",
        (RAW,),
        products=(PredictedProduct("r.TOY_0000.fits", "MASTER"),),
    )
    path = "${DFS_PRODUCT}/2020-01-01/TOY/r.TOY_0000.fits"
    child = AB.edited(why="x", calibrations=(MasterCalibration(path, "MASTER", virtual=True),))
    built = toy().build_cascade(PROCESS, (maker, child))
    assert built[1].waits_for == (str(maker.name),)
    assert built[0] is maker


def test_hook_resources_goes_before_the_row_of_the_recipe():
    mine = Resources(cores=4)
    assert toy(resources=lambda ab: mine).resources(PROCESS, AB) == mine
    assert toy().resources(PROCESS, AB) == RECIPE.resources


def spent(peak_memory_mb):
    return Spent(
        "TOY.ab",
        RECIPE.name,
        "SCIENCE",
        "",
        Step.QC,
        JobState.SUCCESSFUL,
        1.0,
        1.0,
        peak_memory_mb,
    )


def test_a_step_that_took_more_memory_before_has_it_kept_free():
    history = (spent(100.0), spent(2000.0))
    for step in Step:
        needs = toy().resources(PROCESS, AB, step, history)
        assert needs.wanted_mb == 2200
        assert evolve(needs, wanted_mb=0) == toy().resources(PROCESS, AB, step)


def test_a_plugin_speaks_for_single_steps():
    def resources(step, history):
        return Resources(memory_mb=len(history)) if step is Step.REPORT else None

    mine = toy(resources=resources)
    assert mine.resources(PROCESS, AB, Step.REPORT, (spent(1.0),) * 3).memory_mb == 3
    assert mine.resources(PROCESS, AB, Step.RECIPE) == RECIPE.resources


def _always(outcome):
    return 1.0


def test_hook_gates_adds_rows():
    gate = Gate("ONE", _always, 0.0, 2.0, "never")
    assert toy(gates=lambda recipe: [gate]).gates(PROCESS, RECIPE) == (gate,)
    assert toy().gates(PROCESS, RECIPE) == ()


def test_hook_check_inputs_adds_reasons():
    plugin = toy(check_inputs=lambda ab, frames: [f"{ab.name}: {len(frames.frames)} frame"])
    assert plugin.check_inputs(PROCESS, AB, FRAMES) == (f"{AB.name}: 1 frame",)
    assert toy().check_inputs(PROCESS, AB, FRAMES) == ()


OUTCOME = RecipeOutcome(AB, ())


def test_hook_second_try_gives_other_parameters_or_none():
    def second_try(ab, outcome, reason):
        told = Parameter("products", str(len(outcome.products)))
        return ab.edited(why=reason, parameters=(told,))

    better = toy(second_try=second_try).second_try(PROCESS, AB, FRAMES, OUTCOME, "moved")
    assert list(map(str, better.parameters)) == ["--products=0"]
    assert better.edits[-1].why == "moved"
    assert toy().second_try(PROCESS, AB, FRAMES, OUTCOME, "moved") is None


def test_hook_mend_products_says_what_it_changed():
    plugin = toy(mend_products=lambda ab, products: [f"{len(products)} products of {ab.name}"])
    assert plugin.mend_products(PROCESS, AB, ()) == (f"0 products of {AB.name}",)
    assert toy().mend_products(PROCESS, AB, ()) == ()


def test_hook_ob_grades_adds_rows():
    plugin = toy(ob_grades=lambda night: [OBGrade(7, str(night), grade="B")])
    night = CivilDate(2020, 1, 1)
    assert plugin.ob_grades(PROCESS, night, ()) == (OBGrade(7, "2020-01-01", grade="B"),)
    assert toy().ob_grades(PROCESS, night, ()) == ()


def test_hook_second_try_must_not_turn_to_another_recipe():
    def second_try(ab):
        return ab.edited(why="easier", recipe="noop")

    with pytest.raises(PluginError, match="expected the same AB and recipe"):
        toy(second_try=second_try).second_try(PROCESS, AB, FRAMES, OUTCOME, "moved")


RESPONSE = MasterCalibration("${DFS_PRODUCT}/2020-01-01/TOY.1/r.TOY.1_0000.fits", "RESPONSE", True)
WAITING = AssociationBlock(AB.name, "scired", (RAW,), (RESPONSE,), waits_for=("TOY.1.ab",))


def test_hook_do_without_gives_the_ab_without_a_parent_or_none():
    def do_without(ab, missing):
        left = tuple(one for one in ab.calibrations if one not in missing)
        return ab.edited(why="no response: counts", calibrations=left)

    less = toy(do_without=do_without).do_without(PROCESS, WAITING, (RESPONSE,))
    assert (less.calibrations, less.waits_for) == ((), ())
    assert less.edits[0].why == "no response: counts"
    assert toy().do_without(PROCESS, WAITING, (RESPONSE,)) is None


def test_hook_do_without_must_not_keep_what_there_is_not():
    def do_without(ab):
        return ab.edited(why="never mind", drs_type="none")

    with pytest.raises(PluginError, match=r"expected the same AB without r\.TOY\.1_0000\.fits"):
        toy(do_without=do_without).do_without(PROCESS, WAITING, (RESPONSE,))


def test_hook_label_product_goes_before_the_row_of_the_recipe():
    discarded = Product(PRODUCT.path, "SPECTRUM", Role.DISCARD)
    assert toy(label_product=lambda: discarded).label_product(PROCESS, AB, PRODUCT) == discarded
    assert toy().label_product(PROCESS, AB, PRODUCT).role is Role.SCIENCE


def test_hook_label_product_keeps_what_is_not_declared():
    stray = Product(PRODUCT.path, "STRAY")
    assert toy().label_product(PROCESS, AB, stray).role is Role.INTERMEDIATE


SNR = QCParameter("SNR", "", "signal to noise")


def test_hook_qc_parameters_declares_rows():
    assert toy(qc_parameters=lambda: [SNR]).qc_parameters(PROCESS) == (SNR,)


def test_hook_measure_qc_measures_what_is_declared():
    def measure_qc(products, frames, parents_qc):
        yield Measurement("SNR", float(len(products) + len(frames.frames) + len(parents_qc)))

    plugin = toy(qc_parameters=lambda: [SNR], measure_qc=measure_qc)
    assert plugin.measure_qc(PROCESS, AB, FRAMES, (PRODUCT,), {"p": ()}) == (
        Measurement("SNR", 3.0),
    )


def test_hook_score_rules_gives_rows():
    rule = ScoreRule("SNR", low=10.0)
    assert toy(score_rules=lambda: [rule]).score_rules(PROCESS) == (rule,)


def test_hook_score_rules_gives_rows_whose_limits_follow_from_the_history():
    rule, other = ScoreRule("SNR", low=3.0), DynamicRule("SNR", 5.0, 0.1)
    plugin = toy(score_rules=lambda: [rule, other])
    assert plugin.score_rules(PROCESS) == (rule,)
    assert plugin.thresholds(PROCESS) == (rule, other)


def test_hook_score_bits_gives_rows_or_none():
    bit = ScoreBit(0, "snr", "SNR", 10.0, None, "bright enough")
    assert toy(score_bits=lambda: [bit]).score_bits(PROCESS) == (bit,)
    assert toy().score_bits(PROCESS) == ()


def test_hook_score_bits_may_have_other_rows_for_a_raw_type():
    bits = tuple(ScoreBit(i, f"b{i}", "SNR", 10.0, None, "bright enough") for i in (1, 2))
    plugin = toy(score_bits=lambda raw_type: bits[:1] if raw_type == "SINGLE" else bits)
    assert plugin.score_bits(PROCESS) == bits
    assert plugin.score_bits(PROCESS, "SINGLE") == bits[:1]


def test_hook_rename_product_goes_before_the_pipefile_name():
    assert toy(rename_product=lambda ab: "TO_X.fits").rename_product(PROCESS, AB, PRODUCT) == (
        "TO_X.fits"
    )
    assert toy().rename_product(PROCESS, AB, PRODUCT) == "r.TOY_0000.fits"


def test_hook_convert_to_idps_plans_many():
    def convert_to_idps(products, qcflags):
        return [
            InternalDataProduct(f"{i}.fits", "SCIENCE.SPECTRUM", (Card("QCFLAG", qcflags[0]),))
            for i in range(3)
        ]

    idps = toy(convert_to_idps=convert_to_idps).convert_to_idps(
        PROCESS, AB, (PRODUCT,), FRAMES, (), {0: "000"}
    )
    assert [idp.name for idp in idps] == ["0.fits", "1.fits", "2.fits"]


def test_hook_convert_to_idps_may_have_no_opinion():
    assert toy().convert_to_idps(PROCESS, AB, (PRODUCT,), FRAMES, (), {}) == ()


def test_hook_previews_gives_panels():
    panel = Plot("spectrum", (Curve(np.arange(3.0), np.ones(3)),))
    assert toy(previews=lambda qc: iter([panel])).previews(PROCESS, AB, (), ()) == (panel,)


def test_hook_cover_groups_names_the_group_of_an_ab():
    groups = {str(AB.name): "OB 1"}
    named = toy(cover_groups=lambda blocks: groups if AB in blocks else None)
    assert named.cover_groups(PROCESS, (AB,)) == groups
    assert toy().cover_groups(PROCESS, (AB,)) == {}
    with pytest.raises(PluginError, match=r"hook cover_groups: returned 7, expected str"):
        toy(cover_groups=lambda: {str(AB.name): 7}).cover_groups(PROCESS, (AB,))


def test_hook_coversheet_gives_panels():
    panel = Plot("arms", (Curve(np.arange(3.0), np.ones(3)),))
    drawn = toy(coversheet=lambda blocks, products: [panel] * len(blocks))
    assert drawn.coversheet(PROCESS, (AB, AB), {}, {}) == (panel, panel)


def test_hook_simulate_makes_a_night(tmp_path):
    def simulate(date, out, options):
        return SimulatedNight((), (), (), out / str(date) / options.size)

    night = toy(simulate=simulate).simulate(
        PROCESS, CivilDate(2020, 1, 1), tmp_path, SimulationOptions()
    )
    assert night.truth == tmp_path / "2020-01-01" / "small"


def test_hook_add_commands_adds_a_verb():
    app = typer.Typer()

    def add_commands(app):
        app.command("deep")(lambda: None)

    toy(add_commands=add_commands).add_commands(app)
    assert [command.name for command in app.registered_commands] == ["deep"]
