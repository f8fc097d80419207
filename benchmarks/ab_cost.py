"""What phoenix itself costs in CPU time: an AB beyond its recipe, --help, a night that is done.

The cost of an AB is the CPU time of `phoenix run -P` with all its processes, less that of the
recipes as their manifests tell it, over the number of ABs. It holds the start of Python and dask,
checksums, gates, QC parameters, scores and, most of all, the QC reports; the line `of which`
tells what a night that is done already costs, which is the start alone.

    python benchmarks/ab_cost.py [--size full] [--folder DIR]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from nights import DATE, PHOENIX, Spent, new_workspace, raw_night, stopwatch

TIMES = 5


def recipes_cpu_s(work: Path) -> list[float]:
    """Return the CPU seconds of each recipe of a night that was run."""
    manifests = sorted((work / "products" / DATE).glob("*/manifest.json"))
    return [json.loads(path.read_text("utf-8"))["cpu_s"] for path in manifests]


def median_of(command: tuple[str, ...]) -> Spent:
    """Return the median wall and CPU seconds of a command given several times."""
    spent = [stopwatch(command) for _ in range(TIMES)]
    return Spent(*(statistics.median(column) for column in zip(*spent, strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=("full", "small"), default="full")
    parser.add_argument("--folder", type=Path, help="on the disk to be used; default: temporary")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        work = new_workspace(folder / "line", raw_night(folder, options.size))
        run = (*PHOENIX, "run", "-w", str(work), "-d", DATE, "-P")
        night = stopwatch(run)
        recipes = recipes_cpu_s(work)
        again = median_of(run)
        show_help = median_of((*PHOENIX, "--help"))
    own = night.cpu - sum(recipes)
    print(f"{options.size}-size night of {len(recipes)} ABs")
    print(f"recipes                  {sum(recipes):8.2f} CPU s")
    print(f"phoenix                  {own:8.2f} CPU s")
    print(f"phoenix, an AB           {own / len(recipes) * 1e3:8.0f} CPU ms")
    print(f"of which start           {again.cpu / len(recipes) * 1e3:8.0f} CPU ms")
    print(f"a night that is done     {again.cpu:8.2f} CPU s {again.wall:8.2f} s; goal: within 1 s")
    print(f"--help                   {show_help.cpu:8.2f} CPU s; goal: within 0.3 CPU s")


if __name__ == "__main__":
    main()
