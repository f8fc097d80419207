"""The wall time of a night on the line, against the bare recipes by `make -j` on the same SOFs.

The night of phoenix is `phoenix run -P` in a new workspace: start of Python and dask, recipes,
gates, checksums and manifests, QC parameters, scores and QC reports. The bare night is a Makefile
with the same command lines, sets of frames and dependencies, in an environment like a person's
(see bare_recipes.py). phoenix gives recipes one in which glibc keeps their memory; the bare ones
get that too with --same-memory. Both are run in turn, on the same disk, as many pairs as are asked
for; who goes first alternates.

A night of UVES has stacks of exposures, by a recipe of phoenix in Python. The bare night goes
without them; phoenix makes them, and what they take counts against it.

In the end all products of both must have the same pixels and tables to the last bit, but for those
that phoenix mends (responses of UVES) and what is made with them. Headers cannot be the same: they
hold the time of the reduction and the names of the files.

    python benchmarks/night_wall.py [--instrument giraffe] [--pairs 3] [--size full] [--folder DIR]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from astropy.io import fits
from bare_recipes import products, write_makefile
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

from phoenix import ProductionLine
from phoenix.steps.recipe.runner import MEMORY

WORKERS = os.cpu_count() or 1


def run_line(folder: Path, instrument: str, night: Path) -> Spent:
    """Run the night with phoenix, in a new workspace."""
    work = new_workspace(folder / "line", instrument, night)
    os.sync()
    return stopwatch((*PHOENIX, "run", "-w", str(work), "-d", DATE, "-P"))


def run_bare(folder: Path, instrument: str, night: Path, also: str) -> Spent:
    """Run the same recipes with make, with this in their environment too."""
    bare = folder / "bare"
    shutil.rmtree(bare, ignore_errors=True)
    workspace = new_workspace(folder / "prepared", instrument, night)
    makefile = write_makefile(workspace, night, DATE, bare)
    os.sync()
    return stopwatch(("make", f"-j{WORKERS}", "-f", makefile.name, f"ALSO={also}"), bare)


def pair(
    number: int, folder: Path, instrument: str, night: Path, also: str
) -> tuple[Spent, Spent]:
    """Run both, phoenix first in every second pair; return (phoenix, bare)."""
    if number % 2:
        return run_line(folder, instrument, night), run_bare(folder, instrument, night, also)
    bare = run_bare(folder, instrument, night, also)
    return run_line(folder, instrument, night), bare


def check_same(folder: Path) -> tuple[int, int]:
    """Compare all products that both have made.

    Returns
    -------
    same, mended : int
        How many are the same, and how many are not because phoenix has mended them, or what they
        were made with.
    """
    made = {root: one for root, one in manifests(folder / "line").items() if not is_own(one)}
    mended = {sentence.partition(": ")[0] for one in made.values() for sentence in one["mended"]}
    same = other = 0
    for root, one in made.items():
        own = folder / "line" / "products" / DATE / root
        ours = {row["pro_catg"]: own / row["name"] for row in one["products"]}
        read = {row["path"].rpartition("/")[2] for row in one["inputs"]}
        for pro_catg, path in products(folder / "bare", root).items():
            if pro_catg in ours and data_of(path) == data_of(ours[pro_catg]):
                same += 1
            elif pro_catg in ours and mended & {ours[pro_catg].name, *read}:
                other += 1
            else:
                sys.exit(f"{path} differs from {ours.get(pro_catg, 'nothing')}")
    return (same, other) if same else sys.exit("no products")


def data_of(path: Path) -> list[bytes]:
    """Return the data of every HDU as they stand in the file."""
    content = path.read_bytes()
    with fits.open(path) as hdus:
        places = [hdu.fileinfo() for hdu in hdus]
    return [content[place["datLoc"] :][: place["datSpan"]] for place in places]


def own_recipes(work: Path) -> list[Spent]:
    """Return what the recipes of phoenix took, which the bare night has not."""
    rows = manifests(work).values()
    return [Spent(row["wall_s"], row["cpu_s"]) for row in rows if is_own(row)]


def timeline(work: Path) -> list[str]:
    """Return when each job of phoenix was run, in seconds after the first began."""
    with ProductionLine(work) as line:
        rows = line.store.jobs.rows()
    jobs = sorted(
        (row.started, row.ended, row) for row in rows if row.started is not None and row.ended
    )
    zero = jobs[0][0]
    return [
        f"{(began - zero).total_seconds():8.2f} {(ended - zero).total_seconds():8.2f} "
        f"{row.wall_s:8.2f}  {row.ab_name} {row.step}"
        for began, ended, row in jobs
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=3)
    add_night_options(parser)
    parser.add_argument("--timeline", action="store_true", help="also when each job was run")
    parser.add_argument(
        "--same-memory", action="store_true", help="let the bare recipes keep their memory too"
    )
    options = parser.parse_args()
    also = " ".join(f"{name}={value}" for name, value in MEMORY.items())
    also = also if options.same_memory else ""
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        night = raw_night(folder, options.instrument, options.size)
        title = f"{options.size}-size night of {options.instrument}"
        print(f"{title}, {WORKERS} cores, {options.pairs} pairs; seconds")
        print("        phoenix run -P      make -j bare        phoenix / bare")
        print("pair     wall      cpu      wall      cpu        wall      cpu")
        ratios = []
        for number in range(options.pairs):
            line, bare = pair(number, folder, options.instrument, night, also)
            ratios.append(Spent(line.wall / bare.wall, line.cpu / bare.cpu))
            print(
                f"{number + 1:4d} {line.wall:8.2f} {line.cpu:8.2f}  {bare.wall:8.2f} "
                f"{bare.cpu:8.2f}    {ratios[-1].wall:8.3f} {ratios[-1].cpu:8.3f}",
                flush=True,
            )
        wall, cpu = (statistics.median(column) for column in zip(*ratios, strict=True))
        print(f"median ratio: wall {wall:.3f}, cpu {cpu:.3f}; goal: wall at most 1.05")
        same, mended = check_same(folder)
        print(f"data of both the same to the last bit: {same} products; mended: {mended}")
        if own := own_recipes(folder / "line"):
            wall, cpu = (sum(column) for column in zip(*own, strict=True))
            print(f"{len(own)} of the recipes are phoenix's own: wall {wall:.2f}, cpu {cpu:.2f}")
        if options.timeline:
            print("   begin      end   recipe  job")
            print("\n".join(timeline(folder / "line")))


if __name__ == "__main__":
    main()
