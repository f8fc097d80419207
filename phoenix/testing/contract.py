"""What every instrument plugin must hold, each fact a test with a sentence as its name.

A plugin proves itself by an empty subclass in its own tests; :mod:`phoenix.testing.pytest_plugin`
has the fixtures. Facts marked ``recipes`` need the true pipeline.
"""

# ruff: noqa: S101, D102 - a test kit asserts, and its names are sentences

from __future__ import annotations

import inspect
import pickle
import pkgutil
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy import units
from astropy.io import fits

from phoenix.formats.idpfile import write_idp
from phoenix.hookspecs.answer import answer_of
from phoenix.model.frames import Role
from phoenix.model.process import ANY, NO_TAG
from phoenix.model.recipe import Step
from phoenix.model.report import JobState
from phoenix.model.score import Outcome, judge
from phoenix.phase3.validate import validate
from phoenix.steps.do_without import optional_parents
from phoenix.testing.files import alone, fingerprint, written
from phoenix.testing.hooks import NO_SIMULATOR, has_simulator, hooks_of, unanswered
from phoenix.testing.night import idps_of, rehearse_night
from phoenix.testing.subject import Subject

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.instrument import Instrument
    from phoenix.model.process import Process
    from phoenix.testing.night import PreparedNight, ReducedBlock, ReducedNight

__all__ = ["InstrumentContract"]

LARGEST_BLADE = (56, 2_000_000)
"""Cores and MB of the largest machine of the original (mucblades)."""

LEGAL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+:-]*\.fits", re.ASCII)
LONGEST_NAME = 68  # SDP standard, 3.4.1


class InstrumentContract(Subject):
    """The conformance suite."""

    # ---- what it offers --------------------------------------------------------------------

    def test_it_loads_alone_by_its_name(self) -> None:
        code = (
            "import sys; from phoenix.instrument import load_instrument; "
            f"load_instrument({self.instrument!r}).processes(); "
            "print(*{name.split('.')[0] for name in sys.modules if name.startswith('phoenix_')})"
        )
        words = [sys.executable, "-c", code]
        ran = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
        assert ran.returncode == 0, ran.stderr.strip().rpartition("\n")[2]
        assert ran.stdout.split() == [f"phoenix_{self.instrument}"]

    def test_no_module_of_the_plugin_hides_a_hook(self, contract_instrument: Instrument) -> None:
        plugin = contract_instrument.manager.get_plugin(self.instrument)
        modules = {row.name for row in pkgutil.iter_modules(getattr(plugin, "__path__", ()))}
        assert modules.isdisjoint(vars(contract_instrument.manager.hook))

    def test_it_simulates_nights_for_its_tests(self, contract_instrument: Instrument) -> None:
        assert has_simulator(contract_instrument), NO_SIMULATOR

    def test_every_hook_says_what_it_does(self, contract_instrument: Instrument) -> None:
        plugin = contract_instrument.manager.get_plugin(self.instrument)
        names = hooks_of(contract_instrument)
        answers = {name: answer_of(getattr(plugin, name)) for name in names}
        assert [name for name, answer in answers.items() if not inspect.getdoc(answer)] == []

    def test_every_hook_is_answered_by_something_that_takes_what_it_gives(
        self, contract_instrument: Instrument
    ) -> None:
        assert unanswered(contract_instrument) == []

    def test_every_process_has_raw_types_and_recipes_with_products(
        self, contract_instrument: Instrument
    ) -> None:
        for process in contract_instrument.processes():
            assert process.raw_types
            assert process.instrument == self.instrument
            assert all(recipe.products and recipe.pipeline for recipe in process.recipes)

    def test_every_process_makes_science_products(self, contract_instrument: Instrument) -> None:
        for process in contract_instrument.processes():
            roles = {row.role for recipe in process.recipes for row in recipe.products}
            assert Role.SCIENCE in roles

    def test_reviews_are_of_raw_types_of_the_process_or_of_tags_and_each_once(
        self, contract_process: Process
    ) -> None:
        known = {raw_type.name for raw_type in contract_process.raw_types}
        spoken = [row.of for row in contract_process.review.rows]
        assert {of for of in spoken if of != ANY and not of.startswith(NO_TAG)} <= known
        assert len(set(spoken)) == len(spoken)
        assert ANY not in spoken[:-1], "rows after * speak of nothing"

    def test_gates_have_names_of_their_own_and_a_limit_and_say_what_is_wrong(
        self, contract_instrument: Instrument, contract_process: Process
    ) -> None:
        for recipe in contract_process.recipes:
            gates = contract_instrument.gates(contract_process, recipe)
            assert len({gate.name for gate in gates}) == len(gates)
            assert all(gate.meaning for gate in gates)
            assert all(gate.low is not None or gate.high is not None for gate in gates)

    # ---- QC as it is declared --------------------------------------------------------------

    def test_every_unit_can_be_read_by_astropy(
        self, contract_instrument: Instrument, contract_process: Process
    ) -> None:
        for parameter in contract_instrument.qc_parameters(contract_process):
            units.Unit(parameter.unit)

    def test_qc_parameters_are_declared_for_raw_types_of_the_process(
        self, contract_instrument: Instrument, contract_process: Process
    ) -> None:
        known = {raw_type.name for raw_type in contract_process.raw_types}
        for parameter in contract_instrument.qc_parameters(contract_process):
            assert set(parameter.raw_types) <= known, parameter.name

    def test_score_rules_speak_of_declared_parameters(
        self, contract_instrument: Instrument, contract_process: Process
    ) -> None:
        declared = self._declared(contract_instrument, contract_process)
        for rule in contract_instrument.score_rules(contract_process):
            assert rule.parameter in declared
            assert rule.comment

    def test_score_bits_are_numbered_in_order_and_no_two_are_alike(
        self, contract_instrument: Instrument, contract_process: Process
    ) -> None:
        bits = contract_instrument.score_bits(contract_process)
        first = bits[0].position if bits else 0
        assert [bit.position for bit in bits] == list(range(first, first + len(bits)))
        assert len({bit.name for bit in bits}) == len(bits)
        assert all(bit.name and bit.meaning for bit in bits)

    def test_score_bits_speak_of_declared_parameters(
        self, contract_instrument: Instrument, contract_process: Process
    ) -> None:
        declared = self._declared(contract_instrument, contract_process)
        bits = contract_instrument.score_bits(contract_process)
        assert {bit.parameter for bit in bits} <= declared.keys()

    @staticmethod
    def _declared(instrument: Instrument, process: Process) -> dict[str, tuple[str, ...]]:
        return {row.name: row.raw_types for row in instrument.qc_parameters(process)}

    # ---- the cascade -----------------------------------------------------------------------

    def test_every_historical_ab_can_be_prepared(self, contract_night: PreparedNight) -> None:
        assert contract_night.historical
        assert contract_night.prepared.refused == ()
        assert contract_night.prepared.left_out == ()
        assert len(contract_night.prepared.cascade) >= len(contract_night.historical)

    def test_editing_twice_is_editing_once(self, contract_night: PreparedNight) -> None:
        instrument, process = contract_night.instrument, contract_night.process
        for ab in contract_night.historical:
            once = instrument.edit_ab(process, ab)
            assert instrument.edit_ab(process, once) == once

    def test_every_change_of_an_ab_stands_in_an_edit(self, contract_night: PreparedNight) -> None:
        instrument, process = contract_night.instrument, contract_night.process
        for ab in contract_night.historical:
            edited = instrument.edit_ab(process, ab)
            told = {change.name for edit in edited.edits for change in edit.changes}
            fields = [field.name for field in type(ab).__attrs_attrs__ if field.name != "edits"]
            changed = {name for name in fields if getattr(ab, name) != getattr(edited, name)}
            assert changed <= told

    def test_every_ab_has_a_declared_recipe_and_raw_type(
        self, contract_night: PreparedNight
    ) -> None:
        process = contract_night.process
        raw_types = {raw_type.name: raw_type.recipe for raw_type in process.raw_types}
        for ab in contract_night.prepared.cascade:
            assert process.recipe(ab.recipe) is not None
            assert ab.raw_type in raw_types

    def test_every_job_fits_a_machine(self, contract_night: PreparedNight) -> None:
        cores, memory_mb = LARGEST_BLADE
        for ab in contract_night.prepared.cascade:
            for step in Step:
                needs = contract_night.instrument.resources(contract_night.process, ab, step)
                assert 1 <= needs.cores <= cores
                assert 0 < needs.memory_mb <= memory_mb
                assert needs.time_limit_s > 0

    def test_the_cascade_runs_through_with_a_stand_in_for_esorex(
        self, contract_night: PreparedNight, tmp_path: Path
    ) -> None:
        results = rehearse_night(contract_night, tmp_path)
        assert {result.reason for result in results.values()} == {""}
        assert len(results) == len(contract_night.prepared.cascade)

    def test_a_failing_recipe_stops_what_hangs_on_it_and_nothing_else(
        self, contract_night: PreparedNight, tmp_path: Path
    ) -> None:
        cascade = contract_night.prepared.cascade
        names = [str(ab.name) for ab in cascade]
        failing = next(name for name in names if cascade.children(name))
        results = rehearse_night(contract_night, tmp_path, failing)
        assert results[failing].state is JobState.FAILED
        assert results[failing].reason
        hanging = set(cascade.descendants(failing))
        assert results[cascade.children(failing)[0]].state is JobState.BLOCKED
        assert all(results[name].reason for name in hanging)
        others = [results[name] for name in names if name not in {failing, *hanging}]
        assert all(result.state is JobState.SUCCESSFUL for result in others)

    def test_an_ab_is_run_without_a_parent_that_it_can_do_without(
        self, contract_night: PreparedNight, tmp_path: Path
    ) -> None:
        instrument, process = contract_night.instrument, contract_night.process
        pairs = [
            (ab, parent)
            for ab in contract_night.prepared.cascade
            for parent in optional_parents(instrument, process, ab)
        ]
        if not pairs:
            pytest.skip("no AB of this night can do without one of its parents")
        ab, parent = pairs[0]
        end = rehearse_night(contract_night, tmp_path, parent)[str(ab.name)]
        assert end.state is JobState.SUCCESSFUL, end.reason
        assert end.reason.startswith(f"made without {parent}")

    # ---- a good night through the true recipes ----------------------------------------------

    @pytest.mark.recipes
    def test_every_ab_of_a_good_night_is_successful(self, contract_reduced: ReducedNight) -> None:
        reasons = {str(one.ab.name): one.result.reason for one in contract_reduced.blocks}
        assert {name: why for name, why in reasons.items() if why} == {}

    @pytest.mark.recipes
    def test_every_declared_parameter_is_measured_or_none(
        self, contract_reduced: ReducedNight
    ) -> None:
        night = contract_reduced.night
        for one in contract_reduced.blocks:
            wanted = {
                name
                for name, raw_types in self._declared(night.instrument, night.process).items()
                if not raw_types or one.ab.raw_type in raw_types
            }
            assert wanted - {row.parameter for row in one.qc} == set(), one.ab.name

    @pytest.mark.recipes
    def test_every_parameter_of_a_good_night_has_one_value_an_element(
        self, contract_reduced: ReducedNight
    ) -> None:
        for one in contract_reduced.blocks:
            places = [(row.parameter, row.element) for row in one.qc]
            assert len(set(places)) == len(places)

    @pytest.mark.recipes
    def test_measuring_twice_gives_the_same(self, contract_reduced: ReducedNight) -> None:
        night = contract_reduced.night
        for one in contract_reduced.blocks:
            again = night.instrument.measure_qc(
                night.process, one.ab, one.frames, one.products, one.parents_qc
            )
            assert set(again) <= set(one.qc)

    @pytest.mark.recipes
    def test_no_score_of_a_good_night_is_red(self, contract_reduced: ReducedNight) -> None:
        night = contract_reduced.night
        rules = night.instrument.score_rules(night.process)
        for one in contract_reduced.blocks:
            scores = judge(one.qc, rules, one.ab.raw_type)
            assert [score for score in scores if score.outcome is Outcome.RED] == []

    @pytest.mark.recipes
    def test_qcflag_has_one_character_a_bit(self, contract_reduced: ReducedNight) -> None:
        night = contract_reduced.night
        for one in contract_reduced.blocks:
            bits = night.instrument.score_bits(night.process, one.ab.raw_type)
            assert {len(flag) for flag in one.qcflags.values()} <= {len(bits)}

    @pytest.mark.recipes
    def test_final_names_are_legal_stable_and_no_two_are_alike(
        self, contract_reduced: ReducedNight
    ) -> None:
        night = contract_reduced.night
        names = []
        for one in contract_reduced.blocks:
            for product in one.products:
                name = night.instrument.rename_product(night.process, one.ab, product)
                assert name == night.instrument.rename_product(night.process, one.ab, product)
                assert LEGAL_NAME.fullmatch(name)
                assert len(name) <= LONGEST_NAME
                names.append(name)
        assert len(set(names)) == len(names)

    @pytest.mark.recipes
    def test_every_ab_has_a_preview(self, contract_reduced: ReducedNight) -> None:
        night = contract_reduced.night
        for one in contract_reduced.blocks:
            assert night.instrument.previews(night.process, one.ab, one.products, one.qc)

    @pytest.mark.recipes
    def test_every_science_product_gives_idps(self, contract_reduced: ReducedNight) -> None:
        science = list(filter(_science_of, contract_reduced.blocks))
        assert science
        assert all(list(idps_of(contract_reduced.night, one)) for one in science)

    @pytest.mark.recipes
    def test_idps_hold_what_the_data_standard_demands(
        self, contract_reduced: ReducedNight, tmp_path: Path
    ) -> None:
        for one in contract_reduced.blocks:
            for number, plan in enumerate(list(idps_of(contract_reduced.night, one))[:3]):
                report = validate(written(plan, tmp_path / one.ab.root / f"{number}"))
                assert report.ok, str(report)

    @pytest.mark.recipes
    def test_names_and_titles_of_idps_are_unique(self, contract_reduced: ReducedNight) -> None:
        plans = [
            plan
            for one in contract_reduced.delivered()
            for plan in idps_of(contract_reduced.night, one)
        ]
        titles = [card.value for plan in plans for card in plan.extension if _is_title(card)]
        for names in ([plan.name for plan in plans], titles):
            assert len(set(names)) == len(names)

    @pytest.mark.recipes
    def test_an_idp_read_from_disk_is_its_plan(
        self, contract_reduced: ReducedNight, tmp_path: Path
    ) -> None:
        plan = next(
            p for one in contract_reduced.blocks for p in idps_of(contract_reduced.night, one)
        )
        path = tmp_path / plan.name
        write_idp(alone(plan), path)
        with fits.open(path) as hdus:
            for column in plan.columns:
                np.testing.assert_array_equal(hdus[1].data[column.name][0], column.values)
            for hdu, cards in ((0, plan.primary), (1, plan.extension)):
                for card in cards:
                    assert hdus[hdu].header[card.keyword] == pytest.approx(card.value)

    @pytest.mark.recipes
    def test_what_it_returns_can_be_pickled(self, contract_reduced: ReducedNight) -> None:
        night, process = contract_reduced.night, contract_reduced.night.process
        gates = [night.instrument.gates(process, recipe) for recipe in process.recipes]
        rows = (process, gates, night.instrument.score_rules(process))
        assert pickle.loads(pickle.dumps(rows)) is not None  # noqa: S301 - just made here
        for one in contract_reduced.blocks:
            panels = night.instrument.previews(process, one.ab, one.products, one.qc)
            assert pickle.dumps(
                (one.ab, one.qc, panels, list(idps_of(contract_reduced.night, one)))
            )

    @pytest.mark.recipes
    def test_no_hook_touches_a_file(self, contract_reduced: ReducedNight) -> None:
        night = contract_reduced.night
        folders = (night.folder, contract_reduced.workspace)
        before = [fingerprint(folder) for folder in folders]
        for one in contract_reduced.blocks:
            night.instrument.measure_qc(
                night.process, one.ab, one.frames, one.products, one.parents_qc
            )
            night.instrument.previews(night.process, one.ab, one.products, one.qc)
            list(idps_of(contract_reduced.night, one))
        assert [fingerprint(folder) for folder in folders] == before


def _science_of(one: ReducedBlock) -> bool:
    return any(product.role is Role.SCIENCE for product in one.products)


def _is_title(card: object) -> bool:
    return getattr(card, "keyword", "") == "TITLE"
