"""A small file may unpack to any size: the validator looks at so much and no more."""

from __future__ import annotations

import gzip

import pytest

from phoenix.phase3 import fitsfile


def test_what_unpacks_to_more_than_any_frame_is_a_finding(tmp_path, monkeypatch):
    path = tmp_path / "a.fits"
    path.write_bytes(gzip.compress(b"SIMPLE  =" + b"\0" * 5_000_000))
    monkeypatch.setattr(fitsfile, "MOST_UNZIPPED", 3_000_000)
    (fault,) = fitsfile.read_fits(path).faults
    assert fault.rule == "fits-truncated"
    assert "3000000 bytes unpacked" in str(fault)


def test_a_zipped_file_is_judged_as_what_is_in_it(tmp_path):
    path = tmp_path / "a.fits"
    path.write_bytes(gzip.compress(b"no FITS at all"))
    (fault,) = fitsfile.read_fits(path).faults
    assert fault.rule == "fits-signature"


@pytest.mark.parametrize("content", [b"", b"SIMPLE"])
def test_an_empty_zipped_file_is_no_fits_file(tmp_path, content):
    path = tmp_path / "a.fits"
    path.write_bytes(gzip.compress(content))
    assert [fault.rule for fault in fitsfile.read_fits(path).faults] == ["fits-signature"]
