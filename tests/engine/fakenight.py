"""A night without recipes, as a command: ``python fakenight.py FOLDER``.

Prints ``stored`` when the end of a job is stored; given again, it takes up what is missing.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import fakework

from phoenix.engine import Job, night_lock, open_cluster, record, run
from phoenix.model.report import JobState
from phoenix.model.settings import Engine
from phoenix.store import BlockRow, Store

STEP = "process"
PARENTS = {
    f"AB{n:02d}": tuple(f"AB{p:02d}" for p in {n // 2, n - 3} if 0 <= p < n) for n in range(40)
}


def clock():
    return dt.datetime.now(dt.UTC)


def open_store(root):
    return Store.open(f"sqlite:///{root}/phoenix.db", "P")


def done(store):
    rows = store.jobs.rows(states=[JobState.SUCCESSFUL])
    return {(row.ab_name, row.step): row.result() for row in rows}


def night(root, work=fakework.publish_by_rename):
    with (
        night_lock(root / "lock", clock()),
        open_store(root) as store,
        open_cluster(Engine(workers=2, window=8)) as cluster,
    ):
        store.blocks.save(BlockRow(name, "2020-01-01") for name in PARENTS)
        store.jobs.prepare({(name, STEP): "" for name in PARENTS})
        ended = done(store)
        jobs = [
            Job(name, STEP, (name, parents, str(root)), tuple((p, STEP) for p in parents))
            for name, parents in PARENTS.items()
            if (name, STEP) not in ended
        ]

        def on_change(changes):
            record(store, changes)
            if any(change.state.is_final for change in changes):
                print("stored", flush=True)  # noqa: T201 - a command

        return run(jobs, work, cluster, on_change, clock, ended=ended, retries=20)


if __name__ == "__main__":
    states = {result.state for result in night(Path(sys.argv[1])).values()}
    sys.exit(bool(states - {JobState.SUCCESSFUL}))
