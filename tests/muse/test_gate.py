"""What a finished recipe must show: each gate by what it would pass over in silence."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import Product, RawFrame, SetOfFrames
from phoenix.model.gate import RecipeOutcome, broken
from phoenix.model.idp import Card
from phoenix.model.recipe import Parameter
from phoenix.simulate.raw import image_hdu
from phoenix_muse.process import ALIGN, COMBINE, CREATE_SKY, SCIBASIC, SCIPOST, STANDARD
from phoenix_muse.recipe.gate import GATES

LIMITS = "ESO DRS MUSE PIXTABLE LIMITS LAMBDA"


class Case:
    """An outcome that is made of small files in a folder."""

    def __init__(self, folder):
        self.folder = folder

    def file(self, name, *hdus, keys=None):
        cards = [Card(key, value) for key, value in (keys or {}).items()]
        path = self.folder / f"{name}.fits"
        fits.HDUList([image_hdu(cards), *hdus]).writeto(path, overwrite=True)
        return path

    def with_keys(self, name, keys, *hdus):
        return self.file(name, *hdus, keys=keys)

    def said(self, recipe, products, frames=(), log="", *, raw_type="OBJECT", nifu="1", told=()):
        raws = [
            (path, tag) for path, tag in frames if tag in {"OBJECT", "BIAS", "FLAT", "SKYFLAT"}
        ]
        ab = AssociationBlock(
            "MUSE.2020-01-02T01:00:00.000.ab",
            recipe,
            tuple(RawFrame(f"${{DFO_RAW_DIR}}/{path.name}", tag) for path, tag in raws)
            or (RawFrame("${DFO_RAW_DIR}/none.fits", "OBJECT"),),
            parameters=(Parameter("nifu", nifu), *told),
            raw_type=raw_type,
        )
        made = tuple(Product(path, category) for path, category in products)
        outcome = RecipeOutcome(ab, made, log, SetOfFrames(tuple(frames)))
        return [sentence.split()[0] for sentence in broken(GATES[recipe], outcome)]


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


def image(values, name="DATA", **cards):
    hdu = fits.ImageHDU(np.asarray(values, dtype=np.float32), name=name)
    for key, value in cards.items():
        hdu.header[key] = value
    return hdu


def table(**columns):
    return fits.BinTableHDU.from_columns(
        [
            fits.Column(
                name=name, format="J" if name == "SliceNo" else "D", array=np.array(values)
            )
            for name, values in columns.items()
        ]
    )


# ---- calibrations --------------------------------------------------------------------------


def bias(case, *, used=3, level=1000.0, same=False, pixels_of_master=1000.0):
    frames = []
    for number in range(3):
        pixels = np.full((4, 4), 1000 + (0 if same else number), dtype=np.uint16)
        frames.append((case.file(f"bias{number}", image(pixels, "CHAN01")), "BIAS"))
    keys = {"ESO PRO DATANCOM": used, "ESO QC BIAS LEVEL1 MEAN": level}
    data = image(np.full((4, 4), pixels_of_master), "CHAN01.DATA")
    master = case.with_keys("master", keys, data)
    return case.said("muse_bias", [(master, "MASTER_BIAS")], frames, raw_type="BIAS")


def test_a_good_bias_passes(case):
    assert bias(case) == []


def test_a_frame_that_was_left_out_of_a_master_is_found(case):
    assert bias(case, used=2) == ["UNUSED_FRAMES"]


def test_light_among_the_biases_is_found(case):
    assert bias(case, level=9000.0) == ["BIAS_LEVEL"]


def test_a_frame_that_is_another_one_again_is_found(case):
    assert bias(case, same=True) == ["REPEATED_FRAMES"]


def test_a_master_of_which_only_the_header_is_left_is_found(case):
    assert bias(case, pixels_of_master=0.0) == ["FILLED_PIXELS"]


@pytest.mark.parametrize(("slices", "said"), [(48, []), (47, ["UNTRACED_SLICES"])])
def test_slices_without_a_trace_are_found(case, slices, said):
    traces = case.file("trace", table(SliceNo=range(1, slices + 1)))
    frames = [(case.file("raw", image([[1.0]], "CHAN01")), "FLAT")]
    flat = case.with_keys("flat", {"ESO PRO DATANCOM": 1}, image([[1.0]], "CHAN01.DATA"))
    products = [(flat, "MASTER_FLAT"), (traces, "TRACE_TABLE")]
    assert case.said("muse_flat", products, frames, raw_type="FLAT") == said


@pytest.mark.parametrize(("rms", "said"), [(0.03, []), (0.9, ["WORST_FIT"])])
def test_a_bad_wavelength_solution_is_found(case, rms, said):
    solution = case.with_keys("wave", {"ESO QC WAVECAL SLICE7 FIT RMS": rms})
    assert case.said("muse_wavecal", [(solution, "WAVECAL_TABLE")], raw_type="ARC") == said


# ---- pixel tables --------------------------------------------------------------------------


def channels(case, *names):
    return case.file("raw", *(image([[1.0]], name) for name in names))


@pytest.mark.parametrize(
    ("tables", "nifu", "said"),
    [(2, "-1", []), (1, "-1", ["MISSING_TABLES"]), (1, "1", []), (0, "1", ["MISSING_TABLES"])],
)
def test_an_ifu_without_a_pixel_table_is_found(case, tables, nifu, said):
    raw = channels(case, "CHAN01", "CHAN02")
    made = [(case.file(f"table{i}"), "PIXTABLE_OBJECT") for i in range(tables)]
    assert case.said(SCIBASIC, made, [(raw, "OBJECT")], nifu=nifu) == said


# ---- response and sky ----------------------------------------------------------------------


def response(case, *, values=(41.0, 41.2), told=True):
    path = case.with_keys(
        "response",
        {"ESO DRS MUSE FLUX FFCORR": told},
        table(**{"lambda": (5000.0, 6000.0), "response": values}),
    )
    return case.said(STANDARD, [(path, "STD_RESPONSE")], raw_type="PIXTABLE_STD")


def test_a_good_response_passes(case):
    assert response(case) == []


def test_a_response_with_holes_is_found(case):
    assert response(case, values=(41.0, np.nan)) == ["RESPONSE_PART"]


def test_a_response_that_does_not_tell_of_the_flat_is_found(case):
    assert response(case, told=False) == ["FLAT_SPECTRUM"]


@pytest.mark.parametrize(("flux", "said"), [(900.0, []), (1e14, ["SKY_PART"])])
def test_a_wild_continuum_of_the_sky_is_found(case, flux, said):
    sky = case.file("sky", table(**{"lambda": (5000.0, 6000.0), "flux": (900.0, flux)}))
    assert case.said(CREATE_SKY, [(sky, "SKY_CONTINUUM")], raw_type="PIXTABLE_SKY") == said


# ---- cubes ---------------------------------------------------------------------------------


def cube(case, *, unit="10**(-20)erg.s**(-1)", planes=256, value=1.0):
    data = image(np.full((planes, 2, 2), value), BUNIT=unit, CD3_3=1.25)
    return case.file("cube", data), "DATACUBE_FINAL"


def pixel_table(case, number=1):
    keys = {f"{LIMITS} LOW": 6240.0, f"{LIMITS} HIGH": 6560.0}
    return case.with_keys(f"pixels{number}", keys)


def white_light(case, level=40.0):
    return case.file("white", image([[level, -level, np.nan]])), "IMAGE_FOV"


def post(case, made, log="", level=40.0):
    frames = [(pixel_table(case), "PIXTABLE_OBJECT")]
    products = [made, white_light(case, level)]
    return case.said(SCIPOST, products, frames, log, raw_type="PIXTABLE_OBJECT")


def test_a_good_cube_passes(case):
    assert post(case, cube(case)) == []


def test_a_cube_in_counts_is_found(case):
    assert post(case, cube(case, unit="count")) == ["FLUXED"]


def test_a_cube_that_lacks_wavelengths_is_found(case):
    assert post(case, cube(case, planes=200)) == ["WAVE_RANGE"]


def test_a_cube_of_the_wavelengths_that_were_asked_for_passes(case):
    told = (Parameter("lambdamin", "6250."), Parameter("lambdamax", "6500."))
    frames = [(pixel_table(case), "PIXTABLE_OBJECT")]
    made = [cube(case, planes=200), white_light(case)]
    assert case.said(SCIPOST, made, frames, raw_type="PIXTABLE_OBJECT", told=told) == []


def test_white_light_that_wild_planes_drown_is_found(case):
    assert post(case, cube(case), level=1.5e11) == ["WHITE_LEVEL"]


def test_a_cube_without_a_number_is_found(case):
    assert post(case, cube(case, value=np.nan)) == ["LIT_VOXELS"]


def warnings(*ifus):
    return "\n".join(f"[WARNING] muse: Channel for IFU {ifu:02d} is missing" for ifu in ifus)


def test_ifus_that_are_not_part_of_the_ab_may_be_missing(case):
    assert post(case, cube(case), warnings(*range(2, 25))) == []


def test_an_ifu_that_the_recipe_did_not_find_is_found(case):
    assert post(case, cube(case), warnings(*range(1, 25))) == ["MISSING_IFUS"]


# ---- alignment and combination -------------------------------------------------------------


def aligned(case, found, matched, unmatched=0):
    keys = {"ESO QC EXPALIGN NOMATCH": unmatched}
    for number, (there, used) in enumerate(zip(found, matched, strict=True), 1):
        keys |= {f"ESO QC EXPALIGN NDET{number}": there, f"ESO QC EXPALIGN NMATCH{number}": used}
    offsets = case.with_keys("offsets", keys)
    images = [(case.file(f"image{i}"), "IMAGE_FOV") for i in range(len(found))]
    return case.said(ALIGN, [(offsets, "OFFSET_LIST")], images, raw_type="IMAGE_FOV")


@pytest.mark.parametrize(
    ("found", "matched"),
    [((7, 5), (5, 5)), ((1, 1), (1, 1)), ((2, 9), (2, 2)), ((7, 8), (3, 3)), ((60, 50), (13, 13))],
)
def test_a_good_alignment_passes(case, found, matched):
    assert aligned(case, found, matched) == []


def test_an_exposure_without_a_match_is_found(case):
    assert "UNMATCHED" in aligned(case, (7, 6), (-1, -1), unmatched=2)


@pytest.mark.parametrize(
    ("found", "matched"), [((7, 4), (2, 2)), ((60, 50), (5, 5)), ((2, 2), (1, 1))]
)
def test_an_alignment_by_too_few_sources_is_found(case, found, matched):
    assert aligned(case, found, matched) == ["ENOUGH_MATCHES"]


def combined(case, log, tables=3):
    frames = [(pixel_table(case, i), "PIXTABLE_REDUCED") for i in range(tables)]
    made = [cube(case), white_light(case)]
    return case.said(COMBINE, made, frames, log, raw_type="PIXTABLE_REDUCED")


def test_a_combination_of_all_tables_passes(case):
    assert combined(case, "[ INFO  ] muse_xcombine_tables: 3 tables to be combined") == []


@pytest.mark.parametrize("log", ["2 tables to be combined", ""])
def test_a_table_that_was_passed_over_is_found(case, log):
    assert combined(case, log) == ["TABLES_LEFT_OUT"]
