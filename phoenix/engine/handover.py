"""Handing jobs over to dask and taking their results back, in batches."""

from __future__ import annotations

import pickle
import queue
import time
import traceback
from itertools import count, groupby
from typing import TYPE_CHECKING, Any, Self

from attrs import frozen

from phoenix.engine.job import Done
from phoenix.engine.processes import DIED, LATE, Answer
from phoenix.engine.worker import DONE, pack
from phoenix.errors import PhoenixError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from phoenix.engine.cluster import Cluster
    from phoenix.engine.job import Job, Key

__all__ = ["Broken", "Died", "Ended", "Event", "Handover", "Late", "Started"]

_LOOK_AGAIN_S = 0.1
# Events that come together are stored together: a transaction costs as much as several jobs. Who
# is patient waits on while they keep coming, so long at most (ours).
_COLLECT_S, _COLLECT_MOST_S = 0.02, 0.2
_LOST = frozenset({"cancelled", "lost"})


@frozen
class Started:
    """A worker is at it, for so many seconds."""

    key: Key
    worker: str
    seconds: float


@frozen
class Ended:
    """A worker has done it, in so many seconds."""

    key: Key
    done: Done
    worker: str = ""
    seconds: float = 0.0


@frozen
class Broken:
    """The work function broke its promise: in one line, and the whole traceback."""

    key: Key
    reason: str
    trace: str
    worker: str = ""
    seconds: float = 0.0


@frozen
class Died:
    """Its worker died, and of what."""

    key: Key
    reason: str
    worker: str = ""


@frozen
class Late:
    """It was stopped at its time limit, a text with its unit."""

    key: Key
    limit: str
    worker: str = ""
    seconds: float = 0.0


Event = Started | Ended | Broken | Died | Late


class Handover:
    """Where jobs go out and events come in.

    Parameters
    ----------
    cluster : Cluster
        Where to; dask is started with the first job.
    work : callable
        Module-level function from a payload to :class:`~phoenix.engine.job.Done`.
    """

    def __init__(self, cluster: Cluster, work: Callable[[Any], Done]) -> None:
        self._cluster = cluster
        self._work = work
        self._topic = ""
        self._numbers = count()
        self._out: dict[str, tuple[Key, Any]] = {}
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()

    @property
    def in_flight(self) -> int:
        """Number of jobs that are out."""
        return len(self._out)

    def submit(self, jobs: Iterable[Job]) -> list[Event]:
        """Hand jobs over, those of equal needs together; return what cannot go, as events."""
        events: list[Event] = []
        for needs, alike in groupby(jobs, self._needs):
            packed = [(job.key, self._pack(job)) for job in alike]
            events += [order for _, order in packed if isinstance(order, Broken)]
            self._send(needs, [(key, order) for key, order in packed if isinstance(order, bytes)])
        return events

    def events(self) -> list[Event]:
        """Wait for an event, not for ever; return all there are.

        Raises
        ------
        PhoenixError
            If the scheduler is gone.
        """
        first = self._next()
        if first is None:
            return []
        # Every machine has another job for the time that passes here.
        patient = self.in_flight >= 2 * self._cluster.slots
        items = [first, *_soon(self._inbox, patient=patient)]
        told = [item for item in items if isinstance(item, dict)]
        started = [
            Started(self._out[event["key"]][0], event["where"], event["seconds"])
            for event in told
            # A job that has come back meanwhile no longer starts.
            if event["key"] in self._out
        ]
        return started + self._fetch([item.key for item in items if not isinstance(item, dict)])

    def close(self) -> None:
        """Call back what is still out: workers stop it."""
        if self._topic and self._cluster.client.status == "running":
            self._cluster.client.cancel([future for _, future in self._out.values()])
            self._cluster.client.unsubscribe_topic(self._topic)
        self._out.clear()
        self._topic = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _needs(self, job: Job) -> tuple[int, int, int, float]:
        needs, largest = job.resources, self._cluster.capacity
        memory_mb = max(needs.memory_mb, min(needs.wanted_mb, largest.memory_mb))
        return job.priority, min(needs.cores, largest.cores), memory_mb, job.limit_s

    def _pack(self, job: Job) -> bytes | Broken:
        try:
            return pack(self._work, job.payload)
        except Exception as error:  # noqa: BLE001 - whatever a payload's own pickling raises
            return Broken(job.key, f"cannot be sent: {error!r}", traceback.format_exc())

    def _send(self, needs: tuple[int, int, int, float], orders: list[tuple[Key, bytes]]) -> None:
        from phoenix.engine.plugin import perform  # noqa: PLC0415 - loads dask, half a second

        if not orders:
            return
        client = self._cluster.client
        if not self._topic:
            self._topic = self._cluster.new_topic()
            client.subscribe_topic(self._topic, self._hear)
        priority, cores, memory_mb, limit_s = needs
        names = [f"{self._topic}/{next(self._numbers)}" for _ in orders]
        futures = client.map(
            perform,
            [order for _, order in orders],
            [limit_s] * len(orders),
            key=names,
            pure=False,
            priority=priority,
            resources={"cores": cores, "memory_mb": memory_mb},
        )
        for name, (key, _), future in zip(names, orders, futures, strict=True):
            self._out[name] = (key, future)
            future.add_done_callback(self._inbox.put)

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        self._inbox.put(event[1])

    def _next(self) -> Any:  # noqa: ANN401 - an event or a future
        try:
            return self._inbox.get(timeout=self._cluster.patience_s)
        except queue.Empty:
            self._find_scheduler()
            for _, future in self._out.values():
                if future.status == "lost":
                    self._inbox.put(future)
            return None

    def _find_scheduler(self) -> None:
        """Wait while dask tries to find a lost scheduler."""
        client = self._cluster.client
        while client.status == "connecting":
            time.sleep(_LOOK_AGAIN_S)
        if client.status != "running":
            raise PhoenixError(
                "engine: the dask scheduler is gone; nothing that was recorded is lost: start it "
                "and give the same command again"
            )

    def _fetch(self, names: list[str]) -> list[Event]:
        back = {name: self._out.pop(name) for name in names if name in self._out}
        finished = {name: future for name, (_, future) in back.items() if _is_finished(future)}
        answers = self._cluster.client.gather(finished, errors="skip") if finished else {}
        if any(future.status in _LOST for _, future in back.values()):
            self._find_scheduler()
        return [
            _of_answer(key, answers[name]) if name in answers else _of_failure(key, future)
            for name, (key, future) in back.items()
        ]


def _soon(inbox: queue.SimpleQueue[Any], *, patient: bool) -> list[Any]:
    """Return what comes together with an event."""
    items: list[Any] = []
    for _ in range(round(_COLLECT_MOST_S / _COLLECT_S) if patient else 1):
        time.sleep(_COLLECT_S)
        new = _rest(inbox)
        items += new
        if not new:
            break
    return items


def _rest(inbox: queue.SimpleQueue[Any]) -> list[Any]:
    items = []
    try:
        while True:
            items.append(inbox.get_nowait())
    except queue.Empty:
        return items


def _is_finished(future: Any) -> bool:  # noqa: ANN401 - dask has no types
    return bool(future.status == "finished")


def _of_answer(key: Key, answer: Answer) -> Event:
    """Return the event behind what came from a worker."""
    where = {"worker": answer.worker}
    if answer.kind == DIED:
        return Died(key, answer.content.decode(), **where)
    if answer.kind == LATE:
        return Late(key, answer.content.decode(), answer.worker, answer.wall_s)
    try:
        content = pickle.loads(answer.content)  # noqa: S301 - comes from our own worker
    except Exception as error:  # noqa: BLE001 - whatever a value's own unpickling raises
        reason = f"its result cannot be read: {error!r}"
        return Broken(key, reason, traceback.format_exc(), answer.worker, answer.wall_s)
    if answer.kind != DONE:
        reason, trace = content
        return Broken(key, reason, trace, answer.worker, answer.wall_s)
    if not isinstance(content, Done):
        reason = f"it returned {content!r:.80}, expected Done(result, value)"
        return Broken(key, reason, "", answer.worker, answer.wall_s)
    return Ended(key, content, answer.worker, answer.wall_s)


def _of_failure(key: Key, future: Any) -> Event:  # noqa: ANN401 - dask has no types
    """Return the event behind a future that has no result."""
    from distributed import KilledWorker  # noqa: PLC0415 - loaded long since

    if future.status != "error":
        return Died(key, f"dask lost the job ({future.status})")
    error = future.exception()
    if isinstance(error, KilledWorker):
        return Died(key, f"dask gave the job up: {error}")
    trace = "".join(traceback.format_exception(error))
    return Broken(key, f"{type(error).__name__}: {error}", trace)
