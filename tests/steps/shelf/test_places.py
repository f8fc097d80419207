"""Where the files of an AB are."""

from __future__ import annotations

import pytest

from phoenix.model.report import JobState
from phoenix.model.workspace import Workspace
from phoenix.steps.shelf.places import Places, Record


@pytest.fixture
def places(tmp_path):
    return Places(Workspace(tmp_path), "2020-01-01", "ROOT")


def write(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")


@pytest.mark.parametrize("record", Record)
def test_a_record_is_found_where_it_is_finished(places, record):
    write(places.finished(record))
    assert places.now(record) == places.finished(record)


@pytest.mark.parametrize("record", Record)
def test_a_published_record_counts_before_a_finished_one(places, record):
    write(places.finished(record))
    write(places.fresh(record))
    assert places.now(record) == places.fresh(record)


def test_no_two_records_share_a_place(places):
    every = [path for record in Record for path in places.both(record)]
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("state", [JobState.SUCCESSFUL, JobState.GATED, JobState.FAILED])
def test_the_folder_of_an_ab_is_found_however_it_ended(places, state):
    places.ended(state).mkdir(parents=True)
    assert places.outcome() == places.ended(state)


def test_an_ab_that_did_not_run_has_no_folder(places):
    assert places.outcome() is None


def test_a_product_is_where_it_was_published_until_it_has_moved(places):
    assert places.product("r.ROOT_0000.fits", "calib/x.fits").parent == places.published


def test_a_moved_product_is_in_its_final_place(places, tmp_path):
    write(tmp_path / "calib" / "x.fits")
    assert places.product("r.ROOT_0000.fits", "calib/x.fits") == tmp_path / "calib" / "x.fits"


def test_the_places_of_a_published_folder_are_those_of_its_ab(places):
    assert Places.published_in(places.workspace, places.published) == places
