"""Do a night again: what failed, was changed or is named, what depends on it; inputs anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.archive.source import renew
from phoenix.errors import DataError
from phoenix.line.jobs.masters import sums_of_masters
from phoenix.line.jobs.to_do import job_keys
from phoenix.line.jobs.work import PROCESS, QC, REPORT
from phoenix.line.night.process import begin
from phoenix.line.night.standing import job_rows
from phoenix.model.report import JobState
from phoenix.steps.shelf.done_before import process_again
from phoenix.store.rows import JobRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from phoenix.archive.source import Source
    from phoenix.engine.job import Batch
    from phoenix.line.context import LineContext
    from phoenix.line.report import PreparedNight
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.workspace import Workspace
    from phoenix.store.store import Store

__all__ = ["begin_again", "renew_inputs", "to_redo"]

_TO_REDO = set(JobState) - {JobState.SUCCESSFUL, JobState.CREATED}


def to_redo(
    line: LineContext, night: PreparedNight, names: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the ABs that failed, were gated, were changed or depend on such, in order.

    If some are named, these and what depends on them.

    Changed is what was run as another AB: with other parameters, other calibrations. What a killed
    run had begun is among them, and what was processed well and could not be
    measured or drawn: of that, and of what was measured without it, only measuring and drawing
    is done again.
    """
    if names:
        wanted = _named(night, names)
    else:
        wanted = _recipes_to_redo(line, night) | _qualities_to_redo(line, night)
    return tuple(str(ab.name) for ab in night.cascade if str(ab.name) in wanted)


def begin_again(line: LineContext, night: PreparedNight, names: Collection[str] = ()) -> Batch:
    """Return the jobs of what :func:`to_redo` names, and no more; the night must be held."""
    wanted = to_redo(line, night, names)
    whole = _named(night, names) if names else _recipes_to_redo(line, night)
    measured = set() if names else _qualities_to_redo(line, night)
    blocks = [ab for ab in night.cascade if str(ab.name) in whole]
    renew_inputs(line.store, line.workspace, line.sources, blocks)
    if names:
        for ab in blocks:
            # Or what is good would be found to be done.
            process_again(line.workspace, ab)
    # Waiting, not merely created: if this run is killed, the next one takes them up.
    line.store.jobs.record(
        JobRow(row.ab_name, row.step, JobState.WAITING)
        for row in job_rows(line, night)
        if row.ab_name in whole or (row.ab_name in measured and row.step != PROCESS)
    )
    return begin(line, night, night.cascade.with_parents(wanted))


def _recipes_to_redo(line: LineContext, night: PreparedNight) -> set[str]:
    wrong = _wrong(line, night, PROCESS) | _changed(line, night)
    return wrong | _depending_on(night, wrong)


def _named(night: PreparedNight, names: Collection[str]) -> set[str]:
    own = {str(ab.name) for ab in night.cascade}.intersection(names)
    return own | _depending_on(night, own)


def _qualities_to_redo(line: LineContext, night: PreparedNight) -> set[str]:
    wrong = _wrong(line, night, QC)
    return wrong | _depending_on(night, wrong) | _wrong(line, night, REPORT)


def _wrong(line: LineContext, night: PreparedNight, step: str) -> set[str]:
    known = {str(ab.name) for ab in night.cascade}
    return {row.ab_name for row in job_rows(line, night, step) if row.state in _TO_REDO} & known


def _changed(line: LineContext, night: PreparedNight) -> set[str]:
    keys = job_keys(night.cascade, sums_of_masters(line, night.cascade))
    return {
        row.ab_name
        for row in job_rows(line, night, PROCESS)
        if row.state.is_final and row.job_key != keys.get((row.ab_name, PROCESS), row.job_key)
    }


def _depending_on(night: PreparedNight, names: set[str]) -> set[str]:
    return {child for name in names for child in night.cascade.descendants(name)}


# ---- inputs that were mended -------------------------------------------------------------------


def renew_inputs(
    store: Store,
    workspace: Workspace,
    sources: Sequence[Source],
    blocks: Iterable[AssociationBlock],
) -> tuple[str, ...]:
    """Bring raw frames and masters again whose source has another file by now.

    Masters that this line made itself stay, whatever a source has under their name.

    Returns
    -------
    tuple of str
        What was renewed, below the workspace.
    """
    wanted = {below for ab in blocks for below in _inputs(workspace, ab)}
    nights = {below.split("/")[1] for below in wanted if below.startswith("calib/")}
    own = {row.path for n in nights for row in store.products.rows(since=n, until=n)}
    return tuple(below for below in sorted(wanted - own) if renew(sources, below, workspace.root))


def _inputs(workspace: Workspace, ab: AssociationBlock) -> Iterator[str]:
    masters = (frame.path for frame in ab.calibrations if not frame.virtual)
    for symbolic in (*(frame.path for frame in ab.raw_files), *masters):
        try:
            path = workspace.resolve(symbolic, ab.date)
        except DataError:
            # A path that leads out of the workspace: the AB itself will say so.
            continue
        yield path.relative_to(workspace.root).as_posix()
