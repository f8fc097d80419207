"""Comparing associations: two rule sets, given ABs, calSelector."""

from __future__ import annotations

import pytest
from attrs import evolve

from phoenix.errors import DataError
from phoenix.oca import (
    Frames,
    RuleSet,
    association_block,
    compare,
    create,
    verify,
    verify_answer,
    verify_rules,
)
from phoenix.oca.explanation.calselector import CalSelectorFile, CalSelectorTree

SCIENCE = "TEST.2014-12-09T03:00:00.000.ab"


def tree(mode, *files, needs=(), complete=True):
    return CalSelectorTree(
        files[0][0],
        mode,
        complete=complete,
        files=tuple(CalSelectorFile(name, category) for category, name in files),
        needs=tuple(needs),
    )


def test_equal_abs_do_not_differ(small_rules, small_night):
    created = create(small_rules, Frames(small_night))
    assert verify(created, map(association_block, created.blocks)) == ()


def test_every_aspect_of_an_ab_is_compared(small_rules, small_night):
    block = association_block(create(small_rules, Frames(small_night)).block(SCIENCE))
    other = evolve(block, recipe="other", calibrations=block.calibrations[:1], parameters=())
    assert [(d.what, len(d.first), len(d.second)) for d in compare([block], [other])] == [
        ("recipe", 1, 1),
        ("parameters", 2, 0),
        ("MASTER_FLAT", 1, 0),
    ]


def test_an_ab_that_only_one_side_has_is_told(small_rules, small_night):
    blocks = [association_block(b) for b in create(small_rules, Frames(small_night)).blocks]
    (found,) = compare(blocks, blocks[1:])
    assert str(found) == "TEST.2014-12-09T10:00:00.000_tpl.ab: AB: by mbias | nothing"


def test_two_rule_sets_are_compared_over_one_pool(small_rules, small_night, master):
    text = str(small_rules.actions["REDUCE"].selects[0].condition)
    looser = evolve(
        small_rules,
        actions={
            **small_rules.actions,
            "REDUCE": evolve(
                small_rules.actions["REDUCE"],
                selects=tuple(
                    evolve(select, condition=select.condition.parts[0])
                    if select.name == "MASTER_BIAS"
                    else select
                    for select in small_rules.actions["REDUCE"].selects
                ),
            ),
        },
    )
    assert "DET.BINX" in text
    pool = Frames(small_night, [master("B2.fits", 3, "MASTER_BIAS", DET__BINX=2)])
    found = {difference.what: difference for difference in verify_rules(small_rules, looser, pool)}
    assert found["MASTER_BIAS"].second == ("B2.fits",)
    assert found["MASTER_BIAS"].first == ("r.TEST.2014-12-09T10:00:00.000_tpl_0000.fits",)
    assert found["parents"].first == ("TEST.2014-12-09T10:00:00.000_tpl.ab",)


def test_a_raw_to_raw_answer_is_compared_with_the_raw_files_behind_all_parents(
    small_rules, small_night
):
    created = create(small_rules, Frames(small_night))
    biases = tuple(("BIAS", f"TEST.2014-12-09T10:0{n}:00.000") for n in range(3))
    flats = tuple(("FLAT", f"TEST.2014-12-09T11:0{n}:00.000") for n in range(2))
    acquisition = ("ACQ", "TEST.2014-12-09T02:54:00.000")
    science = ("SCIENCE", SCIENCE.removesuffix(".ab"))
    bias = tree("", *biases)
    same = tree(
        "Raw2Raw", science, needs=[bias, tree("", *flats, needs=[bias]), tree("", acquisition)]
    )
    assert verify_answer(created, same) == ()
    other = tree("Raw2Raw", science, needs=[bias, tree("", acquisition), tree("", *flats[:1])])
    assert [(d.what, d.first, d.second) for d in verify_answer(created, other)] == [
        ("FLAT", ("TEST.2014-12-09T11:01:00.000",), ())
    ]


def test_a_raw_to_master_answer_is_compared_with_the_masters(small_rules, small_night, master):
    masters = [
        master("M.TEST.1.fits", 2, "MASTER_BIAS"),
        master("M.TEST.2.fits", 2, "MASTER_FLAT"),
    ]
    created = create(small_rules, Frames([small_night[5]], masters))
    science = ("SCIENCE", SCIENCE.removesuffix(".ab"))
    answer = tree(
        "Raw2Master",
        science,
        needs=[tree("", ("MASTER_BIAS", "M.TEST.1")), tree("", ("MASTER_FLAT", "M.TEST.9"))],
        complete=False,
    )
    assert [(d.what, d.first, d.second) for d in verify_answer(created, answer)] == [
        ("MASTER_FLAT", ("M.TEST.2",), ("M.TEST.9",)),
        ("completeness", ("COMPLETE",), ("INCOMPLETE",)),
    ]


def test_an_answer_for_a_file_that_is_not_in_the_pool_is_refused(small_rules, small_night):
    created = create(small_rules, Frames(small_night))
    with pytest.raises(DataError, match="found no AB of X"):
        verify_answer(created, tree("Raw2Raw", ("SCIENCE", "X")))


def test_a_rule_set_equals_itself(small_night):
    rules = [
        RuleSet.parsed("select execute(A) from inputFiles; action A { recipe a; }")
        for _ in range(2)
    ]
    assert verify_rules(*rules, Frames(small_night)) == ()
