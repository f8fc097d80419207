"""Workflow metrics of a year: how long one night takes to be counted, and a year to be told.

``python benchmarks/metrics_size.py [--nights 365] [--blocks 300]``: synthetic nights of so many
ABs, each with three jobs, three products, a verdict and a judgement, and nothing on disk. Prints
CPU seconds of counting all nights for the first time, of ``phoenix stats`` of the year by each
kind of row, and of the pages of one night. The goal is a second for each table of a year.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from phoenix.line.production import ProductionLine
from phoenix.line.workspace import create_workspace
from phoenix.model.ab import Mode
from phoenix.model.dates import CivilDate
from phoenix.model.frames import Role
from phoenix.model.report import JobState
from phoenix.model.score import Verdict, VerdictKind
from phoenix.store import BlockRow, JobRow, ProductRow, Store

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = CivilDate.parse("2020-01-01")
NOON = dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC)
RECIPES = ("gimasterbias", "gimasterflat", "giwavecalibration", "giscience")
PERSONS = ("rule", "rule", "rule", "ann", "bob")


def fill(store: Store, nights: int, blocks: int) -> None:
    """Put in nights as a run leaves them."""
    for number in range(nights):
        with store.transaction():
            _fill_night(store, str(FIRST.plus(number)), NOON + dt.timedelta(days=number), blocks)


def _fill_night(store: Store, date: str, noon: dt.datetime, blocks: int) -> None:
    rows = [
        BlockRow(
            f"GIRAF.{date}T{place // 60:02d}:{place % 60:02d}:00.000.ab",
            date,
            Mode.SCIENCE if place % 4 == 3 else Mode.CALIB,
            RECIPES[place % 4],
            "TYPE",
            mjd_obs=58849.0 + place / blocks,
        )
        for place in range(blocks)
    ]
    store.blocks.save(rows)
    steps = ("process", "qc", "report")
    store.jobs.prepare({(row.name, step): "key" for row in rows for step in steps})
    later = noon + dt.timedelta(seconds=30)
    store.jobs.record(
        JobRow(
            row.name,
            step,
            JobState.SUCCESSFUL,
            started=noon,
            ended=later,
            wall_s=30.0 if step == "process" else 0.0,
        )
        for row in rows
        for step in steps
    )
    for place, row in enumerate(rows):
        store.products.replace(
            row.name,
            (
                ProductRow(row.name, f"r_{part}.fits", "MASTER", Role.INTERMEDIATE, "", 10_000_000)
                for part in range(3)
            ),
        )
        by = PERSONS[place % len(PERSONS)]
        kind = VerdictKind.AUTO if by == "rule" else VerdictKind.OK
        store.verdicts.give(row.name, Verdict(kind, by=by), later)
        store.qc1.add_scores(row.name, (), later)


def timed(what: str, do: Callable[[], object]) -> None:
    """Print the CPU seconds of a call."""
    begin = time.process_time()
    do()
    print(f"{what}: {time.process_time() - begin:.2f} s")


def main(nights: int, blocks: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work"
        create_workspace(work, "GIRAFFE_MOS", ())
        with ProductionLine(work) as line:
            fill(line.store, nights, blocks)
            size = (work / "phoenix.db").stat().st_size / 1e6
            print(f"{nights} nights of {blocks} ABs: {size:.0f} MB")
            timed("counted for the first time", lambda: line.stats("2020"))
            for by in ("month", "night", "recipe", "person"):
                timed(f"by {by}", partial(line.stats, "2020", by))
            timed("pages of one night", lambda: line.write_pages("2020-03-01"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--blocks", type=int, default=300)
    arguments = parser.parse_args()
    main(arguments.nights, arguments.blocks)
