"""How a night stands: what became of its ABs, and what a run would do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from attrs import evolve

from phoenix.errors import DataError
from phoenix.formats.abfile import read_ab
from phoenix.line.jobs.leaving import bring_back
from phoenix.line.jobs.masters import sums_of_masters
from phoenix.line.jobs.to_do import job_keys
from phoenix.line.jobs.work import PROCESS, QC, REPORT
from phoenix.line.report import NightReport
from phoenix.line.workspace import has_store
from phoenix.model.counted import counted
from phoenix.model.recipe import Step
from phoenix.model.report import ABResult, JobState
from phoenix.model.score import BY_PERSON
from phoenix.steps.quality.score import read_qc
from phoenix.steps.recipe.tries import merged
from phoenix.steps.shelf.places import Places, Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from phoenix.engine.job import Key
    from phoenix.line.context import LineContext
    from phoenix.line.report import PreparedNight, PreparedPool
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.cascade import Cascade
    from phoenix.model.dates import CivilDate
    from phoenix.model.process import Process
    from phoenix.model.score import Verdict
    from phoenix.steps.quality.score import QCResult
    from phoenix.store.rows import JobRow

__all__ = [
    "changes",
    "job_rows",
    "judged_since",
    "limits_of_night",
    "outlook",
    "pending",
    "report_of",
]


def limits_of_night(night: PreparedNight) -> tuple[CivilDate, CivilDate]:
    """Return the first and the last night of the ABs."""
    dates = {*night.every_night, *(ab.date for ab in night.cascade if ab.date)}
    return min(dates), max(dates)


def job_rows(
    line: LineContext, night: PreparedNight, step: str | None = None
) -> tuple[JobRow, ...]:
    """Return the jobs of the nights that the ABs are of, of one step or of all."""
    first, last = limits_of_night(night)
    return line.store.jobs.rows(since=first, until=last, step=step)


def report_of(line: LineContext, night: PreparedNight) -> NightReport:
    """Return how the ABs of a night ended, what was measured, and their verdicts."""
    names = {*(str(ab.name) for ab in night.cascade), *dict(night.refused)}
    jobs = [row for row in job_rows(line, night) if row.state.is_final and row.ab_name in names]
    processed = [row for row in jobs if row.step == PROCESS]
    # Conversion is no step of a run: what failed there was measured, and may move.
    apart = {PROCESS, Step.CONVERT.value}
    failed = [row for row in jobs if row.step not in apart and row.state is JobState.FAILED]
    declared = line.instrument.qc_parameters(line.process_row)
    refused = {name: ABResult(name, JobState.FAILED, why) for name, why in night.refused}
    return NightReport(
        date=night.date,
        blocks=night.cascade.blocks,
        results=refused | {row.ab_name: row.result() for row in processed},
        quality=_quality(line, night, processed),
        verdicts=_verdicts(line, night, processed),
        declared={row.name: row for row in declared},
        unmeasured=frozenset(row.ab_name for row in failed),
        notes=tuple(f"{row.ab_name}, {row.step}: {row.reason}" for row in failed),
        pool=night.pool,
        waiting=night.waiting,
    )


def judged_since(
    line: LineContext, night: PreparedNight, report: NightReport, processed: Iterable[JobRow]
) -> NightReport:
    """Return a report with the verdicts as they are now; nothing else of it has changed."""
    return evolve(report, verdicts=_verdicts(line, night, processed))


def _quality(
    line: LineContext, night: PreparedNight, processed: list[JobRow]
) -> dict[str, QCResult]:
    good = {row.ab_name for row in processed if row.state is JobState.SUCCESSFUL}
    places = (Places.of(line.workspace, ab) for ab in night.cascade if str(ab.name) in good)
    results = (read_qc(place.now(Record.QC)) for place in places)
    return {result.ab_name: result for result in results if result is not None}


def _verdicts(
    line: LineContext, night: PreparedNight, processed: Iterable[JobRow]
) -> dict[str, Verdict]:
    """Return the verdicts that count: a person's is on the products that there were then."""
    # A failed AB has nothing that a verdict could be on.
    ended = {row.ab_name: row.ended for row in processed if row.state is JobState.SUCCESSFUL}
    first, last = limits_of_night(night)
    rows = line.store.verdicts.current(since=first, until=last)
    return {
        name: row.verdict
        for name, row in rows.items()
        if name in ended
        and (row.verdict.kind not in BY_PERSON or row.at >= (ended[name] or row.at))
    }


# ---- what a run would do, for who looks first; nothing is touched -------------------------------

NEW = "was not run yet"
OPEN = "was not run to its end"
TO_MEASURE = "is to be measured and drawn"
CHANGED = "its AB was changed"
REMADE = "a master that it was made with was made again"
_TOLD = {
    "recipe": "recipe",
    "raw_files": "raw files",
    "calibrations": "calibrations",
    "associated_raws": "associated raw files",
    "associated_masters": "associated masters",
    "products": "products",
    "completeness": "completeness",
}
"""What a person asks about first; of the rest it is only said that something differs (ours)."""
NEEDED = "its products were taken away and are needed again"


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


def outlook(prepared: PreparedPool, pending: Collection[str], left: Iterable[str] = ()) -> str:
    """Say how many ABs a run would do something of.

    Parameters
    ----------
    prepared : PreparedPool
        What would be run.
    pending : collection of str
        Names of the ABs of which it would: :func:`pending`.
    left : iterable of str
        Names of ABs that failed or were changed; those that a run would not touch are told.
    """
    failed = set(left) - set(pending)
    rest = len(prepared.blocks) - len(failed) - len(pending)
    left_over = counted(len(failed), "failed before and is", "failed before and are")
    parts = [
        f"{len(pending)} of {counted(len(prepared.blocks), 'AB')} would be run, measured or drawn",
        f"{left_over} for `phoenix rerun --failed`" if failed else "",
        f"{counted(len(prepared.waiting), 'waits', 'wait')} for a person"
        if prepared.waiting
        else "",
        f"{len(prepared.refused)} cannot be run" if prepared.refused else "",
        f"{counted(rest, 'is', 'are')} done" if rest else "",
    ]
    return f"{prepared.pool}: {'; '.join(filter(None, parts))}"


def _of_cascade(line: LineContext, cascade: Cascade, rows: Mapping[Key, JobRow]) -> dict[str, str]:
    keys = job_keys(cascade, sums_of_masters(line, cascade))
    found: dict[str, str] = {}
    for ab in cascade:
        name = str(ab.name)
        row = rows.get((name, PROCESS))
        if row is not None and row.job_key != keys[name, PROCESS]:
            depends = [f"depends on {parent}" for parent in ab.waits_for if parent in found]
            found[name] = "; ".join((*_own_changes(line, ab), *depends)) or REMADE
        elif why := _unfinished(rows, name):
            found[name] = why
    return _with_gone(line, cascade, found, rows)


def _with_gone(
    line: LineContext, cascade: Cascade, found: dict[str, str], rows: Mapping[Key, JobRow]
) -> dict[str, str]:
    """Add the ABs whose products were taken away and are needed for those that were found."""
    if not rows:
        return found
    done = {key: row.result() for key, row in rows.items() if row.state.is_final}
    again = {name: why for name, why in found.items() if why != TO_MEASURE}
    ended = {key: result for key, result in done.items() if key[0] not in again}
    back = bring_back(line, cascade, ended)
    names = (str(ab.name) for ab in cascade)
    return {name: found.get(name, NEEDED) for name in names if name in found or name in back}


def _unfinished(rows: Mapping[Key, JobRow], name: str) -> str:
    row = rows.get((name, PROCESS))
    if row is None:
        return NEW
    if not row.state.is_final:
        return OPEN if row.attempt else NEW
    later = (rows.get((name, step)) for step in (QC, REPORT))
    return TO_MEASURE if any(row is not None and not row.state.is_final for row in later) else ""


def _own_changes(line: LineContext, ab: AssociationBlock) -> tuple[str, ...]:
    """Return what is new in an AB since it was written down for its last run."""
    try:
        before = read_ab(Places.of(line.workspace, ab).edited)
    except (DataError, OSError):
        # It is gone, or nobody's: that the AB is another one is known from its job.
        return (CHANGED,)
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
    told += [f"other {word}" for name, word in _TOLD.items() if _differ(name, before, now)]
    more = any(_differ(field.name, before, now) for field in attrs.fields(type(now)))
    return tuple(told) or ((CHANGED,) if more else ())


def _differ(field: str, before: AssociationBlock, now: AssociationBlock) -> bool:
    return field not in {"parameters", "edits"} and getattr(before, field) != getattr(now, field)


def _parameters(process: Process, ab: AssociationBlock) -> dict[str, str]:
    recipe = process.recipe(ab.recipe)
    usual = recipe.parameters if recipe else ()
    return {row.name: row.value for row in merged(usual, ab.parameters)}
