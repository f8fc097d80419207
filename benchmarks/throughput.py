"""How full 30 slots are kept: nights of 85 science ABs, as in figure 2 of the original's manual.

Each AB goes the whole way of a recipe (fetched, checked, run, published, recorded), with a
stand-in that sleeps 24 to 48 s: the original's 2 to 4 minutes, divided by 5. No reports. The
schedule that is ideal gives each slot the next AB the moment it is free, and nothing else costs
anything; what is printed is its length over that of the run, from the first job to the last.

    python benchmarks/throughput.py [--nights 1] [--shorter 1] [--plot FILE.png]

--shorter divides the times of sleep, for a month that should not last an hour.
"""

from __future__ import annotations

import argparse
import datetime as dt
import heapq
import random
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from slept import load_for_jobs, sleep_and_make

from phoenix.archive.source import FolderSource
from phoenix.engine import Job, open_cluster, record, run
from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame
from phoenix.model.recipe import Parameter, Resources
from phoenix.model.report import JobState
from phoenix.model.settings import Engine
from phoenix.steps.recipe.runner import RunnerSettings
from phoenix.steps.task import ProcessTask
from phoenix.store import BlockRow, Store
from phoenix.testing.fake_esorex import make_fake_esorex

if TYPE_CHECKING:
    from phoenix.engine import Change

    Span = tuple[dt.datetime, dt.datetime]

ABS, SLOTS = 85, 30
SHORTEST, LONGEST = 24.0, 48.0
FIRST = dt.date(2013, 11, 8)


def frame() -> bytes:
    cards = ("SIMPLE  = T", "BITPIX  = 16", "NAXIS   = 1", "NAXIS1  = 1440", "END")
    return "".join(card.ljust(80) for card in cards).encode().ljust(2880) + bytes(2880)


def blocks(source: Path, nights: int, shorter: float) -> list[tuple[AssociationBlock, float]]:
    """Return the ABs and how long each sleeps."""
    chance, found = random.Random(2013), []
    for night in range(nights):
        date = CivilDate.parse(str(FIRST + dt.timedelta(days=night)))
        folder = source / "raw" / str(date)
        folder.mkdir(parents=True)
        for number in range(ABS):
            name = f"FAKE.{date}T23:{number // 60:02d}:{number % 60:02d}.000"
            (folder / f"{name}.fits").write_bytes(frame())
            raw = RawFrame(f"${{DFO_RAW_DIR}}/{date}/{name}.fits", "SCIENCE")
            seconds = chance.uniform(SHORTEST, LONGEST) / shorter
            told = (Parameter("products", "SPECTRUM"), Parameter("seconds", f"{seconds:.3f}"))
            ab = AssociationBlock(
                f"{name}.ab", "fakescience", (raw,), date=date, raw_type="SCIENCE", parameters=told
            )
            found.append((ab, seconds))
    return found


def ideal(times: list[float]) -> float:
    """Length of the schedule in which a free slot takes the next AB at once."""
    free = [0.0] * SLOTS
    for seconds in times:
        heapq.heapreplace(free, free[0] + seconds)
    return max(free)


def process(folder: Path, rows: list[tuple[AssociationBlock, float]]) -> list[Span]:
    """Run all ABs; return when each began and ended, as the store has it."""
    esorex = make_fake_esorex(folder)
    runner = RunnerSettings.at(esorex, folder)
    sources = (FolderSource(folder / "source"),)
    needs = Resources(memory_mb=10)
    jobs = [
        Job(
            str(ab.name),
            "process",
            ProcessTask(
                ab, "fake", "FAKE", folder / "workspace", sources=sources, resources=needs,
                runner=runner,
            ),
            resources=needs,
        )
        for ab, _ in rows
    ]  # fmt: skip
    (folder / "workspace").mkdir()
    settings = Engine(workers=SLOTS)
    url = f"sqlite:///{folder}/phoenix.db"
    first = (load_for_jobs, None)
    with Store.open(url, "FAKE") as store, open_cluster(settings, first) as cluster:

        def on_change(changes: tuple[Change, ...]) -> None:
            record(store, changes)

        store.blocks.save(BlockRow.of(ab) for ab, _ in rows)
        store.jobs.prepare({(str(ab.name), "process"): "" for ab, _ in rows})
        run(jobs, sleep_and_make, cluster, on_change, lambda: dt.datetime.now(dt.UTC))
        found = store.jobs.rows()
    wrong = [row.reason for row in found if row.state is not JobState.SUCCESSFUL]
    if wrong:
        sys.exit(wrong[0])
    return [(row.started, row.ended) for row in found if row.started and row.ended]


def plot(spans: list[Span], path: Path) -> None:
    """Draw the chart of figure 2: ABs that wait, run and are done, against time."""
    import matplotlib.pyplot as plt  # noqa: PLC0415 - only where it is asked for
    import numpy as np  # noqa: PLC0415 - the same

    begin = min(started for started, _ in spans)
    starts, ends = (
        np.sort([(moment - begin).total_seconds() / 60.0 for moment in moments])
        for moments in zip(*spans, strict=True)
    )
    time = np.linspace(0.0, ends[-1], 600)
    begun, done = np.searchsorted(starts, time, "right"), np.searchsorted(ends, time, "right")
    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    axes.stackplot(
        time, done, begun - done, len(spans) - begun,
        labels=("done", f"running, at most {SLOTS}", "waiting"),
        colors=("#009e73", "#9aa5b1", "#d55e00"),
    )  # fmt: skip
    axes.set(xlabel="time / min", ylabel="ABs", xlim=(0, time[-1]), ylim=(0, len(spans)))
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=100, metadata={"Software": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nights", type=int, default=1)
    parser.add_argument("--shorter", type=float, default=1.0)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = blocks(folder / "source", options.nights, options.shorter)
        spans = process(folder, rows)
    wall = (max(end for _, end in spans) - min(begin for begin, _ in spans)).total_seconds()
    best = ideal([seconds for _, seconds in rows])
    times = f"{SHORTEST / options.shorter:g} to {LONGEST / options.shorter:g} s"
    print(f"{options.nights} nights of {ABS} ABs, {SLOTS} slots, sleeping {times}")
    print(f"ideal {best:.1f} s, from first to last {wall:.1f} s: {best / wall:.3f}")
    if options.plot:
        plot(spans, options.plot)


if __name__ == "__main__":
    main()
