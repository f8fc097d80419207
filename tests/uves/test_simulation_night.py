"""A whole small night on disk."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from phoenix.errors import SettingsError
from phoenix.formats.abfile import read_ab
from phoenix.model.cascade import Cascade
from phoenix.model.dates import CivilDate
from phoenix.simulate.night import SimulationOptions
from phoenix_uves.process import UVES_ECH, usual_products
from phoenix_uves.simulation import simulate_night
from phoenix_uves.simulation.blocks import blocks
from phoenix_uves.simulation.history import HABITS
from phoenix_uves.simulation.programme import plan_night

DATE = CivilDate(2020, 1, 1)
OPTIONS = SimulationOptions()


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    return simulate_night(DATE, tmp_path_factory.mktemp("night"), OPTIONS)


@pytest.fixture(scope="module")
def headers(night):
    return [fits.getheader(path) for path in night.raw]


def kinds(headers, arm):
    found = [header["ESO DPR TYPE"] for header in headers if header["ESO INS PATH"] == arm]
    return {kind: found.count(kind) for kind in found}


def test_both_arms_have_all_kinds_of_frames(headers):
    blue = {
        "BIAS": 3,
        "LAMP,FMTCHK": 1,
        "LAMP,ORDERDEF": 1,
        "LAMP,FLAT": 3,
        "LAMP,WAVE": 1,
        "STD": 1,
        "OBJECT,POINT": 3,
    }
    assert kinds(headers, "BLUE") == kinds(headers, "RED") == blue


def test_one_ob_has_several_exposures_one_uses_the_slicer_and_one_the_iodine_cell(headers):
    science = [header for header in headers if header["ESO DPR CATG"] == "SCIENCE"]
    obs = [(header["ESO OBS ID"], header["ESO INS PATH"]) for header in science]
    assert sorted(obs.count(ob) for ob in set(obs)) == [1, 1, 2, 2]
    assert [h["ESO INS SLIT1 NAME"] for h in science].count("SLIC#1") == 1
    assert ["ABSORPTION-CELL" in h["ESO DPR TECH"] for h in science].count(True) == 1


def test_exposures_of_one_arm_do_not_overlap(headers):
    for arm in ("BLUE", "RED"):
        mine = [header for header in headers if header["ESO INS PATH"] == arm]
        starts = np.array([header["MJD-OBS"] for header in mine])
        ends = starts + np.array([header["EXPTIME"] for header in mine]) / 86400.0
        assert (starts[1:] > ends[:-1]).all()


def test_a_blue_frame_is_one_image_and_a_red_one_two_extensions(night, headers):
    for path, header in zip(night.raw, headers, strict=True):
        with fits.open(path) as hdus:
            shapes = [hdu.shape for hdu in hdus]
            chips = [hdu.header.get("EXTNAME") for hdu in hdus]
        if header["ESO INS PATH"] == "BLUE":
            assert shapes == [(1500, 1074)]
        else:
            assert shapes == [(), (2048, 1074), (2048, 1074)]
            assert chips[1:] == ["WIN1.CHIP1.OUT1", "WIN1.CHIP2.OUT1"]


def test_the_recipes_get_floating_point_cards_where_they_insist(night):
    floats = ("BSCALE", "BZERO", "CRVAL1", "CDELT1", "ESO DET OUT1 RON", "ESO DET OUT1 GAIN")
    primary = ("EXPTIME", "MJD-OBS", "UTC", "ESO INS PIXSCALE", "ESO INS SENS26 MEAN")
    for path in night.raw:
        with fits.open(path, do_not_scale_image_data=True) as hdus:
            images = [hdu for hdu in hdus if hdu.header["NAXIS"]]
            assert all(isinstance(image.header[key], float) for image in images for key in floats)
            assert all(isinstance(hdus[0].header[key], float) for key in primary)


def test_science_and_its_calibrations_are_in_the_same_mode_and_binning(headers):
    used = [header for header in headers if header["ESO DPR TYPE"] != "BIAS"]
    assert {header["ESO INS MODE"] for header in used} == {"DICHR#1"}
    assert {header["ESO DET WIN1 BINX"] for header in headers} == {2}


def test_a_virtual_calibration_is_the_predicted_product_of_a_parent():
    made = blocks(plan_night(DATE, OPTIONS))
    products = {product.name: product.pro_catg for ab in made for product in ab.products}
    wanted = [m for ab in made for m in ab.calibrations if m.virtual]
    assert len(wanted) > 50
    assert all(products[m.name] == m.pro_catg for m in wanted)


def test_a_block_takes_calibrations_of_its_own_setting_and_arm():
    plan = plan_night(DATE, SimulationOptions(setups=("390+580", "437+860")))
    made = blocks(plan)
    settings = {str(ab.name): dict(ab.setup) for ab in made}
    for ab in made:
        for parent in ab.waits_for:
            shared = {key for key in settings[parent] if ".GRAT" in key or key == "INS.MODE"}
            assert all(settings[parent][key] == dict(ab.setup)[key] for key in shared)


def test_the_raw_types_are_those_of_the_process():
    known = {row.name: row.recipe for row in UVES_ECH.raw_types}
    for ab in blocks(plan_night(DATE, OPTIONS)):
        assert known[ab.raw_type] == ab.recipe
        assert tuple(product.pro_catg for product in ab.products) == usual_products(
            ab.recipe, ab.raw_type
        )


def test_beyond_760_nm_pixels_are_divided_by_the_flat_for_star_and_standard_alike():
    made = blocks(plan_night(DATE, SimulationOptions(setups=("860", "760"))))
    for ab in made:
        if ab.raw_type in {"STANDARD_RED", "SCI_POINT_RED"}:
            far = dict(ab.setup)["INS.GRAT2.WLEN"] == "860"
            assert ("--reduce.ffmethod=pixel" in map(str, ab.parameters)) is far


def test_slicer_spectra_are_summed_and_not_flux_calibrated():
    sliced = [ab for ab in blocks(plan_night(DATE, OPTIONS)) if "SLICER" in ab.raw_type]
    assert len(sliced) == 1
    assert "--reduce.extract.method=average" in map(str, sliced[0].parameters)
    assert not any("RESPONSE" in master.pro_catg for master in sliced[0].calibrations)


def test_the_blocks_make_a_cascade(night):
    assert len(Cascade(read_ab(path) for path in night.blocks)) == 18


def test_modern_blocks_read_back_as_they_were_planned(night):
    planned = {str(ab.name): ab for ab in blocks(plan_night(DATE, OPTIONS))}
    read = [read_ab(path) for path in night.blocks]
    same = [ab for ab in read if ab == planned[str(ab.name)]]
    present = {(ab.raw_type, 0) for ab in planned.values()}
    old = {(row.raw_type, row.number) for row in HABITS} & present
    assert len(same) == len(read) - len(old)


def test_old_blocks_have_lines_to_mend(night):
    texts = [path.read_text() for path in night.blocks]
    assert sum("SOF_CONTENT" in text for text in texts) == 10
    for line in (
        "RECIPE\tuves_mbias\n",
        "RECIPE\tuves_cal_mkmaster\n",
        "RECIPE\tuves_scired\n",
        "RECIPE\tuves_obs_spatred\n",
        "--midas=false",
        "--reduce.blazecorr=false",
        " INSTR_RESPONSE_BLUE CALIB",
    ):
        assert any(line in text for text in texts), line


def test_a_night_of_one_arm_is_not_in_a_dichroic_mode():
    frames = plan_night(DATE, SimulationOptions(setups=("860",))).frames
    assert {(frame.mode, frame.setting.name) for frame in frames} == {("RED", "860")}


def test_a_full_night_is_unbinned_and_has_more_exposures():
    plan = plan_night(DATE, SimulationOptions(size="full"))
    assert plan.binning == 1
    assert len(plan.of_kind("bias", "BLUE")) == 5
    assert len(plan.of_kind("science", "BLUE")) == 3


def test_an_ordinary_month_has_biases_every_night_and_flats_every_third(tmp_path):
    options = SimulationOptions(setups=("437",), calibrations=True)
    plans = [plan_night(CivilDate(2020, 1, day), options) for day in range(1, 7)]
    assert [len(plan.of_kind("bias")) for plan in plans] == [3] * 6
    assert sorted(len(plan.of_kind("flat")) for plan in plans) == [0, 0, 0, 0, 3, 3]
    assert not any(frame.is_science for plan in plans for frame in plan.frames)
    assert simulate_night(DATE, tmp_path, options).blocks == ()


@pytest.mark.parametrize("setups", [("500",), ("580+390",), ("390+437",), ("",), ("437",) * 5])
def test_setups_that_cannot_be_are_refused(setups):
    with pytest.raises(SettingsError, match="expected"):
        plan_night(DATE, SimulationOptions(setups=setups))


def test_a_night_before_the_chips_that_are_simulated_is_refused():
    with pytest.raises(SettingsError, match="2004-10-14"):
        plan_night(CivilDate(2003, 1, 1), OPTIONS)
