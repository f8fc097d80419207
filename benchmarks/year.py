"""A year of small nights: what the line itself takes, and whether that grows with the year.

Each AB goes the whole way of the line: fetched, checked, run, published, measured, judged, drawn,
certified, renamed, recorded and shown on the pages. Its recipe is a stand-in that sleeps, because
recipes are not what is measured. The year is killed (kill -9 of the coordinator) when half of it
is done, taken up by the same command, and asked once more when all is done.

    python benchmarks/year.py [--nights 365] [--blocks 18] [--seconds 0.1] [--folder DIR]
                              [--slurm [--workers 4]]

--slurm runs it on a Slurm of two nodes on this machine, which is started for it. Workers that
sleep need no core of their own: there may be many.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import asleep
import psutil  # type: ignore[import-untyped]  # comes with dask; ships no types
from nights import PHOENIX, stopwatch

from phoenix.model.dates import CivilDate
from phoenix.testing.fake_esorex import make_fake_esorex

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = CivilDate(2019, 1, 1)
POOL = "2019"
JOBQUEUE = """
[engine.jobqueue]
class = "SLURM"
cores = {cores}
job_cpu = 2
memory = "4GB"
walltime = "01:00:00"
interface = "lo"
"""
CALLS = {
    "status of a night": ("status", "-d", str(FIRST)),
    "status of the year": ("status", "-m", POOL),
    "all pages": ("monitor",),
}
_LOOK_S = 0.5
_PARTS = 4


class Coordinator(NamedTuple):
    """What one call took: wall and own CPU seconds, its memory in MB at most and in the end.

    `beside` are the CPU seconds of what it started here and is there still: on Slurm, the process
    that writes pages. `course` says how it went: jobs that were done, and the CPU seconds until
    then.
    """

    code: int
    wall: float
    cpu: float
    most: float
    last: float
    beside: float
    course: list[tuple[int, float]]


def coordinate(
    command: list[str], log: Path, done: Callable[[], int], enough: int | None = None
) -> Coordinator:
    """Run a call and look at the process of the coordinator alone; kill it when it is enough."""
    began, cpu, most, last, beside = time.monotonic(), 0.0, 0.0, 0.0, 0.0
    course: list[tuple[int, float]] = []
    with log.open("ab") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
        try:
            while process.poll() is None:
                jobs = done()
                cpu, most, last = _look(process.pid) or (cpu, most, last)
                beside = max(beside, _beside(process.pid))
                course.append((jobs, cpu))
                if enough is not None and jobs >= enough:
                    process.kill()
                    process.wait()
                time.sleep(_LOOK_S)
        finally:
            process.kill()
            process.wait()
    wall = time.monotonic() - began
    return Coordinator(process.returncode, wall, cpu, most, last, beside, course)


def told_course(course: list[tuple[int, float]]) -> str:
    """Say what a job took between the start and the end of a call, and in equal parts of that."""
    moving = [one for one in course if course[0][0] < one[0] < course[-1][0]]
    if len(moving) < 2 * _PARTS:
        return ""
    first, last = moving[0][0], moving[-1][0]
    limits = [first + (last - first) * part / _PARTS for part in range(_PARTS + 1)]
    marks = [next(one for one in moving if one[0] >= limit) for limit in limits]
    parts = ", ".join(f"{_each(*pair):.2f}" for pair in pairwise(marks))
    return f", {_each(marks[0], marks[-1]):.2f} without start and end ({parts} in its quarters)"


def _each(before: tuple[int, float], after: tuple[int, float]) -> float:
    return 1000 * (after[1] - before[1]) / max(1, after[0] - before[0])


def _look(pid: int) -> tuple[float, float, float] | None:
    """Return CPU seconds without those of children, the largest memory and that of now, in MB."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        status = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return None
    memory = {line.split()[0]: int(line.split()[1]) for line in status if line.startswith("VmH")}
    now = {line.split()[0]: int(line.split()[1]) for line in status if line.startswith("VmRSS")}
    if not memory or not now:
        return None
    ticks = os.sysconf("SC_CLK_TCK")
    return (
        (int(fields[11]) + int(fields[12])) / ticks,
        memory["VmHWM:"] / 1024,
        now["VmRSS:"] / 1024,
    )


def _beside(pid: int) -> float:
    """Return the CPU seconds of the processes that a process has started and that live."""
    try:
        times = [one.cpu_times() for one in psutil.Process(pid).children()]
    except psutil.NoSuchProcess:
        return 0.0
    return float(sum(time.user + time.system for time in times))


def done_jobs(database: Path) -> int:
    """Return the number of jobs that have succeeded."""
    if not database.exists():
        return 0
    try:
        with closing(
            sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=1)
        ) as connection:
            query = "SELECT count(*) FROM job WHERE state = 'successful'"
            return int(connection.execute(query).fetchone()[0])
    except sqlite3.OperationalError:
        # Not made yet, or just being written.
        return 0


def new_workspace(folder: Path, options: argparse.Namespace) -> Path:
    """Make the repository of the year and a workspace for it."""
    repository, work = folder / "repository", folder / "work"
    for day in range(options.nights):
        asleep.write_night(repository, FIRST.plus(day), options.blocks, options.seconds)
    init = ("init", str(work), "--process", asleep.PROCESS, "--repository", str(repository))
    stopwatch((*PHOENIX, *init))
    settings = work / "phoenix.toml"
    plugins = folder / "plugins"
    plugins.mkdir()
    text = settings.read_text("utf-8")
    if options.slurm:
        text = text.replace("\nworkers = 0", f"\nworkers = {options.workers}")
        text += JOBQUEUE.format(cores=options.workers // 2)
    text += f'\n[recipes."*"]\nesorex = "{make_fake_esorex(folder)}"\nplugin_dir = "{plugins}"\n'
    settings.write_text(text, "utf-8")
    return work


def size_of(folder: Path) -> tuple[int, float]:
    """Return the number of files below a folder, and their MB."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes) / 1e6


def told(name: str, took: Coordinator, jobs: int) -> None:
    each = f", {1000 * took.cpu / jobs:.2f} CPU ms a job" if jobs else ""
    each += told_course(took.course) if jobs else ""
    print(
        f"{name}: {jobs} jobs in {took.wall:.0f} s; coordinator {took.cpu:.1f} s of CPU{each}, "
        f"beside it {took.beside:.1f} s, "
        f"at most {took.most:.0f} MB, {took.last:.0f} MB in the end; exit code {took.code}",
        flush=True,
    )


def run_year(folder: Path, options: argparse.Namespace) -> None:
    work = new_workspace(folder, options)
    jobs, database = 3 * options.nights * options.blocks, work / "phoenix.db"
    command = [*PHOENIX, "run", "-w", str(work), "-m", POOL]
    log, done = folder / "log", partial(done_jobs, database)
    first = coordinate(command, log, done, jobs // 2)
    half = done()
    told("until it was killed", first, half)
    second = coordinate(command, log, done)
    found = done_jobs(database)
    told("taken up", second, found - half)
    if second.code or found != jobs:
        sys.exit(f"found {found} of {jobs} jobs done\n{log.read_text('utf-8')[-3000:]}")
    told("asked once more", coordinate(command, log, done), 0)
    for name, words in CALLS.items():
        spent = stopwatch((*PHOENIX, *words, "-w", str(work)))
        print(f"{name}: {spent.wall:.2f} s, {spent.cpu:.2f} s of CPU", flush=True)
    number, megabytes = size_of(work / "monitor")
    front = (work / "monitor" / "index.html").stat().st_size
    rows = database.stat().st_size
    print(f"database {rows / 1e6:.1f} MB, {rows / jobs:.0f} bytes a job")
    print(f"{number} files of pages, {megabytes:.1f} MB; the front page {front / 1e3:.0f} kB")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--blocks", type=int, default=18, help="ABs of a night; three jobs each")
    parser.add_argument("--seconds", type=float, default=0.1, help="how long a recipe sleeps")
    parser.add_argument("--slurm", action="store_true")
    parser.add_argument("--workers", type=int, default=4, help="recipes at a time on Slurm")
    parser.add_argument("--folder", type=Path, help="on the disk to be used; default: temporary")
    options = parser.parse_args()
    with ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(dir=options.folder))
        folder = Path(name)
        asleep.install(folder / "site")
        before = os.environ.get("PYTHONPATH", "")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder / "site"), before)))
        if options.slurm:
            sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "slurm"))
            import loopback  # type: ignore[import-not-found]  # noqa: PLC0415 - of the tests

            os.environ["SLURM_CONF"] = str(stack.enter_context(loopback.slurm()))
        run_year(folder, options)


if __name__ == "__main__":
    main()
