"""Jobs and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from phoenix.model.recipe import Resources

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from phoenix.model.report import ABResult, JobState

__all__ = ["Batch", "Change", "Done", "Job", "Key", "Progress"]

Key = tuple[str, str]
"""AB name and step: what a job is known by."""


@frozen
class Job:
    """One step of one AB.

    Attributes
    ----------
    ab_name, step : str
        What it is known by.
    payload : object
        What the work function is given; picklable.
    after : tuple of Key
        Jobs that must have been SUCCESSFUL; otherwise this one is BLOCKED.
    soft_after : tuple of Key
        Jobs that must merely have ended.
    resources : Resources
        Cores, memory and stream.
    limit_s : float
        Wall seconds after which the job is stopped and FAILED; 0 where it limits itself.
    priority : int
        Of the ready jobs of a batch the highest goes first, then the first given; those of an
        earlier batch go before.
    tell : callable or None
        Makes another payload of the payload and the results of those of `soft_after` that were
        not SUCCESSFUL; called in the coordinator when the job is handed over.
    """

    ab_name: str
    step: str
    payload: Any = field(default=None, repr=False)
    after: tuple[Key, ...] = ()
    soft_after: tuple[Key, ...] = ()
    resources: Resources = field(factory=Resources)
    limit_s: float = 0.0
    priority: int = 0
    tell: Callable[[Any, tuple[ABResult, ...]], Any] | None = field(default=None, repr=False)

    @property
    def key(self) -> Key:
        """AB name and step."""
        return self.ab_name, self.step


@frozen
class Batch:
    """Jobs that depend on each other, and on nothing outside.

    Attributes
    ----------
    jobs : tuple of Job
        What is to be done.
    ended : mapping of Key to ABResult
        Parents that were done before.
    """

    jobs: tuple[Job, ...]
    ended: Mapping[Key, ABResult] = field(factory=dict)


@frozen
class Done:
    """What a work function returns.

    Attributes
    ----------
    result : ABResult
        How the step ended.
    value : object
        Whatever else is to be stored; picklable.
    """

    result: ABResult
    value: Any = field(default=None, repr=False)


@frozen
class Change:
    """A job got into another state.

    Attributes
    ----------
    ab_name, step : str
        The job.
    state : JobState
        Its new state.
    when : datetime
        By the clock of the coordinator.
    attempt : int
        How often it has been handed to a worker.
    worker : str
        Host and process number of the worker, where one was involved.
    started : datetime or None
        When the worker began.
    result : ABResult or None
        Given for final states.
    value : object
        What the work function returned besides.
    """

    ab_name: str
    step: str
    state: JobState
    when: dt.datetime
    attempt: int = 0
    worker: str = ""
    started: dt.datetime | None = None
    result: ABResult | None = None
    value: Any = field(default=None, repr=False)

    @property
    def key(self) -> Key:
        """AB name and step."""
        return self.ab_name, self.step


@frozen
class Progress:
    """How far a run is.

    Attributes
    ----------
    states : mapping of JobState to int
        Number of its jobs in each state that occurs.
    """

    states: Mapping[JobState, int]

    @property
    def total(self) -> int:
        """Number of jobs."""
        return sum(self.states.values())

    @property
    def ended(self) -> int:
        """Number of jobs in a final state."""
        return sum(count for state, count in self.states.items() if state.is_final)
