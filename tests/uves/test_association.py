"""The shipped rules, adapted, make of the raw files the cascade that the repository has."""

from __future__ import annotations

from pathlib import Path

import pytest

from phoenix.instrument import load_instrument
from phoenix.line.association.create import CreatedPool
from phoenix.line.rulebook import shipped_rules
from phoenix.model.ab import Mode
from phoenix.model.dates import CivilDate
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
