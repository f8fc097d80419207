"""Limits of scores on panels: lines where they are fixed, bands where they are usual."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.image import imread

from phoenix.drawing.limits import Limits, limits_of, limits_text, with_limits
from phoenix.drawing.report import ReportTitle, draw_report
from phoenix.model.panel import Curve, Listing, Plot
from phoenix.model.score import Outcome, Score
from phoenix.model.threshold import Kind, ScoreRule

if TYPE_CHECKING:
    from pathlib import Path

FIXED = Score(ScoreRule("LEVEL", 1.0, 9.0), 5.0, Outcome.GREEN)
USUAL = Score(ScoreRule("LEVEL", 4.0, 6.0, kind=Kind.DYNAMIC), 5.0, Outcome.GREEN)
OPEN = Score(ScoreRule("LEVEL", kind=Kind.DYNAMIC), 5.0, Outcome.GREY)
RED = Score(ScoreRule("LEVEL", 6.0, 9.0, comment="too low"), 5.0, Outcome.RED)
X = np.arange(50.0)
LEVEL = Plot("Level", (Curve(X, 4.0 + X / 25),), y_limits=("LEVEL",))


def drawn(path: Path, panel: object, *scores: Score) -> np.ndarray:
    return imread(draw_report(ReportTitle("A.ab", scores=scores), [panel], path))[..., :3]


def test_a_parameter_that_is_judged_twice_has_both_limits():
    assert limits_of([FIXED, USUAL], ("LEVEL",)) == (
        Limits(Kind.STATIC, 1.0, 9.0),
        Limits(Kind.DYNAMIC, 4.0, 6.0),
    )


def test_limits_that_nobody_knows_are_not_drawn():
    assert limits_of([OPEN], ("LEVEL",)) == ()


def test_another_parameter_has_nothing_to_do_with_a_panel():
    assert limits_of([FIXED], ("SNR",)) == ()


def test_a_near_limit_widens_the_range_and_a_far_one_does_not():
    low, high = with_limits((0.0, 10.0), [Limits(Kind.STATIC, -1000.0, 12.0)])
    assert low == 0.0
    assert 12.0 < high < 13.0


def test_a_range_that_runs_backwards_goes_on_doing_so():
    low, high = with_limits((10.0, 0.0), [Limits(Kind.STATIC, None, 12.0)])
    assert low > 12.0
    assert high == 0.0


@given(
    st.floats(-1e30, 1e30),
    st.floats(1e-3, 1e30),
    st.floats(-1e30, 1e30) | st.none(),
    st.floats(-1e30, 1e30) | st.none(),
)
def test_a_range_with_limits_holds_the_range_without(start, span, low, high):
    widened = with_limits((start, start + span), [Limits(Kind.STATIC, low, high)])
    assert widened[0] <= start
    assert widened[1] >= start + span


def test_what_is_usual_is_a_band(tmp_path: Path):
    plain = drawn(tmp_path / "plain.png", LEVEL)
    usual = drawn(tmp_path / "usual.png", LEVEL, USUAL)
    tint = np.array([224, 243, 238]) / 255
    assert np.count_nonzero((np.abs(usual - tint) < 0.02).all(axis=2)) > 10_000
    assert np.count_nonzero((np.abs(plain - tint) < 0.02).all(axis=2)) < 1000


def test_a_red_parameter_is_marked_in_panels_and_table(tmp_path: Path):
    orange = np.array([192, 74, 0]) / 255

    def marks(panel: object, score: Score) -> int:
        image = drawn(tmp_path / "r.png", panel, score)[120:]
        return int((np.abs(image - orange) < 0.02).all(axis=2).sum())

    table = Listing("QC parameters", (("LEVEL", "5 adu"), ("SNR", "3")))
    for panel in (LEVEL, table):
        assert marks(panel, RED) > 20
        assert marks(panel, FIXED) == 0


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(1.0, 2.5, "1 to 2.5"), (None, 999.0, "≤ 999"), (3.0, None, "≥ 3"), (None, None, "")],
)
def test_limits_are_told_in_few_characters(low, high, text):
    assert limits_text(low, high) == text


_LIMIT = st.floats(allow_nan=False, allow_infinity=False) | st.none()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_LIMIT, _LIMIT, st.booleans())
def test_any_limits_make_a_report(tmp_path: Path, low, high, is_usual):
    if low is not None and high is not None and low > high:
        low, high = high, low
    kind = Kind.DYNAMIC if is_usual or (low is None and high is None) else Kind.STATIC
    rule = ScoreRule(
        "LEVEL", low, high, kind=kind, by_element=((3, 1.0, 2.0),) if is_usual else ()
    )
    both = Plot("L", LEVEL.curves, x_limits=("LEVEL",), y_limits=("LEVEL",))
    drawn(tmp_path / "any.png", both, Score(rule, 5.0, Outcome.GREEN))
