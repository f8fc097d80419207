"""The contract sees what it should see: each broken promise of a toy plugin fails its fact."""

from __future__ import annotations

import re
import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pytest

from phoenix import hookimpl
from phoenix.instrument import from_module
from phoenix.model.frames import Role
from phoenix.model.gate import Gate
from phoenix.model.process import Process, RawType
from phoenix.model.qc import QCParameter
from phoenix.model.recipe import Recipe, RecipeProduct
from phoenix.model.score import ScoreBit
from phoenix.model.threshold import ScoreRule
from phoenix.testing import InstrumentContract

SCIENCE = Recipe("scired", "toy", (RecipeProduct("SPECTRUM", Role.SCIENCE),))
CALIBRATION = Recipe("calib", "toy", (RecipeProduct("MASTER", Role.CALIBRATION),))
SNR = QCParameter("SNR", "", "signal to noise")


class Contract(InstrumentContract):
    instrument = "toy"


CONTRACT = Contract()


def process_of(*recipes):
    raw_types = tuple(RawType(recipe.name.upper(), recipe.name) for recipe in recipes)
    return Process("TOY", "toy", "TO", raw_types, recipes)


def toy(*recipes, **hooks):
    process = process_of(*(recipes or (SCIENCE,)))
    marked = {name: hookimpl(function) for name, function in hooks.items()}
    rows = {"processes": hookimpl(lambda: [process])}
    return from_module("toy", SimpleNamespace(**{**rows, **marked})), process


FACTS = [name for name in vars(InstrumentContract) if name.startswith("test_")]


def test_it_holds_some_thirty_facts():
    assert len(FACTS) >= 30


@pytest.mark.parametrize("name", FACTS)
def test_the_name_of_a_fact_is_a_sentence(name):
    assert len(name.split("_")) >= 5


def test_a_process_without_science_is_seen():
    plugin, _ = toy(CALIBRATION)
    with pytest.raises(AssertionError):
        CONTRACT.test_every_process_makes_science_products(plugin)


def test_a_process_of_another_instrument_is_seen():
    stray = Process("X", "muse", "MU", (RawType("S", "scired"),), (SCIENCE,))
    plugin, _ = toy(processes=lambda: [stray])
    with pytest.raises(AssertionError):
        CONTRACT.test_every_process_has_raw_types_and_recipes_with_products(plugin)


def test_a_hook_without_docstring_is_seen():
    def score_rules():
        return []

    plugin, _ = toy(score_rules=score_rules)
    with pytest.raises(AssertionError, match="score_rules"):
        CONTRACT.test_every_hook_says_what_it_does(plugin)


def test_a_module_that_hides_a_hook_is_seen(tmp_path):
    (tmp_path / "gates.py").write_text("")
    package = ModuleType("phoenix_toy")
    package.__path__ = [str(tmp_path)]
    plugin = from_module("toy", package)
    with pytest.raises(AssertionError):
        CONTRACT.test_no_module_of_the_plugin_hides_a_hook(plugin)
    assert "gates" not in sys.modules


def _one(outcome):
    return 1.0


@pytest.mark.parametrize(
    "gates",
    [
        [Gate("ONE", _one, None, None, "wrong")],
        [Gate("ONE", _one, 0.0, None, "")],
        [Gate("ONE", _one, 0.0, None, "wrong"), Gate("ONE", _one, 1.0, None, "wrong")],
    ],
)
def test_a_gate_without_limit_meaning_or_name_of_its_own_is_seen(gates):
    plugin, process = toy(gates=lambda: gates)
    fact = CONTRACT.test_gates_have_names_of_their_own_and_a_limit_and_say_what_is_wrong
    with pytest.raises(AssertionError):
        fact(plugin, process)


def test_a_unit_that_nobody_knows_is_seen():
    plugin, process = toy(qc_parameters=lambda: [QCParameter("SNR", "sigmas", "x")])
    with pytest.raises(ValueError, match="sigmas"):
        CONTRACT.test_every_unit_can_be_read_by_astropy(plugin, process)


def test_a_parameter_for_a_raw_type_that_does_not_exist_is_seen():
    plugin, process = toy(qc_parameters=lambda: [QCParameter("SNR", "", "x", ("DARK",))])
    with pytest.raises(AssertionError):
        CONTRACT.test_qc_parameters_are_declared_for_raw_types_of_the_process(plugin, process)


def test_a_rule_for_what_is_not_declared_is_seen():
    plugin, process = toy(score_rules=lambda: [ScoreRule("SNR", low=1.0, comment="faint")])
    with pytest.raises(AssertionError):
        CONTRACT.test_score_rules_speak_of_declared_parameters(plugin, process)


def test_a_bit_for_what_is_not_declared_is_seen():
    plugin, process = toy(score_bits=lambda: [ScoreBit(0, "snr", "SNR", 1.0, None, "bright")])
    with pytest.raises(AssertionError):
        CONTRACT.test_score_bits_speak_of_declared_parameters(plugin, process)


@pytest.mark.parametrize(
    "bits",
    [
        [ScoreBit(0, "a", "SNR", 1.0, None, "x"), ScoreBit(2, "b", "SNR", 1.0, None, "x")],
        [ScoreBit(0, "a", "SNR", 1.0, None, "x"), ScoreBit(1, "a", "SNR", 1.0, None, "x")],
        [ScoreBit(0, "a", "SNR", 1.0, None, "")],
    ],
)
def test_bits_with_a_hole_a_double_name_or_no_meaning_are_seen(bits):
    plugin, process = toy(qc_parameters=lambda: [SNR], score_bits=lambda: bits)
    fact = CONTRACT.test_score_bits_are_numbered_in_order_and_no_two_are_alike
    with pytest.raises(AssertionError):
        fact(plugin, process)


def suite(folder, *words):
    """Run the tests of a plugin's author."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )


BROKEN_PLUGIN = """
from phoenix.testing import InstrumentContract, SimulatorContract


class TestHawki(InstrumentContract):
    instrument = "hawki"


class TestHawkiSimulator(SimulatorContract):
    instrument = "hawki"
"""


def test_a_plugin_that_cannot_be_loaded_fails_one_fact_of_each_suite(tmp_path):
    (tmp_path / "test_hawki.py").write_text(BROKEN_PLUGIN)
    done = suite(tmp_path)
    assert "error" not in done.stdout.splitlines()[-1]
    assert re.search(r"2 failed, \d+ skipped", done.stdout)
    assert "no plugin for instrument 'hawki'" in done.stdout


PLUGIN_WITHOUT_SIMULATOR = """
from types import SimpleNamespace

import pytest

from phoenix import hookimpl
from phoenix.instrument import from_module
from phoenix.model.frames import Role
from phoenix.model.process import Process, RawType
from phoenix.model.recipe import Recipe, RecipeProduct
from phoenix.testing import InstrumentContract

SCIENCE = Recipe("scired", "toy", (RecipeProduct("SPECTRUM", Role.SCIENCE),))
PROCESS = Process("TOY", "toy", "TO", (RawType("SCIENCE", "scired"),), (SCIENCE,))


class TestToy(InstrumentContract):
    instrument = "toy"

    @pytest.fixture(scope="class")
    def contract_instrument(self):
        return from_module("toy", SimpleNamespace(processes=hookimpl(lambda: [PROCESS])))
"""


def test_a_plugin_without_a_simulator_is_told_once(tmp_path):
    (tmp_path / "test_toy.py").write_text(PLUGIN_WITHOUT_SIMULATOR)
    done = suite(tmp_path, "-k", "simulates or prepared or editing")
    assert "1 failed, 2 skipped" in done.stdout
    assert "the plugin has no hook simulate, so that" in done.stdout
