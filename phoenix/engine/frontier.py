"""The frontier: which jobs can be run now. Knows nothing of workers and clocks."""

from __future__ import annotations

from collections import Counter, deque
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.engine.job import Change, Done, Progress
from phoenix.errors import CascadeError
from phoenix.model.report import ABResult, JobState

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from phoenix.engine.job import Batch, Job, Key

__all__ = ["Frontier"]

_Rank = tuple[int, int]

# How much more urgent the jobs of a batch are than those of the next (ours). A night given earlier
# is finished first: were the reports of all nights left for the end, being less urgent than the
# recipes of any, all nights would end at once, and no machine had work while they are finished.
_EARLIER = 1000


class Frontier:
    """Follows the jobs of a run from state to state.

    Every method that moves a job returns the changes, those of its children included.

    Attributes
    ----------
    results : dict of Key to ABResult
        How the jobs that have ended did.
    """

    def __init__(self) -> None:
        self.results: dict[Key, ABResult] = {}
        self._ended: dict[Key, ABResult] = {}
        self._jobs: dict[Key, Job] = {}
        self._states: dict[Key, JobState] = {}
        self._counts: Counter[JobState] = Counter()
        self._attempts: dict[Key, int] = {}
        self._missing: dict[Key, set[Key]] = {}
        self._children: dict[Key, list[Key]] = {}
        self._ranks: dict[Key, _Rank] = {}
        self._places = count()
        self._batches = 0
        self._ready: list[tuple[_Rank, Key]] = []
        self._busy: Counter[str] = Counter()
        self._queues: dict[str, list[tuple[_Rank, Key]]] = {}

    @property
    def finished(self) -> bool:
        """Whether every job has ended."""
        return len(self.results) == len(self._jobs)

    @property
    def ready(self) -> int:
        """Number of jobs that could be taken now."""
        return len(self._ready)

    @property
    def progress(self) -> Progress:
        """How many jobs stand where."""
        return Progress({state: count for state, count in self._counts.items() if count})

    def attempt(self, key: Key) -> int:
        """Return how often a job has been taken."""
        return self._attempts[key]

    def add(self, batch: Batch, when: dt.datetime) -> list[Change]:
        """Take in more jobs, and put each into its first state.

        A job that has ended in this run may come once more: it is done again.

        Raises
        ------
        CascadeError
            For two jobs of one key, for jobs that wait for each other or for one that is neither
            in the batch nor done before it.
        """
        jobs = _by_key(batch.jobs)
        _check_order(jobs, batch.ended)
        self._refuse_twins(jobs)
        missing = {key: _parents(job) for key, job in jobs.items()}
        for key, job in jobs.items():
            self.results.pop(key, None)
            priority = job.priority - _EARLIER * self._batches
            self._jobs[key], self._attempts[key] = evolve(job, priority=priority), 0
            self._ranks[key] = -priority, next(self._places)
        self._batches += 1
        self._ended.update(batch.ended)
        self._missing.update(missing)
        self._children.update(_children(missing))
        changes = {
            key: self._change(key, JobState.WAITING, when)
            for key, above in missing.items()
            if above
        }
        for key, above in missing.items():
            if not above:
                changes[key] = self._make_ready(key, when)
        for key, result in batch.ended.items():
            changes.update({change.key: change for change in self._tell(key, result, when)})
        return list(changes.values())

    def _refuse_twins(self, jobs: Mapping[Key, Job]) -> None:
        for name, step in jobs:
            if (name, step) in self._jobs and (name, step) not in self.results:
                raise CascadeError(f"{name}: the step {step} is being done; wait for its end")

    def take(self, number: int) -> list[Job]:
        """Return up to so many ready jobs, the most urgent first; they count as handed over.

        Of a stream, no more are given than its width; the next when one of them has ended.
        """
        taken: list[Job] = []
        while self._ready and len(taken) < number:
            rank, key = heappop(self._ready)
            needs = self._jobs[key].resources
            stream = needs.stream
            if stream and self._busy[stream] >= needs.stream_width:
                heappush(self._queues.setdefault(stream, []), (rank, key))
                continue
            if stream:
                self._busy[stream] += 1
            self._attempts[key] += 1
            taken.append(self._told(self._jobs[key]))
        return taken

    def _told(self, job: Job) -> Job:
        """Tell a job which of its soft parents have nothing for it."""
        ends = [self.results.get(key) or self._ended[key] for key in job.soft_after]
        lost = tuple(end for end in ends if end.state is not JobState.SUCCESSFUL)
        if job.tell is None or not lost:
            return job
        return evolve(job, payload=job.tell(job.payload, lost))

    def start(self, key: Key, worker: str, started: dt.datetime, when: dt.datetime) -> Change:
        """Note that a worker has begun a job."""
        change = self._change(key, JobState.RUNNING, when)
        return evolve(change, worker=worker, started=started)

    def give_back(self, key: Key, when: dt.datetime) -> list[Change]:
        """Note that a job was lost on its way; it is ready again."""
        self._free_stream(key)
        return [self._make_ready(key, when)]

    def end(
        self,
        key: Key,
        done: Done,
        when: dt.datetime,
        *,
        worker: str = "",
        started: dt.datetime | None = None,
    ) -> list[Change]:
        """Note how a job ended, and what that means for its children."""
        self._free_stream(key)
        change = self._settle(key, done.result, when)
        own = evolve(change, worker=worker, started=started, value=done.value)
        return [own, *self._tell(key, done.result, when)]

    def stop(self, when: dt.datetime) -> list[Change]:
        """Note that the run is broken off: what was running is ready for the next one."""
        running = [key for key, state in self._states.items() if state is JobState.RUNNING]
        return [self._change(key, JobState.READY, when) for key in running]

    def _tell(self, parent: Key, result: ABResult, when: dt.datetime) -> list[Change]:
        """Tell the children, and theirs, how a parent ended."""
        changes = []
        ends = deque([(parent, result)])
        while ends:
            key, result = ends.popleft()
            for child in self._children.get(key, ()):
                if child in self.results:
                    continue
                if result.state is not JobState.SUCCESSFUL and key in self._jobs[child].after:
                    blocked = ABResult(child[0], JobState.BLOCKED, result.culprit)
                    changes.append(self._settle(child, blocked, when))
                    ends.append((child, blocked))
                    continue
                self._missing[child].discard(key)
                if not self._missing[child]:
                    changes.append(self._make_ready(child, when))
        return changes

    def _make_ready(self, key: Key, when: dt.datetime) -> Change:
        heappush(self._ready, (self._ranks[key], key))
        return self._change(key, JobState.READY, when)

    def _settle(self, key: Key, result: ABResult, when: dt.datetime) -> Change:
        self.results[key] = result
        return evolve(self._change(key, result.state, when), result=result)

    def _free_stream(self, key: Key) -> None:
        stream = self._jobs[key].resources.stream
        if stream:
            self._busy[stream] -= 1
        if queue := self._queues.get(stream):
            heappush(self._ready, heappop(queue))

    def _change(self, key: Key, state: JobState, when: dt.datetime) -> Change:
        # Counted as they change: a run of a year has too many jobs to count them at every event.
        if before := self._states.get(key):
            self._counts[before] -= 1
        self._counts[state] += 1
        self._states[key] = state
        return Change(*key, state, when, self._attempts[key])


def _by_key(jobs: Iterable[Job]) -> dict[Key, Job]:
    by_key: dict[Key, Job] = {}
    for job in jobs:
        if by_key.setdefault(job.key, job) is not job:
            raise CascadeError(f"{job.ab_name}: found the step {job.step} twice, expected it once")
    return by_key


def _parents(job: Job) -> set[Key]:
    return {*job.after, *job.soft_after}


def _children(parents: Mapping[Key, set[Key]]) -> dict[Key, list[Key]]:
    children: dict[Key, list[Key]] = {}
    for key, above in parents.items():
        for parent in above:
            children.setdefault(parent, []).append(key)
    return children


def _check_order(jobs: Mapping[Key, Job], ended: Mapping[Key, ABResult]) -> None:
    for job in jobs.values():
        lost = [key for key in _parents(job) if key not in jobs and key not in ended]
        if lost:
            name, step = min(lost)
            raise CascadeError(
                f"{job.ab_name}: the step {job.step} waits for {step} of {name}, which is neither "
                "in this run nor done before; run that AB too"
            )
    try:
        TopologicalSorter({key: _parents(job) for key, job in jobs.items()}).prepare()
    except CycleError as error:
        ring = " -> ".join(f"{name} {step}" for name, step in reversed(error.args[1]))
        raise CascadeError(f"jobs wait in a ring: {ring}; remove one WAITFOR line") from error
