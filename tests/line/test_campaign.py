"""A small part of the campaign, in every run of the tests; the rest is in power cuts and kills."""

from __future__ import annotations

import random

import pytest
from campaign import hostile


@pytest.mark.recipes
@pytest.mark.parametrize("seed", [1, 2])
def test_hostile_abs_frames_and_rules_end_by_themselves(raw_night, tmp_path, seed):
    tally = hostile(tmp_path, raw_night, 8, random.Random(seed))
    assert tally.lost == []
    assert tally.tried == 41
