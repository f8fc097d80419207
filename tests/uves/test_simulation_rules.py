"""The rules that come with the pipeline take the simulated frames for what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from phoenix.model.dates import CivilDate
from phoenix.oca import Frame as HeaderFrame
from phoenix.oca import Frames, classify, create, load
from phoenix.simulate.night import SimulationOptions
from phoenix_uves.simulation.blocks import blocks
from phoenix_uves.simulation.headers import frame_cards
from phoenix_uves.simulation.programme import plan_night
from phoenix_uves.simulation.statics import STATICS

RULES = sorted(Path("/usr/share/cpl-plugins").glob("uves-*/gasgano/config/uves.oca"))

pytestmark = pytest.mark.skipif(not RULES, reason="uves.oca is not installed (cpl-plugin-uves)")

PLAN = plan_night(CivilDate(2020, 1, 1), SimulationOptions())


def header(frame):
    return {card.keyword: card.value for card in frame_cards(PLAN, frame)}


@pytest.fixture(scope="module")
def rules():
    return load(RULES[-1])


@pytest.fixture(scope="module")
def raw():
    return [HeaderFrame.of(f"{f.exposure.root}.fits", header(f)) for f in PLAN.frames]


def test_every_frame_has_the_category_under_which_its_block_gives_it_to_the_recipe(rules, raw):
    found = {one.name: one.category for one in classify(rules, raw)}
    assert found == {f"{frame.exposure.root}.fits": frame.tag for frame in PLAN.frames}


def test_the_rules_make_the_same_blocks_of_the_frames(rules, raw):
    static = [
        HeaderFrame.of(row.name, {"INSTRUME": "UVES", "ESO PRO CATG": row.pro_catg})
        for row in STATICS
    ]
    created = create(rules, Frames(raw=raw, static=static))
    made = sorted((one.raw_type, len(one.group.frames)) for one in created.blocks)
    assert made == sorted((ab.raw_type, len(ab.raw_files)) for ab in blocks(PLAN))
