"""CPU time of the engine: jobs that do nothing, in chains of four, every state stored.

Counts all processes: coordinator, scheduler, workers, database. Prints CPU ms a job, and the CPU
and wall time of the same command given again when everything is done.

    python benchmarks/engine_noop.py [N ...] [--window 64]
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from noop import done_nothing

from phoenix.engine import Job, open_cluster, record, run
from phoenix.model.report import JobState
from phoenix.model.settings import Engine
from phoenix.store import BlockRow, Store

if TYPE_CHECKING:
    from phoenix.engine import Change, Key
    from phoenix.model.report import ABResult

CHAIN = 4
PROCESS = "NOOP"


def cpu_s(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def jobs_of(number: int) -> list[tuple[str, str]]:
    """Return names of jobs and of their parents."""
    names = [f"NOOP.{place:06d}.ab" for place in range(number)]
    return [(name, names[place - 1] if place % CHAIN else "") for place, name in enumerate(names)]


def clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def missing(pairs: list[tuple[str, str]], done: dict[Key, ABResult]) -> list[Job]:
    """Return the jobs that are not done."""
    return [
        Job(name, "process", payload=name, after=((parent, "process"),) if parent else ())
        for name, parent in pairs
        if (name, "process") not in done
    ]


def night(url: str, number: int, window: int) -> None:
    """Do what a run does: prepare, see what is missing, run that."""
    pairs = jobs_of(number)
    batches: list[int] = []
    with Store.open(url, PROCESS) as store, open_cluster(Engine(window=window)) as cluster:

        def on_change(changes: tuple[Change, ...]) -> None:
            batches.append(len(changes))
            record(store, changes)

        store.blocks.save(BlockRow(name, "2020-01-01") for name, _ in pairs)
        store.jobs.prepare({(name, "process"): "" for name, _ in pairs})
        rows = store.jobs.rows(states=[JobState.SUCCESSFUL])
        done = {(row.ab_name, row.step): row.result() for row in rows}
        run(missing(pairs, done), done_nothing, cluster, on_change, clock, ended=done)
        states = Counter(row.state.value for row in store.jobs.rows())
    print(json.dumps({"states": states, "batches": len(batches)}))


def measure(url: str, number: int, window: int) -> tuple[float, float, dict[str, Any]]:
    """Give the command once in a process of its own; return CPU and wall seconds."""
    before, began = cpu_s(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, __file__, "--child", url, str(number), "--window", str(window)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    wall = time.monotonic() - began
    return cpu_s(resource.RUSAGE_CHILDREN) - before, wall, json.loads(answer.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", nargs="*", type=int, default=[1000, 10000])
    parser.add_argument("--window", type=int, default=64)
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        night(options.child, options.numbers[0], options.window)
        return
    print(f"window {options.window}; goal 2.5 CPU ms a job, again within 1 s")
    print("  jobs  CPU ms/job  wall ms/job  commits  again: CPU s  wall s")
    for number in options.numbers:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder)}/phoenix.db"
            cpu, wall, facts = measure(url, number, options.window)
            again_cpu, again_wall, again = measure(url, number, options.window)
        expected = {"successful": number}
        if not facts["states"] == again["states"] == expected:
            sys.exit(f"found {facts['states']}, {again['states']}, expected {expected}")
        print(
            f"{number:6d} {cpu / number * 1e3:11.2f} {wall / number * 1e3:12.2f} "
            f"{facts['batches']:8d} {again_cpu:13.2f} {again_wall:7.2f}"
        )


if __name__ == "__main__":
    main()
