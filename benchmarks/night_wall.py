"""The wall time of a night on the line, against the bare recipes by `make -j` on the same SOFs.

The night of phoenix is `phoenix run -P` in a new workspace: start of Python and dask, recipes,
gates, checksums and manifests, QC parameters, scores and QC reports. The bare night is a Makefile
with the same command lines, sets of frames and dependencies, in an environment like a person's
(see bare_recipes.py); phoenix gives recipes one in which glibc keeps their memory. Both are run in
turn, on the same disk, as many pairs as are asked for; who goes first alternates. In the end the
spectra of both must be the same to the last bit.

    python benchmarks/night_wall.py [--pairs 3] [--size full] [--folder DIR]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from astropy.io import fits
from bare_recipes import product, write_makefile
from nights import DATE, PHOENIX, Spent, new_workspace, raw_night, stopwatch

from phoenix import ProductionLine

WORKERS = os.cpu_count() or 1
SPECTRA = "SCIENCE_RBNSPECTRA"


def run_line(folder: Path, night: Path) -> Spent:
    """Run the night with phoenix, in a new workspace."""
    work = new_workspace(folder / "line", night)
    os.sync()
    return stopwatch((*PHOENIX, "run", "-w", str(work), "-d", DATE, "-P"))


def run_bare(folder: Path, night: Path) -> Spent:
    """Run the same recipes with make."""
    bare = folder / "bare"
    shutil.rmtree(bare, ignore_errors=True)
    workspace = new_workspace(folder / "prepared", night)
    makefile = write_makefile(workspace, night, DATE, bare)
    os.sync()
    return stopwatch(("make", f"-j{WORKERS}", "-f", makefile.name), bare)


def pair(number: int, folder: Path, night: Path) -> tuple[Spent, Spent]:
    """Run both, phoenix first in every second pair; return (phoenix, bare)."""
    if number % 2:
        return run_line(folder, night), run_bare(folder, night)
    bare = run_bare(folder, night)
    return run_line(folder, night), bare


def check_same(folder: Path) -> int:
    """Compare the science spectra of both, return how many files there were."""
    found = sorted((folder / "line" / "products" / DATE).glob("*/r.*.fits"))
    spectra = [path for path in found if fits.getval(path, "ESO PRO CATG") == SPECTRA]
    for path in spectra:
        other = product(folder / "bare", path.parent.name, SPECTRA)
        if not np.array_equal(fits.getdata(path), fits.getdata(other), equal_nan=True):
            sys.exit(f"{path} and {other} differ")
    if not spectra:
        sys.exit("no spectra")
    return len(spectra)


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
    parser.add_argument("--size", choices=("full", "small"), default="full")
    parser.add_argument("--folder", type=Path, help="on the disk to be used; default: temporary")
    parser.add_argument("--timeline", action="store_true", help="also when each job was run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        night = raw_night(folder, options.size)
        print(f"{options.size}-size night, {WORKERS} cores, {options.pairs} pairs; seconds")
        print("        phoenix run -P      make -j bare        phoenix / bare")
        print("pair     wall      cpu      wall      cpu        wall      cpu")
        ratios = []
        for number in range(options.pairs):
            line, bare = pair(number, folder, night)
            ratios.append(Spent(line.wall / bare.wall, line.cpu / bare.cpu))
            print(
                f"{number + 1:4d} {line.wall:8.2f} {line.cpu:8.2f}  {bare.wall:8.2f} "
                f"{bare.cpu:8.2f}    {ratios[-1].wall:8.3f} {ratios[-1].cpu:8.3f}",
                flush=True,
            )
        wall, cpu = (statistics.median(column) for column in zip(*ratios, strict=True))
        print(f"median ratio: wall {wall:.3f}, cpu {cpu:.3f}; goal: wall at most 1.05")
        print(f"spectra of both the same to the last bit: {check_same(folder)} files")
        if options.timeline:
            print("   begin      end   recipe  job")
            print("\n".join(timeline(folder / "line")))


if __name__ == "__main__":
    main()
