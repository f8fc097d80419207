"""What phoenix itself costs in CPU time: an AB beyond its recipe, --help, a night that is done.

The cost of an AB is the CPU time of `phoenix run -P` with all its processes, less that of the
pipelines' recipes as their manifests tell it, over the number of ABs. It holds the start of Python
and dask, checksums, gates, QC parameters, scores, recipes of phoenix's own (the stacks of UVES)
and, most of all, the QC reports; the line `of which` tells what a night that is done already
costs, which is the start alone.

    python benchmarks/ab_cost.py [--instrument giraffe] [--size full] [--folder DIR]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from nights import (
    DATE,
    PHOENIX,
    Spent,
    add_night_options,
    is_own,
    manifests,
    new_workspace,
    raw_night,
    stopwatch,
)

TIMES = 5


def recipes_cpu_s(work: Path, *, own: bool) -> float:
    """Return the CPU seconds of the recipes of a night: those of pipelines, or phoenix's own."""
    return sum(float(row["cpu_s"]) for row in manifests(work).values() if is_own(row) is own)


def median_of(command: tuple[str, ...]) -> Spent:
    """Return the median wall and CPU seconds of a command given several times."""
    spent = [stopwatch(command) for _ in range(TIMES)]
    return Spent(*(statistics.median(column) for column in zip(*spent, strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_night_options(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        raw = raw_night(folder, options.instrument, options.size)
        work = new_workspace(folder / "line", options.instrument, raw)
        run = (*PHOENIX, "run", "-w", str(work), "-d", DATE, "-P")
        night = stopwatch(run)
        number = len(manifests(work))
        recipes, stacks = (recipes_cpu_s(work, own=own) for own in (False, True))
        again = median_of(run)
        show_help = median_of((*PHOENIX, "--help"))
    phoenix = night.cpu - recipes
    print(f"{options.size}-size night of {options.instrument}, {number} ABs")
    print(f"recipes of pipelines     {recipes:8.2f} CPU s")
    print(f"phoenix                  {phoenix:8.2f} CPU s")
    print(f"of which its own recipes {stacks:8.2f} CPU s")
    print(f"phoenix, an AB           {phoenix / number * 1e3:8.0f} CPU ms")
    print(f"of which start           {again.cpu / number * 1e3:8.0f} CPU ms")
    print(f"a night that is done     {again.cpu:8.2f} CPU s {again.wall:8.2f} s; goal: within 1 s")
    print(f"--help                   {show_help.cpu:8.2f} CPU s; goal: within 0.3 CPU s")


if __name__ == "__main__":
    main()
