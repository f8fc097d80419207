"""Calls of the line, as they come out of the store."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

__all__ = ["RunRow", "RunState"]


class RunState(Enum):
    """How a call of the line ended."""

    RUNNING = "running"
    """It has not ended; if nobody runs it any more it was broken off."""
    DONE = "done"
    WRONG = "wrong"
    """Done, and something is wrong with the data."""
    WAITS = "waits"
    """Done as far as it goes without a person, who must certify masters first."""
    NOT_DONE = "not done"
    """The call, the settings or the machine must be mended, or another run held the night."""
    STOPPED = "stopped"
    """By Ctrl-C or SIGTERM."""
    BROKEN_OFF = "broken off"
    """Killed. Never stored: who is killed cannot say so."""


@frozen
class RunRow:
    """One call of the line.

    Attributes
    ----------
    verb : str
        ``run``, ``rerun``, ``certify``, ``convert`` ...
    pool : str
        As it was asked for: ``2020-01-01``, ``2020-01`` ...; empty where no night is meant.
    command : str
        What was typed, or the call in Python.
    started, ended : datetime or None
        UTC; not ended while it runs, and for ever if it was killed.
    since, until : str
        First and last night of the pool.
    state : RunState
        How it ended.
    reason : str
        Why it is not done; of a run that has not ended, what it waits for.
    counts : mapping of str to int
        What it did: ABs by state, IDPs ...
    versions : mapping of str to str
        Package to its version.
    id : int
        Number of the run, 0 before it is stored.
    """

    verb: str
    pool: str
    command: str
    started: dt.datetime
    ended: dt.datetime | None = None
    since: str = ""
    until: str = ""
    state: RunState = RunState.RUNNING
    reason: str = ""
    counts: Mapping[str, int] = field(factory=dict)
    versions: Mapping[str, str] = field(factory=dict)
    id: int = 0
