"""The shipped rules, adapted, make of the raw files the cascade that the repository has."""

from __future__ import annotations

from pathlib import Path

import pytest

from phoenix.instrument import load_instrument
from phoenix.line.association.create import CreatedPool
from phoenix.line.rulebook import shipped_rules
from phoenix.model.ab import Mode
from phoenix.model.dates import CivilDate
from phoenix.model.epoch import InstrumentBreakpoint
from phoenix.oca import Frame, Frames, association_block, create
from phoenix.simulate.night import SimulationOptions
from phoenix.steps.prepare import prepare_blocks
from phoenix_uves.simulation.blocks import blocks
from phoenix_uves.simulation.headers import frame_cards
from phoenix_uves.simulation.programme import plan_night
from phoenix_uves.simulation.statics import STATICS

RULES = sorted(Path("/usr/share/cpl-plugins").glob("uves-*/gasgano/config/uves.oca"))
pytestmark = pytest.mark.skipif(not RULES, reason="uves.oca is not installed (cpl-plugin-uves)")

DATE = CivilDate(2020, 1, 1)
PLAN = plan_night(DATE, SimulationOptions())


@pytest.fixture(scope="module")
def uves():
    return load_instrument("uves")


def prepared(uves, found):
    process = uves.process("UVES_ECH")
    return {str(ab.name): ab for ab in prepare_blocks(uves, process, DATE, found).cascade}


@pytest.fixture(scope="module")
def created(uves):
    headers = [{c.keyword: c.value for c in frame_cards(PLAN, frame)} for frame in PLAN.frames]
    raw = [
        Frame.of(f"{frame.exposure.root}.fits", header)
        for frame, header in zip(PLAN.frames, headers, strict=True)
    ]
    static = [
        Frame.of(row.name, {"INSTRUME": "UVES", "ESO PRO CATG": row.pro_catg}) for row in STATICS
    ]
    rules = shipped_rules(uves, uves.process("UVES_ECH"))
    made = create(rules, Frames(raw=raw, static=static))
    return prepared(uves, [association_block(one) for one in made.blocks])


@pytest.fixture(scope="module")
def pool(uves):
    headers = [{c.keyword: c.value for c in frame_cards(PLAN, frame)} for frame in PLAN.frames]
    names = [f"{frame.exposure.root}.fits" for frame in PLAN.frames]
    return [Frame.of(name, header) for name, header in zip(names, headers, strict=True)]


def biases_of(creation):
    """Return the biases that each master bias of both arms is made of, by the AB's recipe."""
    return {
        block.name: [frame.name for frame in block.group.frames]
        for block in creation.blocks
        if block.raw_type.startswith("BIAS")
    }


def test_a_hidden_bias_is_in_no_ab_and_no_other_ab_changes(uves, pool):
    rules = shipped_rules(uves, uves.process("UVES_ECH"))
    before = biases_of(create(rules, Frames(raw=pool)))
    name, files = next(iter(before.items()))
    lost = files[1]
    kept = [frame for frame in pool if frame.name != lost]
    hidden = tuple((frame, "hidden by me: saturated") for frame in pool if frame.name == lost)
    made = create(rules, Frames(raw=kept, withheld=hidden))
    assert biases_of(made) == before | {name: [file for file in files if file != lost]}
    told = [str(row) for row in made.diagnostics if row.code == "withheld"]
    assert told == [
        f"{name}: goes without 1 of {len(files)} files: {lost} hidden by me: saturated"
    ]


def parents_by_arm(creation):
    """Return how many parents the science ABs have, by the arm of their raw type."""
    return {
        block.raw_type: len(block.parents)
        for block in creation.blocks
        if str(block.keyword("DPR.CATG")) == "SCIENCE"
    }


def test_a_breakpoint_of_the_blue_grating_leaves_the_red_arm_alone(uves, pool):
    """Night before, calibrations of the day after; a bias knows no grating."""
    rules = shipped_rules(uves, uves.process("UVES_ECH"))
    morning = InstrumentBreakpoint(
        DATE.plus(1).mjd - 0.5, "d", "new grating", (("INS.GRAT1.WLEN", "*"),)
    )
    whole = parents_by_arm(create(rules, Frames(raw=pool)))
    cut = parents_by_arm(create(rules, Frames(raw=pool), breakpoints=[morning]))
    assert {arm: whole[arm] == cut[arm] for arm in whole} == {
        arm: "BLUE" not in arm for arm in whole
    }
    assert {True, False} == {"BLUE" in arm for arm in whole}
    assert all(cut.values())


@pytest.fixture(scope="module")
def kept(uves):
    return prepared(uves, blocks(PLAN))


def test_the_same_blocks_run_the_same_recipes(created, kept):
    assert {name: ab.recipe for name, ab in created.items()} == {
        name: ab.recipe for name, ab in kept.items()
    }


def test_they_have_the_same_parameters(created, kept):
    for name, ab in kept.items():
        assert sorted(map(str, created[name].parameters)) == sorted(map(str, ab.parameters)), name


def test_they_wait_for_what_the_repository_waits_for_at_least(created, kept):
    for name, ab in kept.items():
        assert set(ab.waits_for) <= set(created[name].waits_for), name


def test_they_are_given_what_the_repository_gives_at_least(created, kept):
    for name, ab in kept.items():
        given = {(one.name, one.pro_catg) for one in created[name].calibrations}
        assert {(one.name, one.pro_catg) for one in ab.calibrations} <= given, name


def test_they_predict_the_same_products(created, kept):
    for name, ab in kept.items():
        assert set(created[name].products) == set(ab.products), name


def test_an_ab_that_the_plugin_adds_was_made_by_no_rule(created, kept):
    stacks = [name for name, ab in created.items() if ab.recipe == "uves_stack"]
    assert len(stacks) == 2
    pool = CreatedPool(wanted=None, mode=Mode.SCIENCE, creations=(), rows=())
    assert pool.creation_of(stacks[0]) is None
