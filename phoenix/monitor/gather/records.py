"""What is known of the ABs of a night, a record each. Reads only."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Protocol, TypeVar

from attrs import frozen

from phoenix.engine.calls import is_on, job_as_seen
from phoenix.model.report import JobState, blocked_by
from phoenix.monitor.gather.files import block_of, files_of, held_back, places_of
from phoenix.monitor.record import ABRecord
from phoenix.store.qc1.measurements import score_rows
from phoenix.store.rows import IDPStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.grade import Graded
    from phoenix.model.workspace import Workspace
    from phoenix.store import Store
    from phoenix.store.rows import (
        BlockRow,
        CommentRow,
        IDPRow,
        JobRow,
        RawCommentRow,
        VerdictRow,
    )
    from phoenix.store.rows.qc1 import ScoreRow

__all__ = ["PROCESS_STEP", "by_ab", "is_gated", "records"]

PROCESS_STEP = "process"
"""The step whose state is that of the AB."""
_QUALITY_STEPS = ("qc", "report")


class _OfAB(Protocol):
    """A row of the store about an AB."""

    @property
    def ab_name(self) -> str: ...


_Row = TypeVar("_Row", bound=_OfAB)


def records(store: Store, workspace: Workspace, date: str) -> tuple[ABRecord, ...]:
    """Return what is known of the ABs of a night."""
    rows = store.blocks.rows(since=date, until=date)
    blocks = {row.name: block_of(workspace, row) for row in rows}
    night = _night_of(store, workspace, date, blocks)
    return tuple(_record(workspace, row, night) for row in rows)


@frozen
class _Night:
    """What the store knows of the ABs of a night, by AB name; jobs by AB name and step."""

    date: str
    blocks: Mapping[str, AssociationBlock | None]
    jobs: Mapping[tuple[str, str], JobRow]
    scores: Mapping[str, Sequence[ScoreRow]]
    verdicts: Mapping[str, VerdictRow]
    comments: Mapping[str, Sequence[CommentRow]]
    raw_comments: Mapping[str, Sequence[RawCommentRow]]
    idps: Mapping[str, Sequence[IDPRow]]
    grades: Mapping[str, Graded]


def _night_of(
    store: Store, workspace: Workspace, date: str, blocks: Mapping[str, AssociationBlock | None]
) -> _Night:
    on = is_on(workspace, store.locks, date)
    night = {"since": date, "until": date}
    jobs = store.jobs.rows(**night)
    return _Night(
        date=date,
        blocks=blocks,
        jobs={(row.ab_name, row.step): job_as_seen(row, on=on) for row in jobs},
        scores=by_ab(store.qc1.scores(**night)),
        verdicts=store.verdicts.current(**night),
        comments=by_ab(store.verdicts.comments(**night)),
        raw_comments=_raw_comments(store, blocks),
        idps=by_ab(store.phase3.rows(**night)),
        grades=store.grades.of(**night),
    )


def _record(workspace: Workspace, block: BlockRow, night: _Night) -> ABRecord:
    name = block.name
    job = night.jobs.get((name, PROCESS_STEP))
    steps = ((name, step) for step in _QUALITY_STEPS)
    gated = is_gated(job)
    idps = night.idps[name]
    return ABRecord(
        block=block,
        job=job,
        quality=tuple(night.jobs[step] for step in steps if step in night.jobs),
        scores=_held_back_scores(workspace, block) if gated else tuple(night.scores[name]),
        verdict=night.verdicts.get(name),
        comments=tuple(night.comments[name]),
        ab=night.blocks[name],
        files=files_of(workspace, block),
        idps=sum(row.status is IDPStatus.CURRENT for row in idps),
        deprecated=tuple(row for row in idps if row.deprecation),
        raw_comments=tuple(night.raw_comments[name]),
        grade=night.grades[name].grade if name in night.grades else None,
        culprits=_culprits(job, night.blocks, night.date),
    )


def by_ab(rows: Iterable[_Row]) -> defaultdict[str, list[_Row]]:
    """Sort rows by their AB, in their order."""
    groups: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        groups[row.ab_name].append(row)
    return groups


def is_gated(job: JobRow | None) -> bool:
    """Whether a gate held products back; what the store knows is then of an earlier run."""
    return job is not None and job.state is JobState.GATED


def _held_back_scores(workspace: Workspace, block: BlockRow) -> tuple[ScoreRow, ...]:
    quality = held_back(places_of(workspace, block))
    return tuple(row for row in score_rows(block.name, quality.scores) if row.part == 0)


def _culprits(
    job: JobRow | None, known: Mapping[str, object], date: str
) -> tuple[tuple[str, str], ...]:
    if job is None or job.state is not JobState.BLOCKED:
        return ()
    return tuple((name, date if name in known else "") for name in blocked_by(job.reason))


def _raw_comments(
    store: Store, blocks: Mapping[str, AssociationBlock | None]
) -> dict[str, tuple[RawCommentRow, ...]]:
    """Return the comments on the raw files of ABs, by AB name."""
    files = {
        name: {raw.name.removesuffix(".fits") for raw in (*ab.raw_files, *ab.associated_raws)}
        for name, ab in blocks.items()
        if ab is not None
    }
    rows = store.verdicts.raw_comments(files={file for used in files.values() for file in used})
    return {name: tuple(row for row in rows if row.file in files.get(name, ())) for name in blocks}
