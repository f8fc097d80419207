"""What the benchmarks of whole nights share: facts, a raw night, a workspace, a stopwatch."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

__all__ = [
    "DATE",
    "NIGHTS",
    "PHOENIX",
    "Night",
    "Spent",
    "add_night_options",
    "is_own",
    "manifests",
    "new_workspace",
    "raw_night",
    "stopwatch",
]

DATE = "2020-01-01"
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
PHOENIX = (sys.executable, "-m", "phoenix")


class Night(NamedTuple):
    """What the benchmarks must be told of an instrument's simulated night.

    Attributes
    ----------
    process : str
        What is run.
    stems : mapping of str to str
        How its recipes call the file of a PRO.CATG that other recipes read: the begin of both;
        the rest of the name is that of the PRO.CATG in small letters.
    """

    process: str
    stems: Mapping[str, str]


NIGHTS = {
    "giraffe": Night("GIRAFFE_MOS", {"": ""}),
    "uves": Night(
        "UVES_ECH",
        {
            "MASTER_BIAS": "masterbias",
            "ORDER_GUESS_TAB": "orderguesstable",
            "LINE_GUESS_TAB": "lineguesstable",
            "ORDER_TABLE": "ordertable",
            "MASTER_FLAT": "masterflat",
            "LINE_TABLE": "linetable",
            "INSTR_RESPONSE_FINE": "response_fine",
        },
    ),
}
"""Instrument to its night. Of UVES, the small one has frames of both arms in 2x2 binning."""


def add_night_options(parser: argparse.ArgumentParser) -> None:
    """Let a script be told of which instrument the night is, how large, and on which disk."""
    parser.add_argument("--instrument", choices=tuple(NIGHTS), default="giraffe")
    parser.add_argument("--size", choices=("full", "small"), default="full")
    parser.add_argument("--folder", type=Path, help="on the disk to be used; default: temporary")


class Spent(NamedTuple):
    """Seconds of wall and of CPU time, of a command and of everything that it started."""

    wall: float
    cpu: float


def stopwatch(command: Sequence[str], folder: Path | None = None) -> Spent:
    """Run a command to its end; its words are kept for the case that it fails."""
    before, began = _cpu_of_children(), time.monotonic()
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=_environment()
    )
    spent = Spent(time.monotonic() - began, _cpu_of_children() - before)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return spent


def _environment() -> dict[str, str]:
    """Return the environment of a user: modules are compiled once and not with every call."""
    return {name: value for name, value in os.environ.items() if name != NO_BYTECODE}


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def raw_night(folder: Path, instrument: str, size: str) -> Path:
    """Simulate a night and return its folder."""
    night = folder / "night"
    command = ("simulate", instrument, "--date", DATE, "--out", str(night), "--size", size)
    stopwatch((*PHOENIX, *command))
    return night


def new_workspace(folder: Path, instrument: str, night: Path) -> Path:
    """Make an empty workspace that takes its files from a raw night."""
    shutil.rmtree(folder, ignore_errors=True)
    process = NIGHTS[instrument].process
    command = ("init", str(folder), "--process", process, "--repository", str(night))
    stopwatch((*PHOENIX, *command))
    return folder


def manifests(work: Path) -> dict[str, dict[str, Any]]:
    """Return what is recorded of the ABs of a night that was run, by root."""
    paths = sorted((work / "products" / DATE).glob("*/manifest.json"))
    return {path.parent.name: json.loads(path.read_text("utf-8")) for path in paths}


def is_own(manifest: dict[str, Any]) -> bool:
    """Whether a recipe is one of phoenix, in Python, which the pipelines have not."""
    return Path(manifest["command"][0]).name != "esorex"
