"""Batch jobs are looked after: asked for, waited for, replaced when they are lost, with a limit.

The loop of the engine drives it; it has no thread and never waits for the batch system.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from attrs import define, field

from phoenix.engine.batch import Standing, Stands
from phoenix.errors import BatchError
from phoenix.model.plain import plain_log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from phoenix.engine.batch import BatchSystem

__all__ = ["BatchJobs", "Watch"]

_log = plain_log(__name__)

# All of these are ours.
_MOST_LOST = 3
"""So many new jobs are asked for without any work done in between."""
_PATIENCE_S = 60.0
"""After so long it is said what a job without a worker is about."""
_ALONE_S = 300.0
"""A job that runs so long without a worker is given up; half of a minute is usual."""
_SOON_S, _LATER_S = 2.0, 15.0
"""How often the batch system is asked while something is awaited, and otherwise."""
_LOST_S = 20.0
"""A batch system that cannot be asked is taken to have lost a job whose worker is gone so long."""
_LOOKS_S = 5.0
"""A job that the batch system has not looked at in this time waits, whatever the reason."""
_REFUSED_S = 60.0
"""How long not to ask for more where a job was refused and others run."""
_NAMED = 3
"""Of more jobs only so many are named."""


class BatchJobs(Protocol):
    """What a watch is given to handle jobs with."""

    system: BatchSystem | None
    """None for one that cannot be asked."""

    def submit(self, worker: str) -> str:
        """Ask for a job, whose worker will have this name; return its id.

        Raises
        ------
        BatchError
            If it is refused; the message is the batch system's own.
        """

    def ask(self) -> None:
        """Begin to ask where all jobs stand; nothing if that is being asked."""

    def answer(self) -> Mapping[str, Standing] | str | None:
        """Return what was asked: by id, or a sentence if it cannot be said; None before."""

    def workers(self) -> frozenset[str]:
        """Return the names of the workers that are connected."""

    def cancel(self, job: str) -> None:
        """Take a job out of the queue."""

    def log_of(self, job: str) -> str:
        """Return where the log of a job is and how it ends."""


@define
class _Job:
    """A job that was asked for."""

    id: str
    worker: str
    asked: float
    standing: Standing | None = None
    seen: float | None = None
    """When its worker was connected last."""
    alone: float | None = None
    """Since when it runs without a worker."""
    told: bool = False

    @property
    def waits(self) -> bool:
        return self.standing is not None and self.standing.stands is Stands.WAITS

    @property
    def runs(self) -> bool:
        return self.standing is not None and self.standing.stands is Stands.RUNS

    @property
    def ended(self) -> bool:
        return self.standing is not None and self.standing.stands is Stands.ENDED

    @property
    def reason(self) -> str:
        return self.standing.reason if self.standing else ""


@define
class Watch:
    """Sees to it that there are so many batch jobs.

    Attributes
    ----------
    jobs : BatchJobs
        Handles them.
    wanted : int
        How many.
    mark : str
        The names of their workers begin with it.
    clock : callable
        Gives seconds.
    waits : str
        What is waited for, where no worker is there; else empty.
    """

    jobs: BatchJobs
    wanted: int
    mark: str
    clock: Callable[[], float] = time.monotonic
    waits: str = ""
    _known: list[_Job] = field(factory=list)
    _number: int = 0
    _again: int = 0
    _connected: frozenset[str] = frozenset()
    _due: bool = True
    _asked: float = 0.0
    _asking: bool = False
    _silent: str = ""
    _refused: str = ""
    _refused_at: float = 0.0

    def start(self) -> None:
        """Ask for all jobs.

        Raises
        ------
        BatchError
            If the first is refused.
        """
        self._fill(self.wanted)

    def worked(self) -> None:
        """Note that work was done: jobs may be lost again."""
        self._again = 0

    def look(self) -> None:
        """See how the jobs are; ask for new ones in place of those that are lost.

        Raises
        ------
        BatchError
            If there is no job that can do the work and no use in asking for more.
        """
        self._see_workers()
        self._hear()
        self._see_who_is_alone()
        lost = [job for job in self._known if self._is_lost(job)]
        for job in lost:
            self._known.remove(job)
            if job.runs:
                self.jobs.cancel(job.id)
        self._replace(lost)
        self._tell_late()
        self.waits = self._waiting()
        self._ask_in_time()

    # ---- what is known ----------------------------------------------------------------------

    def _see_workers(self) -> None:
        self._connected, before = self.jobs.workers(), self._connected
        if before - self._connected:
            # It matters now what became of it.
            self._due = True
        for job in self._known:
            if self._has_worker(job):
                job.seen, job.told = self.clock(), False

    def _see_who_is_alone(self) -> None:
        for job in self._known:
            # Of a system that cannot be asked, a job may be anywhere.
            begun = job.runs or self.jobs.system is None
            if self._has_worker(job) or not begun:
                job.alone = None
            elif job.alone is None:
                job.alone = self.clock()

    def _has_worker(self, job: _Job) -> bool:
        # A job with several processes numbers its workers.
        return any(
            name == job.worker or name.startswith(f"{job.worker}-") for name in self._connected
        )

    def _hear(self) -> None:
        answer = self.jobs.answer() if self._asking else None
        if answer is None:
            return
        self._asking = False
        if isinstance(answer, str):
            if not self._silent:
                _log.warning("the batch system does not answer: %s", answer)
            self._silent = answer
            return
        self._silent = ""
        for job in self._known:
            # It knows what was submitted before it was asked.
            if job.id in answer or job.asked < self._asked:
                job.standing = answer.get(job.id, Standing(Stands.ENDED, "it left the queue"))

    def _is_lost(self, job: _Job) -> bool:
        # Processes may outlive what the batch system knows of them: a worker that works, works.
        if self._has_worker(job):
            return False
        if self.jobs.system is None:
            return job.seen is not None and self.clock() - job.seen > _LOST_S
        # HTCondor holds a job that was over its time, until a person looks at it.
        held = job.seen is not None and self._is_hopeless(job)
        return job.ended or held or self._is_alone(job, _ALONE_S)

    # ---- what is done -----------------------------------------------------------------------

    def _replace(self, lost: list[_Job]) -> None:
        missing = self.wanted - len(self._known)
        number = min(missing, _MOST_LOST - self._again)
        if self._refused and self._known and self.clock() - self._refused_at < _REFUSED_S:
            number = 0
        if number <= 0 and lost and not self._known:
            raise BatchError(
                f"{self._end_of(lost[-1])}; {self._again} new ones did no better, and no other "
                "can do the work; nothing that was recorded is lost: mend it and give the same "
                "command again"
            )
        for place, job in enumerate(lost):
            new = "a new one is asked for" if place < number else "none is asked for any more"
            _log.warning("%s; %s", self._end_of(job), new)
        if number > 0:
            self._again += number
            self._fill(number)

    def _end_of(self, job: _Job) -> str:
        """Return how a job ended; of one that never worked its log says more."""
        if job.runs:
            log = self.jobs.log_of(job.id)
            text = f"batch job {job.id} ran {_ALONE_S:.0f} s without a worker"
            return f"{text}; {log}" if log else text
        text = f"batch job {job.id} ended"
        if job.reason:
            text += f" ({job.reason})"
        if job.seen is not None:
            return text
        log = self.jobs.log_of(job.id)
        return f"{text} before its worker connected" + (f"; {log}" if log else "")

    def _fill(self, number: int) -> None:
        for _ in range(number):
            worker = f"{self.mark}-{self._number}"
            self._number += 1
            try:
                job = self.jobs.submit(worker)
            except BatchError as error:
                self._bear(error)
                return
            self._refused = ""
            self._known.append(_Job(job, worker, self.clock()))
            self._due = True

    def _bear(self, error: BatchError) -> None:
        """Do with fewer jobs if there are any."""
        if not self._known:
            raise error
        if str(error) != self._refused:
            _log.warning("%d of %d batch jobs: %s", len(self._known), self.wanted, error)
        self._refused, self._refused_at = str(error), self.clock()

    def _tell_late(self) -> None:
        """Say of jobs that have no worker for long what is known of them."""
        for job in self._known:
            if job.told:
                continue
            if self._is_hopeless(job) and self._was_asked(job, _PATIENCE_S):
                self._tell_hopeless(job)
            elif self._is_alone(job, _PATIENCE_S):
                job.told = True
                log = self.jobs.log_of(job.id)
                _log.warning(
                    "batch job %s has no worker after %.0f s; %s",
                    *(job.id, _PATIENCE_S, log or "ask the batch system for it"),
                )

    def _is_hopeless(self, job: _Job) -> bool:
        system = self.jobs.system
        return job.waits and system is not None and job.reason.split(":")[0] in system.hopeless

    def _tell_hopeless(self, job: _Job) -> None:
        job.told = True
        text = f"batch job {job.id} will not start ({job.reason})"
        if self._connected or not all(map(self._is_hopeless, self._known)):
            _log.warning("%s", text)
            return
        raise BatchError(
            f"{text}, and no other can do the work; change what [engine.jobqueue] asks for, or "
            "talk to those who run the batch system"
        )

    def _waiting(self) -> str:
        """Return what is waited for, empty if that is nothing."""
        if self._silent and not self._connected:
            return f"waits for the batch system ({self._silent})"
        waiting = [job for job in self._known if self._is_awaited(job)]
        reason = f" ({waiting[0].reason})" if waiting and waiting[0].reason else ""
        if waiting and self._connected:
            # No numbers: they change with every job that starts.
            return f"waits for more batch jobs{reason}"
        if waiting:
            names = ", ".join(job.id for job in waiting[:_NAMED])
            more = f" and {len(waiting) - _NAMED} more" if len(waiting) > _NAMED else ""
            return f"waits for batch job{'s'[: len(waiting) - 1]} {names}{more}{reason}"
        return ""

    def _is_awaited(self, job: _Job) -> bool:
        """Whether a job waits, and not only because the batch system has had no time for it."""
        if self._has_worker(job):
            return False
        if not job.waits:
            return job.told or (self.jobs.system is None and self._was_asked(job, _LOOKS_S))
        system = self.jobs.system
        looked = system is not None and job.reason not in system.not_yet
        return looked or self._was_asked(job, _LOOKS_S)

    def _is_alone(self, job: _Job, for_s: float) -> bool:
        return job.alone is not None and self.clock() - job.alone > for_s

    def _was_asked(self, job: _Job, ago_s: float) -> bool:
        return self.clock() - job.asked > ago_s

    def _ask_in_time(self) -> None:
        if self.jobs.system is None or self._asking:
            return
        soon = any(
            job.seen is None and not self._was_asked(job, _PATIENCE_S) for job in self._known
        )
        if self._due or self.clock() - self._asked >= (_SOON_S if soon else _LATER_S):
            self._due, self._asked, self._asking = False, self.clock(), True
            self.jobs.ask()
