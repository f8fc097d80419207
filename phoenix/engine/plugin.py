"""What a dask worker needs to know of us; the only module whose functions dask calls."""

from __future__ import annotations

import asyncio
from typing import Any

from dask.system import CPU_COUNT
from distributed import WorkerPlugin, get_worker
from distributed.system import MEMORY_LIMIT

from phoenix.engine.crew import Answer, Crew

__all__ = ["CrewPlugin", "perform"]

_NAME = "phoenix-crew"


class CrewPlugin(WorkerPlugin):
    """Gives a dask worker its crew, and its cores and memory as resources.

    Parameters
    ----------
    memory_mb : int
        Memory for all jobs of the worker, in MB; 0 for what the worker has.
    """

    name = _NAME

    def __init__(self, memory_mb: int = 0) -> None:
        self.memory_mb = memory_mb
        self.crew: Crew | None = None

    def __getstate__(self) -> dict[str, object]:
        """Travel without a crew."""
        return {"memory_mb": self.memory_mb, "crew": None}

    async def setup(self, worker: Any) -> None:  # noqa: ANN401 - dask has no types
        """Begin on a worker; resources that it was started with count."""
        self.crew = Crew()
        given = worker.state.total_resources
        memory = worker.memory_manager.memory_limit or MEMORY_LIMIT
        own = {"cores": _cores(worker), "memory_mb": self.memory_mb or memory // 10**6}
        await worker.set_resources(**own | given)

    async def teardown(self, worker: Any) -> None:  # noqa: ANN401, ARG002 - dask has no types
        """Stop what still runs."""
        if self.crew is not None:
            await asyncio.to_thread(self.crew.close)


def _cores(worker: Any) -> int:  # noqa: ANN401 - dask has no types
    """Return the cores to share: the machine's, or more if more threads are wanted."""
    threads = int(worker.state.nthreads)
    return max(threads, CPU_COUNT) if worker.address.startswith("inproc") else threads


def perform(order: bytes) -> Answer:
    """Do one job; a dask task."""
    worker = get_worker()
    key = str(worker.get_current_task())
    crew: Crew = worker.plugins[_NAME].crew  # type: ignore[attr-defined]  # our own plugin

    def running(name: str, seconds: float) -> None:
        topic = key.rpartition("/")[0]
        worker.log_event(topic, {"key": key, "where": name, "seconds": seconds})

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing"

    return crew.perform(order, running, wanted)
