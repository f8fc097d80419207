from __future__ import annotations

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import RawFrame
from phoenix.model.gate import Gate, RecipeOutcome, broken

AB = AssociationBlock(
    "GIRAF.2008-03-02T12:07:10.339.ab", "giwavecalibration", (RawFrame("x.fits", "ARC"),)
)


def log_length(outcome: RecipeOutcome) -> float | None:
    return len(outcome.log) or None


GATES = (Gate("log length", log_length, 3, 5, "look at the log"),)


def test_an_outcome_within_the_limits_passes():
    assert broken(GATES, RecipeOutcome(AB, (), "abcd")) == ()


def test_a_broken_gate_says_what_was_found_expected_and_what_to_do():
    assert broken(GATES, RecipeOutcome(AB, (), "ab")) == (
        "log length is 2, expected 3 to 5: look at the log",
    )


def test_a_gate_that_does_not_apply_is_passed():
    assert broken(GATES, RecipeOutcome(AB, (), "")) == ()
