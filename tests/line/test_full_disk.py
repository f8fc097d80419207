"""A full disk is told like any other reason, and room makes it good."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager

import pytest
from nightwork import (
    ARC,
    BIAS,
    DATE,
    FLAT,
    data_sums,
    half_written,
    is_root,
    make_workspace,
    phoenix,
    reasons,
    states,
)

pytestmark = [pytest.mark.recipes, pytest.mark.slow]


@contextmanager
def small_disk(folder, megabytes):
    if not is_root():
        pytest.skip("only root can mount a small file system")
    folder.mkdir()
    if mount(folder, megabytes):
        pytest.skip("this machine does not let us mount a small file system")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)  # noqa: S607 - as mount below


def mount(folder, megabytes, how="size"):
    command = ["mount", "-t", "tmpfs", "-o", f"{how}={megabytes}m", "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode


def test_a_full_disk_is_told_and_room_makes_it_good(raw_night, undisturbed, tmp_path):
    disk = tmp_path / "disk"
    with small_disk(disk, 80):
        folder = make_workspace(disk / "work", raw_night)
        done = phoenix("run", "-w", folder, "-d", DATE)
        assert done.returncode == 1, done.stderr
        assert states(folder)[BIAS] == "successful"
        assert reasons(folder)[FLAT].startswith("disk full: ")
        assert reasons(folder)[ARC].startswith(f"{FLAT} (failed: disk full: ")
        assert half_written(folder) == []
        mount(disk, 400, "remount,size")
        done = phoenix("rerun", "-w", folder, "-d", DATE, "--failed")
        assert done.returncode == 0, done.stderr
        assert half_written(folder) == []
        found = data_sums(folder)
        assert found == {name: undisturbed.data[name] for name in found}
        shutil.rmtree(folder)
