"""Raw frames on disk."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from phoenix.model.idp import Card
from phoenix.simulate.raw import counts_hdu, folder, image_hdu, write_fits

COUNTS = np.array([[0, 1, 32767], [32768, 65534, 65535]], dtype=np.uint16)


@pytest.mark.parametrize("kind", [fits.PrimaryHDU, fits.ImageHDU])
def test_counts_come_back_as_they_were_written(kind, tmp_path):
    image = counts_hdu([Card("OBJECT", "FLAT", "")], COUNTS, kind)
    hdus = [image] if kind is fits.PrimaryHDU else [image_hdu([]), image]
    path = write_fits(tmp_path / "raw.fits", hdus)
    with fits.open(path) as read:
        assert (read[-1].data == COUNTS).all()
        assert read[-1].header["OBJECT"] == "FLAT"


def test_the_scale_of_counts_is_a_floating_point_card(tmp_path):
    path = write_fits(tmp_path / "raw.fits", [counts_hdu([], COUNTS)])
    text = path.read_bytes()[:2880].decode("ascii")
    assert "BSCALE  =                  1.0" in text
    assert "BZERO   =              32768.0" in text


def test_no_part_of_a_file_is_left_beside_it(tmp_path):
    write_fits(tmp_path / "raw.fits", [counts_hdu([], COUNTS)])
    assert [path.name for path in tmp_path.iterdir()] == ["raw.fits"]


def test_a_folder_is_made_with_all_above_it(tmp_path):
    assert folder(tmp_path, "raw", "2020-01-01").is_dir()
    assert folder(tmp_path, "raw", "2020-01-01") == tmp_path / "raw" / "2020-01-01"
