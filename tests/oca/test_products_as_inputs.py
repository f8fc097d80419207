"""Products that ABs will make are grouped as raw files are, and what comes of these again."""

from __future__ import annotations

import pytest

from phoenix.model.ab import Mode
from phoenix.oca import Frame, Frames, RuleSet, association_block, create, with_products

RULES = """
if DPR.CATG=="SCIENCE" and DPR.TYPE=="OBJECT" then { DO.CATG="OBJECT"; RAW.TYPE="OBJECT"; }
if DPR.CATG=="CALIB" and DPR.TYPE=="STD" then { DO.CATG="STD"; RAW.TYPE="STD"; }
if PRO.CATG=="PIXTABLE_OBJECT" then { DO.CATG="PIXTABLE_OBJECT"; }
if PRO.CATG=="PIXTABLE_STD" then { DO.CATG="PIXTABLE_STD"; }
if PRO.CATG=="RESPONSE" then { DO.CATG="RESPONSE"; }
if PRO.CATG=="REDUCED" then { DO.CATG="REDUCED"; }

select execute(BASIC) from inputFiles where DO.CATG=="OBJECT" group by ARCFILE;
select execute(BASIC_STD) from inputFiles where DO.CATG=="STD" group by ARCFILE;
select execute(STANDARD) from inputFiles where DO.CATG=="PIXTABLE_STD"
  group by ARCFILE as (SINGLE,std);
select execute(POST) from inputFiles where DO.CATG=="PIXTABLE_OBJECT"
  group by ARCFILE as (SINGLE,pst);
minRet=2;
select execute(COMBINE) from inputFiles where DO.CATG=="REDUCED" group by OBS.ID as (OB,tpl);

action BASIC { recipe cubebasic; }
action BASIC_STD { recipe cubebasic; }
action STANDARD { recipe cubestandard; }
action POST {
  minRet=1; maxRet=1;
  select file as RESPONSE from calibFiles where DO.CATG=="RESPONSE";
  recipe cubepost;
}
action COMBINE { recipe cubecombine; }
"""
IFUS = ("0000-01.fits", "0000-03.fits")
PRODUCTS = {
    "BASIC": [("PIXTABLE_OBJECT", ending) for ending in IFUS],
    "BASIC_STD": [("PIXTABLE_STD", ending) for ending in IFUS],
    "STANDARD": ["RESPONSE"],
    "POST": ["REDUCED"],
    "COMBINE": ["CUBE"],
}


def raw(hour, kind="OBJECT", obs_id=7):
    name = f"CUBE.2020-01-02T{hour:02d}:00:00.000"
    header = {
        "ARCFILE": f"{name}.fits",
        "DPR.CATG": "CALIB" if kind == "STD" else "SCIENCE",
        "DPR.TYPE": kind,
        "MJD-OBS": 58850.0 + hour / 24,
        "EXPTIME": 600.0,
        "INSTRUME": "CUBE",
        "OBS.ID": obs_id,
    }
    return Frame.of(f"{name}.fits", header)


@pytest.fixture
def created():
    rules = with_products(RuleSet.parsed(RULES), PRODUCTS)
    frames = [raw(1, "STD"), raw(3), raw(2), raw(4, obs_id=8)]
    made = create(rules, Frames(tuple(frames)))
    return {block.name.removeprefix("CUBE.2020-01-02T"): block for block in made.blocks}


def test_every_exposure_and_every_ob_has_its_ab(created):
    assert sorted(created) == [
        "01:00:00.000.ab",
        "01:00:00.000_std.ab",
        "02:00:00.000.ab",
        "02:00:00.000_pst.ab",
        "02:00:00.000_tpl.ab",
        "03:00:00.000.ab",
        "03:00:00.000_pst.ab",
        "04:00:00.000.ab",
        "04:00:00.000_pst.ab",
        "04:00:00.000_tpl.ab",
    ]


def test_they_read_what_their_parents_make(created):
    ab = association_block(created["02:00:00.000_pst.ab"])
    assert ab.raw_files == ()
    assert [(one.name[-12:], one.pro_catg) for one in ab.calibrations] == [
        ("0000-01.fits", "PIXTABLE_OBJECT"),
        ("0000-03.fits", "PIXTABLE_OBJECT"),
        ("td_0000.fits", "RESPONSE"),
    ]
    assert [one.parent for one in ab.calibrations[:1]] == ["CUBE.2020-01-02T02:00:00.000.ab"]
    assert ab.waits_for == (
        "CUBE.2020-01-02T01:00:00.000_std.ab",
        "CUBE.2020-01-02T02:00:00.000.ab",
    )


def test_what_comes_of_products_is_grouped_again_in_order_of_time(created):
    ab = association_block(created["02:00:00.000_tpl.ab"])
    assert [one.name for one in ab.calibrations] == [
        "r.CUBE.2020-01-02T02:00:00.000_pst_0000.fits",
        "r.CUBE.2020-01-02T03:00:00.000_pst_0000.fits",
    ]


def test_an_ab_of_products_is_science_if_they_come_from_science(created):
    assert association_block(created["02:00:00.000_pst.ab"]).mode is Mode.SCIENCE
    assert association_block(created["02:00:00.000_tpl.ab"]).mode is Mode.SCIENCE
    assert association_block(created["01:00:00.000_std.ab"]).mode is Mode.CALIB


def test_one_exposure_alone_makes_no_complete_combination(created):
    assert not created["04:00:00.000_tpl.ab"].complete
    assert "found 1, expected 2" in created["04:00:00.000_tpl.ab"].missing[0]
