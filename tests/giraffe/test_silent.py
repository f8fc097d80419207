"""What giraf says nothing about: caught, or shown to do no harm (docs/explanation/gates.md)."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from phoenix.model.frames import Product
from phoenix.model.gate import RecipeOutcome, broken
from phoenix.model.report import JobState
from phoenix.simulate.block import virtual
from phoenix.testing.night import idps_of
from phoenix_giraffe.recipe.gate import GATES
from phoenix_giraffe.recipe.lost import PLATE
from spoilt import of_type, reduced, with_block, with_frames

pytestmark = pytest.mark.recipes

SPECTRA = "SCIENCE_RBNSPECTRA"


def without_site(hdus):
    for key in [key for key in hdus[0].header if "TEL GEO" in key]:
        del hdus[0].header[key]


def without_lamps(hdus):
    for lamp in (4, 5):
        del hdus[0].header[f"ESO INS LAMP{lamp} ST"]


def colours_of_another_type(hdus):
    """Write B_V in single precision; giraf reads a column of type D alone."""
    place = next(i for i, hdu in enumerate(hdus) if hdu.header.get("EXTNAME") == PLATE)
    old = hdus[place]
    columns = [
        fits.Column(one.name, "E" if one.name == "B_V" else one.format, array=old.data[one.name])
        for one in old.columns
    ]
    hdus[place] = fits.BinTableHDU.from_columns(columns)
    for card in old.header.cards:
        if card.keyword and card.keyword not in hdus[place].header:
            hdus[place].header.append(card)
    # As giraf wants it; astropy would write capitals.
    hdus[place].header["EXTNAME"] = PLATE


CHANGES = (without_site, without_lamps, colours_of_another_type)


@pytest.fixture(scope="module")
def spoilt(night, good, tmp_path_factory):
    """The three science ABs reduced again, each with another change; by change."""
    place = tmp_path_factory.mktemp("silent")
    changes = {("SCIENCE", number, 0): change for number, change in enumerate(CHANGES)}
    changed = with_frames(night, place / "night", changes)
    names = [of_type(night, "SCIENCE", number).name for number in range(len(CHANGES))]
    done = reduced(changed, good, place / "work", *names)
    assert {one.result.state for one in done} == {JobState.SUCCESSFUL}
    return dict(zip(CHANGES, done, strict=True))


def as_it_was(good, one):
    return next(other for other in good.blocks if other.ab.name == one.ab.name)


def path_of(one, pro_catg):
    return next(row.path for row in one.products if row.pro_catg == pro_catg)


def pixels(one, pro_catg=SPECTRA):
    return fits.getdata(path_of(one, pro_catg)).astype(float)


def waves(night, one):
    return [
        next(column.values for column in plan.columns if column.name == "WAVE")
        for plan in idps_of(night, one)
    ]


def value_of(one, parameter):
    return next(row.value for row in one.qc if row.parameter == parameter)


def test_without_the_place_of_the_telescope_wavelengths_are_the_same_and_a_score_says_so(
    night, good, spoilt
):
    one = spoilt[without_site]
    assert value_of(one, "SITE_TOLD") == 0
    found, expected = waves(night, one), waves(night, as_it_was(good, one))
    assert len(found) == len(expected) > 40
    for wave, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(wave, other)


def test_lamps_that_the_header_does_not_tell_were_off(good, spoilt):
    one = spoilt[without_lamps]
    np.testing.assert_array_equal(pixels(one), pixels(as_it_was(good, one)))


def test_colours_of_another_type_are_unknown_and_change_no_spectrum(good, spoilt):
    one = spoilt[colours_of_another_type]
    other = as_it_was(good, one)
    np.testing.assert_array_equal(pixels(one), pixels(other))
    table, expected = (fits.getdata(path_of(each, SPECTRA), 1) for each in (one, other))
    assert expected["B_V"].any()
    assert not table["B_V"].any()
    rest = [name for name in table.names if name != "B_V"]
    assert all(np.array_equal(table[name], expected[name]) for name in rest)


def test_a_dark_would_take_the_same_little_from_all_fibres(night, good, tmp_path):
    science, dark = of_type(night, "SCIENCE"), of_type(night, "DARK")
    with_dark = science.edited(
        why="what it would change",
        calibrations=(*science.calibrations, virtual(dark, "MASTER_DARK")),
        waits_for=(*science.waits_for, str(dark.name)),
    )
    (one,) = reduced(with_block(night, with_dark), good, tmp_path / "work", science.name)
    usual = as_it_was(good, one)
    taken = np.median(pixels(usual) - pixels(one), axis=0)
    assert 3.0 < np.median(taken) < 9.0
    assert np.std(taken) < 1.0
    errors = pixels(usual, "SCIENCE_RBNERRORS")
    assert np.median(taken) < 0.3 * np.median(errors)


def test_a_master_bias_of_zeros_is_gated(good, tmp_path):
    bias = next(one for one in good.blocks if one.ab.raw_type == "BIAS")
    path = tmp_path / "zeros.fits"
    with fits.open(path_of(bias, "MASTER_BIAS")) as hdus:
        # As a power cut leaves it: the header says what was measured.
        hdus[0].data[:] = 0
        hdus.writeto(path)
    gates = GATES["gimasterbias"]
    assert broken(gates, RecipeOutcome(bias.ab, bias.products, frames=bias.frames)) == ()
    zeros = RecipeOutcome(bias.ab, (Product(path, "MASTER_BIAS"),), frames=bias.frames)
    (told,) = broken(gates, zeros)
    assert told.startswith("MASTER_LEVEL is 200")


# ---- headers that contradict themselves --------------------------------------------------------


def two_hours_later(hdus):
    header = hdus[0].header
    header["MJD-OBS"] += 2 / 24
    header["DATE-OBS"] = header["DATE-OBS"].replace("T01:", "T03:")


def a_tenth_of_the_time(hdus):
    hdus[0].header["EXPTIME"] /= 10


def right_ascension_in_hours(hdus):
    hdus[PLATE].data["RA"] /= 15


LIES = {two_hours_later: "POINTING", a_tenth_of_the_time: "EXPOSURE_TIME"} | {
    right_ascension_in_hours: "FIELD"
}


def test_a_header_that_contradicts_itself_is_gated(night, good, tmp_path):
    changes = {("SCIENCE", number, 0): lie for number, lie in enumerate(LIES)}
    changed = with_frames(night, tmp_path / "night", changes)
    names = [of_type(night, "SCIENCE", number).name for number in range(len(LIES))]
    done = reduced(changed, good, tmp_path / "work", *names)
    assert [one.result.state for one in done] == [JobState.GATED] * 3
    found = [one.result.reason.removeprefix("giscience: ").split()[0] for one in done]
    assert found == list(LIES.values())
