"""Final names."""

from __future__ import annotations

from pathlib import Path

import pytest

from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import Product, RawFrame
from phoenix_giraffe.delivery.names import NAMES, final_name
from phoenix_giraffe.setups import RESOLVING_POWER, slit_code

RAW = RawFrame("${DFO_RAW_DIR}/2020-01-01/GIRAF.2020-01-02T12:06:20.935.fits", "FIBER_FLAT")
AB = AssociationBlock(
    "GIRAF.2020-01-02T12:06:20.935_tpl.ab",
    "gimasterflat",
    (RAW,),
    date=CivilDate(2020, 1, 1),
    obs_id=2001320001,
    setup=(
        ("DET.CHIP1.ID", "Carreras"),
        ("INS.SLIT.NAME", "Medusa1"),
        ("INS.EXP.MODE", "H525.8B"),
    ),
)


def named(pro_catg):
    return final_name(AB, Product(Path("r.x_0000.fits"), pro_catg))


@pytest.mark.parametrize(
    ("pro_catg", "name"),
    [
        ("MASTER_BIAS", "GI_MBIA_200101A_Carreras_120620.935.fits"),
        ("MASTER_DARK", "GI_MDRK_200101A_Carreras_120620.935.fits"),
        ("FF_LOCCENTROID", "GI_PLOC_200101A_Med1_H525.8B_120620.935.fits"),
        ("FF_LOCWIDTH", "GI_PLOW_200101A_Med1_H525.8B_120620.935.fits"),
        ("FF_EXTSPECTRA", "GI_PFEX_200101A_Med1_H525.8B_120620.935.fits"),
        ("FF_EXTERRORS", "GI_PFEE_200101A_Med1_H525.8B_120620.935.fits"),
        (
            "SCIENCE_RBNSPECTRA",
            "GI_SRBS_2001320001_2020-01-02T12:06:20.935_Med1_H525.8B.fits",
        ),
    ],
)
def test_products_have_their_published_codes(pro_catg, name):
    assert named(pro_catg) == name


def test_what_has_no_code_keeps_its_pipefile_name():
    assert named("ARC_EXTPIXELS") is None


def test_no_two_products_share_a_code():
    assert len({row.code for row in NAMES}) == len(NAMES)
    assert all(len(row.code) == 4 and row.code[0] in "MP" for row in NAMES)


def test_the_name_of_an_idp_fits_the_standard_with_the_longest_setup_and_ob():
    science = named("SCIENCE_RBNSPECTRA").removesuffix(".fits")
    assert len(f"{science}_135.fits") <= 68


@pytest.mark.parametrize(("slit", "code"), [("Medusa1", "Med1"), ("Medusa2", "Med2"), ("", "")])
def test_slits_are_shortened(slit, code):
    assert slit_code(slit) == code


def test_low_resolution_setups_resolve_less_than_high_ones():
    low = [power for mode, power in RESOLVING_POWER.items() if mode.startswith("L")]
    high = [power for mode, power in RESOLVING_POWER.items() if mode.startswith("H")]
    assert max(low) < min(high)
