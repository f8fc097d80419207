"""Intermediate products leave when the last AB that reads them has ended well, and come back.

A pixel table of MUSE is as large as all that is delivered. An AB has ended well when its recipe,
its measurements and its report have; those of the ABs that read it must have, too. For one that is
to be done again, what it reads is made again first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.line.jobs.remember import record_taken_away
from phoenix.line.jobs.work import PROCESS, QC, REPORT
from phoenix.model.plain import plain_log
from phoenix.model.process import Stay
from phoenix.model.report import JobState
from phoenix.steps.shelf.manifest import successful_manifest
from phoenix.steps.shelf.places import Places
from phoenix.steps.shelf.taken import gone_products, remove_leftovers, take_away

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from phoenix.engine.job import Key
    from phoenix.line.context import LineContext
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.cascade import Cascade
    from phoenix.model.report import ABResult
    from phoenix.steps.shelf.manifest import Manifest, ProductFile

__all__ = ["bring_back", "let_go", "tidy_up"]

_STEPS = (PROCESS, QC, REPORT)
_log = plain_log(__name__)


# ---- they leave ---------------------------------------------------------------------------------


def let_go(line: LineContext, cascade: Cascade, names: Collection[str]) -> tuple[str, ...]:
    """Take away what nobody reads any more, now that something of these ABs has ended.

    Returns the ABs of which something left.

    Parameters
    ----------
    line : LineContext
        Workspace, store, clock.
    cascade : Cascade
        The ABs of a night that is held.
    names : collection of str
        Some of them; what they read is looked at, and what they made.
    """
    if line.stay is not Stay.READ:
        return ()
    near = {*names, *(p for name in names for p in cascade.block(name).waits_for)}
    readers = {name: blocks for name, blocks in _readers(cascade).items() if name in near}
    wanted = sorted({n for name, blocks in readers.items() for n in _names(name, blocks)})
    rows = line.store.jobs.rows(names=wanted) if wanted else ()
    states = {(row.ab_name, row.step): row.state for row in rows}
    return _let_go(line, cascade, readers, states)


def tidy_up(line: LineContext, cascade: Cascade, ended: Mapping[Key, ABResult]) -> None:
    """Take away what a killed run had still to take away, to its end.

    Parameters
    ----------
    line : LineContext
        Workspace, store, clock.
    cascade : Cascade
        The ABs of a night that is held.
    ended : mapping of Key to ABResult
        Jobs that need not be done.
    """
    if line.stay is not Stay.READ:
        return
    for ab in cascade:
        if names := remove_leftovers(Places.of(line.workspace, ab)):
            record_taken_away(line.store, str(ab.name), names)
    states = {key: result.state for key, result in ended.items()}
    _let_go(line, cascade, _readers(cascade), states)


def _readers(cascade: Cascade) -> dict[str, tuple[AssociationBlock, ...]]:
    """Return the ABs that read products of each AB that has such."""
    found: dict[str, list[AssociationBlock]] = {}
    for ab in cascade:
        for parent in dict.fromkeys(one.parent for one in ab.calibrations if one.parent):
            found.setdefault(parent, []).append(ab)
    known = {str(ab.name) for ab in cascade}
    return {name: tuple(blocks) for name, blocks in found.items() if name in known}


def _names(name: str, readers: Iterable[AssociationBlock]) -> set[str]:
    return {name, *(str(ab.name) for ab in readers)}


def _let_go(
    line: LineContext,
    cascade: Cascade,
    readers: Mapping[str, tuple[AssociationBlock, ...]],
    states: Mapping[Key, JobState],
) -> tuple[str, ...]:
    left = []
    for name, blocks in readers.items():
        steps = ((one, step) for one in _names(name, blocks) for step in _STEPS)
        well = all(states.get(key) is JobState.SUCCESSFUL for key in steps)
        if well and _take_away(line, cascade.block(name), blocks):
            left.append(name)
    return tuple(left)


def _take_away(
    line: LineContext, ab: AssociationBlock, readers: Iterable[AssociationBlock]
) -> bool:
    """Take away what these read of an AB; say whether there was any."""
    places = Places.of(line.workspace, ab)
    found = successful_manifest(places)
    if found is None or found[0] != places.published:
        return False
    read = {row.name for one in readers for row in _read_by(one, str(ab.name), found[1])}
    try:
        names = take_away(places, read, line.clock())
    except OSError as error:
        # They leave with the night at the latest.
        _log.warning("%s: intermediate products stay: %s", ab.name, error)
        return False
    if names:
        record_taken_away(line.store, str(ab.name), names)
        _log.info("%s: %d products taken away, nobody reads them any more", ab.name, len(names))
    return bool(names)


def _read_by(ab: AssociationBlock, parent: str, made: Manifest) -> Iterator[ProductFile]:
    """Yield the products of a parent that an AB reads."""
    for one in ab.calibrations:
        if one.parent == parent:
            yield from made.candidates(one.name, one.pro_catg)


# ---- they come back -----------------------------------------------------------------------------


def bring_back(line: LineContext, cascade: Cascade, ended: dict[Key, ABResult]) -> frozenset[str]:
    """Have products made again that are needed and gone, and what those are made of.

    Parameters
    ----------
    line : LineContext
        Where they were.
    cascade : Cascade
        The ABs.
    ended : dict of Key to ABResult
        Jobs that need not be done; the recipes that are to run for it are taken out.

    Returns
    -------
    frozenset of str
        The ABs whose products are made again.
    """
    back: set[str] = set()
    blocks = {str(ab.name): ab for ab in cascade}
    for ab in reversed(cascade.blocks):
        name = str(ab.name)
        again: tuple[str, ...] = ()
        if (name, PROCESS) not in ended:
            again = _makers_of_gone(line, blocks, ab)
        elif (name, QC) not in ended:
            # Measuring never had what left with a finished night.
            again = _makers_of_gone(line, blocks, ab, taken=True)
        for one in (*again, *((name,) if _has_gone(line, ab, ended) else ())):
            back.add(one)
            ended.pop((one, PROCESS), None)
    return frozenset(back)


def _has_gone(line: LineContext, ab: AssociationBlock, ended: Mapping[Key, ABResult]) -> bool:
    """Whether an AB that is to be measured or drawn lacks products of its own."""
    name = str(ab.name)
    if (name, PROCESS) not in ended or all((name, step) in ended for step in (QC, REPORT)):
        return False
    places = Places.of(line.workspace, ab)
    found = successful_manifest(places)
    return (
        found is not None
        and found[0] == places.published
        and bool(gone_products(places, found[1]))
    )


def _makers_of_gone(
    line: LineContext,
    blocks: Mapping[str, AssociationBlock],
    ab: AssociationBlock,
    *,
    taken: bool = False,
) -> tuple[str, ...]:
    """Return the ABs that made what this one reads and is not there, or was taken away."""
    makers = []
    for parent in dict.fromkeys(one.parent for one in ab.calibrations if one.parent in blocks):
        places = Places.of(line.workspace, blocks[parent])
        found = successful_manifest(places)
        rows = gone_products(places, found[1]) if found else ()
        gone = {row.name for row in rows if row.taken_away or not taken}
        if found and any(row.name in gone for row in _read_by(ab, parent, found[1])):
            makers.append(parent)
    return tuple(makers)
