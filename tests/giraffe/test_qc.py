"""QC parameters measured on a good night, against what was simulated."""

from __future__ import annotations

import numpy as np
import pytest

from phoenix.model.qc import Measurement
from phoenix.model.score import Outcome, judge
from phoenix_giraffe.quality.scores import BITS, RULES


def values(one, element=0):
    return {row.parameter: row.value for row in one.qc if row.element == element}


def block(night, raw_type):
    return next(one for one in night.blocks if one.ab.raw_type == raw_type)


@pytest.mark.recipes
def test_the_read_noise_is_that_of_the_detector(good):
    # 4.0 e- at 2.35 e-/ADU, and the rounding to whole ADU.
    expected = np.hypot(4.0 / 2.35, np.sqrt(1 / 12))
    assert values(block(good, "BIAS"))["OUT1_RON_RAW"] == pytest.approx(expected, rel=0.02)


@pytest.mark.recipes
def test_three_flats_are_even_and_every_fibre_has_a_transmission(good):
    flat = block(good, "FIBER_FLAT")
    assert values(flat)["FLAT_EVENNESS"] > 0.999
    transmissions = [row.value for row in flat.qc if row.parameter == "TRANSMISSION"]
    assert len(transmissions) == values(flat)["NUM_FIB"]
    assert 0.6 < min(transmissions) < max(transmissions) <= 1.05


@pytest.mark.recipes
def test_the_arc_lies_on_the_solution_in_every_fibre(good):
    arc = block(good, "ARC_SPECTRUM")
    assert values(arc)["LINES_ACCEPTED"] > 0.99
    assert values(arc)["WAVE_RMS"] == pytest.approx(values(arc)["WSOL_RMS"] * 0.0202, rel=0.05)
    fibres = [row.value for row in arc.qc if row.parameter == "FIBRE_WAVE_RMS"]
    assert len(fibres) == values(arc)["NUM_FIB"]
    assert max(fibres) < 0.001


@pytest.mark.recipes
def test_science_knows_its_arc(good, science):
    found = values(science)
    arc = values(block(good, "ARC_SPECTRUM"))
    assert found["SPEC_RES"] == arc["RESOL_POWER"]
    assert found["LAMNLIN"] == arc["WSOL_LINE_NLINES"]
    assert found["DELTATEMP"] == pytest.approx(found["TEMPERATURE"] - arc["TEMPERATURE"])
    assert -0.5 < found["DELTATIME"] < -0.3


@pytest.mark.recipes
def test_fibres_are_counted_by_what_they_look_at(science):
    found = values(science)
    fibres = {row.element for row in science.qc if row.parameter == "SNR" and row.element}
    assert found["NSCI"] + found["NSKY"] == len(fibres)
    assert found["SIMATT"] == 1
    assert found["SIMCAL"] == 0


@pytest.mark.recipes
def test_snr_grows_with_the_root_of_the_counts(science):
    rows = [
        (row.value, values(science, row.element)["MEAN_COUNTS"])
        for row in science.qc
        if row.parameter == "SNR" and row.element and row.value > 20
    ]
    snr, counts = np.array(rows).T
    slope = np.polyfit(np.log(counts), np.log(snr), 1)[0]
    assert slope == pytest.approx(0.5, abs=0.05)


@pytest.mark.recipes
def test_a_dark_flat_among_three_is_red(faulty):
    flat = block(faulty("dark_flat"), "FIBER_FLAT")
    scores = judge(flat.qc, RULES, "FIBER_FLAT")
    red = [score.rule.parameter for score in scores if score.outcome is Outcome.RED]
    assert red == ["FLAT_EVENNESS"]


def test_the_bits_are_the_published_ones_in_their_order():
    assert [bit.name for bit in BITS] == [
        "qc_deltatemp",
        "qc_deltatime",
        "numsat",
        "nsci",
        "nsky",
        "simatt_flag",
        "simcal_flag",
        "badcol",
        "glow",
    ]


@pytest.mark.parametrize(
    ("parameter", "value", "outcome"),
    [
        ("NUM_SAT", 999, Outcome.GREEN),
        ("NUM_SAT", 1000, Outcome.RED),
        ("DELTATEMP", -1.5, Outcome.GREEN),
        ("DELTATEMP", 1.6, Outcome.RED),
        ("NSCI", 10, Outcome.GREEN),
        ("NSCI", 9, Outcome.RED),
        ("DELTATIME", None, Outcome.GREY),
    ],
)
def test_limits_of_science_are_those_of_the_published_bits(parameter, value, outcome):
    scores = judge([Measurement(parameter, value)], RULES, "SCIENCE")
    (score,) = [score for score in scores if score.rule.parameter == parameter]
    assert score.outcome is outcome


@pytest.mark.recipes
def test_science_of_a_good_night_has_no_bit_of_qcflag_set(good):
    flags = [flag for one in good.blocks if one.ab.raw_type == "SCIENCE" for flag in one.qcflags]
    assert len(flags) > 100
    for one in good.blocks:
        if one.ab.raw_type == "SCIENCE":
            assert set(one.qcflags.values()) == {"000000000"}
