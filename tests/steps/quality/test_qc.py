from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from phoenix.errors import PluginError
from phoenix.model.frames import Product, SetOfFrames
from phoenix.model.process import Look
from phoenix.model.qc import Measurement, QCParameter
from phoenix.model.score import Outcome, Score, ScoreBit, Verdict, VerdictKind
from phoenix.model.threshold import ScoreRule
from phoenix.steps.quality.certify import certify
from phoenix.steps.quality.measure import measure_block, recipe_keywords
from phoenix.steps.quality.score import QCResult, flags_of, read_qc, score_block, write_qc

from ..conftest import fake_instrument, fake_process, fits_bytes

SNR = QCParameter("SNR", "", "median signal-to-noise ratio")


def product(tmp_path, name, pro_catg, *cards):
    path = tmp_path / name
    path.write_bytes(fits_bytes(*(f"HIERARCH ESO QC {card}" for card in cards)))
    return Product(path, pro_catg)


def values(found):
    return {parameter.name: value for parameter, value in found}


def test_every_number_among_the_qc_keywords_is_captured(tmp_path):
    bias = product(
        tmp_path,
        "a.fits",
        "MASTER_BIAS",
        "OUT1 RON RAW = 1.72 / [ADU] readout noise",
        "OUT1 NSAT = 3",
        "DID = 'ESO-VLT-DIC'",
        "OK = T",
    )
    assert values(recipe_keywords([bias])) == {"OUT1_RON_RAW": 1.72, "OUT1_NSAT": 3}


def test_a_captured_parameter_is_declared_by_its_comment(tmp_path):
    bias = product(tmp_path, "a.fits", "B", "OUT1 RON RAW = 1.72 / [ADU] readout noise", "X = 1")
    parameters = [parameter for parameter, _ in recipe_keywords([bias])]
    assert parameters[0] == QCParameter("OUT1_RON_RAW", "", "[ADU] readout noise")
    assert parameters[1].meaning == "ESO QC X of B"


def test_products_that_agree_give_one_value(tmp_path):
    one = product(tmp_path, "a.fits", "A", "X = 1")
    two = product(tmp_path, "b.fits", "B", "X = 1")
    assert values(recipe_keywords([one, two])) == {"X": 1}


def test_a_product_that_disagrees_puts_its_category_in_front(tmp_path):
    one = product(tmp_path, "a.fits", "A", "X = 1")
    two = product(tmp_path, "b.fits", "B-2", "X = 2")
    assert values(recipe_keywords([one, two])) == {"X": 1, "B_2_X": 2}


def test_a_product_that_is_no_fits_file_measures_nothing(tmp_path):
    (tmp_path / "a.fits").write_text("x")
    assert recipe_keywords([Product(tmp_path / "a.fits", "A")]) == ()


def measure(ab, products=(), **hooks):
    instrument = fake_instrument(**hooks)
    return measure_block(instrument, fake_process(), ab, SetOfFrames(()), products, {})


def test_the_plugins_measurements_come_first(night, tmp_path):
    found = measure(
        night.bias(),
        [product(tmp_path, "a.fits", "A", "X = 1")],
        qc_parameters=lambda: [SNR],
        measure_qc=lambda ab: [Measurement("SNR", 3.5, element=1)],
    )
    assert found.measurements == (Measurement("SNR", 3.5, 1), Measurement("X", 1))
    assert [row.name for row in found.keywords] == ["X"]


def test_a_parameter_that_the_plugin_declares_is_the_plugins_alone(night, tmp_path):
    found = measure(
        night.bias(),
        [product(tmp_path, "a.fits", "A", "SNR = 99")],
        qc_parameters=lambda: [SNR],
        measure_qc=lambda: [Measurement("SNR", 3.5)],
    )
    assert found.measurements == (Measurement("SNR", 3.5),)


def test_what_the_plugin_did_not_declare_is_refused(night):
    with pytest.raises(PluginError, match="SNR"):
        measure(night.bias(), measure_qc=lambda: [Measurement("SNR", 3.5)])


BITS = (
    ScoreBit(0, "temperature", "DELTATEMP", -1.5, 1.5, "arc at this temperature"),
    ScoreBit(1, "saturation", "NUM_SAT", None, 1000, "few saturated pixels"),
)


def test_the_value_of_an_element_counts_before_that_of_the_ab():
    rows = [
        Measurement("DELTATEMP", 0.3),
        Measurement("NUM_SAT", 5000),
        Measurement("NUM_SAT", 0, element=1),
        Measurement("NUM_SAT", 2000, element=2),
    ]
    assert dict(flags_of(BITS, rows)) == {0: "01", 1: "00", 2: "01"}


def test_a_process_without_score_bits_has_no_qcflag():
    assert flags_of((), [Measurement("DELTATEMP", 0.3)]) == ()


def test_scores_follow_the_raw_type_and_only_science_is_flagged(night):
    rule = ScoreRule("NUM_SAT", high=1000, comment="saturated")
    other = evolve(rule, raw_types=("ELSE",))
    instrument = fake_instrument(score_bits=lambda: BITS)
    measured = measure(
        night.bias(),
        qc_parameters=lambda: [QCParameter("NUM_SAT", "", "saturated pixels")],
        measure_qc=lambda: [Measurement("NUM_SAT", 4000)],
    )
    ab = night.bias()
    result = score_block(instrument, fake_process(), ab, measured, [rule, other])
    assert result.scores == (Score(rule, 4000, Outcome.RED),)
    assert result.qcflags == ()
    science = evolve(ab, dpr_catg="SCIENCE")
    flagged = score_block(instrument, fake_process(), science, measured, [rule, other])
    assert dict(flagged.qcflags) == {0: "11"}


def test_each_raw_type_is_flagged_by_its_own_table(night):
    instrument = fake_instrument(
        score_bits=lambda raw_type: BITS if raw_type == "FAKEBIAS" else BITS[:1]
    )
    ab = evolve(night.bias(), dpr_catg="SCIENCE")
    measured = measure(night.bias())
    for raw_type, flag in (("FAKEBIAS", "11"), ("FAKESCIENCE", "1")):
        one = evolve(ab, raw_type=raw_type)
        result = score_block(instrument, fake_process(), one, measured, [])
        assert result.bits == BITS[: len(flag)]
        assert {len(value) for _, value in result.qcflags} == {len(flag)}


VALUES = st.none() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | st.text(max_size=8)
NAMES = st.from_regex(r"[A-Z][A-Z0-9_]{0,8}", fullmatch=True)
RULES = st.builds(ScoreRule, NAMES, st.none() | st.floats(-9, 0), st.floats(1, 9))
RESULTS = st.builds(
    QCResult,
    st.just("A.ab"),
    st.lists(st.builds(Measurement, NAMES, VALUES, st.integers(0, 200)), max_size=3).map(tuple),
    st.lists(
        st.builds(QCParameter, NAMES, st.just("m"), st.text("abc", min_size=1)), max_size=3
    ).map(tuple),
    st.lists(st.builds(Score, RULES, VALUES, st.sampled_from(Outcome)), max_size=3).map(tuple),
    st.lists(st.tuples(st.integers(0, 200), st.text("01"))).map(tuple),
)


@given(RESULTS)
def test_a_result_read_back_is_the_same_result(tmp_path_factory, result):
    path = tmp_path_factory.mktemp("qc") / "qc.json"
    write_qc(result, path)
    assert read_qc(path) == result


def test_a_missing_result_is_none(tmp_path):
    assert read_qc(tmp_path / "qc.json") is None


@pytest.mark.parametrize("content", ["", "\0" * 20, "[]", "7", '{"ab_name": "A.ab"}', "{"])
def test_a_result_that_cannot_be_read_proves_nothing(tmp_path, content):
    (tmp_path / "qc.json").write_text(content)
    assert read_qc(tmp_path / "qc.json") is None


RULE = ScoreRule("NUM_SAT", high=1000, comment="saturated")
GREEN, RED = Score(RULE, 1, Outcome.GREEN), Score(RULE, 4000, Outcome.RED)


def test_green_is_certified_by_rule():
    assert certify({"A": [GREEN]}, {"A": 0.0}, "n")["A"].kind is VerdictKind.AUTO


def test_red_waits_for_a_person_who_is_told_why():
    verdict = certify({"A": [GREEN, RED]}, {"A": 0.0}, "n")["A"]
    assert verdict.kind is VerdictKind.REVIEW
    assert verdict.comment == "saturated"


def test_a_mandatory_review_shows_everything_to_a_person():
    looks = dict.fromkeys("AB", Look.MANDATORY)
    verdicts = certify({"A": [GREEN], "B": []}, looks, "n")
    assert {verdict.kind for verdict in verdicts.values()} == {VerdictKind.REVIEW}


def test_what_is_never_reviewed_is_certified_by_rule_and_red_is_told():
    looks = dict.fromkeys("AB", Look.NEVER)
    verdicts = certify({"A": [GREEN], "B": [RED]}, looks, "n")
    assert verdicts["A"] == Verdict(VerdictKind.AUTO, "", "rule")
    assert verdicts["B"] == Verdict(VerdictKind.AUTO, "never reviewed: saturated", "rule")


def test_a_share_of_green_is_drawn_at_random():
    scores = {f"AB{number}": [GREEN] for number in range(2000)}
    verdicts = certify(scores, dict.fromkeys(scores, 20.0), "n")
    drawn = [verdict.kind for verdict in verdicts.values()].count(VerdictKind.REVIEW)
    assert 320 < drawn < 480


@given(st.sets(st.text("AB0123", min_size=1, max_size=4), min_size=1), st.text(max_size=5))
def test_the_draw_is_repeatable_and_does_not_depend_on_the_others(names, seed):
    looks = dict.fromkeys(names, 50.0)
    together = certify({name: [GREEN] for name in names}, looks, seed)
    alone = {name: certify({name: [GREEN]}, looks, seed)[name] for name in names}
    assert together == alone
