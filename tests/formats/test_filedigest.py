"""Checksums of files."""

from __future__ import annotations

import hashlib
import os

import pytest

from phoenix.formats.filedigest import copy_with_digest, file_digest, read_digest


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


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1])
def test_a_copy_has_the_content_and_its_checksum(tmp_path, size):
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(os.urandom(size))
    assert copy_with_digest(source, target, "sha256") == read_digest(source, "sha256")
    assert target.read_bytes() == source.read_bytes()


def test_a_copy_is_not_written_over_a_file(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(name.encode())
    with pytest.raises(FileExistsError):
        copy_with_digest(tmp_path / "a", tmp_path / "b", "md5")
    assert (tmp_path / "b").read_bytes() == b"b"
