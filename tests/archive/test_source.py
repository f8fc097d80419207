from __future__ import annotations

import gzip
import os

import numpy as np
import pytest
from astropy.io import fits

from phoenix.archive.source import FolderSource, check_fits, fetch
from phoenix.errors import ArchiveError

BELOW = "raw/2020-01-01/GIRAF.2020-01-02T00:00:00.000.fits"


@pytest.fixture
def source(tmp_path):
    return FolderSource(tmp_path / "source")


@pytest.fixture
def workspace(tmp_path):
    return tmp_path / "workspace"


def put(source, content, below=BELOW):
    path = source.root / below
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_raw_frame_is_linked_not_copied(source, workspace, fits_bytes):
    path = put(source, fits_bytes())
    got = fetch([source], BELOW, workspace)
    assert got == workspace / BELOW
    assert got.samefile(path)


def test_a_source_on_another_file_system_is_copied(source, workspace, fits_bytes, monkeypatch):
    path = put(source, fits_bytes())
    os.utime(path, ns=(1, 10**18))

    def no_link(*_arguments):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", no_link)
    got = fetch([source], BELOW, workspace)
    assert got.read_bytes() == path.read_bytes()
    assert not got.samefile(path)
    assert got.stat().st_mtime_ns == 10**18


def test_a_second_source_is_asked_after_the_first(source, workspace, tmp_path, fits_bytes):
    put(source, fits_bytes())
    got = fetch([FolderSource(tmp_path / "empty"), source], BELOW, workspace)
    assert got.is_file()


def test_a_file_that_is_there_is_not_fetched_again(source, workspace, fits_bytes):
    first = put(source, fits_bytes())
    fetch([source], BELOW, workspace)
    first.unlink()
    assert fetch([], BELOW, workspace).is_file()


def test_a_missing_file_says_where_it_was_looked_for(source, workspace):
    with pytest.raises(ArchiveError) as caught:
        fetch([source], BELOW, workspace)
    for word in (BELOW, str(source.root), str(workspace), ".fz"):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda content: b"", "an empty file"),
        (lambda content: b"<!DOCTYPE html><title>Log in</title>", "HTML page"),
        (lambda content: content[:2880], "the end of the file inside the data"),
        (lambda content: content[:4000], "the end of the file inside the data"),
        (lambda content: content[:240], "no END"),
        (lambda content: content + b"xyz", "multiple of 2880"),
    ],
)
def test_what_is_no_whole_fits_file_does_not_enter(source, workspace, fits_bytes, spoil, words):
    put(source, spoil(fits_bytes()))
    with pytest.raises(ArchiveError, match=words):
        fetch([source], BELOW, workspace)
    assert [path for path in workspace.rglob("*") if path.is_file()] == []


def test_a_cut_file_in_the_workspace_is_told_unless_a_source_has_it_whole(
    source, workspace, fits_bytes
):
    path = fetch_good(source, workspace, fits_bytes)
    path.unlink()
    path.write_bytes(fits_bytes()[:3000])
    with pytest.raises(ArchiveError, match="cut"):
        fetch([], BELOW, workspace)
    assert fetch([source], BELOW, workspace).read_bytes() == fits_bytes()


def fetch_good(source, workspace, fits_bytes):
    put(source, fits_bytes())
    return fetch([source], BELOW, workspace)


def test_a_gzipped_frame_is_unpacked(source, workspace, fits_bytes):
    put(source, gzip.compress(fits_bytes()), f"{BELOW}.gz")
    assert fetch([source], BELOW, workspace).read_bytes() == fits_bytes()


def compress(content: bytes) -> bytes:
    """Write the form of ``compress``: codes of 9 bits, lowest bit first.

    Literals only; code 256 empties the table before codes would need ten bits.
    """
    groups = (content[at : at + 199] for at in range(0, len(content), 199))
    codes = (code for group in groups for code in (*group, 256))
    bits = "".join(f"{code:09b}"[::-1] for code in codes)
    packed = (int(bits[at : at + 8].ljust(8, "0")[::-1], 2) for at in range(0, len(bits), 8))
    return b"\x1f\x9d\x90" + bytes(packed)


def test_a_compressed_frame_is_unpacked(source, workspace, fits_bytes):
    put(source, compress(fits_bytes()), f"{BELOW}.Z")
    assert fetch([source], BELOW, workspace).read_bytes() == fits_bytes()


def test_a_broken_compressed_frame_is_a_reason(source, workspace):
    put(source, b"\x1f\x9d\x90broken", f"{BELOW}.Z")
    with pytest.raises(ArchiveError):
        fetch([source], BELOW, workspace)


def test_a_cut_gzipped_frame_is_a_reason(source, workspace, fits_bytes):
    put(source, gzip.compress(fits_bytes())[:-20], f"{BELOW}.gz")
    with pytest.raises(ArchiveError, match="broken compressed file"):
        fetch([source], BELOW, workspace)
    assert [path for path in workspace.rglob("*") if path.is_file()] == []


def test_a_tile_compressed_frame_becomes_the_original(source, workspace, tmp_path):
    pixels = np.random.default_rng(1).integers(0, 60000, (40, 50)).astype(np.uint16)
    primary = fits.PrimaryHDU(pixels)
    primary.header["HIERARCH ESO DPR CATG"] = "CALIB"
    table = fits.BinTableHDU.from_columns(
        [fits.Column("OBJECT", "5A", array=["a", "b"])], name="OzPoz_table"
    )
    packed = fits.CompImageHDU(pixels, primary.header)
    path = tmp_path / "packed.fits.fz"
    fits.HDUList([fits.PrimaryHDU(), packed, table]).writeto(path)
    put(source, path.read_bytes(), f"{BELOW}.fz")
    with fits.open(fetch([source], BELOW, workspace)) as hdus:
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "OZPOZ_TABLE"]
        assert np.array_equal(hdus[0].data, pixels)
        assert hdus[0].header["ESO DPR CATG"] == "CALIB"


def test_a_broken_tile_compressed_frame_is_a_reason(source, workspace):
    put(source, b"SIMPLE  = nothing", f"{BELOW}.fz")
    with pytest.raises(ArchiveError):
        fetch([source], BELOW, workspace)


def test_an_unreadable_source_is_the_archives_fault(source, workspace, fits_bytes, monkeypatch):
    put(source, fits_bytes())

    def refuse(*_arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("phoenix.archive.source._link_or_copy", refuse)
    with pytest.raises(ArchiveError, match="Permission denied"):
        fetch([source], BELOW, workspace)


def test_a_whole_file_passes(source, fits_bytes):
    check_fits(put(source, fits_bytes()))


def test_a_broken_file_is_named_by_its_place_in_the_source(tmp_path):
    source, workspace = tmp_path / "source", tmp_path / "workspace"
    broken = source / "raw" / "2020-01-01" / "x.fits"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"<html>please log in</html>")
    with pytest.raises(ArchiveError) as told:
        fetch((FolderSource(source),), "raw/2020-01-01/x.fits", workspace)
    assert str(broken) in str(told.value)
    assert ".part" not in str(told.value)


def summed(path, shape=(37, 53)):
    """Write frame, table and image with the sums of astropy."""
    rng = np.random.default_rng(1)
    table = fits.BinTableHDU.from_columns([fits.Column("FPS", "J", array=np.arange(7))])
    frame = fits.PrimaryHDU(rng.integers(0, 60000, shape).astype(np.uint16))
    image = fits.ImageHDU(rng.normal(size=shape).astype(np.float32))
    fits.HDUList([frame, table, image]).writeto(path, checksum=True)
    return path.read_bytes()


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_with_the_sums_that_it_tells_is_taken(source, workspace, tmp_path, packed):
    content = summed(tmp_path / "whole.fits")
    put(source, gzip.compress(content) if packed else content, BELOW + (".gz" if packed else ""))
    assert fetch([source], BELOW, workspace).read_bytes() == content


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("hdu", [0, 1, 2])
def test_data_that_were_changed_on_their_way_are_refused(source, workspace, tmp_path, hdu, packed):
    content = bytearray(summed(tmp_path / "whole.fits"))
    with fits.open(tmp_path / "whole.fits") as hdus:
        content[hdus[hdu].fileinfo()["datLoc"] + 9] ^= 1
    text = bytes(content)
    put(source, gzip.compress(text) if packed else text, BELOW + (".gz" if packed else ""))
    with pytest.raises(ArchiveError, match=rf"HDU {hdu}: found data with the sum"):
        fetch([source], BELOW, workspace)
    assert not (workspace / BELOW).exists()


def test_a_keyword_that_was_changed_later_is_no_damage(source, workspace, tmp_path):
    content = summed(tmp_path / "whole.fits")
    put(
        source,
        content.replace(b"EXTEND  =                    T", b"EXTEND  =                    F"),
    )
    assert fetch([source], BELOW, workspace).is_file()


def test_of_a_product_a_wrong_sum_is_told_and_it_is_taken(source, workspace, tmp_path, caplog):
    table = fits.BinTableHDU.from_columns([fits.Column("FPS", "J", array=np.arange(7))])
    table.header["DATASUM"] = "1"
    primary = fits.PrimaryHDU()
    primary.header["HIERARCH ESO PRO CATG"] = "SPECTRAL_FORMAT_TAB"
    fits.HDUList([primary, table]).writeto(tmp_path / "table.fits")
    put(source, (tmp_path / "table.fits").read_bytes())
    assert fetch([source], BELOW, workspace).is_file()
    assert "HDU 1: found data with the sum" in caplog.text
