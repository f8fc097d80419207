"""Which jobs of a night need not be done: by the store, or by what lies on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.line.jobs.raw_bad import tell_raw_files
from phoenix.line.jobs.remember import record_manifest, record_quality
from phoenix.line.jobs.work import PROCESS, QC, REPORT
from phoenix.model.report import ABResult, JobState
from phoenix.steps.quality.score import read_qc
from phoenix.steps.quality.verdicts import read_verdicts
from phoenix.steps.recipe.tries import merged
from phoenix.steps.shelf.done_before import done_before, is_removed, process_again
from phoenix.steps.shelf.intact import is_resized
from phoenix.steps.shelf.manifest import successful_manifest
from phoenix.steps.shelf.places import Places, Record
from phoenix.steps.task import Published

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from phoenix.engine.job import Key
    from phoenix.line.context import LineContext
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.cascade import Cascade
    from phoenix.store.rows import JobRow

__all__ = ["ended_jobs", "outdated"]


def ended_jobs(line: LineContext, cascade: Cascade) -> dict[Key, ABResult]:
    """Return the jobs that need not be done, and how they ended.

    What a killed run published and could not store any more is stored now. Such an AB counts only
    if its parents do: parents that are done again may make something else. What was measured
    before a parent was is measured again; if its products have left the certification area, and
    some of them are no more, it is processed again for that.
    """
    _take_up_verdicts(line, cascade)
    names = [str(ab.name) for ab in cascade]
    rows = {(row.ab_name, row.step): row for row in line.store.jobs.rows(names=names)}
    ended = {key: row.result() for key, row in rows.items() if row.state.is_final}
    for ab in cascade:
        for step in _without_record(line, ab, ended):
            ended.pop((str(ab.name), step), None)
    for ab in cascade:
        if (str(ab.name), PROCESS) not in ended and _have_succeeded(ab.waits_for, ended):
            ended.update(_found_on_disk(line, ab))
    for name in outdated(cascade, rows):
        if is_removed(line.workspace, cascade.block(name)):
            # It was rejected; what it was measured by matters to nobody.
            continue
        ended.pop((name, QC), None)
        ended.pop((name, REPORT), None)
    for ab in cascade:
        if _is_out_of_reach(line, ab, ended):
            process_again(line.workspace, ab)
            del ended[str(ab.name), PROCESS]
    return ended


def _take_up_verdicts(line: LineContext, cascade: Cascade) -> None:
    """Store what persons said, where a database that was lost does not know it any more."""
    for ab in cascade:
        said = read_verdicts(Places.of(line.workspace, ab))
        if said and not line.store.verdicts.history(str(ab.name)):
            before = None
            for one in said:
                line.store.verdicts.give(str(ab.name), one.verdict, one.at)
                tell_raw_files(line, ab, before, one.verdict, one.at)
                before = one.verdict


def _without_record(
    line: LineContext, ab: AssociationBlock, ended: Mapping[Key, ABResult]
) -> tuple[str, ...]:
    """Return the steps whose records or products are gone or cut, as a power cut leaves them.

    Whatever the store says: what cannot be read proves nothing.
    """
    name, places = str(ab.name), Places.of(line.workspace, ab)
    if not _has_ended_well(ended, name, PROCESS):
        return ()
    found = successful_manifest(places)
    if found is None or _is_empty(places.now(Record.LOG)):
        return PROCESS, QC, REPORT
    if is_resized(places, found[1]) and not is_removed(line.workspace, ab):
        return PROCESS, QC, REPORT
    if _has_ended_well(ended, name, QC) and read_qc(places.now(Record.QC)) is None:
        return QC, REPORT
    if _has_ended_well(ended, name, REPORT) and _is_empty(places.now(Record.REPORT)):
        # Drawn from products: of a finished AB they are made again, as for measuring.
        return (REPORT,) if places.published.exists() else (QC, REPORT)
    return ()


def _has_ended_well(ended: Mapping[Key, ABResult], name: str, step: str) -> bool:
    result = ended.get((name, step))
    return result is not None and result.state is JobState.SUCCESSFUL


def _is_empty(path: Path) -> bool:
    try:
        return path.stat().st_size == 0
    except OSError:
        return False


def outdated(cascade: Cascade, rows: Mapping[Key, JobRow]) -> set[str]:
    """Return the ABs that were measured before a parent was measured for the last time."""
    found: set[str] = set()
    for ab in cascade:
        own = rows.get((str(ab.name), QC))
        if own is None or own.state is not JobState.SUCCESSFUL:
            continue
        if any(
            parent in found or _is_newer(rows.get((parent, QC)), own) for parent in ab.waits_for
        ):
            found.add(str(ab.name))
    return found


def _is_newer(parent: JobRow | None, child: JobRow) -> bool:
    """Whether a parent was measured after its child, or is going to be."""
    if parent is None or not parent.state.is_final:
        return parent is not None
    if parent.state is not JobState.SUCCESSFUL or parent.ended is None or child.ended is None:
        return False
    return parent.ended > child.ended


def _is_out_of_reach(line: LineContext, ab: AssociationBlock, ended: dict[Key, ABResult]) -> bool:
    """Whether a finished AB is to be measured."""
    result = ended.get((str(ab.name), PROCESS))
    if result is None or result.state is not JobState.SUCCESSFUL or (str(ab.name), QC) in ended:
        return False
    return not Places.of(line.workspace, ab).published.exists()


def _have_succeeded(names: tuple[str, ...], ended: dict[Key, ABResult]) -> bool:
    results = (ended.get((name, PROCESS)) for name in names)
    return all(result and result.state is JobState.SUCCESSFUL for result in results)


def _found_on_disk(line: LineContext, ab: AssociationBlock) -> dict[Key, ABResult]:
    published = _published(line, ab)
    if published is None:
        return {}
    name = str(ab.name)
    when = published.manifest.ended if published.manifest else line.clock()
    ended = {(name, PROCESS): record_manifest(line.store, line.workspace, published, when)}
    places = Places.of(line.workspace, ab)
    if published.folder != places.published:
        # Finished: its products are no longer where they could be measured again.
        quality = read_qc(places.now(Record.QC))
        if quality is not None:
            record_quality(line.store, quality, (QC, REPORT), line.clock())
            success = ABResult(name, JobState.SUCCESSFUL)
            ended |= {(name, QC): success, (name, REPORT): success}
    return ended


def _published(line: LineContext, ab: AssociationBlock) -> Published | None:
    recipe = line.process_row.recipe(ab.recipe)
    if recipe is None:
        return None
    if _is_rejected_and_removed(line, ab):
        found = successful_manifest(Places.of(line.workspace, ab))
        return Published(*found, done_before=True) if found else None
    parameters = merged(recipe.parameters, ab.parameters)
    found = done_before(line.workspace, ab, recipe, parameters)
    return Published(*found, done_before=True) if found else None


def _is_rejected_and_removed(line: LineContext, ab: AssociationBlock) -> bool:
    """Whether a person rejected an AB and its products were removed for that."""
    said = read_verdicts(Places.of(line.workspace, ab))
    rejected = bool(said) and said[-1].verdict.rejects
    return rejected and is_removed(line.workspace, ab)
