"""Names, combined log and plan of a cube, without a recipe."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve

from cubefiles import write_cube
from phoenix.errors import DataError
from phoenix.model.ab import AssociationBlock
from phoenix.model.ancestor import Ancestor
from phoenix.model.dates import CivilDate
from phoenix.model.frames import MasterCalibration, Product, RawFrame, Role
from phoenix.model.qc import Measurement
from phoenix.model.recipe import Parameter
from phoenix_muse.delivery.idp import convert
from phoenix_muse.delivery.log import MOST_LINES, combined_log
from phoenix_muse.delivery.names import final_name

FIRST, SECOND = "MUSE.2015-01-12T00:54:04.379", "MUSE.2015-01-12T01:00:44.954"
CARDS = {
    "ARCFILE": f"{FIRST}.fits", "OBJECT": "HE 0108-4743", "RA": 17.79, "DEC": -47.46,
    "DATE": "2016-03-07T16:05:59", "DATE-OBS": "2015-01-12T00:54:04.379", "TELESCOP": "ESO-VLT-U4",
    "INSTRUME": "MUSE", "MJD-OBS": 57034.0375, "EXPTIME": 300.0,
    "HIERARCH ESO OBS PROG ID": "094.B-0345(A)", "HIERARCH ESO OBS ID": 1134385,
    "HIERARCH ESO INS MODE": "WFM-NOAO-N", "HIERARCH ESO INS OPTI1 NAME": "Blue",
    "HIERARCH ESO DET READ CURNAME": "SCI1.0",
}  # fmt: skip
QC = {
    "MJD_BEGIN": 57034.0375, "MJD_END": 57034.0456, "TEXPTIME": 600.0, "EXPTIME": 580.0,
    "PIXNOISE": 4e-20, "ABMAGLIM": 22.18, "SKY_RES": 1.3, "SKY_RERR": 0.3, "SPEC_RES": 3026.0,
    "FLUX_CALIBRATED": 1, "NUM_SAT": 45.0,
}  # fmt: skip


def table(root, tag="", pro_catg="PIXTABLE_REDUCED", number="0002"):
    place = f"${{DFS_PRODUCT}}/2015-01-11/{root}{tag}/r.{root}{tag}_{number}.fits"
    return MasterCalibration(place, pro_catg, virtual=True)


@pytest.fixture
def ab():
    return AssociationBlock(
        f"{FIRST}_tpl.ab", "muse_exp_combine",
        calibrations=(table(FIRST, "_pst"), table(SECOND, "_pst")),
        parameters=(Parameter("save", "cube"),),
        waits_for=(f"{FIRST}_pst.ab", f"{SECOND}_pst.ab"),
        raw_type="PIXTABLE_REDUCED", date=CivilDate.parse("2015-01-11"), obs_id=1134385,
    )  # fmt: skip


def product(path, pro_catg, **cards):
    fits.PrimaryHDU(header=fits.Header({**CARDS, **cards})).writeto(path)
    return Product(path, pro_catg, Role.CALIBRATION, "any")


# ---- names -------------------------------------------------------------------------------------


def test_a_master_has_the_name_of_the_log_of_a_real_cube_and_its_time(ab, tmp_path):
    flat = product(tmp_path / "a.fits", "MASTER_FLAT")
    name = final_name(evolve(ab, name="MUSE.2015-01-12T10:49:00.831_tpl.ab"), flat)
    assert name == "MU_MFLA_150111A_WFM-NOAO-N_Blue_SCI1.0_104900.831.fits"


def test_a_bias_knows_no_filter_and_a_file_of_one_ifu_names_it(ab, tmp_path):
    bias = product(tmp_path / "a.fits", "MASTER_BIAS", EXTNAME="CHAN07")
    assert final_name(ab, bias) == "MU_MBIA_150111A_WFM-NOAO-N_SCI1.0_CHAN07_005404.379.fits"


@pytest.mark.parametrize(
    ("recipe", "pro_catg", "code"),
    [
        ("muse_exp_combine", "DATACUBE_FINAL", "SCBC"),
        ("muse_scipost", "DATACUBE_FINAL", "SCBS"),
        ("muse_exp_combine", "IMAGE_FOV", "SIMC"),
        ("muse_scipost", "IMAGE_FOV", "SIMS"),
    ],
)
def test_cubes_and_images_have_the_names_of_the_archive(ab, tmp_path, recipe, pro_catg, code):
    made = product(tmp_path / "a.fits", pro_catg)
    expected = f"MU_{code}_1134385_2015-01-12T00:54:04.379_WFM-NOAO-N_OBJ.fits"
    assert final_name(evolve(ab, recipe=recipe), made) == expected


def test_images_in_several_filters_have_several_names(ab, tmp_path):
    names = [
        final_name(ab, product(tmp_path / f"{i}.fits", "IMAGE_FOV", OBJECT=f"X ({band})"))
        for i, band in enumerate(("white", "Cousins_R", "SDSS/i"))
    ]
    assert [name.rpartition("OBJ")[2] for name in names] == [".fits", "_CousinsR.fits",
                                                             "_SDSSi.fits"]  # fmt: skip


def test_what_is_in_no_row_keeps_its_name(ab, tmp_path):
    assert final_name(ab, product(tmp_path / "a.fits", "PIXTABLE_REDUCED")) is None


# ---- log ---------------------------------------------------------------------------------------


def logged(folder, root, text):
    path = folder / f"{root}.log"
    path.write_bytes(text)
    return (Product(path, "RECIPE_LOG", Role.ANCILLARY, f"{root}.ab"),)


def ancestors(folder):
    exposure = AssociationBlock(
        f"{FIRST}.ab", "muse_scibasic", (RawFrame(f"${{DFO_RAW_DIR}}/2015-01-11/{FIRST}.fits",
                                                  "OBJECT"),), raw_type="OBJECT",
    )  # fmt: skip
    single = AssociationBlock(
        f"{FIRST}_pst.ab", "muse_scipost", calibrations=(table(FIRST, "", "PIXTABLE_OBJECT"),),
        waits_for=(f"{FIRST}.ab",), raw_type="PIXTABLE_OBJECT",
    )  # fmt: skip
    bias = AssociationBlock(
        "MUSE.2015-01-12T10:00:00.000_tpl.ab", "muse_bias", (RawFrame("x.fits", "BIAS"),),
        raw_type="BIAS",
    )  # fmt: skip
    return (
        Ancestor(single, logged(folder, f"{FIRST}_pst", b"of scipost\n")),
        Ancestor(exposure, logged(folder, FIRST, b"of scibasic\n")),
        Ancestor(bias, logged(folder, "bias", b"of bias\n")),
    )


def test_the_log_has_all_of_an_ab_under_its_name_in_the_order_of_processing(ab, tmp_path):
    text = combined_log(ab, logged(tmp_path, f"{FIRST}_tpl", b"of combine\n"), ancestors(tmp_path))
    said = [line for line in text.splitlines() if "] of " in line]
    assert said == [
        f"[{FIRST}] of scibasic", f"[{FIRST}_pst] of scipost", f"[{FIRST}_tpl] of combine",
    ]  # fmt: skip
    assert f"[{FIRST}] SOF_CONTENT ${{DFO_RAW_DIR}}/2015-01-11/{FIRST}.fits OBJECT RAW" in text
    assert f"[{FIRST}_tpl] RECIPE_PARAM --save=cube" in text


def test_calibrations_have_logs_of_their_own(ab, tmp_path):
    assert "of bias" not in combined_log(ab, (), ancestors(tmp_path))


def test_a_log_without_exposures_of_the_sky_says_so(ab, tmp_path):
    assert "There were no exposures of the sky" in combined_log(ab, (), ancestors(tmp_path))


def test_a_log_that_is_gone_is_told(ab):
    assert f"[{FIRST}_tpl] its log is not there any more" in combined_log(ab, (), ())


def test_nothing_in_a_log_steers_a_terminal_and_nothing_is_without_end(ab, tmp_path):
    hostile = b"\x1b[2J\xff" + b"a" * 100_000 + b"\n" + b"x\n" * (MOST_LINES + 10)
    text = combined_log(ab, logged(tmp_path, f"{FIRST}_tpl", hostile), ())
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) < 1100
    assert "... and 11 lines more" in text


# ---- plan --------------------------------------------------------------------------------------


@pytest.fixture
def products(tmp_path):
    cube = write_cube(
        tmp_path / "cube.fits", np.ones((4, 5, 6), np.float32), np.ones((4, 5, 6), np.float32),
        primary=fits.Header(CARDS),
    )  # fmt: skip
    made = [Product(cube, "DATACUBE_FINAL", Role.SCIENCE, "any")]
    for band in ("Cousins_R", "white"):
        path = tmp_path / f"{band}.fits"
        image = fits.ImageHDU(np.ones((5, 6), np.float32), fits.getheader(cube, 1), name="DATA")
        for key in ("CTYPE3", "CUNIT3", "CRVAL3", "CRPIX3", "CD3_3"):
            del image.header[key]
        primary = fits.Header({**CARDS, "OBJECT": f"HE 0108-4743 ({band})"})
        fits.HDUList([fits.PrimaryHDU(header=primary), image]).writeto(path)
        made.append(Product(path, "IMAGE_FOV", Role.ANCILLARY, "any"))
    return tuple(made)


def plan(ab, products, ancestors=(), **changes):
    qc = tuple(Measurement(name, value) for name, value in {**QC, **changes}.items())
    (found,) = convert(ab, products, qc, {0: "00100000000"}, ancestors)
    return found


def cards(found):
    return {card.keyword: card.value for card in found.primary}


def test_the_plan_says_what_was_measured(ab, products):
    said = cards(plan(ab, products))
    assert (said["ABMAGLIM"], said["SKY_RES"], said["SPEC_RES"]) == (22.18, 1.3, 3026.0)
    assert (said["EXPTIME"], said["TEXPTIME"], said["NCOMBINE"]) == (580.0, 600.0, 2)
    assert (said["PROV1"], said["PROV2"]) == (f"{FIRST}.fits", f"{SECOND}.fits")
    assert said["QCFLAG"] == "00100000000"
    assert said["ESO QC NUM SAT"] == 45.0


def test_a_cube_of_a_container_names_every_ob_and_programme_that_is_in_it(ab, products):
    block = partial(evolve, ab, calibrations=(table(FIRST, "", "PIXTABLE_OBJECT"),), waits_for=())
    rows = ((FIRST, 11, "094.B-0571(A)"), (SECOND, 12, "094.B-0571(B)"))
    behind = tuple(
        Ancestor(block(name=f"{root}_pst.ab", obs_id=obs_id, obs_prog_id=programme))
        for root, obs_id, programme in rows
    )
    said = cards(plan(ab, products, behind))
    assert (said["OBID1"], said["OBID2"]) == (11, 12)
    assert (said["PROG_ID"], said["PROGID2"]) == ("MULTI", "094.B-0571(B)")


def test_a_pixel_table_of_every_ifu_is_one_exposure(ab, products):
    tables = tuple(table(FIRST, "", "PIXTABLE_OBJECT", f"0000-{ifu:02}") for ifu in range(1, 25))
    single = evolve(ab, name=f"{FIRST}_pst.ab", recipe="muse_scipost", calibrations=tables,
                    waits_for=(f"{FIRST}.ab",))  # fmt: skip
    said = cards(plan(single, products))
    assert (said["NCOMBINE"], said["PROV1"]) == (1, f"{FIRST}.fits")


def test_the_white_light_comes_first_whatever_images_there_are(ab, products):
    first = plan(ab, products).ancillaries[0]
    assert first.category == "ANCILLARY.IMAGE.WHITELIGHT"
    assert first.path.name == "white.fits"


def test_reports_of_the_exposures_travel_with_the_cube_of_the_ob(ab, products, tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    report = Product(tmp_path / "a.png", "QC_REPORT", Role.ANCILLARY, "any")
    behind = tuple(evolve(one, products=(report,)) for one in ancestors(tmp_path))
    names = [one.name for one in plan(ab, (*products, report), behind).ancillaries]
    assert names[1:] == [f"r.{FIRST}_tpl.log", f"r.{FIRST}_tpl.png", f"r.{FIRST}_pst.png"]


def test_without_a_response_the_cube_is_not_calibrated(ab, products):
    said = cards(plan(ab, products, FLUX_CALIBRATED=0, ABMAGLIM=None))
    assert said["FLUXCAL"] == "UNCALIBRATED"
    assert "ABMAGLIM" not in said


def test_an_error_of_the_coordinates_that_fits_does_not_know_is_replaced(ab, products):
    edits = {edit.hdu: edit for edit in plan(ab, products).edits if edit.hdu == "DATA"}
    values = {card.keyword: card.value for card in edits["DATA"].cards}
    assert values["CSYER1"] == pytest.approx(2.0 / 3600.0)


def test_a_cube_that_was_not_measured_is_refused(ab, products):
    with pytest.raises(DataError, match="found no TEXPTIME among what was measured"):
        plan(ab, products, TEXPTIME=None)


def test_without_its_image_a_cube_is_refused(ab, products):
    with pytest.raises(DataError, match="expected a IMAGE_FOV; reduce it again"):
        plan(ab, products[:1])
