"""Conversion of a night: a job an AB, side by side, taken up where it was left.

What was converted of the same products before is found by the coordinator. Everything else goes
to the workers of the engine, planned, written and validated there; but where all products together
are small, the coordinator is done before a worker has started (0.6 s against 1.6 s for 432 fibres
of GIRAFFE), and does it itself.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.engine.cluster import open_cluster
from phoenix.engine.job import Done, Job
from phoenix.engine.run import run as run_jobs
from phoenix.instrument import load_instrument
from phoenix.line.jobs.remember import record_damaged, record_spent
from phoenix.line.night.process import COME
from phoenix.line.preload import load_for_jobs
from phoenix.model.frames import Role
from phoenix.model.plain import plain_log
from phoenix.model.recipe import Step
from phoenix.model.report import ABResult, JobState
from phoenix.model.workspace import Workspace
from phoenix.phase3.validate import validate_many
from phoenix.steps.delivery.convert import (
    Conversion,
    convert_block,
    converted_before,
    remove_idps,
)
from phoenix.steps.meter import Meter
from phoenix.steps.shelf.manifest import successful_manifest
from phoenix.steps.shelf.places import Places
from phoenix.steps.shelf.publish import disk_reason
from phoenix.store.rows import JobRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from phoenix.engine.cluster import Cluster
    from phoenix.engine.job import Change
    from phoenix.line.context import LineContext
    from phoenix.line.delivery.science import ScienceBlock
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.recipe import Spent

__all__ = ["CONVERT", "ConvertTask", "Converted", "conversion_cluster", "convert_blocks", "work"]

CONVERT = Step.CONVERT.value
"""The step."""

SMALL = 100_000_000
"""Bytes of products that the coordinator converts itself (ours)."""

_log = plain_log(__name__)


@frozen
class ConvertTask:
    """What a worker is given.

    Attributes
    ----------
    instrument, process : str
        Plugin, and its process.
    workspace : Path
        The workspace.
    ab : AssociationBlock
        Whose products are converted.
    """

    instrument: str
    process: str
    workspace: Path
    ab: AssociationBlock


@frozen
class Converted:
    """What became of an AB.

    Attributes
    ----------
    conversion : Conversion
        Its IDPs, or why there are none.
    wrong : tuple of str
        What the data standard has against each IDP, empty for nothing.
    """

    conversion: Conversion
    wrong: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def judged(cls, conversion: Conversion) -> Converted:
        """Validate what was converted."""
        if conversion.folder is None:
            return cls(conversion)
        paths = [conversion.folder / row.name for row in conversion.idps]
        try:
            reports = validate_many(paths)
        except OSError as error:
            return cls(Conversion(conversion.ab_name, reason=disk_reason(error)))
        return cls(conversion, tuple("; ".join(map(str, one.errors)) for one in reports))


def conversion_cluster(line: LineContext) -> AbstractContextManager[Cluster]:
    """Open the machines; no worker is started before there is a job."""
    first = load_for_jobs, line.instrument.name
    return open_cluster(line.settings.engine, first, line.workspace)


def work(task: ConvertTask) -> Done:
    """Convert and validate the science products of one AB."""
    began = time.monotonic()
    with Meter() as meter:
        instrument = load_instrument(task.instrument)
        process, workspace = instrument.process(task.process), Workspace(task.workspace)
        converted = Converted.judged(convert_block(instrument, process, workspace, task.ab))
    reason = converted.conversion.reason
    result = ABResult(
        str(task.ab.name),
        JobState.FAILED if reason else JobState.SUCCESSFUL,
        reason,
        wall_s=time.monotonic() - began,
        cpu_s=meter.cpu_s,
        peak_memory_mb=meter.peak_memory_mb,
    )
    return Done(result, converted)


def convert_blocks(
    line: LineContext,
    cluster: Cluster,
    blocks: tuple[ScienceBlock, ...],
    progress: Callable[[int, int, str], None] | None = None,
    note: Callable[[str], None] | None = None,
) -> tuple[Converted, ...]:
    """Convert the science products of ABs, in parallel.

    Parameters
    ----------
    line : LineContext
        Workspace, instrument, settings.
    cluster : Cluster
        Where.
    blocks : tuple of ScienceBlock
        ABs with science products; what went into one loses its own IDPs once it has some.
    progress : callable, optional
        Told done, total and a text after every AB.
    note : callable, optional
        Told what machines the call waits for, and an empty text when they have come.

    Returns
    -------
    tuple of Converted
        In the order of `blocks`.

    Raises
    ------
    KeyboardInterrupt
        For Ctrl-C and SIGTERM: what was converted stays, the next call does the rest.
    """
    ledger = _Ledger(line, blocks, progress)
    failed = _failed_before(line, ledger.parts)
    for one in blocks:
        earlier = converted_before(line.instrument, line.workspace, one.ab)
        if earlier is not None:
            ledger.note(str(one.ab.name), Converted.judged(earlier))
    healed = (JobRow(name, CONVERT, JobState.SUCCESSFUL) for name in failed & ledger.found.keys())
    line.store.jobs.record(healed)
    todo = [one.ab for one in blocks if str(one.ab.name) not in ledger.found]
    if todo and progress is not None:
        progress(len(ledger.found), len(ledger.parts), "")
    history = line.store.jobs.spent() if todo else {}
    jobs = [_job(line, ab, history.get((ab.recipe, CONVERT), ())) for ab in todo]
    if sum(_bytes(line, job.payload.ab) for job in jobs) > SMALL:

        def waits(text: str) -> None:
            if progress is not None:
                progress(len(ledger.found), len(ledger.parts), text or COME)
            if note is not None:
                note(text)

        run_jobs(jobs, work, cluster, ledger, line.clock, on_wait=waits)
    else:
        for job in jobs:
            done = work(job.payload)
            ledger.note(job.ab_name, done.value, done.result)
    return tuple(ledger.found[str(one.ab.name)] for one in blocks)


def _failed_before(line: LineContext, names: Iterable[str]) -> set[str]:
    """Return the ABs whose last conversion came to nothing: what it could not read may be back."""
    rows = line.store.jobs.rows(step=CONVERT, states=(JobState.FAILED,), names=names)
    return {row.ab_name for row in rows}


class _Ledger:
    """What became of each AB; told of every change of the engine."""

    def __init__(
        self,
        line: LineContext,
        blocks: tuple[ScienceBlock, ...],
        progress: Callable[[int, int, str], None] | None,
    ) -> None:
        self.line = line
        self.parts = {str(one.ab.name): one.parts for one in blocks}
        self.progress = progress
        self.found: dict[str, Converted] = {}

    def __call__(self, changes: tuple[Change, ...]) -> None:
        for change in changes:
            if change.result is not None:
                lost = Conversion(change.ab_name, reason=change.result.reason)
                self.note(change.ab_name, change.value or Converted(lost), change.result)

    def note(self, name: str, converted: Converted, result: ABResult | None = None) -> None:
        """Keep what became of an AB and what that took; what went into it loses its own IDPs."""
        self.found[name] = converted
        if result is not None:
            record_spent(self.line.store, CONVERT, result, self.line.clock())
        if converted.conversion.damaged:
            why = converted.conversion.reason
            record_damaged(self.line.store, [(name, why)], self.line.clock())
        if converted.conversion.folder is not None:
            for part in self.parts[name]:
                remove_idps(self.line.workspace, part)
        text = f"{name} {converted.conversion.reason or 'converted'}"
        _log.info("%s", text)
        if self.progress is not None:
            self.progress(len(self.found), len(self.parts), text)


def _bytes(line: LineContext, ab: AssociationBlock) -> int:
    """Return the size of the products that IDPs are made of."""
    made = successful_manifest(Places.of(line.workspace, ab))
    wanted = {Role.SCIENCE, Role.ANCILLARY}
    return sum(row.size for row in made[1].products if row.role in wanted) if made else 0


def _job(line: LineContext, ab: AssociationBlock, history: tuple[Spent, ...]) -> Job:
    task = ConvertTask(line.instrument.name, line.process_row.name, line.workspace.root, ab)
    needs = line.instrument.resources(line.process_row, ab, Step.CONVERT, history)
    return Job(str(ab.name), CONVERT, task, resources=needs, limit_s=needs.time_limit_s)
