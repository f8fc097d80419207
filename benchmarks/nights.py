"""What the benchmarks of whole nights share: a raw night, a workspace, and a stopwatch."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["DATE", "PHOENIX", "Spent", "new_workspace", "raw_night", "stopwatch"]

DATE = "2020-01-01"
PHOENIX = (sys.executable, "-m", "phoenix")


class Spent(NamedTuple):
    """Seconds of wall and of CPU time, of a command and of everything that it started."""

    wall: float
    cpu: float


def stopwatch(command: Sequence[str], folder: Path | None = None) -> Spent:
    """Run a command to its end; its words are kept for the case that it fails."""
    before, began = _cpu_of_children(), time.monotonic()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    spent = Spent(time.monotonic() - began, _cpu_of_children() - before)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return spent


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def raw_night(folder: Path, size: str) -> Path:
    """Simulate a GIRAFFE night and return its folder."""
    night = folder / "night"
    command = ("simulate", "giraffe", "--date", DATE, "--out", str(night), "--size", size)
    stopwatch((*PHOENIX, *command))
    return night


def new_workspace(folder: Path, night: Path) -> Path:
    """Make an empty workspace that takes its files from a raw night."""
    shutil.rmtree(folder, ignore_errors=True)
    command = ("init", str(folder), "--process", "GIRAFFE_MOS", "--repository", str(night))
    stopwatch((*PHOENIX, *command))
    return folder
