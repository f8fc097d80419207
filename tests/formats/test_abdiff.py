"""Tests of the difference between an AB and what became of it."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from growth import steps
from phoenix.formats.abdiff import DiffLine, _parts, before_edits, diff_lines
from phoenix.formats.abfile import format_ab, parse_ab
from phoenix.model.ab import AssociationBlock, Change, Edit
from phoenix.model.frames import MasterCalibration, RawFrame
from phoenix.model.recipe import Parameter
from strategies import BLOCKS

OLD = AssociationBlock(
    name="GIRAF.2008-03-02T05:56:16.720.ab",
    recipe="masterbias",
    raw_files=(RawFrame("${DFO_RAW_DIR}/2008-03-01/GIRAF.2008-03-02T05:56:16.720.fits", "BIAS"),),
    calibrations=(
        MasterCalibration("${DFO_CAL_DIR}/gen/GI_GBPM_030101A.fits", "BAD_PIXEL_MAP"),
        MasterCalibration("${DFO_CAL_DIR}/gen/GI_GRAT_030101A.fits", "GRATING_DATA"),
    ),
)


def changed(lines: tuple[DiffLine, ...]) -> list[DiffLine]:
    return [line for line in lines if line.kind != " "]


def test_a_changed_line_shows_old_and_new_with_the_reason() -> None:
    new = OLD.edited(why="renamed in giraf 1.0", recipe="gimasterbias")
    assert changed(diff_lines(OLD, new)) == [
        DiffLine("-", "RECIPE         masterbias", "renamed in giraf 1.0"),
        DiffLine("+", "RECIPE         gimasterbias", "renamed in giraf 1.0"),
    ]


def test_lines_that_stayed_are_shown_without_reason() -> None:
    new = OLD.edited(why="renamed in giraf 1.0", recipe="gimasterbias")
    stayed = [line for line in diff_lines(OLD, new) if line.kind == " "]
    assert [line.text.split()[0] for line in stayed] == ["AB_NAME", "RAWFILE", "MCALIB", "MCALIB"]
    assert not any(line.why for line in stayed)


def test_every_edit_explains_its_own_lines() -> None:
    new = OLD.edited(why="renamed in giraf 1.0", recipe="gimasterbias").edited(
        why="small detector", parameters=(Parameter("bsremove-areas", "5:40:0:2111"),)
    )
    reasons = {line.text.split()[-1]: line.why for line in changed(diff_lines(OLD, new))}
    assert reasons == {
        "masterbias": "renamed in giraf 1.0",
        "gimasterbias": "renamed in giraf 1.0",
        "--bsremove-areas=5:40:0:2111": "small detector",
    }


def test_a_line_edited_twice_shows_the_first_state_and_the_last() -> None:
    new = OLD.edited(why="first", recipe="mbias").edited(why="second", recipe="gimasterbias")
    assert [(line.text.split()[-1], line.why) for line in changed(diff_lines(OLD, new))] == [
        ("masterbias", "first"),
        ("gimasterbias", "second"),
    ]


def test_a_new_order_has_its_reason() -> None:
    new = OLD.edited(why="the grating comes first", calibrations=OLD.calibrations[::-1])
    assert {line.why for line in changed(diff_lines(OLD, new))} == {"the grating comes first"}


def test_old_and_new_of_a_field_stand_together() -> None:
    raw = RawFrame(OLD.raw_files[0].path, "BIAS_FRAME")
    new = OLD.edited(why="tag", raw_files=(raw,)).edited(why="gone", calibrations=())
    found = [(line.kind, line.text.split()[0]) for line in changed(diff_lines(OLD, new))]
    assert found == [("-", "RAWFILE"), ("+", "RAWFILE"), ("-", "MCALIB"), ("-", "MCALIB")]


def test_a_line_that_no_edit_explains_has_no_reason() -> None:
    new = OLD.edited(why="renamed in giraf 1.0", recipe="gimasterbias")
    other = parse_ab(format_ab(new) + "WAITFOR GIRAF.2008-03-02T04:56:16.720.ab\n")
    last = changed(diff_lines(OLD, other))[-1]
    assert (last.kind, last.why) == ("+", "")


def test_edits_that_the_repository_had_already_explain_nothing_new() -> None:
    old = OLD.edited(why="long ago", recipe="mbias")
    new = old.edited(why="today", recipe="gimasterbias")
    assert {line.why for line in changed(diff_lines(old, new))} == {"today"}


def test_a_hash_in_a_value_is_found_again() -> None:
    new = OLD.edited(why="marked", raw_type="BIAS # 1")
    assert [line.why for line in changed(diff_lines(OLD, new))] == ["marked"]


def test_a_line_of_unknown_qualifier_has_its_reason() -> None:
    new = OLD.edited(why="noted", other=("REMARK  # as it is",))
    assert [line.why for line in changed(diff_lines(OLD, new))] == ["noted"]


def test_edits_can_be_taken_back() -> None:
    new = OLD.edited(
        why="renamed in giraf 1.0", recipe="gimasterbias", raw_type="BIAS # 1"
    ).edited(why="new table", calibrations=(OLD.calibrations[0],), obs_id=7)
    assert before_edits(new) == OLD


def test_an_edit_of_an_unknown_line_can_be_taken_back() -> None:
    old = evolve(OLD, other=("REMARK  # as it is",))
    new = old.edited(why="no longer", other=())
    assert before_edits(new) == old


def test_edits_that_cannot_be_taken_back_give_nothing() -> None:
    edit = Edit("of an unknown field", (Change("recipe", removed=("no recipe at all",)),))
    assert before_edits(evolve(OLD, edits=(edit,))) is None


@given(BLOCKS, BLOCKS)
def test_what_is_taken_back_has_the_lines_of_the_original(
    old: AssociationBlock, other: AssociationBlock
) -> None:
    new = old.edited(
        why="whatever",
        recipe=other.recipe,
        raw_type=other.raw_type,
        date=other.date,
        waits_for=other.waits_for,
        products=other.products,
    )
    found = before_edits(new)
    assert {line.text for line in diff_lines(found, found)} == {
        line.text for line in diff_lines(old, old)
    }


@given(BLOCKS)
def test_an_unchanged_ab_has_no_difference(ab: AssociationBlock) -> None:
    assert changed(diff_lines(ab, ab)) == []


@given(BLOCKS, BLOCKS)
def test_the_difference_leads_from_one_ab_to_the_other(
    old: AssociationBlock, new: AssociationBlock
) -> None:
    lines = diff_lines(old, new)
    before = [line.text for line in lines if line.kind != "+"]
    after = [line.text for line in lines if line.kind != "-"]
    assert before == [line.text for line in diff_lines(old, old)]
    assert after == [line.text for line in diff_lines(new, new)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a", "a"),
        ("a", "ab"),
        ("ac", "ab"),
        ("ab", "ba"),
    ],
)
def test_a_difference_takes_steps_as_there_are_lines_however_often_they_are_repeated(old, new):
    def block(letters, number):
        raws = [RawFrame(f"{letters[n % len(letters)]}.fits", "X") for n in range(number)]
        return AssociationBlock(str(OLD.name), "giscience", (RawFrame("0.fits", "X"), *raws))

    def taken(number):
        before, after = block(old, number), block(new, number)
        edited = before.edited(why="other", raw_files=after.raw_files)
        return steps(lambda: diff_lines(before, edited))

    assert taken(400) < 2.5 * taken(200)


@given(
    st.lists(st.sampled_from("abcd"), max_size=12), st.lists(st.sampled_from("abcd"), max_size=12)
)
def test_a_difference_has_every_line_of_both_in_their_order(old, new):
    parts = list(_parts(old, new))
    assert [line for before, _ in parts for line in before] == old
    assert [line for _, after in parts for line in after] == new
