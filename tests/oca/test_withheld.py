"""Files that must not be used, and instrument breakpoints, in the association."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from phoenix.model.epoch import InstrumentBreakpoint
from phoenix.oca import Frames, Kind, association_block, association_log, create, explain
from phoenix.oca.explanation.explanation import explanation_of

SCIENCE = "TEST.2014-12-09T03:00:00.000.ab"
FLAT = "TEST.2014-12-09T11:00:00.000_tpl.ab"
BIAS = "TEST.2014-12-09T10:00:00.000_tpl.ab"
NIGHT = 57000.0
WHY = "hidden by me on 2020-01-01: saturated"


def made(rules, frames, *hidden, certified=(), breakpoints=(), wanted=None):
    """Make ABs of frames, those of some names withheld."""
    kept = [frame for frame in frames if frame.name not in hidden]
    aside = tuple((frame, WHY) for frame in frames if frame.name in hidden)
    every = Frames(
        raw=kept,
        certified=[one for one in certified if one.name not in hidden],
        withheld=(*aside, *((one, WHY) for one in certified if one.name in hidden)),
    )
    return create(rules, every, breakpoints=breakpoints, wanted=wanted)


def at(hour, why="new CCD", **setup):
    pairs = tuple((key.replace("__", "."), value) for key, value in setup.items())
    return InstrumentBreakpoint(NIGHT + hour / 24, f"hour {hour}", why, pairs)


def chosen(creation, ab, name):
    return [match.frame.name for match in creation.block(ab).association(name).matches]


def told(creation, subject):
    return [row.message for row in creation.diagnostics if row.subject == subject]


# ---- hidden ------------------------------------------------------------------------------------


def test_a_group_goes_without_a_hidden_file_and_says_so(small_rules, small_night):
    lost = small_night[1].name
    created = made(small_rules, small_night, lost)
    names = [frame.name for frame in created.block(BIAS).group.frames]
    assert names == [small_night[0].name, small_night[2].name]
    assert f"goes without 1 of 3 files: {lost} {WHY}" in told(created, BIAS)
    assert explain(created, BIAS).withheld == (f"{lost} {WHY}",)
    assert f"withheld {lost}: {WHY}" in association_log(created.block(BIAS))
    (edit,) = association_block(created.block(BIAS)).edits
    assert edit.why == f"{lost} is left out: {WHY}"


def test_a_group_that_loses_its_first_file_has_the_name_of_the_next(small_rules, small_night):
    created = made(small_rules, small_night, small_night[0].name)
    assert [block.name for block in created.blocks if "tpl" in block.name] == [
        "TEST.2014-12-09T10:01:00.000_tpl.ab",
        FLAT,
    ]
    assert told(created, "TEST.2014-12-09T10:01:00.000_tpl.ab")


def test_a_group_that_loses_all_is_not_made_and_that_is_told(small_rules, small_night):
    created = made(small_rules, small_night, *(frame.name for frame in small_night[:3]))
    assert BIAS not in [block.name for block in created.blocks]
    (message,) = told(created, BIAS)
    assert message.startswith("is not made: ")


def test_of_groups_that_nobody_wants_nothing_is_told(small_rules, small_night):
    created = made(
        small_rules, small_night, small_night[1].name, wanted=lambda group: group.name == SCIENCE
    )
    assert told(created, BIAS) == []


def test_a_hidden_companion_is_not_attached(small_rules, small_night):
    acquisition = small_night[-1].name
    assert chosen(made(small_rules, small_night), SCIENCE, "ACQ_RASSOC") == [acquisition]
    created = made(small_rules, small_night, acquisition)
    assert chosen(created, SCIENCE, "ACQ_RASSOC") == []
    (report,) = explain(created, SCIENCE, "ACQ_RASSOC").associations
    assert [str(one.rejection) for one in report.candidates] == [WHY]


def test_a_withheld_master_serves_nobody_and_the_next_takes_its_place(
    small_rules, small_night, master
):
    near, far = master("near.fits", 4, "MASTER_BIAS"), master("far.fits", 30, "MASTER_BIAS")
    assert chosen(
        made(small_rules, small_night, certified=[near, far]), SCIENCE, "MASTER_BIAS"
    ) == ["near.fits"]
    created = made(small_rules, small_night, "near.fits", certified=[near, far])
    assert chosen(created, SCIENCE, "MASTER_BIAS") == ["far.fits"]
    assert told(created, "near.fits") == [f"not associated: {WHY}"]
    text = explain(created, SCIENCE, "MASTER_BIAS").text()
    assert f"- near.fits (certified, 0.50 h later) rejected by {WHY}" in text


def test_a_template_that_lost_a_file_to_a_person_was_not_broken_off(small_rules, small_night):
    biases = [
        evolve(frame, header={**frame.header, "TPL.NEXP": 3, "TPL.ID": "b"})
        for frame in small_night[:3]
    ]
    every = [*biases, *small_night[3:]]
    cut = made(small_rules, every[1:])
    assert "aborted" in [row.code for row in cut.diagnostics]
    hidden = made(small_rules, every, biases[1].name)
    assert "aborted" not in [row.code for row in hidden.diagnostics]


def test_an_explanation_with_what_was_withheld_and_overlaid_comes_back(small_rules, small_night):
    overlaid = [evolve(small_night[0], overlaid=("A is 1",)), *small_night[1:]]
    created = made(small_rules, overlaid, small_night[1].name)
    found = explain(created, BIAS)
    assert found.overlaid == (f"{small_night[0].name}: A is 1",)
    assert explanation_of(found.to_dict()) == found
    assert "overlaid: " in found.text()


def test_an_explanation_of_before_there_was_such_can_be_read(small_rules, small_night):
    told = explain(made(small_rules, small_night), BIAS).to_dict()
    del told["withheld"], told["overlaid"]
    assert explanation_of(told).withheld == ()


# ---- breakpoints -------------------------------------------------------------------------------


def test_nothing_is_associated_across_a_breakpoint_and_both_tell_it(small_rules, small_night):
    created = made(small_rules, small_night, breakpoints=[at(10.5)])
    assert chosen(created, FLAT, "MASTER_BIAS") == []
    (missing,) = created.block(FLAT).missing
    assert missing.endswith("others lie across the breakpoint of hour 10.5 (all setups): new CCD")
    text = explain(created, FLAT, "MASTER_BIAS").text()
    assert "rejected by the breakpoint of hour 10.5 (all setups): new CCD" in text


def test_the_next_one_on_the_same_side_is_taken(small_rules, small_night, master):
    near, far = master("near.fits", 4, "MASTER_BIAS"), master("far.fits", -9, "MASTER_BIAS")
    created = made(small_rules, small_night, certified=[near, far], breakpoints=[at(3.9)])
    assert chosen(created, SCIENCE, "MASTER_BIAS") == ["far.fits"]


def test_a_breakpoint_of_another_setup_separates_nothing(small_rules, small_night):
    whole = made(small_rules, small_night)
    other = made(small_rules, small_night, breakpoints=[at(10.5, DET__BINX="2")])
    assert chosen(other, FLAT, "MASTER_BIAS") == chosen(whole, FLAT, "MASTER_BIAS") != []
    own = made(small_rules, small_night, breakpoints=[at(10.5, DET__BINX="1")])
    assert chosen(own, FLAT, "MASTER_BIAS") == []


def test_what_a_rule_does_not_compare_does_not_separate(small_rules, small_night):
    """A bias knows no mode: it serves all modes on both sides of the day one was changed."""
    created = made(small_rules, small_night, breakpoints=[at(10.5, INS__MODE="MED")])
    assert chosen(created, FLAT, "MASTER_BIAS") != []


def test_a_breakpoint_of_a_keyword_that_no_rule_compares_is_told(small_rules, small_night):
    created = made(small_rules, small_night, breakpoints=[at(10.5, INS__FOO="1")])
    (row,) = [row for row in created.diagnostics if row.code == "breakpoint"]
    assert "found INS.FOO, which no rule of small.oca compares" in str(row)


def test_static_tables_and_files_without_a_date_are_of_all_times(small_rules, small_night, master):
    static = master("static.fits", -9000, "MASTER_BIAS", Kind.STATIC)
    frames = [frame for frame in small_night if "BIAS" not in str(frame.header["DPR.TYPE"])]
    created = create(small_rules, Frames(raw=frames, static=[static]), breakpoints=[at(0)])
    assert chosen(created, SCIENCE, "MASTER_BIAS") == ["static.fits"]
    undated = master("undated.fits", None, "MASTER_BIAS")
    created = create(small_rules, Frames(raw=frames, certified=[undated]), breakpoints=[at(0)])
    assert chosen(created, SCIENCE, "MASTER_BIAS") == ["undated.fits"]


def test_no_group_has_files_of_both_sides(small_rules, small_night):
    created = made(small_rules, small_night, breakpoints=[at(10 + 1.5 / 60)])
    sizes = [len(block.group.items) for block in created.blocks if block.tags[0] == "BIAS"]
    assert sizes == [2, 1]


@given(hours=st.lists(st.integers(0, 12), max_size=3, unique=True))
def test_every_match_is_of_the_epoch_of_its_group(small_rules, raw, master, hours):
    raws = [raw(hour, "BIAS", TPL__START=str(hour)) for hour in (1, 5, 9)]
    raws += [raw(hour, "OBJECT", OBS__ID=hour) for hour in (2, 6, 10)]
    masters = [master(f"m{hour}.fits", hour, "MASTER_BIAS") for hour in (0, 4, 8)]
    limits = [at(hour) for hour in sorted(hours)]
    created = made(small_rules, raws, certified=masters, breakpoints=limits)

    def epoch(mjd):
        return sum(one.mjd <= mjd for one in limits)

    for block in created.blocks:
        for found in block.associations:
            for match in found.matches:
                assert epoch(match.item.mid) == epoch(block.group.mjd_mid)


@pytest.mark.parametrize("hour", [3.0, 10.0])
def test_what_is_taken_at_a_breakpoint_is_after_it(small_rules, raw, master, hour):
    science = raw(hour, "OBJECT", OBS__ID=7)
    before, after = (
        master("a.fits", hour - 1, "MASTER_BIAS"),
        master("b.fits", hour, "MASTER_BIAS"),
    )
    created = made(small_rules, [science], certified=[before, after], breakpoints=[at(hour)])
    (block,) = created.blocks
    assert chosen(created, block.name, "MASTER_BIAS") == ["b.fits"]
