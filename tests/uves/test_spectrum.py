"""Spectra: errors of the flux, chips joined, exposures averaged."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve

from phoenix.errors import DataError
from phoenix.formats.fits.headers import parse_cards
from phoenix_uves.recipe.stack import average
from phoenix_uves.spectrum import BAD, CORRELATED, GAP, Spectrum, joined, read_chip

EMPTY = parse_cards(b"")


def spectrum(wave, level=100.0, error=5.0, flux=None):
    wave = np.asarray(wave, dtype=float)
    calibrated = None if flux is None else np.full(wave.size, flux)
    return Spectrum(
        headers=(EMPTY,),
        wave=wave,
        counts=np.full(wave.size, level),
        counts_error=np.full(wave.size, error),
        flux=calibrated,
        error=None if flux is None else np.full(wave.size, flux * error / level),
        quality=np.zeros(wave.size, dtype=np.int32),
    )


@pytest.fixture
def write(tmp_path):
    def make(name, values):
        hdu = fits.PrimaryHDU(np.asarray(values, dtype=np.float32))
        hdu.header.update({"CRVAL1": 4000.0, "CRPIX1": 1.0, "CDELT1": 0.5})
        path = tmp_path / f"{name}.fits"
        hdu.writeto(path)
        return path

    return make


def test_dark_ends_are_left_out(write):
    chip = read_chip(write("r", [0, 0, 5, 6, 0]), write("e", [0, 0, 1, 1, 0]), None)
    np.testing.assert_array_equal(chip.wave, [4001.0, 4001.5])
    np.testing.assert_array_equal(chip.counts, [5.0, 6.0])


def test_the_error_of_the_flux_is_that_of_the_counts(write):
    """Not that of the pipeline, which forgets the extinction."""
    chip = read_chip(write("r", [10, 20]), write("e", [1, 4]), write("f", [30, 60]))
    np.testing.assert_allclose(chip.error, [3.0 * CORRELATED, 12.0 * CORRELATED])


def test_a_pixel_without_flux_is_bad(write):
    chip = read_chip(write("r", [10, 0, 20]), write("e", [1, 1, 1]), write("f", [30, 0, 60]))
    assert chip.quality.tolist() == [0, BAD, 0]
    assert np.isfinite(chip.error).all()


def test_without_error_bars_the_noise_is_estimated(write):
    rng = np.random.default_rng(1)
    chip = read_chip(write("r", rng.normal(1000.0, 20.0, 4000)), None, None)
    assert chip.estimated
    assert np.median(chip.counts_error) == pytest.approx(20.0 * CORRELATED, rel=0.1)


def test_errors_above_the_scatter_of_the_pixels_are_brought_down_to_it(write):
    rng = np.random.default_rng(1)
    counts, errors = rng.normal(1000.0, 20.0, 4000), np.full(4000, 35.0)
    chip = read_chip(write("r", counts), write("e", errors), None)
    assert np.median(chip.counts_error) == pytest.approx(20.0 * CORRELATED, rel=0.1)


def test_errors_below_the_scatter_of_the_pixels_stay(write):
    # Sharp lines scatter too.
    rng = np.random.default_rng(1)
    counts, errors = rng.normal(1000.0, 20.0, 4000), np.full(4000, 10.0)
    chip = read_chip(write("r", counts), write("e", errors), None)
    np.testing.assert_allclose(chip.counts_error, 10.0 * CORRELATED)


def test_vectors_of_other_lengths_are_refused(write):
    with pytest.raises(DataError, match="expected one row of 2"):
        read_chip(write("r", [10, 20]), write("e", [1, 1, 1]), None)


def test_a_spectrum_without_light_is_refused(write):
    with pytest.raises(DataError, match="found no pixel with light"):
        read_chip(write("r", [0, 0]), write("e", [1, 1]), None)


def test_the_gap_between_two_chips_is_filled_and_flagged():
    both = joined((spectrum([1.0, 2.0, 3.0]), spectrum([7.0, 9.0, 11.0])))
    np.testing.assert_array_equal(both.wave, [1, 2, 3, 4, 5, 6, 7, 9, 11])
    assert both.quality.tolist() == [0, 0, 0, GAP, GAP, GAP, 0, 0, 0]
    assert np.isnan(both.counts[3:6]).all()


def test_chips_that_overlap_do_not_repeat_a_wavelength():
    both = joined((spectrum([1.0, 2.0, 3.0]), spectrum([2.6, 3.6, 4.6])))
    np.testing.assert_array_equal(both.wave, [1, 2, 3, 3.6, 4.6])


def test_equal_exposures_have_their_mean_and_a_smaller_error():
    wave = np.arange(100.0, 110.0)
    result = average([spectrum(wave, 90.0, 4.0, 9.0), spectrum(wave, 110.0, 4.0, 11.0)])
    inside = result.spectrum.good
    np.testing.assert_allclose(result.spectrum.counts[inside], 100.0, rtol=0.05)
    assert (result.spectrum.counts_error[inside] < 4.0).all()
    assert result.levels == pytest.approx((0.9, 1.1))


def of_seconds(seconds, name=""):
    cards = f"{f'EXPTIME = {seconds}':80}{f'ARCFILE = {name!r}':80}"
    return (parse_cards(cards.encode()),)


def test_a_mean_in_counts_is_no_noisier_than_its_longest_exposure():
    """A short exposure has small errors in counts, and would have most weight."""
    wave = np.arange(100.0, 110.0)
    short = evolve(spectrum(wave, 60.0, 60.0**0.5), headers=of_seconds(60))
    long = evolve(spectrum(wave, 600.0, 600.0**0.5), headers=of_seconds(600))
    result = average([short, long])
    one = result.spectrum
    np.testing.assert_allclose(one.counts[one.good], 330.0)
    ratio = (one.counts / one.counts_error)[one.good]
    np.testing.assert_allclose(ratio, 660.0**0.5, rtol=1e-6)
    assert result.levels == pytest.approx((1.0, 1.0))


def test_an_exposure_without_a_good_pixel_is_named_and_spoils_no_mean():
    wave = np.arange(100.0, 110.0)
    empty = spectrum(wave, np.nan)
    empty = evolve(empty, headers=of_seconds(60, "UVES.1.fits"), quality=empty.quality | BAD)
    with pytest.raises(DataError, match=r"UVES\.1\.fits: found no pixel"):
        average([spectrum(wave), empty])


def test_an_exposure_does_not_count_where_it_is_bad():
    wave = np.arange(100.0, 110.0)
    one, other = spectrum(wave, 90.0), spectrum(wave, 110.0)
    other.quality[3:5] = BAD
    result = average([one, other])
    assert result.spectrum.counts[3] == pytest.approx(90.0)
    assert result.exposures[:6].tolist() == [2, 2, 2, 1, 1, 2]


def test_a_line_stays_where_it_is_on_a_shifted_grid():
    wave = np.arange(4000.0, 4010.0, 0.05)
    one, other = spectrum(wave), spectrum(wave + 0.02)
    for each in (one, other):
        each.counts[:] = 100.0 * np.exp(-0.5 * ((each.wave - 4005.0) / 0.2) ** 2)
    result = average([one, other]).spectrum
    good = result.good
    centre = np.average(result.wave[good], weights=result.counts[good])
    assert centre == pytest.approx(4005.0, abs=0.001)


def test_one_exposure_is_no_stack():
    with pytest.raises(DataError, match="found 1 exposure"):
        average([spectrum([1.0, 2.0])])


def test_counts_and_flux_are_not_averaged():
    wave = np.arange(5.0)
    with pytest.raises(DataError, match="expected all alike"):
        average([spectrum(wave), spectrum(wave, flux=1.0)])
