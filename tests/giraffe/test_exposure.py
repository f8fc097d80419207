"""Wrong frames that the true recipes reduce with exit code 0: each ends at its gate."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from phoenix.model.report import JobState
from phoenix.model.workspace import Workspace
from phoenix.testing.night import reduce_like
from phoenix.toolkit.skylines import SKY_LINES, line_shift
from phoenix_giraffe.recipe.exposure import _median_row

BIAS_ADU = 200.0


def closed(pixels):
    """Bias and read-out noise alone."""
    noise = np.random.default_rng(1).normal(BIAS_ADU, 3.0, pixels.shape)
    return np.clip(noise, 0, 65535).round().astype(np.uint16)


def along_the_slit(pixels):
    return np.roll(pixels, 6, axis=1)


def along_the_dispersion(pixels):
    return np.roll(pixels, 40, axis=0)


def three_columns(pixels):
    return np.roll(pixels, 3, axis=1)


@pytest.fixture
def spoilt(night, good, tmp_path):
    """Reduce the good night again with some raw frames changed; return its ABs by raw type.

    Changes are given by raw type and number of the AB, and number of the frame in it.
    """

    def reduce(changes):
        folder = tmp_path / "night"
        shutil.copytree(night.folder, folder, copy_function=os.link)
        blocks = {}
        for ab in night.prepared.cascade:
            blocks.setdefault(ab.raw_type, []).append(ab)
        for (raw_type, which, number), change in changes.items():
            frame = blocks[raw_type][which].raw_files[number]
            path = Workspace(folder).resolve(frame.path, night.date)
            with fits.open(path) as hdus:
                hdus[0].data = change(hdus[0].data)
                path.unlink()
                hdus.writeto(path)
        again = reduce_like(evolve(night, folder=folder), good, tmp_path / "work")
        found = {}
        for one in again.blocks:
            found.setdefault(one.ab.raw_type, []).append(one.result)
        return found

    return reduce


def raw_pixels(good, raw_type, number=0):
    ab = next(one.ab for one in good.blocks if one.ab.raw_type == raw_type)
    path = Workspace(good.workspace).resolve(ab.raw_files[number].path, ab.date)
    return fits.getdata(path)


@pytest.mark.recipes
def test_an_exposure_without_light_beside_its_traces_or_its_wavelengths_is_gated(spoilt):
    ended = spoilt(
        {
            ("SCIENCE", 0, 0): closed,
            ("SCIENCE", 1, 0): along_the_slit,
            ("SCIENCE", 2, 0): along_the_dispersion,
        }
    )["SCIENCE"]
    assert [one.state for one in ended] == [JobState.GATED] * 3
    assert ended[0].reason.startswith("giscience: FIBRE_LIGHT is -")
    assert ended[1].reason.startswith("giscience: TRACE_SHIFT is 6,")
    assert ended[2].reason.startswith("giscience: SKY_SHIFT is 39,")


@pytest.mark.recipes
def test_a_flat_among_the_biases_is_gated(spoilt, good):
    flat = raw_pixels(good, "FIBER_FLAT")
    (ended,) = spoilt({("BIAS", 0, 2): lambda _: flat})["BIAS"]
    assert ended.reason.startswith("gimasterbias: BIAS_SPREAD is 2")


@pytest.mark.recipes
def test_a_flat_that_was_moved_is_gated(spoilt):
    (ended,) = spoilt({("FIBER_FLAT", 0, 1): three_columns})["FIBER_FLAT"]
    assert ended.reason.startswith("gimasterflat: FLAT_SHIFT is 3,")


@pytest.mark.recipes
def test_the_same_flat_three_times_is_gated(spoilt, good):
    flat = raw_pixels(good, "FIBER_FLAT")
    changes = {("FIBER_FLAT", 0, number): lambda _: flat for number in range(3)}
    (ended,) = spoilt(changes)["FIBER_FLAT"]
    assert ended.reason.startswith("gimasterflat: REPEATED_FRAMES is 2,")


# ---- lines of the sky --------------------------------------------------------------------------

WAVELENGTH = np.arange(860.0, 900.0, 0.02)


def sky(shift, noise=1.0, height=50.0):
    """Return lines in a noisy continuum, as another would draw them."""
    flux = 100.0 + np.random.default_rng(3).normal(0.0, noise, len(WAVELENGTH))
    for line in SKY_LINES:
        flux += height * np.exp(-0.5 * ((WAVELENGTH - line - shift) / 0.025) ** 2)
    return flux


@pytest.mark.parametrize("shift", [-1.2, -0.04, 0.0, 0.3, 1.0])
def test_the_shift_of_sky_lines_is_found_to_a_pixel(shift):
    assert line_shift(WAVELENGTH, sky(shift)) == pytest.approx(shift, abs=0.02)


def test_a_spectrum_in_which_no_line_is_seen_has_no_shift():
    assert line_shift(WAVELENGTH, sky(0.0, height=0.0)) is None


def test_a_range_without_lines_has_no_shift():
    assert line_shift(WAVELENGTH - 400.0, sky(0.0)) is None


@given(st.integers(0, 20), st.integers(0, 3))
def test_the_median_of_rows_is_that_of_numpy(half, lost):
    band = np.random.default_rng(half).normal(size=(2 * half + 1, 9))
    band[0, :lost] = np.nan
    np.testing.assert_array_equal(_median_row(band), np.median(band, axis=0))
