"""Packed frames are unpacked in pieces, and not without bound."""

from __future__ import annotations

import gzip
import shutil
import subprocess

import numpy as np
import pytest
from astropy.io import fits

from phoenix.archive.source import FolderSource, fetch
from phoenix.archive.unpack import unpack
from phoenix.errors import ArchiveError


@pytest.mark.parametrize("program", ["gzip", "compress"])
def test_what_unpacks_to_more_than_any_frame_is_refused(tmp_path, program):
    if shutil.which(program) is None:
        pytest.skip(f"no {program}")
    plain = tmp_path / "a.fits"
    plain.write_bytes(b"\0" * 5_000_000)
    subprocess.run([program, "-f", str(plain)], check=True)
    (packed,) = tmp_path.glob("a.fits.*")
    with pytest.raises(
        ArchiveError, match=r"more than 3000000 bytes unpacked.*limits\.unpacked_gb"
    ):
        unpack(packed, tmp_path / "b.fits", most=3_000_000)


def test_a_tiled_image_that_is_larger_than_any_frame_is_refused_before_its_tiles_are_read(
    tmp_path,
):
    packed = tmp_path / "a.fits.fz"
    image = fits.CompImageHDU(np.zeros((1000, 2000), "i2"))
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(packed)
    assert packed.stat().st_size < 100_000
    with pytest.raises(ArchiveError, match="more than 3000000 bytes unpacked"):
        unpack(packed, tmp_path / "b.fits", most=3_000_000)
    assert not (tmp_path / "b.fits").exists()
    unpack(packed, tmp_path / "b.fits", most=4_000_000)
    assert fits.getdata(tmp_path / "b.fits").shape == (1000, 2000)


def test_a_source_says_how_much_its_files_may_unpack_to(tmp_path):
    packed = tmp_path / "source" / "raw" / "a.fits.gz"
    packed.parent.mkdir(parents=True)
    packed.write_bytes(gzip.compress(b"\0" * 5_000_000))
    (tmp_path / "work").mkdir()
    with pytest.raises(ArchiveError, match="more than 1000 bytes unpacked"):
        fetch([FolderSource(tmp_path / "source", 1000)], "raw/a.fits", tmp_path / "work")
