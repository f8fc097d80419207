"""QC parameters, scores and bits of MUSE, on small files with a known content."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve

from cubefiles import starry, write_cube
from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import MasterCalibration, Product, Role, SetOfFrames
from phoenix.model.qc import Measurement
from phoenix.model.score import Outcome, judge, qcflag
from phoenix_muse.quality.measure import measure
from phoenix_muse.quality.scores import BITS, RULES, bits_of
from phoenix_muse.quality.seeing import USUAL, image_quality, sky_resolution
from phoenix_muse.quality.table import COMBINED, CUBES, KEYWORDS, PARAMETERS, SINGLE

ROOT = "MUSE.2020-01-02T01:13:00.281"
STARS = ((15.0, 20.0, 900.0), (40.0, 30.0, 600.0))


def block(raw_type, tag="", recipe="muse_any"):
    calibration = MasterCalibration("r.MUSE.2020-01-02T01:13:00.281_0000.fits", "PIXTABLE_OBJECT")
    return AssociationBlock(
        f"{ROOT}{tag}.ab", recipe, calibrations=(calibration,), raw_type=raw_type
    )


def header(**cards):
    """Return a header; keywords of ESO have underscores for their blanks."""
    names = {key: key.replace("_", " ").replace("ESO ", "HIERARCH ESO ") for key in cards}
    return fits.Header({names[key]: value for key, value in cards.items()})


def product(path, pro_catg, *headers, tables=()):
    """Write a product: the first header is the primary one."""
    first, *others = headers or (fits.Header(),)
    hdus = [fits.PrimaryHDU(header=first), *(fits.ImageHDU(header=one) for one in others), *tables]
    fits.HDUList(hdus).writeto(path)
    return Product(path, pro_catg, Role.INTERMEDIATE, "any")


def whole(rows):
    return {row.parameter: row.value for row in rows if row.element == 0}


def elements(rows, parameter):
    return {row.element: row.value for row in rows if row.parameter == parameter and row.element}


def measured(ab, products=(), frames=(), parents=None):
    return tuple(measure(ab, SetOfFrames(tuple(frames)), tuple(products), parents or {}))


# ---- keywords of the recipes -------------------------------------------------------------------


def bias(ron, level=1000.0, **more):
    names = {f"ESO_QC_BIAS_MASTER{q}_RON": ron + 0.1 * q for q in (1, 2, 3, 4)}
    return header(**names, ESO_QC_BIAS_LEVEL1_MEDIAN=level, **more)


def test_quadrants_become_their_median_and_ifus_their_worst(tmp_path):
    merged = product(
        tmp_path / "a.fits", "MASTER_BIAS", fits.Header(),
        *(bias(ron, EXTNAME=name) for ron, name in ((2.0, "CHAN03.DATA"), (2.5, "CHAN11.DATA"))),
    )  # fmt: skip
    rows = measured(block("BIAS"), [merged])
    assert elements(rows, "RON") == pytest.approx({3: 2.25, 11: 2.75})
    assert whole(rows)["RON"] == pytest.approx(2.75)


def test_a_file_of_one_ifu_says_so_in_its_primary_header(tmp_path):
    alone = product(tmp_path / "a.fits", "MASTER_BIAS", bias(2.0, EXTNAME="CHAN07"))
    assert elements(measured(block("BIAS"), [alone]), "RON") == pytest.approx({7: 2.25})


def test_a_keyword_may_name_the_ifu_itself(tmp_path):
    cards = {f"ESO_QC_TWILIGHT{ifu}_INPUT1_MEDIAN": 100.0 * ifu for ifu in (1, 24)}
    twilight = product(tmp_path / "a.fits", "DATACUBE_SKYFLAT", header(**cards))
    rows = measured(block("SKYFLAT"), [twilight])
    assert elements(rows, "SKYFLAT_LEVEL") == {1: 100.0, 24: 2400.0}


def test_saturated_pixels_of_all_ifus_are_added_and_the_widest_shift_keeps_its_sign(tmp_path):
    tables = [
        product(
            tmp_path / f"{ifu}.fits", "PIXTABLE_OBJECT",
            header(EXTNAME=f"CHAN{ifu:02}", ESO_QC_SCIBASIC_NSATURATED=number,
                   ESO_QC_SCIBASIC_LAMBDA_SHIFT=shift),
        )
        for ifu, number, shift in ((1, 100, 0.1), (2, 250, -0.3))
    ]  # fmt: skip
    values = whole(measured(block("OBJECT"), tables))
    assert (values["NUM_SAT"], values["WDEL_MAX"]) == (350.0, -0.3)


def test_raw_flats_are_compared_within_an_ifu(tmp_path):
    names = ("INPUT1", "INPUT2", "INPUT3")
    channels = [
        header(EXTNAME=f"CHAN{ifu:02}.DATA", **{
            f"ESO_QC_FLAT_{name}_MEDIAN": level * part
            for name, part in zip(names, (1.0, 1.0, least), strict=True)
        })
        for ifu, level, least in ((1, 1000.0, 0.98), (2, 200.0, 0.95))
    ]  # fmt: skip
    merged = product(tmp_path / "a.fits", "MASTER_FLAT", fits.Header(), *channels)
    assert whole(measured(block("FLAT"), [merged]))["FLAT_EVENNESS"] == pytest.approx(0.95)


def test_without_a_product_its_keywords_are_not_measured():
    assert whole(measured(block("BIAS")))["RON"] is None


def test_every_parameter_that_is_measured_is_declared_once():
    names = [row.name for row in PARAMETERS]
    assert len(set(names)) == len(names)
    assert {row.name for row in KEYWORDS} <= set(names)


# ---- exposures ---------------------------------------------------------------------------------


def raw(path, **cards):
    usual = {
        "MJD-OBS": 58850.0, "EXPTIME": 864.0, "ESO_TEL_AIRM_START": 1.0, "ESO_TEL_AIRM_END": 1.2,
        "ESO_TEL_IA_FWHMLIN": 0.93, "ESO_OBS_AMBI_FWHM": 1.2,
        "ESO_TPL_START": "2020-01-01T23:59:00",
    }  # fmt: skip
    hdus = [fits.PrimaryHDU(header=header(**{**usual, **cards}))]
    hdus += [
        fits.ImageHDU(np.zeros((2, 2), np.uint16), name=name) for name in ("CHAN01", "CHAN02")
    ]
    fits.HDUList(hdus).writeto(path)
    return path


def exposure(folder, tag="OBJECT", arc_mjd=58849.0, ifus=(1, 2), others=("TWILIGHT_CUBE",)):
    arc = product(folder / "arc.fits", "WAVECAL_TABLE", header(**{"MJD-OBS": arc_mjd}))
    tables = [
        product(folder / f"p{ifu}.fits", f"PIXTABLE_{tag}", header(EXTNAME=f"CHAN{ifu:02}"))
        for ifu in ifus
    ]
    frames = [(raw(folder / "raw.fits"), tag), (arc.path, "WAVECAL_TABLE")]
    frames += [(arc.path, other) for other in others]
    return whole(measured(block(tag), tables, frames))


def test_an_exposure_tells_its_time_weather_and_masters(tmp_path):
    values = exposure(tmp_path)
    assert values["MJD_END"] == pytest.approx(58850.01)
    assert values["ARC_AGE"] == pytest.approx(1.005)
    assert (values["EXPTIME"], values["AIRMASS"], values["AMBI_REQ"]) == (864.0, 1.1, 1.2)
    assert (values["IS_OBJ"], values["SKY_FLAT"], values["ILLUM"]) == (0, 0, 1)
    assert (values["NUM_IFU"], values["IFU_PART"]) == (2, 1.0)


def test_the_age_of_the_arc_has_no_sign(tmp_path):
    assert exposure(tmp_path, arc_mjd=58852.005)["ARC_AGE"] == pytest.approx(2.0)


def test_the_sky_is_no_object_and_a_standard_star_neither(tmp_path):
    assert exposure(tmp_path, tag="SKY")["IS_OBJ"] == 1


def test_a_missing_twilight_is_told(tmp_path):
    assert exposure(tmp_path, others=())["SKY_FLAT"] == 1


def test_an_ifu_without_pixel_table_is_missed(tmp_path):
    assert exposure(tmp_path, ifus=(2,))["IFU_PART"] == 0.5


# ---- image quality -----------------------------------------------------------------------------


def test_image_quality_is_that_of_the_pipeline():
    # What muse_scipost 2.8.7 wrote for 0.93 arcsec at an airmass of 1.0354.
    assert image_quality(0.93, 1.0354) == pytest.approx(0.70595, abs=0.001)


def test_stars_are_wider_at_a_higher_airmass_and_sharper_in_the_red():
    assert image_quality(1.0, 1.5) > image_quality(1.0, 1.0)
    assert image_quality(1.0, 1.0, 900.0) < image_quality(1.0, 1.0, 500.0)


def test_where_the_night_does_not_tell_the_usual_image_quality_is_given(tmp_path):
    assert sky_resolution({}) is None
    frames = [(raw(tmp_path / "raw.fits", ESO_TEL_IA_FWHMLIN=0.0), "OBJECT")]
    values = whole(measured(block("OBJECT"), frames=frames))
    assert (values["SKY_RES"], values["SKY_RERR"], values["SKY_RES_KNOWN"]) == (*USUAL, 0)


def test_changing_seeing_adds_to_the_uncertainty():
    cards = {
        "ESO TEL IA FWHMLIN": 1.0, "ESO TEL AIRM START": 1.0, "ESO TEL AIRM END": 1.0,
        "ESO TEL AMBI FWHM START": 0.8, "ESO TEL AMBI FWHM END": 1.6,
    }  # fmt: skip
    assert sky_resolution(cards)[1] == pytest.approx(0.5)


# ---- cubes -------------------------------------------------------------------------------------

EXPOSURE = {
    "IS_OBJ": 0, "NUM_SAT": 10.0, "WDEL_MAX": -0.1, "ARC_AGE": 0.3, "SKY_FLAT": 0, "ILLUM": 0,
    "NUM_IFU": 24, "EXPTIME": 600.0, "MJD_BEGIN": 58850.0, "MJD_END": 58850.007, "FIELD": 2000,
    "SKY_RES": 0.8, "SKY_RERR": 0.3, "SKY_RES_KNOWN": 1, "TPL_BEGIN": 58849.999, "HAS_SKY": 0,
    "SKY_FAULTS": 0, "SPEC_RES": 2700.0,
}  # fmt: skip
ALIGNED = {"ALIGN_NOMATCH": 0.0, "ALIGN_MAX": 2e-5}


def parent(**values):
    return tuple(Measurement(name, value) for name, value in values.items())


def parents(*changes, alignment=ALIGNED):
    found = {
        f"MUSE.2020-01-02T0{i}:00:00.000_pst.ab": parent(**{**EXPOSURE, **change})
        for i, change in enumerate(changes)
    }
    if alignment is not None:
        found["MUSE.2020-01-02T00:00:00.000_tal.ab"] = parent(**alignment)
    return found


@pytest.fixture(scope="module")
def cube(tmp_path_factory):
    data, stat = starry(40, (50, 60), STARS, 2.0, 11)
    return write_cube(tmp_path_factory.mktemp("cube") / "cube.fits", data, stat)


def combined(path, *changes, alignment=ALIGNED):
    cube = Product(path, "DATACUBE_FINAL", Role.SCIENCE, "any")
    return measured(block(COMBINED, "_tpl"), [cube], (), parents(*changes, alignment=alignment))


def flag(rows, raw_type=COMBINED):
    return qcflag(bits_of(raw_type), whole(rows))


def test_a_good_cube_has_no_bit_set_and_no_red_score(cube):
    rows = combined(cube, {}, {})
    assert flag(rows) == "00000000000"
    scores = judge(rows, RULES, COMBINED)
    assert {score.outcome for score in scores} == {Outcome.GREEN}


@pytest.mark.parametrize("raw_type", CUBES)
def test_a_cube_has_seven_scores(raw_type):
    assert len([rule for rule in RULES if rule.is_for(raw_type)]) == 7


@pytest.mark.parametrize(("raw_type", "length"), [(SINGLE, 9), (COMBINED, 11), ("OBJECT", 0)])
def test_the_flag_is_as_long_as_the_published_table(raw_type, length):
    assert len(bits_of(raw_type)) == length


def test_places_are_numbered_from_one_as_published():
    assert [bit.position for bit in BITS] == list(range(1, 12))


@pytest.mark.parametrize(
    ("bit", "change"),
    [
        (1, {"SKY_FAULTS": 1}),
        (2, {"IS_OBJ": 1}),
        (3, {"HAS_SKY": 1}),
        (4, {"ARC_AGE": 1.6}),
        (5, {"SKY_FLAT": 1}),
        (6, {"NUM_SAT": 290.0}),
        (9, {"WDEL_MAX": -0.51}),
        (11, {"TPL_BEGIN": 58849.9}),
    ],
)
def test_a_fault_of_one_exposure_sets_its_bit_and_no_other(cube, bit, change):
    expected = "".join("1" if place == bit else "0" for place in range(1, 12))
    assert flag(combined(cube, {}, change)) == expected


@pytest.mark.parametrize(
    "alignment",
    [None, {**ALIGNED, "ALIGN_NOMATCH": 1.0}, {**ALIGNED, "ALIGN_MAX": 7e-5}],
)
def test_a_bad_alignment_sets_the_tenth_bit(cube, alignment):
    assert flag(combined(cube, {}, {}, alignment=alignment)) == "00000000010"


def test_an_empty_field_sets_the_seventh_bit(tmp_path):
    data, stat = starry(40, (50, 60), (), 2.0, 11)
    path = write_cube(tmp_path / "cube.fits", data, stat)
    assert flag(combined(path, {}, {})) == "00000010000"


def test_a_background_that_was_taken_off_twice_sets_the_eighth_bit(cube, tmp_path):
    with fits.open(cube) as hdus:
        data, stat = hdus["DATA"].data - 25.0, hdus["STAT"].data
        path = write_cube(tmp_path / "cube.fits", data, stat)
    assert flag(combined(path, {}, {})) == "00000001000"


def test_the_bright_sky_of_dawn_is_told_in_the_words_of_the_original(cube, tmp_path):
    with fits.open(cube) as hdus:
        path = write_cube(tmp_path / "c.fits", hdus["DATA"].data + 300.0, hdus["STAT"].data)
    assert red(combined(path, {}, {})) == ["High_background"]


def red(rows):
    return [one.comment for one in judge(rows, RULES, COMBINED) if one.outcome is Outcome.RED]


def test_exposures_that_were_combined_without_an_alignment_are_red(cube):
    assert red(combined(cube, {}, {}, alignment=None)) == ["an exposure could not be aligned"]


def test_a_cube_that_is_half_empty_is_red(cube, tmp_path):
    with fits.open(cube) as hdus:
        data, stat = hdus["DATA"].data.copy(), hdus["STAT"].data.copy()
    data[::2], stat[::2] = np.nan, np.nan
    path = write_cube(tmp_path / "cube.fits", data, stat)
    assert red(combined(path, {}, {})) == ["a fifth of the cube and more is empty"]


def test_what_was_never_measured_sets_every_bit():
    assert flag(()) == "1" * 11


def test_saturated_pixels_of_all_exposures_reach_the_cube(cube):
    values = whole(combined(cube, {"NUM_SAT": 100.0}, {"NUM_SAT": 50.0, "WDEL_MAX": 0.2}))
    assert (values["NUM_SAT"], values["WDEL_MAX"]) == (150.0, 0.2)


def test_times_are_those_of_all_exposures(cube):
    later = {"MJD_BEGIN": 58850.02, "MJD_END": 58850.03, "EXPTIME": 300.0}
    values = whole(combined(cube, {}, later))
    assert (values["MJD_BEGIN"], values["MJD_END"]) == (58850.0, 58850.03)
    assert (values["TEXPTIME"], values["EXP_EVENNESS"]) == (900.0, 0.5)


def test_the_mean_pixel_has_less_time_where_fields_do_not_overlap(cube):
    # The cube has 3000 spaxels, each of two exposures of 600 s has 2000.
    assert whole(combined(cube, {}, {}))["EXPTIME"] == pytest.approx(800.0)


def test_a_cube_of_one_exposure_has_all_its_time(cube):
    one = Product(cube, "DATACUBE_FINAL", Role.SCIENCE, "any")
    rows = measured(block(SINGLE, "_pst"), [one], (), parents({}, alignment=None))
    assert whole(rows)["EXPTIME"] == 600.0
    assert flag(rows, SINGLE) == "001000000"


@pytest.mark.parametrize(("top", "power"), [(1.0, 7000.0 / 2.3548), (0.0, 2700.0)])
def test_the_resolving_power_is_that_of_the_line_spread_that_was_used(cube, tmp_path, top, power):
    profile = top * np.exp(-0.5 * (-7.5 + 0.1 * np.arange(151)) ** 2)
    lsf = fits.ImageHDU(np.tile(profile, (48, 30, 1)).astype(np.float32), name="LSF_PROFILE")
    lsf.header.update({"CD1_1": 0.1, "CRVAL2": 5500.0, "CD2_2": 100.0})
    path = tmp_path / "lsf.fits"
    fits.HDUList([fits.PrimaryHDU(), lsf]).writeto(path)
    made = [Product(cube, "DATACUBE_FINAL", Role.SCIENCE, "any")]
    frames = [(path, "LSF_PROFILE")]
    rows = measured(block(SINGLE, "_pst"), made, frames, parents({}, alignment=None))
    assert whole(rows)["SPEC_RES"] == pytest.approx(power, rel=0.005)


def test_image_quality_is_weighted_by_time(cube):
    values = whole(combined(cube, {"SKY_RES": 0.6, "EXPTIME": 300.0}, {"SKY_RES": 1.2}))
    assert values["SKY_RES"] == pytest.approx(1.0)


def test_sources_of_the_field_are_elements_the_brightest_first(cube):
    rows = combined(cube, {}, {})
    x, y = elements(rows, "SRC_X"), elements(rows, "SRC_Y")
    places = [(x[i], y[i]) for i in (1, 2)]
    assert places == [pytest.approx((a + 1, b + 1), abs=0.1) for a, b, _ in STARS]
    assert elements(rows, "SRC_FWHM") == pytest.approx({1: 0.8, 2: 0.8}, rel=0.05)


def test_a_cube_in_counts_has_no_magnitude(cube, tmp_path):
    with fits.open(cube) as hdus:
        path = write_cube(tmp_path / "c.fits", hdus[1].data, hdus[2].data, BUNIT="count")
    values = whole(combined(path, {}, {}))
    assert (values["ABMAGLIM"], values["PIXNOISE"], values["FLUX_CALIBRATED"]) == (None, None, 0)


# ---- the sky -----------------------------------------------------------------------------------


def sky_lines(folder, *fluxes, word="SKY"):
    cards = {}
    for i, flux in enumerate(fluxes, 1):
        cards[f"HIERARCH ESO QC {word} LINE{i} AWAV"] = 5577.4 if i == 1 else 6300.3
        if flux is not None:
            cards[f"HIERARCH ESO QC {word} LINE{i} FLUX"] = flux
    return product(folder / "lines.fits", "SKY_LINES", fits.Header(cards))


def sky_continuum(folder, *values):
    table = fits.BinTableHDU.from_columns(
        [fits.Column("lambda", "D", array=np.arange(3.0)), fits.Column("flux", "D", array=values)],
        name="CONTINUUM",
    )
    return product(folder / "continuum.fits", "SKY_CONTINUUM", tables=(table,))


def test_a_good_sky_has_no_fault_and_its_bright_line(tmp_path):
    made = [sky_lines(tmp_path, 300.0, 100.0), sky_continuum(tmp_path, 1.0, 2.0, 3.0)]
    values = whole(measured(block("PIXTABLE_SKY", "_sky"), made))
    assert (values["SKY_FAULTS"], values["SKY_OI5577"]) == (0, 300.0)


def test_a_line_that_was_not_fitted_and_a_continuum_with_holes_are_faults(tmp_path):
    made = [sky_lines(tmp_path, 300.0, None), sky_continuum(tmp_path, 1.0, np.nan, 3.0)]
    assert whole(measured(block("PIXTABLE_SKY", "_sky"), made))["SKY_FAULTS"] == 2


def test_a_continuum_that_runs_away_is_a_fault(tmp_path):
    made = [sky_lines(tmp_path, 300.0), sky_continuum(tmp_path, -6e16, 36.0, 35.0)]
    assert whole(measured(block("PIXTABLE_SKY", "_sky"), made))["SKY_FAULTS"] == 1


def test_a_fault_of_the_sky_reaches_the_cube_of_the_exposure(cube):
    one = Product(cube, "DATACUBE_FINAL", Role.SCIENCE, "any")
    behind = {**parents({}, alignment=None), "MUSE.2020-01-02T05:00:00.000_sky.ab": parent(
        SKY_FAULTS=2)}  # fmt: skip
    rows = measured(block(SINGLE, "_pst"), [one], (), behind)
    assert flag(rows, SINGLE) == "101000000"


def test_a_sky_that_came_to_nothing_is_a_fault_of_the_cube(cube):
    one = Product(cube, "DATACUBE_FINAL", Role.SCIENCE, "any")
    ab = block(SINGLE, "_pst")
    lost = MasterCalibration("r.MUSE.2020-01-02T01:28:45.847_sky_0004.fits", "SKY_CONTINUUM")
    ab = evolve(ab, calibrations=(*ab.calibrations, lost))
    rows = measured(ab, [one], (), parents({}, alignment=None))
    assert flag(rows, SINGLE) == "101000000"


FITTED_WITH = ((Path("/lsf.fits"), "LSF_PROFILE"), (Path("/lines.fits"), "SKY_LINES"))


@pytest.mark.parametrize(
    ("frames", "flagged"), [(FITTED_WITH, "101000000"), ((), "001000000")], ids=("fit", "no fit")
)
def test_a_sky_that_was_taken_off_without_the_fit_that_was_asked_for_is_a_fault(
    cube, monkeypatch, frames, flagged
):
    monkeypatch.setattr("phoenix_muse.quality.cubes._resolving_power", lambda _: 2700.0)
    one = Product(cube, "DATACUBE_FINAL", Role.SCIENCE, "any")
    rows = measured(block(SINGLE, "_pst"), [one], frames, parents({}, alignment=None))
    assert flag(rows, SINGLE) == flagged
