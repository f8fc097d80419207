"""What pages cost that are written while a run goes on, in CPU time.

A night is run, through the true recipes; each writing of its pages is timed, and so is all the CPU
time of the run and of everything that it started. A second table tells what one writing takes of a
night of so many ABs, which is the same night many times over in the store: that, every 20 s, is
the share of one core that a long run pays.

    python benchmarks/live_pages.py [--size full] [--folder DIR] [--abs 100]
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve
from nights import DATE, NIGHTS, add_night_options, new_workspace, raw_night

from phoenix import ProductionLine
from phoenix.engine.lock import lock_of, night_lock
from phoenix.formats.abfile import write_ab
from phoenix.line import pages
from phoenix.model.report import JobState
from phoenix.model.workspace import Workspace
from phoenix.monitor import write_night
from phoenix.store import BlockRow, JobRow, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from phoenix.model.ab import AssociationBlock

EVERY_S = pages._EVERY.total_seconds()  # noqa: SLF001 - what is measured


def timed(work: Callable[[], object]) -> float:
    """Return the CPU milliseconds of a call."""
    before = time.thread_time()
    work()
    return (time.thread_time() - before) * 1e3


def spent() -> float:
    """Return the CPU seconds of this process and of those that it started and that ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def run(work: Path) -> tuple[list[float], float]:
    """Run a night; return the CPU milliseconds of each writing, and the CPU seconds of all."""
    written: list[float] = []
    write = pages.write_live_pages

    def timed_write(*what: Any, **how: Any) -> None:  # noqa: ANN401 - whatever it is given
        written.append(timed(lambda: write(*what, **how)))

    pages.write_live_pages = timed_write
    before = spent()
    try:
        with ProductionLine(work) as line:
            line.run(DATE)
    finally:
        pages.write_live_pages = write
    return written, spent() - before


def writing(
    folder: Path, process: str, blocks: tuple[AssociationBlock, ...], number: int
) -> float:
    """Return the CPU milliseconds of writing the pages of a night of so many ABs once more."""
    workspace = Workspace(folder)
    abs_below = workspace.folder("ab", DATE)
    abs_below.mkdir(parents=True)
    night = []
    for place in range(number):
        ab = blocks[place % len(blocks)]
        stamp = (
            dt.datetime.fromisoformat("2020-01-02") + dt.timedelta(seconds=40 * place)
        ).isoformat()
        night.append(evolve(ab, name=f"GIRAF.{stamp}.{place % 1000:03d}.ab", waits_for=()))
    for ab in night:
        write_ab(ab, abs_below)
    names = [str(ab.name) for ab in night]
    now = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
    with Store.open(f"sqlite:///{folder}/phoenix.db", process) as store:
        store.blocks.save(map(BlockRow.of, night))
        store.jobs.prepare({(name, "process"): "key" for name in names})
        store.jobs.record(
            JobRow(name, "process", JobState.SUCCESSFUL, started=now, ended=now, wall_s=9.0)
            for name in names[: number // 2]
        )
        with night_lock(lock_of(workspace, DATE), now):
            write_night(store, workspace, DATE, now=now)
            some = names[:4]
            return statistics.median(
                timed(lambda at=at: write_night(store, workspace, DATE, now=at, only=some))  # type: ignore[misc]
                for at in (now + dt.timedelta(seconds=20 * number) for number in range(5))
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_night_options(parser)
    parser.add_argument("--abs", type=int, default=100, help="of a large night")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        raw = raw_night(folder, options.instrument, options.size)
        work = new_workspace(folder / "line", options.instrument, raw)
        written, whole = run(work)
        with ProductionLine(work) as line:
            blocks = line.prepare(DATE, dry=True).blocks
        process = NIGHTS[options.instrument].process
        large = writing(folder / "large", process, tuple(blocks), options.abs)
    shown = ", ".join(f"{one:.0f}" for one in written)
    print(f"{options.size}-size night of {options.instrument}, {len(blocks)} ABs")
    print(f"written {len(written)} times while it was run: {shown} CPU ms")
    print(f"share of the run: {sum(written) / whole / 10:.2f} % of {whole:.1f} CPU s")
    print(f"one writing of {options.abs} ABs: {large:.0f} CPU ms")
    print(f"share of a core: {large / EVERY_S / 10:.2f} %")


if __name__ == "__main__":
    main()
