"""Pixels and tables."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from phoenix.errors import DataError
from phoenix.toolkit.fits import read_image, read_middle, read_rows, read_table


@pytest.fixture
def path(tmp_path):
    counts = np.array([[0, 40000, 65535]], dtype=np.uint16)
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column("FPS", "1J", array=[1, 2]),
            fits.Column("OBJECT", "8A", array=["star", "sky"]),
        ],
        name="FIBER_SETUP",
    )
    file = tmp_path / "a.fits"
    fits.HDUList([fits.PrimaryHDU(counts), table]).writeto(file)
    return file


def test_raw_counts_come_as_unsigned_integers(path):
    image = read_image(path)
    assert image.dtype == np.uint16
    assert image.tolist() == [[0, 40000, 65535]]


@pytest.mark.parametrize("every", [1, 2, 3, 9])
def test_some_rows_are_those_of_the_whole_frame(tmp_path, every):
    frame = np.arange(35, dtype=np.uint16).reshape(7, 5) + 60000
    fits.PrimaryHDU(frame).writeto(tmp_path / "a.fits")
    rows = read_rows(tmp_path / "a.fits", 0, every)
    assert rows.dtype == np.uint16
    assert rows.tolist() == frame[::every].tolist()


@pytest.mark.parametrize("hdu", [1, "FIBER_SETUP"])
def test_a_table_has_no_rows_of_pixels(path, hdu):
    with pytest.raises(DataError, match="found no image, expected pixels"):
        read_rows(path, hdu, 2)


def test_an_empty_hdu_has_no_rows_of_pixels(tmp_path):
    fits.PrimaryHDU().writeto(tmp_path / "a.fits")
    with pytest.raises(DataError, match="found no image, expected pixels"):
        read_rows(tmp_path / "a.fits", 0, 2)


def test_a_table_is_found_by_name_and_comes_in_native_order(path):
    table = read_table(path, "FIBER_SETUP")
    assert table["FPS"].dtype.isnative
    assert table["FPS"].tolist() == [1, 2]
    assert table["OBJECT"].tolist() == ["star", "sky"]


def test_a_table_is_no_image(path):
    with pytest.raises(DataError, match=r"a\.fits\[1\]: found no image"):
        read_image(path, 1)


def test_an_image_is_no_table(path):
    with pytest.raises(DataError, match=r"a\.fits\[0\]: found no table"):
        read_table(path, 0)


def test_a_missing_extension_is_named(path):
    with pytest.raises(DataError, match=r"a\.fits\[LINES\]: cannot be read"):
        read_table(path, "LINES")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"gone\.fits\[0\]: cannot be read"):
        read_image(tmp_path / "gone.fits")


def test_a_table_with_letters_beyond_ascii_is_read_as_latin_1(shared_data):
    path = shared_data / "bug_reports" / "letters_in_table" / "fibres.fits"
    table = read_table(path, "FIBER_SETUP")
    assert any(not name.isascii() for name in table["OBJECT"].tolist())
    assert table["FPS"].dtype.isnative


def test_the_middle_of_a_frame_is_read_alone(tmp_path):
    frame = np.arange(60, dtype=np.float32).reshape(10, 6)
    fits.PrimaryHDU(frame).writeto(tmp_path / "frame.fits")
    assert (read_middle(tmp_path / "frame.fits", 0, 2) == frame[3:7]).all()
    assert (read_middle(tmp_path / "frame.fits", 0, 50) == frame).all()
