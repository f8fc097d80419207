"""ABs made of raw files by the shipped rules, with what later steps read."""

from __future__ import annotations

import pytest

from goodnight import created, need
from phoenix.model.ab import Completeness
from phoenix_muse.blocks.groups import group_keys


@pytest.fixture(scope="module")
def made(night, tmp_path_factory):
    """Return the ABs that create-ab makes."""
    need("muse")
    return created(night, tmp_path_factory.mktemp("muse-ab") / "work")


def of_type(made, raw_type):
    return [ab for ab in made if ab.raw_type == raw_type]


def carried(ab):
    return {one.pro_catg for one in (*ab.calibrations, *ab.associated_masters)}


def test_every_raw_file_has_its_ab_and_is_complete(made):
    counts = {kind: len(of_type(made, kind)) for kind in ("BIAS", "FLAT", "SKYFLAT", "ILLUMFLAT")}
    assert set(counts.values()) == {1}
    assert [len(of_type(made, kind)) for kind in ("STD", "SKY", "OBJECT")] == [1, 1, 3]
    assert {ab.completeness for ab in made} == {Completeness.COMPLETE}


def test_exposures_carry_what_later_steps_read(made):
    for ab in of_type(made, "OBJECT"):
        assert carried(ab) >= {
            "EXTINCT_TABLE",
            "SKY_LINES",
            "LSF_PROFILE",
            "FILTER_LIST",
            "ASTROMETRY_WCS",
        }


def test_exposures_say_where_they_look(made):
    for ab in of_type(made, "OBJECT"):
        assert {"RA", "DEC", "TPL.START", "OBS.CONTAINER.ID"} <= group_keys(ab).keys()
