"""How often files and folders are written to the disk for good (fsync): calls are counted.

A small simulated night is run, finished, converted and ingested with the true recipes, every step
in this one process, so that every call is seen. The promise: at most one call for each delivered
file (products that are kept, IDPs, ancillaries, archived contents) and four for each AB.

    python benchmarks/syncs.py [--instrument giraffe] [--folder DIR]
"""

from __future__ import annotations

import argparse
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from nights import DATE, NIGHTS, new_workspace, raw_night

from phoenix import ProductionLine
from phoenix.engine import Batch, Cluster, Done, Job
from phoenix.engine.frontier import Frontier
from phoenix.line.delivery import convert
from phoenix.line.night import nights

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable

    from phoenix.engine import Change

PER_BLOCK = 4


class Calls(NamedTuple):
    """Calls of fsync and fdatasync, for files and for folders."""

    files: int
    folders: int


class Counter:
    """Stands for ``os.fsync``: counts, and does it."""

    def __init__(self) -> None:
        self.files = self.folders = 0
        self._real = os.fsync

    def __call__(self, descriptor: int) -> None:
        """Count a call, and do it."""
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            self.folders += 1
        else:
            self.files += 1
        self._real(descriptor)

    def taken(self) -> Calls:
        """Return what was counted since the last time."""
        calls = Calls(self.files, self.folders)
        self.files = self.folders = 0
        return calls


def run_here(
    jobs: Iterable[Job],
    work: Callable[[Any], Done],
    _cluster: Cluster,
    on_change: Callable[[tuple[Change, ...]], None],
    clock: Callable[[], dt.datetime],
    *,
    more: Callable[[], Batch | None] = lambda: None,
    **_told: object,
) -> None:
    """Stand for the engine: do every job in this process, one after the other; tell nothing."""
    frontier = Frontier()
    on_change(tuple(frontier.add(Batch(tuple(jobs)), clock())))
    while True:
        while (batch := more()) is not None:
            on_change(tuple(frontier.add(batch, clock())))
        if frontier.finished:
            return
        for job in frontier.take(1):
            on_change(tuple(frontier.end(job.key, work(job.payload), clock())))


def report(what: str, calls: Calls, delivered: int, blocks: int) -> bool:
    """Print one line; say whether the promise holds."""
    most = delivered + PER_BLOCK * blocks
    total = calls.files + calls.folders
    print(
        f"{what:24} {calls.files:6d} {calls.folders:8d}   {delivered:9d} {blocks:4d}   "
        f"{total:5d} of at most {most}"
    )
    return total <= most


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--instrument", choices=tuple(NIGHTS), default="giraffe")
    parser.add_argument("--folder", type=Path, help="on the disk to be used; default: temporary")
    options = parser.parse_args()
    counter = Counter()
    with (
        tempfile.TemporaryDirectory(dir=options.folder) as name,
        patch.object(os, "fsync", counter),
        patch.object(nights, "run_jobs", run_here),
        patch.object(convert, "run_jobs", run_here),
    ):
        night = raw_night(Path(name), options.instrument, "small")
        work = new_workspace(Path(name) / "work", options.instrument, night)
        counter.taken()
        good = []
        print("                          files  folders   delivered  ABs   calls")
        with ProductionLine(work) as line:
            (done,) = line.run(DATE)
            kept = [row for row in line.store.products.rows() if row.final_name]
            blocks = len(done.names)
            good.append(report("run and finish", counter.taken(), len(kept), blocks))
            line.convert(DATE)
            idps = [path for path in (work / "reduced").glob("*/idp/*/*") if path.is_file()]
            science = len({path.parent for path in idps})
            good.append(report("convert", counter.taken(), len(idps), science))
            line.ingest(DATE)
            contents = list((work / "archive" / "content").glob("*/*"))
            good.append(report("ingest", counter.taken(), len(contents), science))
    if not all(good):
        sys.exit("more calls than promised")


if __name__ == "__main__":
    main()
