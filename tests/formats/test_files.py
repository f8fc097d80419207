"""Files that outlive a power cut: content first, then names, and no more calls than it takes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from phoenix.formats.filedigest import read_digest
from phoenix.formats.files import (
    copy_plain,
    read_plain,
    read_plain_text,
    rename_durably,
    sync,
    sync_all,
)
from phoenix.formats.fits.headers import read_header
from phoenix.formats.fits.sums import check_data_sums


@pytest.fixture
def calls(monkeypatch):
    """Record what is written to the disk and renamed, in order."""
    found = []
    fsync, rename = os.fsync, os.rename

    def syncing(descriptor):
        found.append(("sync", Path(f"/proc/self/fd/{descriptor}").readlink().name))
        fsync(descriptor)

    def renaming(source, target, **more):
        found.append(("rename", os.fspath(target).rpartition("/")[2]))
        rename(source, target, **more)

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(os, "rename", renaming)
    return found


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no /proc")
def test_a_folder_is_published_by_content_then_name_then_the_name_of_its_folder(tmp_path, calls):
    draft = tmp_path / "draft"
    draft.mkdir()
    delivered = [draft / "a.fits", draft / "b.fits"]
    for path in delivered:
        path.write_text("x")
    sync_all(delivered)
    rename_durably(draft, tmp_path / "AB")
    assert calls == [
        ("sync", "a.fits"),
        ("sync", "b.fits"),
        ("rename", "AB"),
        ("sync", tmp_path.name),
    ]


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path):
    (tmp_path / "target").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="symbolic links"):
        sync(tmp_path / "link")


# ---- what is no plain file ---------------------------------------------------------------------


def test_a_plain_file_and_a_link_to_one_are_read(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"one\r\ntwo\n")
    (tmp_path / "link").symlink_to("a.txt")
    assert read_plain(tmp_path / "link") == b"one\r\ntwo\n"
    assert read_plain_text(tmp_path / "a.txt") == "one\ntwo\n"
    copy_plain(tmp_path / "link", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"one\r\ntwo\n"


@pytest.mark.parametrize("read", [read_plain, read_plain_text, read_header, check_data_sums])
def test_who_reads_a_fifo_is_told_and_does_not_wait(tmp_path, read):
    os.mkfifo(tmp_path / "x.fits")
    with pytest.raises(OSError, match="a FIFO, no plain file") as told:
        read(tmp_path / "x.fits")
    assert told.value.filename == str(tmp_path / "x.fits")


@pytest.mark.parametrize("copy", [copy_plain, lambda path, _: read_digest(path, "md5")])
def test_a_device_without_end_is_not_read(tmp_path, copy):
    (tmp_path / "zeros").symlink_to("/dev/zero")
    with pytest.raises(OSError, match="a device, no plain file"):
        copy(tmp_path / "zeros", tmp_path / "copy")


def test_a_folder_in_the_place_of_a_file_is_told_as_one(tmp_path):
    with pytest.raises(IsADirectoryError):
        read_plain(tmp_path)
