"""An AB that can do without a parent is run without it, and says so."""

from __future__ import annotations

import pytest
from attrs import evolve

from phoenix.formats.abfile import parse_ab
from phoenix.model.ab import PredictedProduct
from phoenix.model.frames import MasterCalibration, own_number
from phoenix.model.recipe import Parameter, Recipe, RecipeProduct
from phoenix.model.report import JobState
from phoenix.steps.delivery.convert import convert_block
from phoenix.steps.do_without import optional_parents, sort_out_and_spare
from phoenix.steps.prepare import prepare_blocks

from .conftest import DATE, SCIENCE, fake_instrument, fake_process, told

WHY = "no bias: its level is in the spectrum"


def _without_bias(ab, missing):
    left = tuple(one for one in ab.calibrations if one not in missing)
    return ab.edited(why=WHY, calibrations=left)


@pytest.fixture
def sparing(night):
    return evolve(night, instrument=fake_instrument(do_without=_without_bias))


@pytest.fixture
def pair(night):
    bias = night.bias()
    return bias, night.science(bias)


@pytest.fixture
def lost(pair):
    bias, _ = pair
    return ((str(bias.name), f"{bias.name} (gated: too bright)"),)


def test_an_ab_is_run_without_a_lost_parent(sparing, pair, lost):
    result, published = sparing.process(pair[1], lost=lost)
    assert result.state is JobState.SUCCESSFUL
    assert result.reason == f"made without {pair[0].name} (gated: too bright): {WHY}"
    assert [row.tag for row in published.manifest.inputs] == ["BIAS"]
    assert published.manifest.without == ((lost[0][1], WHY),)


def test_the_ab_as_it_was_run_lies_beside_the_manifest(sparing, pair, lost):
    _, published = sparing.process(pair[1], lost=lost)
    run = parse_ab((published.folder / f"{pair[1].root}.as_run.ab").read_text("utf-8"))
    assert (run.calibrations, run.waits_for) == ((), ())
    assert run.edits[0].why == WHY


def converted_as(night, ab):
    """Return the AB that a plugin is given to convert."""
    given = []

    def convert_to_idps(ab):
        given.append(ab)
        return []

    instrument = fake_instrument(convert_to_idps=convert_to_idps)
    done = convert_block(instrument, fake_process(), night.workspace, ab)
    assert given, done.reason
    return given[0]


def test_idps_are_made_of_the_ab_as_it_was_run(sparing, pair, lost):
    sparing.process(pair[1], lost=lost)
    assert converted_as(sparing, pair[1]).calibrations == ()
    sparing.process(pair[0])
    sparing.process(pair[1])
    assert converted_as(sparing, pair[1]) == pair[1]


def test_without_the_ab_as_it_was_run_there_are_no_idps(sparing, pair, lost):
    _, published = sparing.process(pair[1], lost=lost)
    (published.folder / f"{pair[1].root}.as_run.ab").unlink()
    end = convert_block(sparing.instrument, fake_process(), sparing.workspace, pair[1])
    assert "as_run.ab, expected it" in end.reason


def test_an_ab_that_cannot_do_without_is_blocked_by_the_culprits(night, pair, lost):
    result, published = night.process(pair[1], lost=lost)
    assert (result.state, result.reason) == (JobState.BLOCKED, lost[0][1])
    assert published.folder is None


def test_what_was_made_without_a_parent_is_not_made_again(sparing, pair, lost):
    first, _ = sparing.process(pair[1], lost=lost)
    again, published = sparing.process(pair[1], lost=lost)
    assert published.done_before
    assert again.reason == first.reason


def test_it_is_made_again_once_the_parent_is_mended_and_tells_what_it_replaces(
    sparing, pair, lost
):
    bias, science = pair
    _, before = sparing.process(science, lost=lost)
    sparing.process(bias)
    result, published = sparing.process(science)
    assert not published.done_before
    assert (result.state, result.reason) == (JobState.SUCCESSFUL, "")
    assert published.manifest.without == ()
    assert published.manifest.replaces == (
        f"what was made at {before.manifest.started}, {before.manifest.reason}"
    )
    assert ("replaces", published.manifest.replaces) in result.details


def test_old_products_of_a_lost_parent_are_not_taken(sparing, pair, lost):
    bias, science = pair
    sparing.process(bias)
    _, published = sparing.process(science, lost=lost)
    assert "MASTER_BIAS" not in {row.tag for row in published.manifest.inputs}


def test_an_ab_is_run_without_what_a_parent_did_not_make(sparing, pair):
    """A parent that is itself made without something makes less than was predicted."""
    bias, science = pair
    wanted = evolve(science.calibrations[0], pro_catg="MASTER_DARK")
    sparing.process(bias)
    result, published = sparing.process(evolve(science, calibrations=(wanted,)))
    assert result.state is JobState.SUCCESSFUL, result.reason
    assert result.reason == f"made without MASTER_DARK of {bias.name}: {WHY}"
    assert [row.tag for row in published.manifest.inputs] == ["BIAS"]


def test_a_recipe_that_fails_without_a_parent_fails_with_its_own_reason(sparing, pair, lost):
    result, published = sparing.process(told(pair[1], fault="exit"), lost=lost)
    assert result.state is JobState.FAILED
    assert "exit code 1" in result.reason
    assert published.manifest.without[0][1] == WHY


def test_a_parent_of_which_nothing_is_needed_by_name_cannot_be_spared(sparing, pair):
    bias, science = pair
    waiting = evolve(science, waits_for=(str(bias.name), "FAKE.2020-01-01T23:00:00.000.ab"))
    process = fake_process()
    assert optional_parents(sparing.instrument, process, waiting) == {str(bias.name)}


def test_an_ab_is_prepared_without_a_parent_that_cannot_be_run(sparing, pair):
    bias, science = pair
    blocks = (evolve(bias, recipe="nothing"), science)
    prepared = prepare_blocks(sparing.instrument, fake_process(), DATE, blocks)
    (ab,) = prepared.cascade
    assert (ab.calibrations, ab.waits_for) == ((), ())
    assert ab.edits[0].why == WHY
    assert list(dict(prepared.refused)) == [str(bias.name)]


def test_an_ab_is_spared_a_parent_that_waits_in_a_ring(sparing, pair):
    bias, science = pair
    other = sparing.bias(1, waits_for=(str(bias.name),))
    ring = (evolve(bias, waits_for=(str(other.name),)), other, science)
    runnable, refused = sort_out_and_spare(sparing.instrument, fake_process(), ring)
    assert [ab.name for ab in runnable] == [science.name]
    assert refused.keys() == {str(bias.name), str(other.name)}


# ---- several products of a kind, one for each IFU ----------------------------------------------

_BASIC = Recipe(
    "fakebasic",
    "fake",
    products=(RecipeProduct("PIXTABLE", numbered=True),),
    parameters=(Parameter("products", "PIXTABLE@_0001-01,PIXTABLE@_0001-03"),),
)


@pytest.fixture
def of_ifus(night):
    """An exposure of which IFU 2 is absent, and what is made of three."""
    root = "FAKE.2020-01-01T23:00:00.000"
    names = [_BASIC.product_name(root, "PIXTABLE", own) for own in ("01", "02", "03")]
    basic = night.bias(
        name=f"{root}.ab",
        recipe="fakebasic",
        products=tuple(PredictedProduct(name, "PIXTABLE") for name in names),
        raw_type="FAKEBASIC",
    )
    tables = tuple(
        MasterCalibration(f"${{DFS_PRODUCT}}/{DATE}/{root}/{name}", "PIXTABLE", virtual=True)
        for name in names
    )
    return basic, night.science(basic, calibrations=tables)


def test_of_an_absent_ifu_no_other_takes_the_place(night, of_ifus):
    basic, science = of_ifus
    cubes = evolve(night, instrument=fake_instrument(_BASIC, SCIENCE))
    _, made = cubes.process(basic)
    assert [own_number(row.name) for row in made.manifest.products] == ["01", "03"]
    result, _ = cubes.process(science)
    assert result.state is JobState.FAILED
    assert "_0000-02.fits (PIXTABLE)" in result.reason


def test_an_ab_can_be_run_without_an_absent_ifu(night, of_ifus):
    basic, science = of_ifus
    cubes = evolve(night, instrument=fake_instrument(_BASIC, SCIENCE, do_without=_without_bias))
    cubes.process(basic)
    result, published = cubes.process(science)
    assert result.state is JobState.SUCCESSFUL, result.reason
    read = [row.path for row in published.manifest.inputs if row.tag == "PIXTABLE"]
    assert [own_number(path.rpartition("/")[2]) for path in read] == ["01", "03"]
