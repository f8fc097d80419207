"""Gates: a wrong run with exit code 0 is seen."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from astropy.io import fits

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import Product, RawFrame, SetOfFrames
from phoenix.model.gate import RecipeOutcome, broken
from phoenix.model.qc import Measurement
from phoenix.model.report import JobState
from phoenix.model.score import Outcome, judge
from phoenix_giraffe.recipe.gate import GATES

RAW = RawFrame("${DFO_RAW_DIR}/2020-01-01/GIRAF.2020-01-02T01:00:00.000.fits", "ARC_SPECTRUM")
AB = AssociationBlock("GIRAF.2020-01-02T01:00:00.000.ab", "giwavecalibration", (RAW,))

GOOD_ARC = {
    "ESO PRO WSOL LINE NLINES": 40,
    "ESO PRO WSOL LINE NACCEPT": 398,
    "ESO PRO WSOL RMS": 0.02,
    "ESO QC WSOL REBIN RMS": 1.6,
    "ESO QC RESOL POWER": 5650.0,
    "ESO INS EXP MODE": "L543.1",
}


@pytest.fixture
def arc(tmp_path):
    """Make the outcome of an arc whose headers say so."""

    def make(**changes):
        cards = {**GOOD_ARC, **{f"ESO {key.replace('_', ' ')}": v for key, v in changes.items()}}
        products = []
        for pro_catg in (
            "ARC_EXTSPECTRA",
            "DISPERSION_SOLUTION",
            "LINE_DATA",
            "ARC_RBNSPECTRA",
        ):
            hdu = fits.PrimaryHDU(np.ones((20, 10), dtype=np.float32))
            for key, value in cards.items():
                if value is not None:
                    hdu.header[f"HIERARCH {key}"] = value
            path = tmp_path / f"{pro_catg}.fits"
            hdu.writeto(path, overwrite=True)
            products.append(Product(path, pro_catg))
        return broken(GATES["giwavecalibration"], RecipeOutcome(AB, tuple(products)))

    return make


def test_a_good_arc_passes(arc):
    assert arc() == ()


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        ({"PRO_WSOL_LINE_NACCEPT": 151}, "LINES_ACCEPTED is 0.3775, expected at least 0.9"),
        ({"PRO_WSOL_RMS": 0.22}, "WSOL_RMS is 0.22, expected at most 0.1"),
        ({"QC_WSOL_REBIN_RMS": 506.0}, "REBIN_RMS is 506, expected at most 10"),
        ({"QC_RESOL_POWER": 9500.0}, "RESOLVING_POWER is 1.63793, expected 0.9 to 1.1"),
        ({"PRO_WSOL_LINE_NLINES": 0}, "LINES_ACCEPTED is 0, expected at least 0.9"),
    ],
)
def test_a_wrong_arc_breaks_the_gate_that_names_it(arc, change, gate):
    (sentence,) = arc(**change)
    assert sentence.startswith(gate)


def test_an_unknown_setup_has_no_nominal_resolving_power(arc):
    assert arc(INS_EXP_MODE="X999.9", QC_RESOL_POWER=1.0) == ()


def test_a_missing_product_is_not_for_a_gate_to_tell():
    assert broken(GATES["giwavecalibration"], RecipeOutcome(AB, ())) == ()


def spectra(tmp_path, image, kinds="MS"):
    table = fits.BinTableHDU.from_columns(
        [fits.Column("TYPE", "1A", array=list(kinds))], name="FIBER_SETUP"
    )
    path = tmp_path / "spectra.fits"
    fits.HDUList([fits.PrimaryHDU(image.astype(np.float32)), table]).writeto(path)
    product = Product(path, "SCIENCE_RBNSPECTRA")
    return broken(GATES["giscience"], RecipeOutcome(AB, (product,)))


def test_good_spectra_pass(tmp_path):
    assert spectra(tmp_path, np.ones((30, 2))) == ()


def test_dark_spectra_break_a_gate(tmp_path):
    image = np.ones((30, 2))
    image[:, 1] = 0.0
    (sentence,) = spectra(tmp_path, image)
    assert sentence.startswith("LIT_FIBRES is 0.5, expected at least 0.9")


def test_pixels_that_are_no_numbers_break_a_gate(tmp_path):
    image = np.ones((30, 2))
    image[0, 0] = np.nan
    (sentence,) = spectra(tmp_path, image)
    assert sentence.startswith("FINITE_PIXELS is 0.983333")


def test_spectra_without_targets_and_sky_break_a_gate(tmp_path):
    (sentence,) = spectra(tmp_path, np.ones((30, 2)), kinds="  ")
    assert sentence.startswith("TARGETS is 0, expected at least 1")


def test_gates_can_be_pickled():
    assert pickle.loads(pickle.dumps(GATES)).keys() == GATES.keys()


@pytest.mark.recipes
@pytest.mark.parametrize(
    ("fault", "gate"),
    [("shifted_catalogue", "LINES_ACCEPTED"), ("few_lines", "REBIN_RMS is")],
)
def test_a_wrong_line_catalogue_is_gated_though_the_recipe_ends_well(faulty, fault, gate):
    arc, science = faulty(fault).blocks[-2:]
    assert arc.result.state is JobState.GATED
    assert gate in arc.result.reason
    assert science.result.state is JobState.BLOCKED


# ---- a master of zeros, and a header that does not tell where the telescope stands -------------


@pytest.mark.parametrize(("level", "names"), [(0.0, ["MASTER_LEVEL"]), (200.3, [])])
def test_a_master_bias_that_has_not_the_level_of_the_raw_ones_is_gated(level, names, tmp_path):
    raw = RawFrame("${DFO_RAW_DIR}/2020-01-01/GIRAF.2020-01-02T01:00:00.000.fits", "BIAS")
    ab = AssociationBlock(AB.name, "gimasterbias", (raw,))
    paths = [tmp_path / f"{name}.fits" for name in ("raw1", "raw2", "master")]
    noise = np.random.default_rng(1).normal(0.0, 3.0, (3, 300, 300))
    for path, pixels, mean in zip(paths, noise, (200.0, 200.1, level), strict=True):
        fits.writeto(path, (pixels * (mean > 0) + mean).astype(np.float32))
    *raws, master = paths
    outcome = RecipeOutcome(
        ab,
        (Product(master, "MASTER_BIAS"),),
        frames=SetOfFrames(tuple((path, "BIAS") for path in raws)),
    )
    told = broken([gate for gate in GATES["gimasterbias"] if gate.name == "MASTER_LEVEL"], outcome)
    assert [text.split()[0] for text in told] == names


def test_a_header_without_the_place_of_the_telescope_has_a_red_score(giraffe):
    process = next(row for row in giraffe.processes() if row.name == "GIRAFFE_MOS")
    scores = judge([Measurement("SITE_TOLD", 0)], giraffe.thresholds(process), "SCIENCE")
    assert [one.outcome for one in scores if one.rule.parameter == "SITE_TOLD"] == [Outcome.RED]
