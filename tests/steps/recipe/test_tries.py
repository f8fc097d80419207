"""A second try by the plugin, and recipes that are not started at all."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve

from phoenix.formats.abfile import parse_ab
from phoenix.model.gate import Gate
from phoenix.model.report import JobState
from phoenix.steps.shelf.checksum import file_checksum
from phoenix.steps.shelf.intact import DELIVERED
from phoenix.steps.shelf.manifest import read_manifest

from ..conftest import fake_instrument, told


def _without_fault(ab):
    return tuple(one for one in ab.parameters if one.name != "fault")


def _mend(ab, outcome, reason):
    return ab.edited(why=f"mended after {len(reason) > 0}", parameters=_without_fault(ab))


def test_a_second_try_with_other_parameters_is_published(night):
    mending = evolve(night, instrument=fake_instrument(second_try=_mend))
    result, published = mending.process(told(night.bias(), fault="missing"))
    assert result.state is JobState.SUCCESSFUL
    assert "fault=missing" not in " ".join(published.manifest.command)
    assert len(published.manifest.products) == 2


def test_the_manifest_keeps_what_was_wrong_and_what_was_changed(night):
    mending = evolve(night, instrument=fake_instrument(second_try=_mend))
    _, published = mending.process(told(night.bias(), fault="exit"))
    manifest = read_manifest(published.folder / "manifest.json")
    ((wrong, change),) = manifest.retried
    assert "exit code 1" in wrong
    assert change == "mended after True"


def test_the_ab_as_it_was_run_lies_beside_the_manifest(night):
    mending = evolve(night, instrument=fake_instrument(second_try=_mend))
    ab = told(night.bias(), fault="missing")
    _, published = mending.process(ab)
    text = (published.folder / f"{ab.root}.as_run.ab").read_text("utf-8")
    run = parse_ab(text, Path(str(ab.name)))
    assert run.edits[-1].why == "mended after True"
    assert "--fault=missing" not in list(map(str, run.parameters))


def test_a_job_that_needed_a_second_try_is_not_done_again(night):
    mending = evolve(night, instrument=fake_instrument(second_try=_mend))
    ab = told(night.bias(), fault="missing")
    mending.process(ab)
    _, again = mending.process(ab)
    assert again.done_before


def test_what_the_plugin_mends_is_what_is_published_and_told(night):
    def mend_products(products):
        for product in products:
            product.path.write_bytes(product.path.read_bytes() + b"\0" * 2880)
            yield f"{product.path.name}: one block more"

    mending = evolve(night, instrument=fake_instrument(mend_products=mend_products))
    result, published = mending.process(night.bias())
    assert result.state is JobState.SUCCESSFUL
    manifest = read_manifest(published.folder / "manifest.json")
    assert len(manifest.mended) == len(manifest.products)
    for row in manifest.products:
        path = published.folder / row.name
        assert row.size == path.stat().st_size
        assert row.sha256 == (file_checksum(path) if row.role in DELIVERED else "")


def test_products_that_broke_a_gate_are_not_mended(night):
    def mend_products(products):
        raise AssertionError(products)

    mending = evolve(night, instrument=fake_instrument(mend_products=mend_products))
    result, _ = mending.process(told(night.bias(), fault="missing"))
    assert result.state is not JobState.SUCCESSFUL


def test_a_gate_sees_what_the_recipe_read(night):
    seen = []

    def look(outcome):
        seen.extend(tag for _, tag in outcome.frames.frames)
        return 1.0

    gates = [Gate("LOOK", look, 0.0, 2.0, "it is looked at")]
    looking = evolve(night, instrument=fake_instrument(gates=lambda: gates))
    looking.process(night.bias())
    assert set(seen) == {"BIAS"}


def test_there_is_no_third_try(night):
    def make_it_worse(ab):
        worse = told(ab.edited(why="worse", raw_type="X"), seconds="0.0")
        return ab.edited(why="worse", parameters=worse.parameters)

    hopeless = evolve(night, instrument=fake_instrument(second_try=make_it_worse))
    result, published = hopeless.process(told(night.bias(), fault="missing"))
    assert result.state is JobState.GATED
    assert len(published.manifest.retried) == 1


def test_a_successful_recipe_is_not_tried_again(night):
    def never(ab):
        return ab.edited(why="never asked", parameters=())

    content = evolve(night, instrument=fake_instrument(second_try=never))
    _, published = content.process(night.bias())
    assert published.manifest.retried == ()


def test_a_recipe_whose_inputs_are_unfit_is_not_started(night):
    picky = evolve(night, instrument=fake_instrument(check_inputs=lambda frames: ["no airmass"]))
    result, published = picky.process(night.bias())
    assert result.state is JobState.FAILED
    assert result.reason == "fakebias was not started: no airmass"
    assert published.folder is None
    assert night.left_in_scratch() == []


def test_a_product_that_the_ab_predicts_must_be_there(night):
    ab = night.bias()
    more = evolve(ab.products[0], name=f"r.{ab.root}_0009.fits", pro_catg="MASTER_BIAS_REDU")
    result, _ = night.process(evolve(ab, products=(*ab.products, more)))
    assert result.state is JobState.GATED
    assert "products MASTER_BIAS_REDU are missing" in result.reason
