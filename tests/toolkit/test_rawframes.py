"""QC of raw files."""

from __future__ import annotations

import numpy as np
import pytest

from phoenix.toolkit.rawframes import (
    evenness,
    level_spread,
    light_level,
    measure_raw_files,
    repeated_frames,
    shared_light,
)


@pytest.fixture
def raw(image):
    """A frame with prescan and overscan of two columns, level 100, and light."""

    def write(name, light):
        pixels = np.full((16, 20), 100, dtype=np.float32)
        pixels[:, 2:-2] += light
        extra = {"HIERARCH_ESO_DET_OUT1_PRSCX": 2, "HIERARCH_ESO_DET_OUT1_OVSCX": 2}
        return image(name, pixels, TEMP=11.5, **extra)

    return write


def test_files_saturated_pixels_and_keywords_are_measured(raw):
    paths = [raw("a.fits", 0.0), raw("b.fits", 60000.0)]
    keywords = {"TEMPERATURE": "TEMP", "PRESSURE": "NONE"}
    found = {row.parameter: row.value for row in measure_raw_files(paths, 60000.0, keywords)}
    assert found == {
        "NUM_RAW": 2,
        "NUM_SAT": 16 * 16,
        "TPL_PART": None,
        "TEMPERATURE": 11.5,
        "PRESSURE": None,
    }


def test_without_files_nothing_is_known_but_their_number():
    found = {row.parameter: row.value for row in measure_raw_files([], 1.0, {"T": "TEMP"})}
    assert found == {"NUM_RAW": 0, "NUM_SAT": None, "TPL_PART": None, "T": None}


def test_the_level_of_the_light_is_above_the_prescan(raw):
    assert light_level(raw("a.fits", 50.0)) == 50.0
    assert light_level(raw("b.fits", -50.0)) == 0.0


def test_evenness_compares_the_faintest_with_the_brightest(raw):
    assert evenness([raw("a.fits", 30.0), raw("b.fits", 40.0)]) == 0.75


def test_dark_frames_have_no_evenness(raw):
    assert evenness([raw("a.fits", 0.0)]) is None
    assert evenness([]) is None


def test_a_frame_that_is_another_one_is_counted(raw):
    first, second = raw("a.fits", 1.0), raw("b.fits", 2.0)
    copy = first.with_name("c.fits")
    copy.write_bytes(first.read_bytes())
    assert repeated_frames([first, second]) == 0
    assert repeated_frames([first, second, copy]) == 1


def test_the_frame_that_is_not_like_the_others_stands_out(raw):
    paths = [raw(f"{number}.fits", 10.0) for number in range(4)]
    assert level_spread(paths) == pytest.approx(0.0)
    assert level_spread([*paths, raw("lit.fits", 60.0)]) > 1.0
    assert level_spread([]) is None


def test_light_is_shared_by_neighbouring_rows_and_noise_is_not(image):
    rng = np.random.default_rng(7)
    noise = rng.normal(200, 3, (200, 300)) + rng.normal(0, 2, 300) + rng.normal(0, 2, (200, 1))
    noise[rng.random(noise.shape) < 0.001] += 5000.0
    rows, columns = np.mgrid[:200, :300]
    trace = 10.0 * np.exp(-0.5 * ((columns - 100 - 0.2 * rows) / 2.0) ** 2)
    dark, lit = image("dark.fits", noise), image("lit.fits", noise + trace)
    assert abs(shared_light(dark)) < 0.03
    assert shared_light(lit) > 0.05


def test_a_frame_of_one_value_shares_nothing(image):
    assert shared_light(image("flat.fits", np.full((6, 5), 200, np.uint16))) == 0.0
