"""Packed frames are unpacked in pieces, and not without bound."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import tracemalloc

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


def test_a_tiled_image_is_unpacked_in_pieces(tmp_path):
    packed = tmp_path / "a.fits.fz"
    pixels = np.zeros((2000, 25_000), "i2")
    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(pixels)]).writeto(packed)
    del pixels
    tracemalloc.start()
    try:
        unpack(packed, tmp_path / "b.fits")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (tmp_path / "b.fits").stat().st_size > 100_000_000
    assert peak < 60_000_000


def test_a_tile_that_is_larger_than_an_image_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("phoenix.archive.unpack._LARGEST_TILE", 1000)
    packed = tmp_path / "a.fits.fz"
    image = fits.CompImageHDU(np.zeros((100, 100), "i2"), tile_shape=(10, 100))
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(packed)
    with pytest.raises(ArchiveError, match="found tiles of 2000 bytes, expected at most 1000"):
        unpack(packed, tmp_path / "b.fits")


@pytest.mark.parametrize("kind", ["u2", "i4", "f4", "u1"])
@pytest.mark.parametrize("shape", [(103, 50), (7, 30, 20)])
def test_an_unpacked_image_is_the_one_that_was_packed(kind, shape, tmp_path):
    packed, plain = tmp_path / "a.fits.fz", tmp_path / "a.fits"
    pixels = np.random.default_rng(1).integers(0, 200, shape).astype(kind)
    image = fits.CompImageHDU(
        pixels, fits.Header({"OBJECT": "sky"}), compression_type="GZIP_2", quantize_level=0
    )
    table = fits.BinTableHDU.from_columns([fits.Column("a", "J", array=[1, 2, 3])], name="T")
    fits.HDUList([fits.PrimaryHDU(), image, table]).writeto(packed)
    unpack(packed, plain)
    with fits.open(plain, checksum=True) as hdus:
        hdus.verify("exception")
        assert hdus[1].data.dtype.kind == np.dtype(kind).kind
        assert np.array_equal(hdus[1].data, pixels)
        assert hdus[1].header["OBJECT"] == "sky"
        assert list(hdus["T"].data["a"]) == [1, 2, 3]


def test_a_source_says_how_much_its_files_may_unpack_to(tmp_path):
    packed = tmp_path / "source" / "raw" / "a.fits.gz"
    packed.parent.mkdir(parents=True)
    packed.write_bytes(gzip.compress(b"\0" * 5_000_000))
    (tmp_path / "work").mkdir()
    with pytest.raises(ArchiveError, match="more than 1000 bytes unpacked"):
        fetch([FolderSource(tmp_path / "source", 1000)], "raw/a.fits", tmp_path / "work")
