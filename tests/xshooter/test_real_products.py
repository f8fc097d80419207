"""Real products of X-shooter, as a user has them, become IDPs that obey the standard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.time import Time
from attrs import evolve

from phoenix.formats.idpfile import write_idp
from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import Product, RawFrame, Role, SetOfFrames
from phoenix.phase3.validate import validate
from phoenix_xshooter.delivery.idp import convert

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "xshooter_products"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/data/xshooter_products")

FILES = {
    arm: tuple(
        f"xsh_scired_slit_nod_{family}_{arm}_{arm}_{setup}.fits"
        for family in ("SCI_SLIT_MERGE1D", "SCI_SLIT_FLUX_MERGE1D")
    )
    for arm, setup in (("UVB", "1x2_100k"), ("VIS", "1x2_100k"), ("NIR", "x_"))
}


def plan_of(arm, number, raws=()):
    products = tuple(
        Product(SHARED / name, f"{family}_{arm}", Role.ANCILLARY)
        for name, family in zip(FILES[arm][:number], ("SCI_SLIT_MERGE1D", "SCI_SLIT_FLUX_MERGE1D"),
                                strict=False)
    )  # fmt: skip
    header = fits.getheader(products[0].path)
    root = header["ARCFILE"].removesuffix(".fits")
    ab = AssociationBlock(
        f"{root}_tpl.ab",
        "xsh_scired_slit_nod",
        tuple(RawFrame(f"${{DFO_RAW_DIR}}/2018-10-20/{path.name}", tag) for path, tag in raws)
        or (RawFrame(f"${{DFO_RAW_DIR}}/2018-10-20/{root}.fits", f"OBJECT_SLIT_NOD_{arm}"),),
        date=CivilDate.parse("2018-10-20"),
        raw_type=f"OBJECT_SLIT_NOD_{arm}",
        obs_id=header["ESO OBS ID"],
    )
    (plan,) = convert(ab, products, SetOfFrames(tuple(raws)), (), {0: "0000001"})
    return plan


@pytest.mark.parametrize("arm", FILES)
@pytest.mark.parametrize("number", [1, 2])
def test_merged_spectra_are_converted_and_valid(arm, number, tmp_path):
    plan = plan_of(arm, number)
    write_idp(evolve(plan, ancillaries=()), tmp_path / plan.name)
    report = validate(tmp_path / plan.name)
    assert report.ok, str(report)
    assert plan.name.startswith("XS_SFLX_" if number > 1 else "XS_SRED_")


def test_the_flux_is_that_of_the_recipe_and_half_of_the_bins_are_good():
    plan = plan_of("NIR", 2)
    columns = {column.name: column.values for column in plan.columns}
    with fits.open(SHARED / FILES["NIR"][1]) as hdus:
        flux, error = (hdus[number].data.astype(np.float32) for number in (0, 1))
        wave = hdus[0].header["CRVAL1"] + hdus[0].header["CDELT1"] * np.arange(flux.size)
    cards = {card.keyword: card.value for card in plan.primary}
    moved = wave * (1.0 + cards["BARYCORR"] / 299792.458)
    first = int(np.argmin(np.abs(moved - columns["WAVE"][0])))
    part = slice(first, first + columns["WAVE"].size)
    np.testing.assert_allclose(columns["WAVE"], moved[part], rtol=1e-9)
    known = (columns["ERR"] > 0) & (error[part] > 0)
    np.testing.assert_array_equal(columns["FLUX"][known], flux[part][known])
    assert np.mean(columns["QUAL"] == 0) > 0.9


def test_where_and_when_are_said_by_the_target_though_the_sky_was_taken_first(tmp_path):
    """The recipe takes the header of the first frame, which here looked beside the target."""
    sky = fits.getheader(SHARED / FILES["NIR"][0])
    target = sky.copy()
    target.update({"RA": sky["RA"] - 0.03, "DEC": sky["DEC"] + 0.02, "ARCFILE": "XSHOO.later.fits",
                   "MJD-OBS": sky["MJD-OBS"] + 0.5 / 24, "HIERARCH ESO TEL AIRM START": 1.75,
                   "DATE-OBS": Time(sky["MJD-OBS"] + 0.5 / 24, format="mjd").isot})  # fmt: skip
    raws = []
    for name, header, tag in (("a", sky, "SKY_SLIT_NIR"), ("b", target, "OBJECT_SLIT_OFFSET_NIR")):
        fits.PrimaryHDU(header=header).writeto(tmp_path / f"{name}.fits")
        raws.append((tmp_path / f"{name}.fits", tag))
    plan = plan_of("NIR", 2, raws)
    said = {card.keyword: card.value for card in plan.primary}
    assert (said["RA"], said["DEC"]) == (target["RA"], target["DEC"])
    assert (said["DATE-OBS"], said["ESO TEL AIRM START"]) == (target["DATE-OBS"], 1.75)
    write_idp(evolve(plan, ancillaries=()), tmp_path / plan.name)
    report = validate(tmp_path / plan.name)
    assert report.ok, str(report)
