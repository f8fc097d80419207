"""ABs made of raw files by the shipped rules, with what later steps read."""

from __future__ import annotations

import pytest

from phoenix.cli import run
from phoenix.formats.abfile import read_ab
from phoenix.model.ab import Completeness
from phoenix_muse.blocks.groups import group_keys


@pytest.fixture(scope="module")
def made(night, has_muse, tmp_path_factory):
    """Return the ABs that create-ab makes."""
    if not has_muse:
        pytest.skip("no rules of MUSE: `phoenix pipelines install muse`")
    work = tmp_path_factory.mktemp("muse-ab") / "work"
    words = ["--process", "MUSE_IFU", "--repository", str(night.folder)]
    assert run(["init", str(work), *words]) == 0
    assert run(["create-ab", "-w", str(work), "-d", str(night.date)]) == 0
    folder = work / "ab" / str(night.date)
    return [read_ab(path) for path in folder.glob("*.ab")]


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
