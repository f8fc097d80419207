"""The coordinator: hands jobs over as their parents are done, and has every change stored."""

from __future__ import annotations

import gc
import signal
import threading
from contextlib import contextmanager
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from phoenix.engine.frontier import Frontier
from phoenix.engine.handover import Broken, Died, Ended, Handover, Late, Started
from phoenix.engine.job import Batch, Change, Done, Progress
from phoenix.errors import BatchError
from phoenix.model.plain import plain_log
from phoenix.model.report import ABResult, JobState

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from phoenix.engine.cluster import Cluster
    from phoenix.engine.handover import Event
    from phoenix.engine.job import Job, Key

__all__ = ["run"]

_log = plain_log(__name__)
_NOTHING: Mapping[Any, ABResult] = MappingProxyType({})

# Jobs in hand for each that can run at a time: while the coordinator stores what has ended and
# finishes a night, machines go on with these. Ours; a night's end takes as long as a short recipe.
_AHEAD = 3
# Objects that are made before Python looks for garbage, for its 700: what a coordinator makes is
# hardly ever in circles, and what it keeps of a year is much to look through (ours).
_LOOK_FOR_GARBAGE = 20_000


def _no_more() -> None:
    """Nothing is added to a run that was given all its jobs."""


def run(
    jobs: Iterable[Job],
    work: Callable[[Any], Done],
    cluster: Cluster,
    on_change: Callable[[tuple[Change, ...]], None],
    clock: Callable[[], dt.datetime],
    *,
    ended: Mapping[Key, ABResult] = _NOTHING,
    more: Callable[[], Batch | None] = _no_more,
    retries: int = 2,
    on_progress: Callable[[Progress], None] | None = None,
    on_wait: Callable[[str], None] | None = None,
) -> dict[Key, ABResult]:
    """Run jobs, each after its parents, until every one has ended.

    Parameters
    ----------
    jobs : iterable of Job
        What is to be done.
    work : callable
        Module-level function that does one job, in a process of its own: from the job's payload
        to :class:`~phoenix.engine.job.Done`. What it raises makes the job FAILED.
    cluster : Cluster
        Where; dask is started only if there is a job to hand over.
    on_change : callable
        Given all changes since its last call, to be stored in one transaction. It returns before
        any job is handed over that depends on them, so that a crash loses only what was running.
    clock : callable
        Returns the time, aware.
    ended : mapping of Key to ABResult, optional
        Parents that were done before.
    more : callable, optional
        Asked for more jobs before any machine is idle; returns None if there are none now. The
        run ends when all jobs have ended and there are no more.
    retries : int, optional
        How often a job is tried again whose worker died.
    on_progress : callable, optional
        Told how far the run is, after every batch of changes.
    on_wait : callable, optional
        Told in words that a batch job is waited for, and an empty text when it has come.

    Returns
    -------
    dict of Key to ABResult
        How each job ended.

    Raises
    ------
    CascadeError
        If jobs wait for each other or for an unknown one.
    BatchError
        If the batch system refuses jobs, or none of them can do the work.
    KeyboardInterrupt
        For Ctrl-C and SIGTERM: running jobs are stopped and READY, everything else stays as it
        is, so that another run takes it up.
    """
    frontier = Frontier()
    story = _Story(frontier, on_change, on_progress)
    story.add(frontier.add(Batch(tuple(jobs), ended), clock()))
    look = _Looker(cluster, on_wait)
    with _sigterm_is_ctrl_c(), _little_garbage(), Handover(cluster, work) as handover:
        try:
            story.tell()
            while True:
                while frontier.ready + handover.in_flight < _AHEAD * cluster.slots:
                    batch = more()
                    if batch is None:
                        break
                    story.add(frontier.add(batch, clock()))
                    story.tell()
                if frontier.finished:
                    return frontier.results
                for event in _events(frontier, handover, cluster):
                    story.add(_settle(frontier, event, clock(), retries))
                story.tell()
                look()
        except (KeyboardInterrupt, SystemExit, BatchError):
            story.add(frontier.stop(clock()))
            story.tell()
            raise


class _Story:
    """Collects what changes, and tells it, with how far the run is, a batch at a time."""

    def __init__(
        self,
        frontier: Frontier,
        on_change: Callable[[tuple[Change, ...]], None],
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self.frontier = frontier
        self.on_change = on_change
        self.on_progress = on_progress
        self.changes: list[Change] = []

    def add(self, changes: Iterable[Change]) -> None:
        self.changes += changes

    def tell(self) -> None:
        if self.changes:
            self.on_change(tuple(self.changes))
            self.changes.clear()
        if self.on_progress is not None:
            self.on_progress(self.frontier.progress)


class _Looker:
    """Sees how the machines are, and tells what is waited for whenever that changes."""

    def __init__(self, cluster: Cluster, on_wait: Callable[[str], None] | None) -> None:
        self.cluster = cluster
        self.on_wait = on_wait
        self.told = ""

    def __call__(self) -> None:
        self.cluster.look()
        waits = self.cluster.waits
        if waits != self.told and self.on_wait is not None:
            self.on_wait(waits)
        self.told = waits


def _events(frontier: Frontier, handover: Handover, cluster: Cluster) -> list[Event]:
    """Hand over what there is room for, and wait for what happens to jobs in hand."""
    events = _hand_over(frontier, handover, cluster)
    heard = handover.events() if handover.in_flight else []
    if any(isinstance(event, Ended | Broken | Late) for event in heard):
        cluster.worked()
    return events + heard


def _hand_over(frontier: Frontier, handover: Handover, cluster: Cluster) -> list[Event]:
    """Hand over what there is room for; return the events of what cannot go."""
    jobs = frontier.take(cluster.settings.window - handover.in_flight)
    if not jobs:
        return []
    largest = cluster.capacity.memory_mb
    events: list[Event] = [
        Ended(job.key, Done(_too_large(job, largest)))
        for job in jobs
        if job.resources.memory_mb > largest
    ]
    return events + handover.submit(job for job in jobs if job.resources.memory_mb <= largest)


def _too_large(job: Job, largest: int) -> ABResult:
    return ABResult(
        job.ab_name,
        JobState.FAILED,
        f"needs {job.resources.memory_mb} MB of memory, the largest worker has {largest} MB; use "
        "a larger machine, or raise engine.memory_gb if you know better",
    )


def _settle(frontier: Frontier, event: Event, when: dt.datetime, retries: int) -> list[Change]:
    """Move the job of an event, and those that depend on it."""
    name, step = event.key
    match event:
        case Started():
            began = when - timedelta(seconds=event.seconds)
            return [frontier.start(event.key, event.worker, began, when)]
        case Died() if frontier.attempt(event.key) <= retries:
            _log.warning("%s: the worker of step %s died (%s), again", name, step, event.reason)
            return frontier.give_back(event.key, when)
        case Died():
            tries = frontier.attempt(event.key)
            reason = (
                f"the worker process died in step {step}, {tries} times, the last time "
                f"{event.reason}; see whether the machine runs out of memory"
            )
            done = Done(ABResult(name, JobState.FAILED, reason))
            return frontier.end(event.key, done, when, worker=event.worker)
        case Broken():
            _log.error("%s: step %s broke\n%s", name, step, event.trace or event.reason)
            reason = f"step {step} broke: {event.reason}; the log has the traceback"
            done = Done(ABResult(name, JobState.FAILED, reason))
        case Late():
            reason = (
                f"step {step} was stopped after {event.limit}, its time limit; the plugin's hook "
                "resources sets it"
            )
            done = Done(ABResult(name, JobState.FAILED, reason))
        case Ended():
            done = event.done
    began = when - timedelta(seconds=event.seconds)
    return frontier.end(event.key, done, when, worker=event.worker, started=began)


@contextmanager
def _little_garbage() -> Iterator[None]:
    """Look for garbage less often; a notebook goes on as before."""
    before = gc.get_threshold()
    gc.set_threshold(_LOOK_FOR_GARBAGE, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _sigterm_is_ctrl_c() -> Iterator[None]:
    """Let SIGTERM, as a batch system or ``kill`` sends it, break the run off in order."""
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread gets signals.
        yield
        return
    before = signal.signal(signal.SIGTERM, _break_off)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _break_off(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
