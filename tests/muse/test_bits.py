"""Faults of simulated nights through the true recipes: which bits and scores tell of each."""

from __future__ import annotations

import pytest

from phoenix.model.score import Outcome, judge
from phoenix_muse.quality.scores import BITS, RULES

pytestmark = [pytest.mark.recipes, pytest.mark.slow]

OB, SINGLE = "PIXTABLE_REDUCED", "PIXTABLE_OBJECT"

UNFITTED = "sky lines or continuum could not be fitted"
UNALIGNED = "an exposure could not be aligned"
SHIFTED = "sky lines of an IFU off by 0.5 Angstrom"
ABORTED = "an exposure was broken off"
# Faults that do not touch each other share a night.
NIGHTS = (
    (("bright-sky",), {8}, {8}, {"background over-subtracted"}),
    (("dark-sky", "two-templates"), {1, 3}, {1, 3, 11}, {UNFITTED}),
    (("no-twilight", "wave-shift", "old-arc"), {4, 5, 9}, {4, 5, 9}, {SHIFTED}),
    (("saturated", "no-sky"), {3, 6}, {3, 6}, {"300 or more saturated raw pixels"}),
    (("empty",), {7}, {7, 10}, {"no source was found", UNALIGNED}),
    (("aborted", "off"), set(), {10}, {ABORTED}),
    (("dawn",), set(), set(), {"High_background"}),
    (("astray",), set(), {10}, {UNALIGNED}),
)
"""Faults, the bits of the exposures and of the OB, and the red scores of all cubes."""

SKY = ("field", "single", "sky")
"""The usual night, and an OB that looks at nothing but sky."""


def bits(reduced, raw_type, without=None):
    """Return the places that are set in any QCFLAG of a raw type, from 1."""
    known = {str(one.ab.name) for one in without.blocks} if without else set()
    flags = [
        one.qcflags[0]
        for one in reduced.blocks
        if one.ab.raw_type == raw_type and str(one.ab.name) not in known
    ]
    assert flags
    return {place for flag in flags for place, bit in enumerate(flag, 1) if bit == "1"}


def red(reduced, *raw_types):
    """Return the comments of the red scores of raw types."""
    return {
        score.comment
        for one in reduced.blocks
        if one.ab.raw_type in raw_types
        for score in judge(one.qc, RULES, one.ab.raw_type)
        if score.outcome is Outcome.RED
    }


def test_a_good_night_sets_no_bit_but_that_of_the_missing_sky(good):
    assert bits(good, OB) == set()
    # The exposure of the other OB has no sky beside it.
    assert bits(good, SINGLE) == {3}
    assert red(good, OB, SINGLE) == set()


@pytest.mark.parametrize(
    ("faults", "single", "combined", "scores"), NIGHTS, ids=[" ".join(row[0]) for row in NIGHTS]
)
def test_every_fault_sets_its_own_bit_and_no_other(faulty, faults, single, combined, scores):
    night = faulty(*faults)
    assert bits(night, SINGLE) == single
    assert bits(night, OB) == combined
    assert red(night, OB, SINGLE) == scores


def test_an_ob_of_nothing_but_sky_has_cubes_that_say_so(faulty, good):
    night = faulty(setups=SKY)
    assert bits(night, SINGLE, without=good) == {2, 3, 7}
    # Nothing there can be aligned.
    assert bits(night, OB, without=good) == {2, 3, 7, 10}


def test_every_score_of_a_cube_has_its_fault_but_that_of_empty_voxels():
    told = set().union(*(scores for *_, scores in NIGHTS))
    of_cubes = {rule.comment for rule in RULES if {SINGLE, OB} & set(rule.raw_types)}
    assert of_cubes - told == {"a fifth of the cube and more is empty"}


def test_every_bit_has_its_fault():
    told = set().union(*(combined for _, _, combined, _ in NIGHTS))
    assert told | {2} == {bit.position for bit in BITS}
