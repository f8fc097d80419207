"""Packed frames are unpacked in pieces, and not without bound."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from phoenix.archive import unpack as unpack_module
from phoenix.errors import ArchiveError


@pytest.mark.parametrize("program", ["gzip", "compress"])
def test_what_unpacks_to_more_than_any_frame_is_refused(tmp_path, monkeypatch, program):
    if shutil.which(program) is None:
        pytest.skip(f"no {program}")
    plain = tmp_path / "a.fits"
    plain.write_bytes(b"\0" * 5_000_000)
    subprocess.run([program, "-f", str(plain)], check=True)
    (packed,) = tmp_path.glob("a.fits.*")
    monkeypatch.setattr(unpack_module, "MOST_UNPACKED", 3_000_000)
    with pytest.raises(ArchiveError, match="more than 3000000 bytes unpacked"):
        unpack_module.unpack(packed, tmp_path / "b.fits")
