from __future__ import annotations

import pytest
from attrs import evolve

from phoenix.archive.repository import Refused
from phoenix.errors import CascadeError, PluginError
from phoenix.formats.abfile import read_ab
from phoenix.model.ab import Mode
from phoenix.model.frames import MasterCalibration
from phoenix.steps.prepare import AB_LIST, Selection, prepare_blocks, write_blocks

from .conftest import DATE, fake_instrument, fake_process


def prepare(night, *blocks, instrument=None, unreadable=(), selection=None):
    return prepare_blocks(
        instrument or night.instrument, fake_process(), DATE, blocks, unreadable, selection
    )


def names(cascade):
    return [str(ab.name) for ab in cascade]


@pytest.fixture
def pair(night):
    bias = night.bias()
    return bias, evolve(night.science(bias), waits_for=())


def test_the_cascade_puts_parents_first_and_finds_them_by_their_products(night, pair):
    bias, science = pair
    prepared = prepare(night, science, bias)
    assert names(prepared.cascade) == [str(bias.name), str(science.name)]
    assert prepared.cascade.block(str(science.name)).waits_for == (str(bias.name),)


def test_the_originals_are_kept_for_comparison(night, pair):
    assert prepare(night, *pair).originals == pair


def test_an_edit_of_the_plugin_is_in_the_cascade(night):
    def edit_ab(ab):
        return ab.edited(why="renamed", recipe="fakebias") if ab.recipe == "oldbias" else None

    old = evolve(night.bias(), recipe="oldbias")
    prepared = prepare(night, old, instrument=fake_instrument(edit_ab=edit_ab))
    (ab,) = prepared.cascade
    assert ab.recipe == "fakebias"
    assert ab.edits[-1].why == "renamed"
    assert prepared.originals == (old,)


def test_an_edit_that_changes_its_own_result_again_is_refused(night):
    def edit_ab(ab):
        return ab.edited(why="one more", obs_id=ab.obs_id + 1)

    prepared = prepare(night, night.bias(), instrument=fake_instrument(edit_ab=edit_ab))
    ((name, reason),) = prepared.refused
    assert name == str(night.bias().name)
    assert "obs_id again" in reason
    assert "'fake'" in reason


def test_an_ab_over_which_the_plugin_stumbles_does_not_stop_the_night(night):
    def edit_ab(ab):
        if ab.name.timestamp.endswith("22:01:00.000"):
            raise KeyError("SLIT")

    good, bad = night.bias(0), night.bias(1)
    prepared = prepare(night, good, bad, instrument=fake_instrument(edit_ab=edit_ab))
    assert names(prepared.cascade) == [str(good.name)]
    assert "KeyError('SLIT')" in dict(prepared.refused)[str(bad.name)]


def test_an_unknown_recipe_is_refused_and_the_known_ones_are_named(night):
    prepared = prepare(night, evolve(night.bias(), recipe="xsh_mbias"))
    ((_, reason),) = prepared.refused
    assert reason == "unknown recipe xsh_mbias; process FAKE_MOS has fakebias, fakescience"


def test_an_ab_of_another_process_is_left_out(night):
    prepared = prepare(night, evolve(night.bias(), raw_type="LAMP_IFU"))
    ((_, reason),) = prepared.left_out
    assert "LAMP_IFU" in reason
    assert prepared.refused == ()


def test_an_ab_of_a_raw_type_that_the_process_lacks_says_so_itself_where_others_wait_for_it(
    night, pair
):
    bias, science = pair
    science = evolve(science, waits_for=(str(bias.name),))
    refused = dict(prepare(night, evolve(bias, raw_type="LAMP_IFU"), science).refused)
    assert "raw type LAMP_IFU is none of process" in refused[str(bias.name)]
    assert str(bias.name) in refused[str(science.name)]


def test_an_unreadable_ab_is_among_the_refused(night):
    prepared = prepare(night, night.bias(), unreadable=[Refused("X.1.ab", "line 3")])
    assert prepared.refused == (("X.1.ab", "line 3"),)
    assert len(prepared.cascade) == 1


def test_an_ab_that_waits_for_a_missing_one_is_refused(night):
    lost = evolve(night.bias(), waits_for=("FAKE.1999-01-01T00:00:00.000.ab",))
    prepared = prepare(night, lost)
    assert "is not in the cascade" in prepared.refused[0][1]


def test_the_children_of_a_refused_ab_are_refused(night, pair):
    bias, science = pair
    science = evolve(science, waits_for=(str(bias.name),))
    prepared = prepare(night, evolve(bias, recipe="nothing"), science)
    assert sorted(dict(prepared.refused)) == sorted([str(bias.name), str(science.name)])


def test_an_ab_without_a_date_gets_that_of_the_pool(night):
    (ab,) = prepare(night, evolve(night.bias(), date=None)).cascade
    assert ab.date == DATE
    assert ab.edits[0].why == "the AB has no DATE line"


def test_one_ab_is_taken_with_its_parents(night, pair):
    bias, science = pair
    other = night.bias(1)
    chosen = Selection(names=(str(science.name),))
    prepared = prepare(night, bias, science, other, selection=chosen)
    assert names(prepared.cascade) == [str(bias.name), str(science.name)]
    assert dict(prepared.left_out) == {str(other.name): "not selected"}


def test_calibrations_can_be_taken_alone(night, pair):
    prepared = prepare(night, *pair, selection=Selection(mode=Mode.CALIB))
    assert names(prepared.cascade) == [str(pair[0].name)]


def test_one_recipe_can_be_taken_with_what_it_needs(night, pair):
    prepared = prepare(night, *pair, night.bias(1), selection=Selection(recipes=("fakescience",)))
    assert len(prepared.cascade) == 2


def test_an_ab_asked_for_by_name_must_be_there(night):
    with pytest.raises(CascadeError, match="no such AB in the pool"):
        prepare(night, night.bias(), selection=Selection(names=("FAKE.1.ab",)))


def test_an_ab_asked_for_by_name_and_refused_says_why(night):
    bad = evolve(night.bias(), recipe="nothing")
    with pytest.raises(CascadeError, match="unknown recipe nothing"):
        prepare(night, bad, selection=Selection(names=(str(bad.name),)))


def test_a_plugin_that_cannot_build_stops_the_night(night):
    def build_cascade(blocks):
        raise ValueError(len(blocks))

    with pytest.raises(PluginError, match="build_cascade"):
        prepare(night, night.bias(), instrument=fake_instrument(build_cascade=build_cascade))


def test_the_abs_are_written_with_a_list_in_order(night, pair):
    prepared = prepare(night, *pair)
    path = write_blocks(night.workspace, DATE, prepared.cascade)
    assert path == night.workspace.folder("ab", DATE) / AB_LIST
    assert path.read_text().split() == names(prepared.cascade)
    assert tuple(read_ab(path.with_name(name)) for name in path.read_text().split()) == tuple(
        prepared.cascade
    )


def test_a_virtual_calibration_of_nobody_is_left_to_processing(night):
    place = f"${{DFS_PRODUCT}}/{DATE}/FAKE.X/r.FAKE.X_0000.fits"
    ab = evolve(night.bias(), calibrations=(MasterCalibration(place, "DARK", virtual=True),))
    assert len(prepare(night, ab).cascade) == 1


def test_an_exposure_is_not_delivered_twice(night, pair):
    bias, science = pair
    again = evolve(science, name="FAKE.2020-01-02T00:59:00.000.ab", products=())
    prepared = prepare(night, again, bias, science)
    assert str(science.name) in names(prepared.cascade)
    assert dict(prepared.refused) == {
        str(again.name): f"reduces the raw files of AB {science.name} once more, which would "
        "deliver them twice; remove one of the two ABs"
    }


def test_an_exposure_may_be_reduced_by_two_recipes(night, pair):
    bias, science = pair
    other = evolve(science, name="FAKE.2020-01-02T00:59:00.000.ab", recipe="fakebias")
    assert prepare(night, other, bias, science).refused == ()


def test_two_masters_of_the_same_frames_may_both_be_made(night):
    bias = night.bias()
    other = evolve(bias, name="FAKE.2020-01-01T22:00:01.000_tpl.ab", products=())
    assert prepare(night, bias, other).refused == ()
