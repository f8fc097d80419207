"""What a run would do of each AB, and why: for who looks first. Nothing is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from phoenix.errors import DataError
from phoenix.formats.abfile import read_ab
from phoenix.line.night.jobs import job_keys
from phoenix.line.night.work import PROCESS, QC, REPORT
from phoenix.line.workspace import has_store
from phoenix.steps.recipe.tries import merged
from phoenix.steps.shelf.places import Places

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phoenix.engine.job import Key
    from phoenix.line.context import LineContext
    from phoenix.line.report import PreparedPool
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.cascade import Cascade
    from phoenix.model.process import Process
    from phoenix.store.rows import JobRow

__all__ = ["changes", "pending"]

NEW = "was not run yet"
OPEN = "was not run to its end"
TO_MEASURE = "is to be measured and drawn"
ANEW = "its AB was written anew"


def pending(line: LineContext, prepared: PreparedPool) -> dict[str, str]:
    """Return the ABs of which a run would do something, and why, in order.

    What failed is not among them: that is for ``phoenix rerun --failed``.
    """
    rows: dict[Key, JobRow] = {}
    if has_store(line.workspace, line.settings):
        names = [str(ab.name) for ab in prepared.blocks]
        rows = {(row.ab_name, row.step): row for row in line.store.jobs.rows(names=names)}
    found: dict[str, str] = {}
    for night in prepared.nights:
        found |= _of_cascade(line, night.cascade, rows)
    return found


def _of_cascade(line: LineContext, cascade: Cascade, rows: Mapping[Key, JobRow]) -> dict[str, str]:
    keys = job_keys(cascade)
    found: dict[str, str] = {}
    for ab in cascade:
        name = str(ab.name)
        row = rows.get((name, PROCESS))
        if row is not None and row.job_key != keys[name, PROCESS]:
            depends = [f"depends on {parent}" for parent in ab.waits_for if parent in found]
            found[name] = "; ".join((*_own_changes(line, ab), *depends)) or ANEW
        elif why := _unfinished(rows, name):
            found[name] = why
    return found


def _unfinished(rows: Mapping[Key, JobRow], name: str) -> str:
    row = rows.get((name, PROCESS))
    if row is None:
        return NEW
    if not row.state.is_final:
        return OPEN
    later = (rows.get((name, step)) for step in (QC, REPORT))
    return TO_MEASURE if any(row is not None and not row.state.is_final for row in later) else ""


def _own_changes(line: LineContext, ab: AssociationBlock) -> tuple[str, ...]:
    """Return what is new in an AB since it was written down for its last run."""
    try:
        before = read_ab(Places.of(line.workspace, ab).edited)
    except (DataError, OSError):
        # It is gone, or nobody's: that the AB is another one is known from its job.
        return ()
    return changes(line.process_row, before, ab)


def changes(process: Process, before: AssociationBlock, now: AssociationBlock) -> tuple[str, ...]:
    """Return what differs between two versions of an AB, one text for each parameter and field.

    Parameters are those that the recipe is given, with the plugin's own.
    """
    old, new = _parameters(process, before), _parameters(process, now)
    told = [
        f"parameter {name} {old.get(name, '(default)')} -> {new.get(name, '(default)')}"
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name)
    ]
    others = (field.name for field in attrs.fields(type(now)))
    told += [
        f"other {name.replace('_', ' ')}"
        for name in others
        if name not in {"parameters", "edits"} and getattr(before, name) != getattr(now, name)
    ]
    return tuple(told)


def _parameters(process: Process, ab: AssociationBlock) -> dict[str, str]:
    recipe = process.recipe(ab.recipe)
    usual = recipe.parameters if recipe else ()
    return {row.name: row.value for row in merged(usual, ab.parameters)}
