from __future__ import annotations

import datetime as dt
import math

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from phoenix.errors import DataError
from phoenix.model.ab import AssociationBlock, Completeness, Mode
from phoenix.model.archived import ArchivedFile, Deprecation
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame, Role
from phoenix.model.qc import Measurement
from phoenix.model.report import JobState
from phoenix.model.score import Outcome, Verdict, VerdictKind, judge
from phoenix.model.threshold import ScoreRule
from phoenix.store import (
    BlockRow,
    CommentRow,
    IDPRow,
    IDPStatus,
    JobRow,
    NightRow,
    ProductRow,
    RunRow,
    RunState,
    by_month,
    by_year,
)

NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(hours=1)
VALUES = (
    st.none()
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]))
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
)


@pytest.fixture
def name(night):
    return night[0].name


# ---- runs


RUN = RunRow(
    "run", "2020-01", "phoenix run -m 2020-01", NOON, since="2020-01-01", until="2020-01-31"
)


def test_a_run_is_remembered_with_how_it_ended(store):
    run = store.runs.begin(evolve(RUN, versions={"phoenix-idp": "2"}))
    ended = evolve(run, ended=LATER, state=RunState.WRONG, reason="why", counts={"failed": 2})
    store.runs.end(ended)
    assert store.runs.rows() == (ended,)


def test_the_first_end_of_a_run_counts(store):
    run = store.runs.begin(RUN)
    first = evolve(run, ended=NOON, state=RunState.DONE)
    store.runs.end(first)
    store.runs.end(evolve(run, ended=LATER, state=RunState.STOPPED))
    assert store.runs.rows() == (first,)


def test_a_run_that_was_killed_has_no_end(store):
    store.runs.begin(RUN)
    assert [(run.ended, run.state) for run in store.runs.rows()] == [(None, RunState.RUNNING)]


def test_the_runs_of_a_night_are_those_of_every_pool_that_has_it(store):
    month = store.runs.begin(RUN)
    store.runs.begin(evolve(RUN, pool="2020-01-02", since="2020-01-02", until="2020-01-02"))
    store.runs.begin(RunRow("pool index", "", "phoenix pool index", NOON))
    assert store.runs.rows(since="2020-01-05", until="2020-01-05") == (month,)


def test_the_last_runs_are_the_newest_in_order(store):
    runs = [store.runs.begin(RUN) for _ in range(5)]
    assert store.runs.rows(last=2) == tuple(runs[-2:])


# ---- ABs


def test_an_ab_saved_again_is_brought_up_to_date(store, night):
    changed = evolve(night[1], recipe="gimasterflat", completeness=Completeness.INCOMPLETE)
    store.blocks.save([changed])
    assert store.blocks.rows() == (night[0], changed, night[2])


def test_abs_are_found_by_night_and_name(store, night):
    store.blocks.save([BlockRow("GIRAF.2020-01-05T00:00:00.000.ab", "2020-01-05")])
    assert store.blocks.rows(until=CivilDate(2020, 1, 4)) == night
    assert store.blocks.rows(names=[night[2].name]) == (night[2],)


def test_the_nights_beside_a_night_are_the_nearest_that_have_abs(store, night):
    own = night[0].date
    for date in ("2019-11-30", "2019-12-31", "2020-02-01", "2020-03-01"):
        store.blocks.save([BlockRow(f"GIRAF.{date}T00:00:00.000.ab", date)])
    assert store.blocks.beside(own) == ("2019-12-31", "2020-02-01")
    assert store.blocks.beside("2020-03-01") == ("2020-02-01", "")
    assert store.blocks.beside("2019-11-30") == ("", "2019-12-31")


def test_the_row_of_an_ab_has_its_qualifiers():
    ab = AssociationBlock(
        name="GIRAF.2020-01-01T00:00:00.000.ab",
        recipe="giscience",
        raw_files=(RawFrame("X.fits", "SCIENCE"),),
        date=CivilDate(2020, 1, 1),
        dpr_catg="SCIENCE",
        setup=(("MODE", "L427.2"), ("SLIT", "Medusa1")),
    )
    row = BlockRow.of(ab, checksum="c")
    assert (row.date, row.mode, row.setup) == (
        "2020-01-01",
        Mode.SCIENCE,
        "MODE=L427.2 SLIT=Medusa1",
    )
    assert BlockRow.of(ab, date="2094-01-16").date == "2094-01-16"


# ---- products


def _product(ab_name, number, role=Role.SCIENCE):
    name = f"r.{number:04d}.fits"
    return ProductRow(ab_name, name, "SCIENCE_RBNSPECTRA", role, f"products/{name}", 2**40, "ff")


def test_products_replace_those_of_the_try_before(store, name):
    store.products.replace(name, [_product(name, 0), _product(name, 1)])
    store.products.replace(name, [_product(name, 2)])
    assert store.products.rows() == (_product(name, 2),)


def test_a_moved_product_has_a_new_path_and_name(store, name):
    store.products.replace(name, [_product(name, 0)])
    moved = evolve(_product(name, 0), path="reduced/GI.fits", final_name="GI.fits")
    store.products.move([moved])
    assert [(row.path, row.final_name) for row in store.products.rows(ab_name=name)] == [
        ("reduced/GI.fits", "GI.fits")
    ]


def test_products_are_found_by_role(store, name):
    store.products.replace(name, [_product(name, 0), _product(name, 1, Role.CALIBRATION)])
    assert [row.name for row in store.products.rows(role=Role.CALIBRATION)] == ["r.0001.fits"]


# ---- QC1


@given(values=st.lists(VALUES, max_size=5))
@settings(max_examples=50)
def test_measurements_read_back_are_the_same(store, name, values):
    measured = tuple(Measurement("SNR", value, place) for place, value in enumerate(values))
    store.qc1.replace(name, measured)
    found = store.qc1.of(name)
    assert [(row, type(row.value)) for row in found] == [
        (row, type(row.value)) for row in measured
    ]


def test_a_huge_whole_number_comes_back_as_a_float(store, name):
    store.qc1.replace(name, [Measurement("NUM", 10**30)])
    assert math.isclose(store.qc1.of(name)[0].value, 1e30)


def test_measurements_of_the_same_element_are_refused(store, name):
    with pytest.raises(DataError, match="two values of SNR for element 3"):
        store.qc1.replace(name, [Measurement("SNR", 1.0, 3), Measurement("SNR", 2.0, 3)])


def test_measurements_know_night_time_and_setup_of_their_ab(store, night, name):
    store.qc1.replace(name, [Measurement("SNR", 30.5)])
    (row,) = store.qc1.measurements(raw_type="FIBRE_FLAT_ON", since="2020-01-01")
    assert (row.date, row.mjd_obs, row.setup) == ("2020-01-01", night[0].mjd_obs, "")


def test_measurements_are_found_by_parameter_and_element(store, name):
    store.qc1.replace(
        name, [Measurement("SNR", 1.0), Measurement("SNR", 2.0, 1), Measurement("MEAN", 3.0)]
    )
    rows = store.qc1.measurements(parameters=["SNR"], whole_ab=True)
    assert [(row.parameter, row.value) for row in rows] == [("SNR", 1.0)]


def test_scores_are_kept_in_the_order_of_the_rules(store, name):
    rules = [ScoreRule("SNR", low=10, comment="faint"), ScoreRule("MEAN", high=1.0)]
    store.qc1.add_scores(name, judge([Measurement("SNR", 5.0)], rules, ""), NOON)
    rows = store.qc1.scores(ab_name=name)
    assert [(row.parameter, row.value, row.outcome, row.comment) for row in rows] == [
        ("SNR", 5.0, Outcome.RED, "faint"),
        ("MEAN", None, Outcome.GREY, ""),
    ]


def test_the_newest_scores_count(store, name):
    store.qc1.add_scores(name, judge([], [ScoreRule("SNR", low=1)], ""), NOON)
    store.qc1.add_scores(name, (), NOON)
    assert store.qc1.scores(raw_type="FIBRE_FLAT_ON") == ()


def test_no_score_is_overwritten(store, name):
    for low in (1.0, 9.0):
        rules = [ScoreRule("SNR", low=low, source="a person")]
        store.qc1.add_scores(name, judge([Measurement("SNR", 5.0)], rules, ""), NOON)
    rows = store.qc1.scores(ab_name=name, every=True)
    assert [(row.low, row.outcome.value, row.source) for row in rows] == [
        (1.0, "green", "a person"),
        (9.0, "red", "a person"),
    ]


def test_the_very_same_scores_are_kept_once(store, name):
    rules = [ScoreRule("SNR", low=1.0, element=None, comment="faint"), ScoreRule("N", high=2)]
    scores = judge([Measurement("SNR", 5.0, 1), Measurement("SNR", 0.5, 2)], rules, "")
    for when in (NOON, NOON + dt.timedelta(days=1)):
        store.qc1.add_scores(name, scores, when)
    rows = store.qc1.scores(ab_name=name, every=True)
    assert [(row.parameter, row.at) for row in rows] == [("SNR", NOON), ("N", NOON)]


def test_the_elements_of_a_score_are_told_when_asked_for(store, name):
    rules = [ScoreRule("SNR", low=1.0, element=None, spare=1, comment="faint")]
    scores = judge([Measurement("SNR", 5.0, 1), Measurement("SNR", 0.5, 2)], rules, "")
    store.qc1.add_scores(name, scores, NOON)
    rows = store.qc1.scores(ab_name=name, parts=True)
    assert [(row.part, row.value, row.outcome.value) for row in rows] == [
        (0, 1, "green"),
        (1, 5.0, "green"),
        (2, 0.5, "red"),
    ]


# ---- verdicts and comments


def test_the_last_verdict_counts_and_all_are_kept(store, name):
    store.verdicts.give(name, Verdict(VerdictKind.AUTO), NOON)
    store.verdicts.give(name, Verdict(VerdictKind.REJECTED, "wrong lamp", "me"), LATER)
    assert store.verdicts.current()[name].verdict.kind is VerdictKind.REJECTED
    assert [row.at for row in store.verdicts.history(name)] == [NOON, LATER]


@pytest.mark.parametrize("kind", VerdictKind)
def test_nights_know_whether_anything_of_theirs_was_ever_rejected(store, name, kind):
    store.verdicts.give(name, Verdict(kind, "why", "me"), NOON)
    store.verdicts.give(name, Verdict(VerdictKind.OK, "", "me"), LATER)
    rejected = kind in {VerdictKind.REJECTED, VerdictKind.RAW_BAD}
    assert store.verdicts.any_rejected(until="2031-01-01") is rejected
    assert store.verdicts.any_rejected(since="2031-01-01") is False


def test_the_same_verdict_again_changes_nothing(store, name):
    store.verdicts.give(name, Verdict(VerdictKind.AUTO), NOON)
    store.verdicts.give(name, Verdict(VerdictKind.AUTO), LATER)
    assert [row.at for row in store.verdicts.history(name)] == [NOON]


def test_the_same_verdict_counts_anew_for_products_that_were_made_since(store, name):
    store.verdicts.give(name, Verdict(VerdictKind.OK), NOON)
    store.verdicts.give(name, Verdict(VerdictKind.OK), LATER, LATER)
    assert [row.at for row in store.verdicts.history(name)] == [NOON, LATER]


def test_verdicts_of_a_night_are_given_together_and_told_with_all_before(store, night):
    first, second, _ = (block.name for block in night)
    store.verdicts.give(first, Verdict(VerdictKind.REVIEW), NOON)
    both = {first: Verdict(VerdictKind.OK), second: Verdict(VerdictKind.AUTO)}
    store.verdicts.give_all(both, LATER)
    store.verdicts.give_all(both, LATER + dt.timedelta(hours=1))
    found = store.verdicts.of_nights(night[0].date, night[-1].date)
    assert {name: [row.verdict.kind for row in rows] for name, rows in found.items()} == {
        first: [VerdictKind.REVIEW, VerdictKind.OK],
        second: [VerdictKind.AUTO],
    }
    assert found[first] == store.verdicts.history(first)


def test_the_same_comment_again_changes_nothing(store, name):
    comment = CommentRow(name, "fibre 3 is dead", "me", NOON)
    store.verdicts.add_comment(comment)
    store.verdicts.add_comment(comment)
    assert store.verdicts.comments(ab_name=name) == (comment,)


# ---- the Phase 3 archive


@pytest.fixture
def spectrum(name):
    preview = ArchivedFile("GI_1.png", "2020/GI_1.png", "ANCILLARY.PREVIEW", 10, "a" * 32)
    return IDPRow(
        "GI_1.fits", name, "2020/GI_1.fits", 2**33, "b" * 32, "SCIENCE.SPECTRUM", NOON, (preview,)
    )


def test_the_first_version_of_an_idp_supersedes_nothing(store, spectrum):
    store.phase3.ingest(spectrum)
    assert store.phase3.rows() == (evolve(spectrum, version=1),)


def test_the_same_content_again_is_the_same_version(store, spectrum):
    first = store.phase3.ingest(spectrum)
    assert store.phase3.ingest(evolve(spectrum, ingested=LATER)) == first
    assert len(store.phase3.rows()) == 1


def test_another_content_supersedes_the_version_before(store, spectrum):
    store.phase3.ingest(spectrum)
    second = store.phase3.ingest(evolve(spectrum, md5="c" * 32))
    assert (second.version, second.supersedes) == (2, 1)
    assert [row.status for row in store.phase3.rows(name=spectrum.name)] == [
        IDPStatus.OBSOLETE,
        IDPStatus.CURRENT,
    ]
    assert store.phase3.rows(status=IDPStatus.CURRENT) == (second,)


def test_another_ancillary_makes_another_version(store, spectrum):
    store.phase3.ingest(spectrum)
    assert store.phase3.ingest(evolve(spectrum, files=())).version == 2


def test_a_withdrawn_idp_can_come_back(store, spectrum, name):
    store.phase3.ingest(spectrum)
    store.phase3.withdraw(spectrum.name)
    assert store.phase3.rows(status=IDPStatus.CURRENT) == ()
    assert store.phase3.ingest(spectrum).version == 2
    assert len(store.phase3.rows(ab_name=name, since="2020-01-01", until="2020-01-01")) == 2


def test_what_a_person_took_back_stays_so_when_a_later_version_comes(store, spectrum):
    said = Deprecation("wrong field", "me", LATER, deleted=True)
    store.phase3.ingest(spectrum)
    store.phase3.deprecate(spectrum.name, 1, said)
    second = store.phase3.ingest(spectrum)
    assert (second.version, second.supersedes, second.deprecation) == (2, 1, None)
    first, current = store.phase3.rows(name=spectrum.name)
    assert (first.status, first.deprecation) == (IDPStatus.DEPRECATED, said)
    assert current == second


# ---- history


def test_a_night_counts_states_times_and_products(store, night):
    store.jobs.prepare({(block.name, "process"): "" for block in night})
    ended = [JobState.SUCCESSFUL, JobState.SUCCESSFUL, JobState.FAILED]
    store.jobs.record(
        JobRow(block.name, "process", state, reason="-", wall_s=2.0, products=3)
        for block, state in zip(night, ended, strict=True)
    )
    expected = NightRow("2020-01-01", {JobState.SUCCESSFUL: 2, JobState.FAILED: 1}, 6.0, 9)
    assert store.history.nights("process") == (expected,)
    assert store.history.nights("process", since="2020-01-02") == ()


def test_nights_add_up_to_months_and_years():
    nights = [
        NightRow("2020-01-01", {JobState.SUCCESSFUL: 2}, 1.0, 3),
        NightRow("2020-01-02", {JobState.SUCCESSFUL: 1, JobState.FAILED: 1}, 2.0, 4),
        NightRow("2020-02-01", {JobState.FAILED: 1}, 0.5, 0),
    ]
    months = by_month(nights)
    assert months == (
        NightRow("2020-01", {JobState.SUCCESSFUL: 3, JobState.FAILED: 1}, 3.0, 7),
        NightRow("2020-02", {JobState.FAILED: 1}, 0.5, 0),
    )
    assert [(year.date, year.blocks) for year in by_year(months)] == [("2020", 5)]
