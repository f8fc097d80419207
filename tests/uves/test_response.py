"""Hydrogen lines in a response, and pixels where it rises too steeply."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from phoenix.model.frames import Product
from phoenix_uves.delivery.steep import steep_pixels
from phoenix_uves.recipe.response import LINES, bridge_lines, bridged
from phoenix_uves.spectrum import BAD, GAP, STEEP, Spectrum

WAVE = np.arange(6000.0, 7500.0, 0.1)
SMOOTH = 1e-16 * (1.0 + 1e-4 * (WAVE - 6500.0) + 1e-7 * (WAVE - 6500.0) ** 2)
WAVY = SMOOTH * (1.0 + 0.04 * (WAVE - 6562.8) / 8.0 * np.exp(-(((WAVE - 6562.8) / 8.0) ** 2)))


def test_a_wave_across_a_line_is_bridged():
    better, lines = bridged(WAVE, WAVY)
    assert lines == (6562.8,)
    assert np.abs(WAVY / SMOOTH - 1.0).max() > 0.01
    assert np.abs(better / SMOOTH - 1.0).max() < 1e-4


def test_what_lies_beside_a_line_is_left_as_it_is():
    better, _ = bridged(WAVE, WAVY)
    beside = np.abs(WAVE - 6562.8) > 22.0
    np.testing.assert_array_equal(better[beside], WAVY[beside])


def test_no_line_no_change():
    part = WAVE > 6650.0
    better, lines = bridged(WAVE[part], SMOOTH[part])
    assert lines == ()
    np.testing.assert_array_equal(better, SMOOTH[part])


@pytest.mark.parametrize("missing", [WAVE < 6545.0, WAVE > 6580.0, np.abs(WAVE - 6562.8) < 500.0])
def test_a_line_with_nothing_on_one_side_is_left_alone(missing):
    response = np.where(missing, np.nan, WAVY)
    better, lines = bridged(WAVE, response)
    assert lines == ()
    np.testing.assert_array_equal(better, response)


def test_undefined_pixels_stay_undefined():
    response = WAVY.copy()
    response[np.abs(WAVE - 6560.0) < 1.0] = np.nan
    better, _ = bridged(WAVE, response)
    np.testing.assert_array_equal(np.isnan(better), np.isnan(response))


def test_lines_are_far_enough_from_each_other_to_lean_between_them():
    for line in sorted(LINES)[:-1]:
        following = min(other for other in LINES if other > line)
        assert following - line > 2 * max(22.0, 0.003 * line)


@pytest.fixture
def response(tmp_path):
    path = tmp_path / "r.UVES.2020-01-01T00:00:00.000_0000.fits"
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column("wavelength", "D", array=WAVE),
            fits.Column("response_smo", "D", array=WAVY),
        ]
    )
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)
    return Product(path, "INSTR_RESPONSE_FINE_REDL")


def test_a_response_is_mended_in_its_file_which_says_so(response):
    (told,) = bridge_lines([response])
    assert told.startswith(f"{response.path.name}: the response was bridged at 656.3 nm")
    with fits.open(response.path) as hdus:
        assert np.abs(hdus[1].data["response_smo"] / SMOOTH - 1.0).max() < 1e-4
        assert "bridged at 656.3 nm" in str(hdus[0].header["HISTORY"])


def test_other_products_are_not_touched(response):
    before = response.path.read_bytes()
    assert list(bridge_lines([Product(response.path, "RED_STD_REDL")])) == []
    assert response.path.read_bytes() == before


def spectrum(worth, quality=None):
    counts = np.full(WAVE.size, 1000.0)
    return Spectrum(
        headers=({},),
        wave=WAVE,
        counts=counts,
        counts_error=counts / 100,
        flux=counts * worth,
        error=counts * worth / 100,
        quality=np.zeros(WAVE.size, np.int32) if quality is None else quality,
    )


def test_pixels_are_flagged_where_the_flux_scale_changes_fast():
    steep = np.where(WAVE < 6100.0, 0.08 * (WAVE - 6100.0) / 10.0, 0.0)
    flags = steep_pixels(spectrum(1e-17 * np.exp(steep)))
    assert (flags[WAVE < 6095.0] == STEEP).all()
    assert (flags[WAVE > 6105.0] == 0).all()


def test_a_smooth_response_has_no_such_pixels():
    assert not steep_pixels(spectrum(SMOOTH)).any()


def test_two_chips_may_have_different_scales():
    quality = np.where(np.abs(WAVE - 6700.0) < 20.0, GAP, 0).astype(np.int32)
    worth = np.where(WAVE < 6700.0, 1e-17, 3e-17)
    assert not steep_pixels(spectrum(worth, quality)).any()


def test_a_pixel_without_flux_hides_no_step():
    quality = np.zeros(WAVE.size, np.int32)
    quality[500:520] = BAD
    worth = np.full(WAVE.size, 1e-17)
    worth[500:520] = np.nan
    assert not steep_pixels(spectrum(worth, quality)).any()
