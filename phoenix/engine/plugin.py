"""What dask's scheduler and workers need to know of us; dask calls nothing else here.

Cores and memory are abstract resources of dask. A worker that was started without them gets them
here, on both sides at once: the scheduler must know them before it looks for jobs that a new
worker can take, and a worker before it gets the first one.
"""

from __future__ import annotations

import asyncio
from typing import Any

from distributed import SchedulerPlugin, WorkerPlugin, get_worker

from phoenix.engine.crew import Answer, Crew

__all__ = ["CrewPlugin", "ResourcesPlugin", "perform"]

_CREW = "phoenix-crew"


class CrewPlugin(WorkerPlugin):
    """Gives a dask worker its crew and its resources.

    Parameters
    ----------
    memory_mb : int
        Memory for all jobs of the worker, in MB; 0 for what the worker has.
    first : bytes
        First order of every process, see :class:`~phoenix.engine.crew.Crew`.
    crew : Crew, optional
        One that is there already; otherwise the worker gets one of its own.
    """

    name = _CREW

    def __init__(self, memory_mb: int = 0, first: bytes = b"", crew: Crew | None = None) -> None:
        self.memory_mb = memory_mb
        self.first = first
        self.crew = crew

    def setup(self, worker: Any) -> None:  # noqa: ANN401 - dask has no types
        """Begin on a worker."""
        self.crew = self.crew or Crew(self.first)
        state = worker.state
        own = _resources(state.nthreads, worker.memory_manager.memory_limit, self.memory_mb)
        for name, amount in own.items():
            if name not in state.total_resources:
                state.total_resources[name] = state.available_resources[name] = amount

    async def teardown(self, worker: Any) -> None:  # noqa: ANN401, ARG002 - dask has no types
        """Stop what still runs."""
        if self.crew is not None:
            await asyncio.to_thread(self.crew.close)


class ResourcesPlugin(SchedulerPlugin):
    """Tells the scheduler the same resources.

    Parameters
    ----------
    memory_mb : int
        As for :class:`CrewPlugin`.
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


def perform(order: bytes) -> Answer:
    """Do one job; a dask task."""
    worker = get_worker()
    key = str(worker.get_current_task())
    crew: Crew = worker.plugins[_CREW].crew  # type: ignore[attr-defined]  # our own plugin

    def running(name: str, seconds: float) -> None:
        topic = key.rpartition("/")[0]
        worker.log_event(topic, {"key": key, "where": name, "seconds": seconds})

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing"

    return crew.perform(order, running, wanted)
