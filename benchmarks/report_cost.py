"""CPU time of a QC report, from the products of an AB to its PNG, by raw type.

Each report of a night is drawn several times; the first time, which loads matplotlib and the
plugin, does not count. What the PNG alone takes is told beside it.

    python benchmarks/report_cost.py [--instrument giraffe] [--size full] [--folder DIR]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from nights import DATE, PHOENIX, add_night_options, new_workspace, raw_night, stopwatch

from phoenix import ProductionLine
from phoenix.drawing.paper import Paper
from phoenix.model.workspace import Workspace
from phoenix.steps.quality.tasks import ReportTask, draw_quality

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = 5


def tasks(work: Path, instrument: str) -> list[ReportTask]:
    """Return what is to be drawn of a night."""
    with ProductionLine(work) as line:
        process = line.process_row.name
        blocks = line.prepare(DATE, dry=True).blocks
    return [ReportTask(ab, instrument, process, Workspace(work)) for ab in blocks]


def timed(work: Callable[[], object]) -> float:
    """Return the CPU milliseconds of a call."""
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1e3


def cost(task: ReportTask) -> tuple[float, float]:
    """Return the median CPU milliseconds of a report, and of its PNG alone."""
    pngs: list[float] = []
    encode = Paper.png

    def png(paper: Paper) -> bytes:
        pngs.append(timed(lambda: encode(paper)))
        return encode(paper)

    draw_quality(task)
    whole = statistics.median(timed(lambda: draw_quality(task)) for _ in range(TIMES))
    Paper.png = png  # type: ignore[assignment, method-assign]
    try:
        draw_quality(task)
    finally:
        Paper.png = encode  # type: ignore[method-assign]
    return whole, pngs[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_night_options(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        night = raw_night(folder, options.instrument, options.size)
        work = new_workspace(folder / "line", options.instrument, night)
        stopwatch((*PHOENIX, "run", "-w", str(work), "-d", DATE, "-P"))
        print(f"{options.size}-size night of {options.instrument}; CPU ms a report")
        print("raw type                report   PNG and letters")
        costs = {task.ab.raw_type: cost(task) for task in tasks(work, options.instrument)}
        for raw_type, (whole, png) in costs.items():
            print(f"{raw_type:22s} {whole:7.0f} {png:17.0f}")


if __name__ == "__main__":
    main()
