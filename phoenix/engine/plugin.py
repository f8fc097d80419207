"""What dask's scheduler and workers need to know of us; dask calls nothing else here.

Cores and memory are abstract resources of dask. A worker that was started without them gets them
here, on both sides at once: the scheduler must know them before it looks for jobs that a new
worker can take, and a worker before it gets the first one.
"""

from __future__ import annotations

import asyncio
from typing import Any

from distributed import SchedulerPlugin, WorkerPlugin, get_worker

from phoenix.engine.processes import Answer, ProcessPool

__all__ = ["ProcessesPlugin", "ResourcesPlugin", "perform"]

_PROCESSES = "phoenix-processes"


class ProcessesPlugin(WorkerPlugin):
    """Gives a dask worker its processes and its resources.

    Parameters
    ----------
    memory_mb : int
        Memory for all jobs of the worker, in MB; 0 for what the worker has.
    first, jobs_each
        As for :class:`~phoenix.engine.processes.ProcessPool`.
    processes : ProcessPool, optional
        One that is there already; otherwise the worker gets one of its own.
    """

    name = _PROCESSES

    def __init__(
        self,
        memory_mb: int = 0,
        first: bytes = b"",
        processes: ProcessPool | None = None,
        jobs_each: int = 0,
    ) -> None:
        self.memory_mb = memory_mb
        self.first = first
        self.processes = processes
        self.jobs_each = jobs_each

    async def setup(self, worker: Any) -> None:  # noqa: ANN401 - dask has no types
        """Begin on a worker."""
        self.processes = self.processes or ProcessPool(self.first, self.jobs_each)
        state = worker.state
        own = _resources(state.nthreads, worker.memory_manager.memory_limit, self.memory_mb)
        missing = {name: own[name] for name in own if name not in state.total_resources}
        if missing:
            await worker.set_resources(**missing)

    async def teardown(self, worker: Any) -> None:  # noqa: ANN401, ARG002 - dask has no types
        """Stop what still runs."""
        if self.processes is not None:
            await asyncio.to_thread(self.processes.close)


class ResourcesPlugin(SchedulerPlugin):
    """Tells the scheduler the same resources.

    Parameters
    ----------
    memory_mb : int
        As for :class:`ProcessesPlugin`.
    """

    name = "phoenix-resources"

    def __init__(self, memory_mb: int = 0) -> None:
        self.memory_mb = memory_mb

    async def start(self, scheduler: Any) -> None:  # noqa: ANN401 - dask has no types
        """Begin with the workers that are there."""
        for address in list(scheduler.workers):
            self.add_worker(scheduler, address)

    def add_worker(self, scheduler: Any, worker: str) -> None:  # noqa: ANN401 - dask has no types
        """Take up a worker; resources that it was started with count."""
        found = scheduler.workers[worker]
        own = _resources(found.nthreads, found.memory_limit, self.memory_mb)
        if not own.keys() <= found.resources.keys():
            scheduler.add_resources(worker, own | found.resources)


def _resources(threads: int, memory_limit: int | None, memory_mb: int) -> dict[str, int]:
    return {"cores": threads, "memory_mb": memory_mb or (memory_limit or 0) // 10**6}


def perform(order: bytes, limit_s: float) -> Answer:
    """Do one job, in so many seconds at most; a dask task."""
    worker = get_worker()
    key = str(worker.get_current_task())
    processes: ProcessPool = worker.plugins[_PROCESSES].processes  # type: ignore[attr-defined]  # our own plugin

    def running(name: str, seconds: float) -> None:
        topic = key.rpartition("/")[0]
        worker.log_event(topic, {"key": key, "where": name, "seconds": seconds})

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing"

    return processes.perform(order, limit_s, running, wanted)
