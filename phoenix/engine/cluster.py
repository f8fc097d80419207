"""The machines: dask on this one by default, a running scheduler or a batch system instead."""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Any

from attrs import frozen

from phoenix.engine.jobqueue import jobs_wanted, open_jobqueue
from phoenix.engine.leftover import remove_leftovers
from phoenix.engine.processes import ProcessPool
from phoenix.engine.worker import pack
from phoenix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phoenix.engine.plugin import ProcessesPlugin
    from phoenix.engine.watch import Watch
    from phoenix.model.settings import Engine
    from phoenix.model.workspace import Workspace

__all__ = ["Capacity", "Cluster", "memory_to_be_had", "open_cluster"]

# Scheduler and workers of a local run share the coordinator's process: what is switched off here
# only cost time.
_QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.diagnostics.computations.max-history": 0,
    "distributed.admin.low-level-log-length": 0,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.admin.system-monitor.interval": "1h",
    "distributed.admin.tick.interval": "1h",
}
_FIRST_WORKER_S = 60
# How long to wait in silence before looking whether the scheduler still knows us, and how the
# batch jobs are.
_SILENCE_S = 5.0
_TICK_S = 0.5
# As many processes can load what jobs need while dask is loaded; more come when there are jobs.
_EARLY = 2


@frozen
class Capacity:
    """What the largest worker has, and all of them together.

    Attributes
    ----------
    cores : int
        Cores.
    memory_mb : int
        Memory in MB (10^6 bytes).
    slots : int
        Cores of all workers that are there.
    """

    cores: int
    memory_mb: int
    slots: int = 0


class Cluster:
    """Machines to run jobs on; dask is started with the first use.

    Parameters
    ----------
    settings : Engine
        The table ``[engine]`` of phoenix.toml.
    first : (callable, object), optional
        Module-level function and its argument, called once in every process for jobs when it
        starts: loads what they will need.
    workspace : Workspace, optional
        Takes logs and notes of batch jobs.
    """

    def __init__(
        self,
        settings: Engine,
        first: tuple[Callable[[Any], object], object] | None = None,
        workspace: Workspace | None = None,
    ) -> None:
        self.settings = settings
        self._workspace = workspace
        self._watch: Watch | None = None
        self._first = pack(*first) if first else b""
        self._open = ExitStack()
        self._client: Any = None
        self._capacity: Capacity | None = None
        self._topics = count()

    @property
    def client(self) -> Any:  # noqa: ANN401 - dask has no types
        """The dask client.

        Raises
        ------
        SettingsError
            If there is no such scheduler or batch system.
        """
        if self._client is None:
            self._client = self._start()
        return self._client

    @property
    def capacity(self) -> Capacity:
        """What the largest worker has."""
        if self._capacity is None:
            self._capacity = _capacity(self.client, self.settings)
        return self._capacity

    @property
    def slots(self) -> int:
        """How many jobs of one core run at a time, as far as is known before dask is started."""
        if self.settings.jobqueue:
            return jobs_wanted(self.settings) * int(self.settings.jobqueue.get("cores", 1))
        known = self._capacity.slots if self._capacity else 0
        return known or self.settings.workers or os.cpu_count() or 1

    @property
    def patience_s(self) -> float:
        """How long to wait in silence before looking how the machines are."""
        return _SILENCE_S if self._watch is None else _TICK_S

    @property
    def waits(self) -> str:
        """What is waited for before a job can run, in words; empty for nothing."""
        return self._watch.waits if self._watch else ""

    @property
    def _elsewhere(self) -> bool:
        return bool(self.settings.scheduler or self.settings.jobqueue)

    def look(self) -> None:
        """See how the machines are, and replace what is lost.

        Raises
        ------
        BatchError
            If no batch job can do the work.
        """
        if self._watch is not None:
            self._watch.look()

    def worked(self) -> None:
        """Note that a job was done."""
        if self._watch is not None:
            self._watch.worked()

    def new_topic(self) -> str:
        """Return a name under which nobody else hands jobs to the scheduler."""
        return f"{self.client.id}-{next(self._topics)}"

    def close(self) -> None:
        """Stop what still runs, and the workers if they are ours."""
        self._client = None
        # On a busy machine dask may not answer in time. What is to be closed after it is closed
        # all the same, and what ended the run, Ctrl-C or an error, must be what is told.
        with suppress(TimeoutError):
            self._open.close()

    def _start(self) -> Any:  # noqa: ANN401 - dask has no types
        processes = None
        if not self._elsewhere:
            # Before anything else: they start on other cores while this process loads dask.
            processes = ProcessPool(self._first, self.settings.jobs_per_process)
            self._open.callback(processes.close)
            processes.start(min(self.settings.workers or _EARLY, _EARLY))
        from phoenix.engine.plugin import (  # noqa: PLC0415 - loads dask, half a second
            ProcessesPlugin,
            ResourcesPlugin,
        )

        memory_mb = _memory_mb(self.settings)
        plugin = ProcessesPlugin(memory_mb, self._first, processes, self.settings.jobs_per_process)
        client, self._watch = self._open.enter_context(
            _client(self.settings, plugin, self._workspace)
        )
        if processes is None:
            client.register_plugin(plugin)
        client.register_plugin(ResourcesPlugin(memory_mb))
        if self._watch is not None:
            self._watch.start()
        return client


@contextmanager
def open_cluster(
    settings: Engine,
    first: tuple[Callable[[Any], object], object] | None = None,
    workspace: Workspace | None = None,
) -> Iterator[Cluster]:
    """Have machines, and let go of them in the end, whatever happens; see :class:`Cluster`."""
    if workspace is not None:
        remove_leftovers(workspace)
    cluster = Cluster(settings, first, workspace)
    try:
        yield cluster
    finally:
        cluster.close()


@contextmanager
def _client(
    settings: Engine, plugin: ProcessesPlugin, workspace: Workspace | None
) -> Iterator[tuple[Any, Watch | None]]:
    import dask  # noqa: PLC0415 - slow to load
    from distributed import Client  # noqa: PLC0415 - slow to load

    with ExitStack() as stack:
        if settings.scheduler:
            yield stack.enter_context(_at_address(settings.scheduler)), None
            return
        watch = None
        if settings.jobqueue:
            cluster, watch = stack.enter_context(open_jobqueue(settings, workspace))
        else:
            stack.enter_context(dask.config.set({**_dask_defaults(), **_QUIET}))
            cluster = stack.enter_context(_this_machine(settings, plugin))
        yield stack.enter_context(Client(cluster, set_as_default=False)), watch


def _dask_defaults() -> dict[str, Any]:
    """Return dask's settings as it comes: those of a person or a machine are for other work."""
    import dask  # noqa: PLC0415 - slow to load

    settings: dict[str, Any] = {}
    dask.config.refresh(settings, paths=[], env={})
    return settings


def _at_address(address: str) -> Any:  # noqa: ANN401 - dask has no types
    from distributed import Client  # noqa: PLC0415 - slow to load

    try:
        return Client(address, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"engine.scheduler: found no dask scheduler at {address!r} ({error}), expected a "
            "running one; start it, or leave the setting empty for workers on this machine"
        ) from error


def _this_machine(settings: Engine, plugin: ProcessesPlugin) -> Any:  # noqa: ANN401 - dask has no types
    from dask.system import CPU_COUNT  # noqa: PLC0415 - slow to load
    from distributed import Scheduler, SpecCluster, Worker  # noqa: PLC0415 - slow to load
    from distributed.system import MEMORY_LIMIT  # noqa: PLC0415 - slow to load

    # dask serves some pages in any case: let it be for this machine only, on any free port. Those
    # that need Bokeh cost a second of loading, LocalCluster insists on them, and nobody would know
    # where they are.
    pages = {"dashboard_address": "127.0.0.1:0", "dashboard": False}
    worker = {
        "protocol": "inproc://",
        "nthreads": settings.workers or CPU_COUNT,
        "resources": {
            # The cores of the machine are shared, or more if more recipes are wanted at a time.
            "cores": max(settings.workers, CPU_COUNT),
            "memory_mb": _memory_mb(settings) or MEMORY_LIMIT // 10**6,
        },
        # Given here and not by way of the client, it comes without being pickled.
        "plugins": (plugin,),
        # Jobs have processes of their own; the memory of this one says nothing.
        "memory_limit": 0,
        "silence_logs": logging.CRITICAL,
    }
    return SpecCluster(
        scheduler={"cls": Scheduler, "options": {"protocol": "inproc://", "port": 0} | pages},
        workers={0: {"cls": Worker, "options": worker | pages}},
        silence_logs=logging.CRITICAL,
    )


def _memory_mb(settings: Engine) -> int:
    """Return the memory of one worker for all its jobs, 0 for what it has."""
    if settings.jobqueue:
        return _of_batch_job(settings).memory_mb
    return round(settings.memory_gb * 1000)


def memory_to_be_had(settings: Engine) -> int | None:
    """Return the memory in MB of the largest worker, before there is one; None if unknown.

    Raises
    ------
    SettingsError
        If the memory of batch jobs cannot be read.
    """
    if settings.scheduler:
        return None
    from distributed.system import MEMORY_LIMIT  # noqa: PLC0415 - loads dask, half a second

    return _memory_mb(settings) or MEMORY_LIMIT // 10**6


def _of_batch_job(settings: Engine) -> Capacity:
    """Return what a worker on the batch system will have; it may start hours later."""
    from dask.utils import parse_bytes  # noqa: PLC0415 - slow to load

    processes = int(settings.jobqueue.get("processes", 1))
    said = settings.jobqueue.get("memory", "1GB")
    try:
        memory = parse_bytes(said)
    except (ValueError, AttributeError) as error:
        raise SettingsError(
            f'engine.jobqueue: found memory {said!r}, expected a size, as "32GB"'
        ) from error
    cores = int(settings.jobqueue.get("cores", 1))
    slots = cores * jobs_wanted(settings)
    return Capacity(max(1, cores // processes), memory // processes // 10**6, slots)


def _capacity(client: Any, settings: Engine) -> Capacity:  # noqa: ANN401 - dask has no types
    if settings.jobqueue:
        return _of_batch_job(settings)
    try:
        client.wait_for_workers(1, timeout=_FIRST_WORKER_S)
    except TimeoutError:
        raise SettingsError(
            f"engine.scheduler: found no worker at {settings.scheduler!r} within "
            f"{_FIRST_WORKER_S} s, expected one; start workers there"
        ) from None
    # All of them: newer versions of dask tell of five only, unless asked.
    rows = client.scheduler_info(n_workers=-1)["workers"].values()
    cores = [int(row["resources"].get("cores", 0)) for row in rows]
    memory_mb = max(int(row["resources"].get("memory_mb", 0)) for row in rows)
    return Capacity(max(cores), memory_mb, sum(cores))
