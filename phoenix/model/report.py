"""Reports: how ABs and runs ended."""

from __future__ import annotations

import re
from enum import Enum

from attrs import frozen

from phoenix.errors import DataError

__all__ = [
    "INPUT_FILES",
    "INPUT_MB",
    "NEXT_BY_RULES",
    "ABResult",
    "JobState",
    "blocked_by",
    "told",
]

INPUT_FILES, INPUT_MB = "input files", "input MB"
"""Details of a recipe: the number of files that it read, and their size."""


class JobState(Enum):
    """Where the job of an AB stands."""

    CREATED = "created"
    """Prepared, not yet handed to a run."""
    WAITING = "waiting"
    """For its parents."""
    READY = "ready"
    """For a worker."""
    RUNNING = "running"
    """On a worker."""
    SUCCESSFUL = "successful"
    """Products published."""
    GATED = "gated"
    """The recipe ended with exit code 0 and a wrong result."""
    FAILED = "failed"
    """No products."""
    BLOCKED = "blocked"
    """A parent has no products."""
    CANCELLED = "cancelled"
    """Taken out by a person."""

    @property
    def is_final(self) -> bool:
        """Whether a run leaves the job like that."""
        return self not in _PENDING


_PENDING = {JobState.CREATED, JobState.WAITING, JobState.READY, JobState.RUNNING}


_CULPRIT = re.compile(r"(?:^|; )(\S{1,200}\.ab) \((?:failed|gated|cancelled): ")


def blocked_by(reason: str) -> tuple[str, ...]:
    """Return the ABs that a reason of BLOCKED names, as :attr:`ABResult.culprit` makes it.

    What is wrong with them is said once, where they are.
    """
    return tuple(dict.fromkeys(_CULPRIT.findall(reason)))


NEXT_BY_RULES = "; next by the rules: "
"""What follows it in a reason of BLOCKED could take the place of what is lacking."""


def told(state: JobState, reason: str) -> str:
    """Return a reason for a table of ABs: of a blocked one by which, for that has its own row."""
    culprits = blocked_by(reason) if state is JobState.BLOCKED else ()
    if not culprits:
        return reason
    _, mark, others = reason.rpartition(NEXT_BY_RULES)
    return f"blocked by {', '.join(culprits)}{mark}{others if mark else ''}"


@frozen
class ABResult:
    """How one AB ended.

    Attributes
    ----------
    ab_name : str
        The AB.
    state : JobState
        A final state.
    reason : str
        Why it is not SUCCESSFUL; never empty then. Of a SUCCESSFUL one what it was made without.
    products : int
        Number of products published.
    wall_s, cpu_s : float
        Wall and CPU seconds of the recipe.
    peak_memory_mb : float
        Peak resident memory of the recipe in MB.
    details : tuple of (str, str)
        Name and text of whatever else is to be remembered.
    """

    ab_name: str
    state: JobState
    reason: str = ""
    products: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_mb: float = 0.0
    details: tuple[tuple[str, str], ...] = ()

    def __attrs_post_init__(self) -> None:
        if not self.state.is_final:
            raise DataError(f"{self.ab_name}: {self.state.value} is no end of an AB")
        if self.state is not JobState.SUCCESSFUL and not self.reason:
            raise DataError(f"{self.ab_name}: {self.state.value} needs a reason")

    @property
    def culprit(self) -> str:
        """The AB on which those depend that are blocked by this one, and what is wrong with it."""
        if self.state is JobState.BLOCKED:
            return self.reason
        return f"{self.ab_name} ({self.state.value}: {self.reason})"
