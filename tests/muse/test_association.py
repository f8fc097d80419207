"""ABs made of raw files by the shipped rules, with what later steps read."""

from __future__ import annotations

import os
import shutil

import pytest
from attrs import evolve

from goodnight import created, need
from phoenix.model.ab import Completeness
from phoenix.model.idp import Card
from phoenix.simulate.raw import image_hdu, write_fits
from phoenix_muse.blocks.cascade import cascade
from phoenix_muse.blocks.edits import modernise
from phoenix_muse.blocks.groups import group_keys

RESPONSE = {
    "STD_RESPONSE": "MU_MSDR_191230A_WFM-NOAO-N.fits",
    "STD_TELLURIC": "MU_MSDT_191230A_WFM-NOAO-N.fits",
}
"""What a star of another night has left."""


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


@pytest.fixture(scope="module")
def with_response(night, tmp_path_factory):
    """Return the ABs of the same night where there is a response of three nights before."""
    need("muse")
    folder = tmp_path_factory.mktemp("muse-response")
    shutil.copytree(night.folder, folder / "night", copy_function=os.link)
    calib = folder / "night" / "calib" / "2019-12-29"
    calib.mkdir(parents=True)
    for pro_catg, name in RESPONSE.items():
        cards = {
            "INSTRUME": "MUSE", "DATE-OBS": "2019-12-30T01:00:00.000", "MJD-OBS": 58847.0416667,
            "ESO PRO CATG": pro_catg, "ESO INS MODE": "WFM-NOAO-N",
        }  # fmt: skip
        hdu = image_hdu([Card(key, value) for key, value in cards.items()])
        write_fits(calib / name, [hdu])
    return created(evolve(night, folder=folder / "night"), folder / "work")


def test_a_response_of_another_night_is_carried_and_stays_though_the_night_has_a_star(
    with_response,
):
    blocks = cascade(tuple(modernise(ab) for ab in with_response))
    posts = of_type(blocks, "PIXTABLE_OBJECT")
    assert len(posts) == 3
    for ab in posts:
        found = {one.pro_catg: one for one in ab.calibrations}
        for pro_catg, name in RESPONSE.items():
            assert (found[pro_catg].name, found[pro_catg].virtual) == (name, False)


def test_without_one_the_response_is_that_of_the_star_of_the_night(made):
    (star,) = of_type(made, "STD")
    blocks = cascade(tuple(modernise(ab) for ab in made))
    for ab in of_type(blocks, "PIXTABLE_OBJECT"):
        (response,) = [one for one in ab.calibrations if one.pro_catg == "STD_RESPONSE"]
        assert response.parent == str(star.name).replace(".ab", "_std.ab")
