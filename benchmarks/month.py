"""How busy several nights keep a machine: seconds of jobs / (cores x wall, first to last job).

`phoenix run -P` of a month of small simulated nights with their historical ABs, in a new
workspace. Wall time counts from the begin of the first job to the end of the last; between them
the nights are prepared, measured, drawn and shown on the pages, one begun before the other ends.

    python benchmarks/month.py [--instrument giraffe] [--nights 8] [--whole] [--folder DIR]
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import NamedTuple

from nights import NIGHTS, PHOENIX, new_workspace, stopwatch

from phoenix import ProductionLine

WORKERS = os.cpu_count() or 1
MONTH = "2020-01"


class Busy(NamedTuple):
    """Seconds of all jobs, wall seconds from the first to the last, and the number of jobs."""

    jobs: float
    wall: float
    number: int


def busy(work: Path) -> Busy:
    """Return how busy the jobs of a workspace were."""
    with ProductionLine(work) as line:
        spans = [
            (row.started.timestamp(), row.ended.timestamp())
            for row in line.store.jobs.rows()
            if row.started and row.ended
        ]
    wall = max(end for _, end in spans) - min(begin for begin, _ in spans)
    return Busy(sum(end - begin for begin, end in spans), wall, len(spans))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--instrument", choices=tuple(NIGHTS), default="giraffe")
    parser.add_argument("--nights", type=int, default=8)
    parser.add_argument("--whole", action="store_true", help="certify and finish the nights too")
    parser.add_argument("--folder", type=Path, help="on the disk to be used; default: temporary")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        raw = Path(name) / "raw"
        for day in range(1, options.nights + 1):
            words = ("--date", f"{MONTH}-{day:02d}", "--out", str(raw), "--size", "small")
            stopwatch((*PHOENIX, "simulate", options.instrument, *words))
        work = new_workspace(Path(name) / "work", options.instrument, raw)
        stop = () if options.whole else ("-P",)
        spent = stopwatch((*PHOENIX, "run", "-w", str(work), "-m", MONTH, *stop))
        found = busy(work)
    share = found.jobs / (WORKERS * found.wall)
    print(f"{options.nights} small nights of {options.instrument}, {WORKERS} cores")
    print(f"{found.number} jobs of {found.jobs:.1f} s in {found.wall:.1f} s: busy {share:.3f}")
    print(f"the whole command: {spent.wall:.1f} s wall, {spent.cpu:.1f} s of CPU")


if __name__ == "__main__":
    main()
