"""Why this calibration, and why not that one."""

from __future__ import annotations

import json

import pytest

from phoenix.errors import DataError
from phoenix.oca import Frames, Kind, Level, RuleSet, create, explain

SCIENCE = "TEST.2014-12-09T03:00:00.000.ab"


def report(creation, name):
    return explain(creation, SCIENCE, name).associations[0]


def candidate(creation, name, file):
    (found,) = [entry for entry in report(creation, name).candidates if entry.name == file]
    return found


def test_the_condition_that_rejected_a_candidate_is_named_with_both_values(
    small_rules, small_night, master
):
    pool = Frames(small_night, [master("B2.fits", 3, "MASTER_BIAS", DET__BINX=2)])
    rejection = candidate(create(small_rules, pool), "MASTER_BIAS", "B2.fits").rejection
    assert rejection.condition == "inputFile.DET.BINX == DET.BINX"
    assert rejection.values == (("inputFile.DET.BINX", "1"), ("DET.BINX", "2"))


def test_an_undefined_keyword_is_said_to_be_undefined(small_rules, small_night, master):
    pool = Frames(small_night, [master("B.fits", 3, "MASTER_BIAS", DET__BINX=None)])
    rejection = candidate(create(small_rules, pool), "MASTER_BIAS", "B.fits").rejection
    assert ("DET.BINX", "undefined") in rejection.values


def test_every_candidate_of_the_class_is_listed_and_the_others_are_counted(
    small_rules, small_night, master
):
    masters = [master(f"B{n}.fits", n, "MASTER_BIAS") for n in range(30)]
    masters += [master(f"D{n}.fits", n, "MASTER_DARK") for n in range(4)]
    found = report(create(small_rules, Frames(small_night, masters)), "MASTER_BIAS")
    assert len(found.candidates) == 31
    assert found.others == 4
    assert "... and 11 more candidates" in found.text()


def test_the_chosen_one_stands_first_and_ranks_follow_the_distance(
    small_rules, small_night, master
):
    masters = [master(f"B{hour}.fits", hour, "MASTER_BIAS") for hour in (9, 2, -30)]
    found = report(create(small_rules, Frames(small_night, masters)), "MASTER_BIAS")
    assert [(c.name[:3], c.rank, c.chosen) for c in found.candidates[:3]] == [
        ("B2.", 1, True),
        ("B9.", 2, False),
        ("B-3", 3, False),
    ]
    assert found.candidates[0].distance == pytest.approx(-1.5 / 24)


@pytest.mark.parametrize(
    ("hours", "verdict"),
    [
        ((2,), "B2.fits (certified, 1.50 h earlier): the only candidate that passes"),
        ((2, 9), "closest in time; next is B9.fits (5.50 h later)"),
        ((2, 5), "as far in time as B5.fits: the earlier is taken"),
    ],
)
def test_the_verdict_says_why_the_winner_won(small_rules, small_night, master, hours, verdict):
    masters = [master(f"B{hour}.fits", hour, "MASTER_BIAS") for hour in hours]
    created = create(small_rules, Frames(small_night[5:], masters))
    assert report(created, "MASTER_BIAS").verdict.endswith(verdict)


def test_of_twins_the_first_by_name_wins_and_is_said_to(small_rules, small_night, master):
    masters = [master(name, 2, "MASTER_BIAS") for name in ("Y.fits", "X.fits")]
    created = create(small_rules, Frames(small_night[5:], masters))
    verdict = report(created, "MASTER_BIAS").verdict
    assert verdict.startswith("X.fits")
    assert verdict.endswith("as far in time as Y.fits: the first by name is taken")


def test_a_closer_file_of_a_later_kind_is_mentioned(small_rules, small_night, master):
    pool = Frames(small_night, [master("OLD.fits", -99, "MASTER_BIAS")])
    assert (
        "certified files within their range go before virtual ones; "
        "r.TEST.2014-12-09T10:00:00.000_tpl_0000.fits would be closer (6.52 h later)"
    ) in report(create(small_rules, pool), "MASTER_BIAS").verdict


def test_nothing_found_counts_the_reasons(small_rules, small_night, master):
    masters = [master(f"R{n}.fits", n, "RESPONSE") for n in (8, 9)]
    found = report(create(small_rules, Frames(small_night, masters)), "RESPONSE")
    assert found.verdict == (
        "nothing found (optional): of 2 candidates were rejected 2 by MJD-OBS < inputFile.MJD-OBS"
    )


def test_an_empty_class_and_a_disabled_rule_are_told_apart(small_rules, small_night):
    created = create(small_rules, Frames(small_night))
    assert "there is no file of this class" in report(created, "RESPONSE").verdict
    assert report(created, "DARK").verdict == "disabled: minRet and maxRet are 0"


def test_a_file_outside_the_levels_is_said_to_be(small_rules, small_night, master):
    pool = Frames(small_night[5:], [master("B.fits", -99, "MASTER_BIAS")])
    created = create(small_rules, pool, levels={"*": [Level(0, -1, 1)]})
    rejection = candidate(created, "MASTER_BIAS", "B.fits").rejection
    assert rejection.condition == "it lies outside the ranges in time (-1 to 1 d)"


def test_an_own_product_is_said_to_be_no_first_guess(raw, master):
    rules = RuleSet.parsed(
        'select execute(A) from inputFiles where DPR.TYPE == "WAVE"; action A { recipe a;'
        'minRet = 0; maxRet = 1; select file as SOL from calibFiles where PRO.CATG == "SOL";'
        'product S { PRO.CATG = "SOL"; } }'
    )
    created = create(rules, Frames([raw(3, "WAVE"), raw(2, "WAVE")]))
    found = report(created, "SOL").candidates
    assert {entry.kind for entry in found} == {"virtual"}
    assert all("first guesses are certified or static" in str(c.rejection) for c in found)


def test_the_rules_that_classified_and_grouped_are_told(small_rules, small_night):
    found = explain(create(small_rules, Frames(small_night)), SCIENCE)
    assert found.classified == (
        'line 4: if DPR.TYPE == "OBJECT" then DO.CATG = "SCIENCE", RAW.TYPE = "SCIENCE"',
    )
    assert found.grouped.startswith("line 11: execute(REDUCE) where SIG.FRAME == 1")
    assert [rule.name for rule in found.associations][:2] == ["MASTER_BIAS", "MASTER_FLAT"]


def test_an_explanation_becomes_json_and_text(small_rules, small_night, master):
    pool = Frames(small_night, static=[master("S.fits", None, "MASTER_BIAS", Kind.STATIC)])
    found = explain(create(small_rules, pool), SCIENCE)
    assert json.loads(json.dumps(found.to_dict()))["ab"] == SCIENCE
    assert "+ S.fits (static, without a date) rank 2" in found.text()


def test_an_unknown_ab_or_calibration_is_refused_with_those_known(small_rules, small_night):
    created = create(small_rules, Frames(small_night))
    with pytest.raises(DataError, match=r"found no AB 'X\.ab' among 3"):
        explain(created, "X.ab")
    with pytest.raises(DataError, match="selects no 'SKY', only: MASTER_BIAS, MASTER_FLAT"):
        explain(created, SCIENCE, "SKY")
