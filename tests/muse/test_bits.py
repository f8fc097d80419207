"""Faults of simulated nights through the true recipes: which bit and which score tells of each."""

from __future__ import annotations

import pytest

from phoenix.model.score import Outcome, judge
from phoenix_muse.quality.scores import RULES

pytestmark = [pytest.mark.recipes, pytest.mark.slow]

OB, SINGLE = "PIXTABLE_REDUCED", "PIXTABLE_OBJECT"
ALIGNMENT = 10
"""Set in every simulated OB: the telescope points by more than 0.2 arcsec beside."""


def bits(reduced, raw_type):
    """Return the places that are set in any QCFLAG of a raw type, from 1."""
    flags = [one.qcflags[0] for one in reduced.blocks if one.ab.raw_type == raw_type]
    assert flags
    return {place for flag in flags for place, bit in enumerate(flag, 1) if bit == "1"}


def red(reduced, raw_type):
    """Return the comments of the red scores of a raw type."""
    return {
        score.comment
        for one in reduced.blocks
        if one.ab.raw_type == raw_type
        for score in judge(one.qc, RULES, raw_type)
        if score.outcome is Outcome.RED
    }


def test_a_good_night_sets_no_bit_but_that_of_the_pointing_and_of_the_missing_sky(good):
    assert bits(good, OB) == {ALIGNMENT}
    # The exposure of the other OB has no sky beside it.
    assert bits(good, SINGLE) == {3}
    assert red(good, OB) == red(good, SINGLE) == set()


def test_a_missing_twilight_and_shifted_wavelengths_have_their_bits(faulty):
    night = faulty("no-twilight", "wave-shift", chosen=(OB,))
    assert bits(night, SINGLE) == {5, 9}
    assert bits(night, OB) == {5, 9, ALIGNMENT}
    assert red(night, SINGLE) == {"sky lines of an IFU off by 0.5 Angstrom"}


def test_saturated_exposures_without_sky_beside_them_have_their_bits(faulty):
    night = faulty("saturated", "no-sky", chosen=(OB,))
    assert bits(night, SINGLE) == {3, 6}
    assert bits(night, OB) == {3, 6, ALIGNMENT}
    assert red(night, OB) == {"300 or more saturated raw pixels"}


def test_the_sky_of_the_morning_and_an_aborted_exposure_turn_scores_red(faulty):
    night = faulty("dawn", "aborted", chosen=(OB,))
    assert red(night, SINGLE) == {"High_background"}
    assert red(night, OB) == {"High_background", "an exposure was broken off"}
