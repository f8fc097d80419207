"""Real products of ESO (uves 4.9.1, August 2011) become IDPs, as far as their headers allow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from phoenix.formats.idpfile import write_idp
from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import Product, RawFrame, Role, SetOfFrames
from phoenix.phase3.validate import validate
from phoenix.toolkit.fits import read_image
from phoenix.toolkit.headers import read_header

FOLDER = Path(__file__).parents[2] / "../shared/data/uves_products"
PRODUCTS = sorted(FOLDER.glob("r.UVES.*.fits"))

pytestmark = pytest.mark.skipif(not PRODUCTS, reason="no real UVES products in shared/data")


def plan_of(uves, process, path):
    header = read_header(path)
    name = header["ESO PRO REC1 RAW1 NAME"]
    tag = header["ESO PRO REC1 RAW1 CATG"]
    ab = AssociationBlock(
        f"{name.removesuffix('.fits')}.ab",
        "uves_obs_scired",
        (RawFrame(name, tag),),
        raw_type=tag,
        obs_id=header["ESO OBS ID"],
        dpr_catg="SCIENCE",
    )
    product = Product(path, header["ESO PRO CATG"], Role.SCIENCE)
    (plan,) = uves.convert_to_idps(process, ab, (product,), SetOfFrames(()), (), {})
    return plan


@pytest.mark.parametrize("path", PRODUCTS, ids=lambda path: path.name[7:30])
def test_a_real_spectrum_becomes_a_valid_idp(uves, process, path, tmp_path):
    plan = plan_of(uves, process, path)
    write_idp(plan, tmp_path / plan.name)
    report = validate(tmp_path / plan.name)
    assert report.ok, str(report)


def test_it_says_what_its_header_lacks(uves, process):
    """No flux calibration, no errors, no arc: counts, estimated errors, nominal resolution."""
    plan = plan_of(uves, process, PRODUCTS[0])
    found = {card.keyword: card.value for card in plan.primary}
    assert found["FLUXCAL"] == "UNCALIBRATED"
    assert found["ERRTYPE"] == "ESTIMATED"
    assert found["SPEC_RES"] == pytest.approx(41400 / 0.9, abs=1)
    assert "LAMRMS" not in found
    assert found["SPECSYS"] == "BARYCENT"
    assert plan.name.startswith("UV_SRED_")
    assert plan.name.endswith("_BLU437d2_2x2_09.fits")


def test_the_counts_are_those_of_the_product(uves, process):
    plan = plan_of(uves, process, PRODUCTS[0])
    counts = next(c.values for c in plan.columns if c.name == "FLUX_REDUCED")
    original = read_image(PRODUCTS[0])
    start = int(np.flatnonzero(original == counts[0])[0])
    np.testing.assert_array_equal(counts, original[start : start + counts.size])
