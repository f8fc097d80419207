"""What no machine could hold is left out of ABs before the start, and told.

A recipe that combines holds all that it reads. Of an AB with too many inputs the last are left
out, if its plugin says that it can do without them; otherwise it is told that it will fail.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.engine.cluster import memory_to_be_had
from phoenix.errors import DataError
from phoenix.formats.abfile import read_ab
from phoenix.line.jobs.work import PROCESS
from phoenix.line.workspace import has_store
from phoenix.model.cascade import Cascade
from phoenix.model.plain import plain_log
from phoenix.model.recipe import Step
from phoenix.model.report import JobState
from phoenix.steps.shelf.places import Places

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phoenix.line.context import LineContext
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import MasterCalibration
    from phoenix.model.recipe import Resources, Spent

__all__ = ["told_of_memory", "within_memory"]

_MARK = "memory: "
_log = plain_log(__name__)


def within_memory(line: LineContext, cascade: Cascade) -> Cascade:
    """Return a cascade whose ABs read no more than fits into the memory of a machine.

    An AB that was run keeps the inputs that it was run with: what is learned of memory meanwhile
    is no reason to do it again.

    Raises
    ------
    PluginError
        If the plugin raises an error for an AB.
    SettingsError
        If the memory of batch jobs cannot be read.
    """
    history = line.spent()
    growing = {
        str(ab.name): needs for ab in cascade if (needs := _needs(line, ab, history)).each_mb
    }
    memory = memory_to_be_had(line.settings.engine) if growing else None
    if memory is None:
        return cascade
    done = _done(line, growing)
    blocks = (
        _fitted(line, ab, growing[str(ab.name)], memory, run=str(ab.name) in done)
        if str(ab.name) in growing
        else ab
        for ab in cascade
    )
    return Cascade(blocks)


def told_of_memory(blocks: Iterable[AssociationBlock]) -> tuple[str, ...]:
    """Say of which ABs inputs were left out, for want of memory."""
    return tuple(
        f"{ab.name}: {edit.why}" for ab in blocks for edit in ab.edits if _MARK in edit.why
    )


def _needs(
    line: LineContext,
    ab: AssociationBlock,
    history: Mapping[tuple[str, str], tuple[Spent, ...]],
) -> Resources:
    seen = history.get((ab.recipe, Step.RECIPE), ())
    return line.instrument.resources(line.process_row, ab, Step.RECIPE, seen)


def _done(line: LineContext, names: Iterable[str]) -> set[str]:
    if not has_store(line.workspace, line.settings):
        return set()
    rows = line.store.jobs.rows(names=names, step=PROCESS, states=[JobState.SUCCESSFUL])
    return {row.ab_name for row in rows}


def _fitted(
    line: LineContext, ab: AssociationBlock, needs: Resources, memory_mb: int, *, run: bool
) -> AssociationBlock:
    every = tuple(one for one in ab.calibrations if one.pro_catg == needs.each_of)
    surplus = max(0, math.ceil((needs.memory_mb - memory_mb) / needs.each_mb))
    if run:
        dropped = _dropped_before(line, ab, every)
    else:
        dropped = every[len(every) - surplus :] if 0 < surplus < len(every) else ()
    less = line.instrument.do_without(line.process_row, ab, dropped) if dropped else None
    if less is None or less == ab:
        if surplus and not run:
            told = f"{needs.memory_mb} MB of memory, the largest worker has {memory_mb} MB"
            _log.warning("%s will fail: it needs %s", ab.name, told)
        return ab
    left = sum(one.pro_catg == needs.each_of for one in less.calibrations)
    *before, last = less.edits
    why = f"{last.why}; {_MARK}{left} of {len(every)} {needs.each_of} fit into {memory_mb} MB"
    return evolve(less, edits=(*before, evolve(last, why=why)))


def _dropped_before(
    line: LineContext, ab: AssociationBlock, every: tuple[MasterCalibration, ...]
) -> tuple[MasterCalibration, ...]:
    """Return what was left out of an AB for want of memory when it was run."""
    try:
        before = read_ab(Places.of(line.workspace, ab).edited)
    except (DataError, OSError):
        return ()
    gone = {
        text
        for edit in before.edits
        if _MARK in edit.why
        for change in edit.changes
        if change.name == "calibrations"
        for text in change.removed
    }
    return tuple(one for one in every if str(one) in gone)
