"""Other settings than the usual one, through the true recipes, as a stranger reads them."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits
from giraffe_truth import FORMAL, C, delivered, exposures, inner, is_the_same

from phoenix.errors import SettingsError
from phoenix.phase3.validate import validate_many
from phoenix.testing.night import has_esorex
from phoenix.testing.stranger import compare, read_delivered
from phoenix_giraffe.fibres import row_width
from phoenix_giraffe.simulation.setup import SETTINGS, setup_of

SETUPS = ("L881.7", "H525.8B")


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("size", ["small", "full"])
def test_the_frame_covers_what_the_rebinned_spectra_reach(name, size):
    setup = setup_of(size, (name,))
    reach = 0.5 * setup.optics.rows * setup.optics.dispersion
    assert setup.optics.wavelength - reach < setup.low < setup.optics.wavelength
    assert setup.optics.wavelength < setup.high < setup.optics.wavelength + reach


@pytest.mark.parametrize("settings", [("L999.9",), ("L543.1", "L881.7")])
def test_other_settings_are_refused(settings):
    with pytest.raises(SettingsError, match=r"expected one of L543\.1, L881\.7, H525\.8B"):
        setup_of("small", settings)


@pytest.mark.parametrize(
    ("wavelength", "order", "grooves", "width"),
    [(543.1, 3, 0.0006, 0.0202), (881.7, 2, 0.0006, 0.0296), (525.8, 11, 0.000316, 0.0049)],
)
def test_a_row_covers_what_the_grating_says(wavelength, order, grooves, width):
    header = {
        "ESO INS GRAT WLEN": wavelength,
        "ESO INS GRAT ORDER": order,
        "ESO INS GRAT GROOVES": grooves,
    }
    assert row_width(header) == pytest.approx(width, rel=0.01)


@pytest.mark.parametrize("header", [{}, {"ESO INS GRAT WLEN": 1e6, "ESO INS GRAT ORDER": 3}])
def test_a_header_that_does_not_tell_is_no_width(header):
    assert row_width(header) is None


@pytest.fixture(scope="module", params=SETUPS)
def night(request, tmp_path_factory):
    if not has_esorex():
        pytest.skip("no esorex: run `make test`, which installs the pipelines")
    folder = tmp_path_factory.mktemp(request.param)
    return list(exposures(*delivered(folder, request.param)))


@pytest.fixture(scope="module")
def compared(night):
    """Agreement of every delivered fibre with the truth, exposure by exposure."""
    found = []
    for truth, idps in night:
        with fits.open(truth) as hdus:
            fibres = {int(one["FPS"]): (i, one) for i, one in enumerate(hdus["FIBRES"].data)}
            wave, expected = hdus["WAVE"].data["WAVE"], hdus["EXPECTED"].data.astype(float)
            flexure = hdus[0].header["ESO SIM FLEX VELO"]
        rows = []
        for spectrum in map(read_delivered, idps):
            place, fibre = fibres[spectrum.header["FPS"]]
            moved = wave * (1.0 + fibre["OBSERVER"] / C)
            agreement = compare(inner(spectrum), moved, expected[place])
            rows.append((agreement, is_the_same(spectrum, fibre)))
        found.append((flexure, rows))
    assert found
    return found


@pytest.mark.recipes
@pytest.mark.slow
def test_velocities_are_true(compared):
    for flexure, rows in compared:
        sharp = [one for one, _ in rows if one.velocity_error < FORMAL]
        assert len(sharp) > 10
        assert abs(np.median([one.velocity for one in sharp]) - flexure) < 0.05


@pytest.mark.recipes
@pytest.mark.slow
def test_fluxes_are_true(compared):
    for _, rows in compared:
        sections = np.median([one.sections for one, _ in rows], axis=0)
        assert np.nanmax(np.abs(sections - 1.0)) < 0.01
        ratios = np.array([one.ratio for one, _ in rows])
        bright = np.argsort([one.snr for one, _ in rows])[len(rows) // 2 :]
        assert abs(np.median(ratios[bright]) / np.median(ratios) - 1.0) < 0.005


@pytest.mark.recipes
@pytest.mark.slow
def test_errors_hold_for_means_over_pixels(compared):
    for _, rows in compared:
        assert 0.8 < np.median([one.pull for one, _ in rows]) < 1.2


@pytest.mark.recipes
@pytest.mark.slow
def test_every_fibre_is_the_one_its_header_names(compared):
    assert all(same for _, rows in compared for _, same in rows)


@pytest.mark.recipes
@pytest.mark.slow
def test_all_are_valid(night):
    assert not validate_many([path for _, idps in night for path in idps]).errors
