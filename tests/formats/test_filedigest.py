"""Checksums of files."""

from __future__ import annotations

import hashlib
import os

import pytest

from phoenix.formats.filedigest import file_digest, read_digest


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_a_checksum_is_that_of_the_content(tmp_path, algorithm):
    path = tmp_path / "a"
    path.write_bytes(b"content")
    assert file_digest(path, algorithm) == hashlib.new(algorithm, b"content").hexdigest()


def test_a_file_written_again_has_a_new_checksum(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"one")
    before = file_digest(path, "md5")
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 1))
    assert file_digest(path, "md5") != before


def test_a_file_is_read_again_where_its_name_proves_nothing(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"one")
    facts = path.stat()
    before = file_digest(path, "md5")
    path.write_bytes(b"two")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert file_digest(path, "md5") == before
    assert read_digest(path, "md5") != before


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        file_digest(tmp_path / "a", "md5")
