"""What differs between a night of the repository, a created pool of nights, and its masters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from phoenix.line.report import PreparedNight
    from phoenix.model.dates import CivilDate

__all__ = ["CREATED", "HISTORICAL", "MASTERS", "Policy", "nights_held", "nights_made", "policy_of"]


@frozen
class Policy:
    """How nights of one kind are run.

    Attributes
    ----------
    crosses_midnight : bool
        Whether it spans the nights of its ABs; else it is one night, whatever its ABs say.
    writes_blocks : bool
        Whether the run writes its ABs; created ones were written when they were created, and the
        run writes those that phoenix.toml has changed since.
    is_whole : bool
        Whether an AB of the night that it does not have is gone from the repository.
    clears_window : bool
        Whether masters out of the window leave the workspace before the run. Which masters a
        created pool may choose from must not depend on its runs.
    judges_by_history : bool
        Whether scores come from history too (the qualityChecker).
    only_certified : bool
        Whether nothing moves that is not certified, nor what was made with such (QC Handbook,
        5.5.5, 5.6.6); what is rejected is removed, and finished ABs name certified calibrations.
    """

    crosses_midnight: bool
    writes_blocks: bool
    is_whole: bool
    clears_window: bool
    judges_by_history: bool = False
    only_certified: bool = False


HISTORICAL = Policy(crosses_midnight=False, writes_blocks=True, is_whole=True, clears_window=True)
CREATED = Policy(crosses_midnight=True, writes_blocks=False, is_whole=False, clears_window=False)
MASTERS = Policy(
    crosses_midnight=True,
    writes_blocks=False,
    is_whole=False,
    clears_window=False,
    judges_by_history=True,
    only_certified=True,
)


def policy_of(night: PreparedNight) -> Policy:
    """Return the policy of a night."""
    if not night.pool:
        return HISTORICAL
    return MASTERS if night.masters else CREATED


def nights_made(night: PreparedNight) -> tuple[CivilDate, ...]:
    """Return the nights that its ABs are of, in order."""
    if not policy_of(night).crosses_midnight:
        return (night.date,)
    return tuple(sorted({ab.date for ab in night.cascade if ab.date}))


def nights_held(night: PreparedNight) -> tuple[CivilDate, ...]:
    """Return the nights that nobody else may run meanwhile, in order."""
    if not policy_of(night).crosses_midnight:
        return (night.date,)
    return tuple(sorted({*night.every_night, *nights_made(night)}))
