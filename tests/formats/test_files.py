"""Files that outlive a power cut: content first, then names, and no more calls than it takes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from phoenix.formats.files import rename_durably, sync, sync_all


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
