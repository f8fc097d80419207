"""A cube and its white light with these cards are what the data standard asks for."""

from __future__ import annotations

import math
import shutil
import subprocess
from pathlib import Path

import astropy.units as u
import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from fakecube import PLACE, UNIT, WAVE, write_cube, write_white
from phoenix.errors import HeaderError
from phoenix.formats.idpfile import write_idp
from phoenix.model.idp import HduEdit, InternalDataProduct
from phoenix.phase3.validate import validate, validate_many
from phoenix.steps.delivery.ancillary import write_ancillary
from phoenix.toolkit.cubecards import (
    COMMENTS,
    RESERVED,
    Depth,
    coverage,
    cube_edits,
    depth,
    proper_unit,
    target,
    white_light,
)
from phoenix.toolkit.exposures import Exposures
from phoenix.toolkit.headers import read_header, read_keys
from phoenix.toolkit.idpcards import commented, provenance_cards
from phoenix.toolkit.spectrumcards import origin, software

REAL = Path(__file__).parents[3] / "shared/data/muse_phoenix_log/ADP.2016-06-01T14:07:30.135.fits"
UNCERTAINTY = (1.7774e-05, 7.2879e-06)
DEPTH = Depth(
    spec_res=2989.2345, sky_res=0.75, pixnoise=2.345678e-20, abmaglim=24.1234, sky_rerr=0.1
)


def plan(folder: Path, **changes) -> InternalDataProduct:
    """Plan as a plugin does: groups of keywords in order, edits, white light first."""
    cube, image = folder / "cube.fits", folder / "image.fits"
    primary, data, error = (read_header(cube, hdu) for hdu in range(3))
    exposures = Exposures.of([primary], "an.ab")
    values = {
        **target(primary),
        **origin(primary, exposures),
        "OBSTECH": "IFU",
        "PROCSOFT": software(primary),
        "REFERENC": "",
        "FLUXCAL": "ABSOLUTE",
        "SPECSYS": "BARYCENT",
        **coverage(data),
        **depth(changes.get("depth", DEPTH)),
    }
    removed = (*RESERVED, "ESO DRS *")
    light = white_light(
        "MU_SIMC.fits",
        image,
        read_header(image, 1),
        commented(target(primary), COMMENTS),
        UNCERTAINTY,
    )
    return InternalDataProduct(
        name="MU_SCBC.fits",
        prodcatg="SCIENCE.CUBE.IFS",
        primary=(*commented(values, COMMENTS), *provenance_cards(exposures)),
        path=cube,
        edits=(HduEdit(0, removed=removed), *cube_edits(data, error, None, UNCERTAINTY)),
        ancillaries=(light,),
    )


def deliver(folder: Path, idp: InternalDataProduct) -> Path:
    delivered = folder / "delivered"
    delivered.mkdir()
    for ancillary in idp.ancillaries:
        write_ancillary(ancillary, delivered / ancillary.name)
    write_idp(idp, delivered / idp.name)
    return delivered / idp.name


@pytest.fixture
def products(tmp_path) -> Path:
    write_cube(tmp_path / "cube.fits")
    write_white(tmp_path / "image.fits")
    return tmp_path


def test_a_cube_with_its_white_light_is_valid(products):
    path = deliver(products, plan(products))
    (report,) = validate_many([path])
    assert report.ok, str(report)
    # CRDERi are recommended only, and no recipe knows them.
    assert {row.keyword for row in report.findings} <= {"CRDER1", "CRDER2"}


def test_what_was_not_measured_is_missed_by_the_standard(products):
    path = deliver(products, plan(products, depth=Depth(spec_res=3000.0)))
    (report,) = validate_many([path])
    assert {row.keyword for row in report.errors} == {"SKY_RES", "PIXNOISE", "ABMAGLIM"}


@pytest.mark.parametrize("name", ["MU_SCBC.fits", "MU_SIMC.fits"])
def test_astropy_and_fitsverify_find_nothing_wrong(products, name):
    path = deliver(products, plan(products)).with_name(name)
    with fits.open(path, checksum=True) as hdus:
        hdus.verify("exception")
    program = shutil.which("fitsverify")
    if program is None:
        pytest.skip("no fitsverify here")
    told = subprocess.run([program, "-q", path], capture_output=True, text=True, check=False)
    assert told.stdout.startswith("verification OK")


def test_the_pixels_of_a_cube_are_those_of_the_recipe(products):
    path = deliver(products, plan(products))
    for name in ("DATA", "STAT"):
        np.testing.assert_array_equal(
            fits.getdata(path, name), fits.getdata(products / "cube.fits", name)
        )


def test_units_and_axes_of_a_delivered_cube_are_read_by_astropy(products):
    path = deliver(products, plan(products))
    flux = 1e-20 * u.erg / u.s / u.cm**2 / u.AA
    assert u.Unit(fits.getheader(path, "DATA")["BUNIT"]) == u.Unit(flux)
    assert u.Unit(fits.getheader(path, "STAT")["BUNIT"]) == u.Unit(flux**2)
    place = WCS(fits.getheader(path, "DATA")).pixel_to_world_values(2.0, 2.5, 6.0)
    np.testing.assert_allclose(place, (10.0, -30.0, 475.75e-9), rtol=1e-9)


def test_extensions_name_each_other(products):
    path = deliver(products, plan(products))
    data, error = (fits.getheader(path, name) for name in ("DATA", "STAT"))
    assert (data["HDUCLAS2"], data["ERRDATA"], "SCIDATA" in data) == ("DATA", "STAT", False)
    assert (error["HDUCLAS2"], error["HDUCLAS3"], error["SCIDATA"]) == ("ERROR", "MSE", "DATA")


def test_the_target_is_that_of_the_ob_and_not_the_filter():
    header = {"OBJECT": "NGC 104 (white)", "ESO OBS TARG NAME": "NGC 104", "RA": -1.0, "DEC": 2.0}
    assert target(header) == {"OBJECT": "NGC 104", "RA": 359.0, "DEC": 2.0}


def test_a_target_without_place_is_refused():
    with pytest.raises(HeaderError, match="RA: found no such keyword"):
        target({"OBJECT": "NGC 104"})


def test_a_cube_reaches_from_its_first_to_its_last_plane():
    assert coverage({**WAVE, "NAXIS3": 3}) == {"WAVELMIN": 475.0, "WAVELMAX": 475.25}


def test_a_cube_that_runs_backwards_reaches_as_far():
    backwards = {**WAVE, "NAXIS3": 3, "CD3_3": -1.25, "CRVAL3": 4752.5}
    assert coverage(backwards) == {"WAVELMIN": 475.0, "WAVELMAX": 475.25}


@pytest.mark.parametrize("unit", ["Hz", None])
def test_an_axis_that_is_none_of_wavelength_is_refused(unit):
    with pytest.raises(HeaderError, match=r"CUNIT3: found .*, expected one of nm, angstrom"):
        coverage({**WAVE, "NAXIS3": 3, "CUNIT3": unit})


def test_a_scale_that_is_not_there_is_refused():
    without = {key: value for key, value in WAVE.items() if key != "CD3_3"}
    with pytest.raises(HeaderError, match="CD3_3: found no such keyword"):
        coverage({**without, "NAXIS3": 3})


def test_old_steps_and_rotations_become_the_matrix():
    old = {key: value for key, value in PLACE.items() if not key.startswith("CD")}
    old |= {"CDELT1": -2.0, "CDELT2": 2.0, "PC1_1": 0.6, "PC1_2": 0.8, "BUNIT": "adu"}
    edit = white_light("w.fits", Path("w"), {**old, "EXTNAME": "DATA"}).edits[1]
    cards = {card.keyword: card.value for card in edit.cards}
    assert [cards[f"CD{i}"] for i in ("1_1", "1_2", "2_1", "2_2")] == [-1.2, -1.6, 0.0, 2.0]
    assert {"CDELT*", "PC1_*"} <= set(edit.removed)


def test_errors_without_coordinates_have_those_of_the_data():
    data = {**PLACE, **WAVE, "NAXIS3": 3, "EXTNAME": "DATA", "BUNIT": "adu"}
    _, edit = cube_edits(data, {"EXTNAME": "STAT", "BUNIT": "adu**2"}, None, UNCERTAINTY)
    cards = {card.keyword: card.value for card in edit.cards}
    assert {key: cards[key] for key in PLACE} == PLACE


def test_flags_have_no_unit():
    data = {**PLACE, **WAVE, "EXTNAME": "DATA", "BUNIT": "adu"}
    first, second = cube_edits(data, None, {**data, "EXTNAME": "DQ"}, UNCERTAINTY)
    assert "BUNIT" not in {card.keyword for card in second.cards}
    assert {"QUALDATA": "DQ"}.items() <= {card.keyword: card.value for card in first.cards}.items()


def test_what_is_no_number_is_not_said():
    assert depth(Depth(sky_res=math.nan, abmaglim=24.0)) == {"ABMAGLIM": 24.0}


@pytest.mark.parametrize(
    ("unit", "proper"),
    [
        (UNIT, "10**(-20)erg.s**(-1).cm**(-2).angstrom**(-1)"),
        (f"({UNIT})**2", "10**(-40)erg**2.s**(-2).cm**(-4).angstrom**(-2)"),
        ("erg/s/cm2/Angstrom", "erg.s**(-1).cm**(-2).angstrom**(-1)"),
        ("(count)**2", "count**2"),
        ("count", "count"),
        ("furlongs per fortnight (sq.)", "furlongs per fortnight (sq.)"),
        ("", ""),
    ],
)
def test_units_are_written_as_the_standard_writes_them(unit, proper):
    assert proper_unit(unit) == proper
    assert proper_unit(proper) == proper


# ---- the white light of a real cube -----------------------------------------------------------

NO_LONGER = {"CHECKSUM", "DATASUM", *RESERVED}


@pytest.fixture
def real(tmp_path) -> Path:
    if not REAL.exists():
        pytest.skip(f"{REAL} is not here")
    primary = read_header(REAL)
    light = white_light(
        "MU_SIMC_1134385.fits",
        REAL,
        read_header(REAL, 1),
        commented(target(primary), COMMENTS),
        UNCERTAINTY,
    )
    write_ancillary(light, tmp_path / light.name)
    return tmp_path / light.name


def test_a_real_white_light_is_valid(real):
    report = validate(real)
    assert report.ok, str(report)
    assert not report.findings


def test_a_real_white_light_keeps_every_card_but_those_of_the_archive(real):
    for hdu in (0, 1):
        before, after = fits.getheader(REAL, hdu), fits.getheader(real, hdu)
        assert set(before) - set(after) <= NO_LONGER
        assert list(before["COMMENT"]) == list(after["COMMENT"]) if hdu == 0 else True


def test_a_real_white_light_keeps_what_the_standard_asks_for(real):
    asked = (
        "ORIGIN", "TELESCOP", "INSTRUME", "RA", "DEC", "EQUINOX", "RADECSYS", "EXPTIME",
        "MJD-OBS", "DATE-OBS", "DATE", "PRODCATG",
    )  # fmt: skip
    before, after = (read_keys(path, asked) for path in (REAL, real))
    assert after == before
    assert set(after) == set(asked)


def test_a_real_white_light_keeps_its_pixels_and_their_places(real):
    with fits.open(REAL) as before, fits.open(real, checksum=True) as after:
        after.verify("exception")
        np.testing.assert_array_equal(after[1].data, before[1].data)
        pixels = [(1.0, 1.0), (317.0, 315.0)]
        places = (WCS(hdus[1].header).wcs_pix2world(pixels, 1) for hdus in (before, after))
        np.testing.assert_array_equal(*places)
