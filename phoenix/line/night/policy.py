"""What differs between a night of the repository, a created pool of nights, and its masters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.line.report import PreparedNight
    from phoenix.model.dates import CivilDate
    from phoenix.model.workspace import Workspace

__all__ = [
    "CREATED",
    "HISTORICAL",
    "MASTERS",
    "Policy",
    "are_bound",
    "nights_held",
    "nights_made",
    "policy_of",
]


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
    only_certified : bool
        Whether nothing moves that is not certified, nor what was made with such (QC Handbook,
        5.5.5, 5.6.6); what is rejected is removed, and finished ABs name certified calibrations.
    """

    crosses_midnight: bool
    writes_blocks: bool
    is_whole: bool
    clears_window: bool
    only_certified: bool = False


HISTORICAL = Policy(crosses_midnight=False, writes_blocks=True, is_whole=True, clears_window=True)
CREATED = Policy(crosses_midnight=True, writes_blocks=False, is_whole=False, clears_window=False)
MASTERS = Policy(
    crosses_midnight=True,
    writes_blocks=False,
    is_whole=False,
    clears_window=False,
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


# ---- which nights may be run at the same time --------------------------------------------------


def are_bound(workspace: Workspace, one: PreparedNight, other: PreparedNight) -> bool:
    """Whether one night must have ended before the other begins, so that both find the same files.

    They are bound by an AB of both, by raw frames (which leave when their night is finished), by
    products, and by calibrations in a folder where the other puts some of the same PRO.CATG.
    """
    return bool(
        _names(one) & _names(other)
        or set(nights_held(one)) & set(nights_held(other))
        or _reads_from(workspace, one, other)
        or _reads_from(workspace, other, one)
    )


def _names(night: PreparedNight) -> set[str]:
    return {str(ab.name) for ab in night.cascade}


def _reads_from(workspace: Workspace, reader: PreparedNight, maker: PreparedNight) -> bool:
    nights = {str(date) for date in (*nights_held(maker), *(ab.date for ab in maker.cascade))}
    made = {product.pro_catg for ab in maker.cascade for product in ab.products}
    return any(
        night in nights and (kind != "calib" or pro_catg in made)
        for kind, night, pro_catg in _inputs(workspace, reader)
    )


def _inputs(workspace: Workspace, night: PreparedNight) -> Iterator[tuple[str, str, str]]:
    """Yield the folder, the night and the PRO.CATG of what the recipes of a night read."""
    for ab in night.cascade:
        raws = [(frame.path, "") for frame in (*ab.raw_files, *ab.associated_raws)]
        masters = [(frame.path, frame.pro_catg) for frame in ab.calibrations]
        for symbolic, pro_catg in (*raws, *masters):
            try:
                path = workspace.resolve(symbolic, ab.date)
                kind, date, *_ = path.relative_to(workspace.root).parts
            except (DataError, ValueError):
                # A path that leads out of the workspace: the AB itself will say so.
                continue
            yield kind, date, pro_catg
