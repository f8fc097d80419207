"""Collect what is known of ABs: rows of the store, files of the workspace. Reads only."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from attrs import evolve

from phoenix.engine.calls import as_seen, is_on, job_as_seen
from phoenix.errors import DataError
from phoenix.formats.abfile import read_ab
from phoenix.model.grade import contradictions, newest
from phoenix.model.qc import Measurement
from phoenix.model.report import JobState, blocked_by
from phoenix.monitor.association import association_rows
from phoenix.monitor.lately import before_of, lately_of, trends_of
from phoenix.monitor.record import ABDetail, ABRecord, Files, Noted, Observed
from phoenix.steps.quality.score import QCResult, read_qc
from phoenix.steps.recipe.log import warning_lines
from phoenix.steps.shelf.grades import read_grades
from phoenix.steps.shelf.manifest import read_manifest
from phoenix.steps.shelf.places import Places, Record
from phoenix.store.qc1.measurements import score_rows
from phoenix.store.rows import IDPStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.workspace import Workspace
    from phoenix.steps.shelf.manifest import Manifest
    from phoenix.store import Store
    from phoenix.store.rows import BlockRow, JobRow, RawCommentRow, RunRow
    from phoenix.store.rows.night import NightRow
    from phoenix.store.rows.qc1 import ScoreRow

__all__ = [
    "PROCESS_STEP",
    "details",
    "is_live",
    "nights",
    "noted",
    "observed",
    "records",
    "runs",
    "warnings_of",
]

PROCESS_STEP = "process"
"""The step whose state is that of the AB."""
_QUALITY_STEPS = ("qc", "report")
_ENDS = {state for state in JobState if state.is_final}

# Comments on the page of a year or a month (ours).
_NOTES = 30
_T = TypeVar("_T")
# The end of a log that is worth a page; some recipes log every fibre.
_LOG_TAIL_BYTES = 64_000
# A larger log is not read for a page (ours).
_LOG_BYTES = 50_000_000


def nights(store: Store, workspace: Workspace) -> tuple[NightRow, ...]:
    """Return the history, night by night, as it stands."""
    return tuple(_as_seen(store, workspace, row) for row in store.history.nights(PROCESS_STEP))


def _as_seen(store: Store, workspace: Workspace, row: NightRow) -> NightRow:
    if row.states.keys() <= _ENDS or is_on(workspace, store.locks, row.date):
        return row
    jobs = store.jobs.rows(since=row.date, until=row.date, step=PROCESS_STEP)
    return evolve(row, states=Counter(job_as_seen(job, on=False).state for job in jobs))


def runs(store: Store, workspace: Workspace) -> tuple[RunRow, ...]:
    """Return all calls of the line as they stand, the newest last."""
    return as_seen(workspace, store.locks, store.runs.rows())


def noted(store: Store, period: str, counts: Mapping[str, int]) -> Noted:
    """Return what persons wrote of a year or a month, given how much of each night."""
    if not any(night.startswith(f"{period}-") for night in counts):
        return Noted(counts)
    return Noted(counts, store.verdicts.latest(period, f"{period}-99", _NOTES))


def records(store: Store, workspace: Workspace, date: str) -> tuple[ABRecord, ...]:
    """Return what is known of the ABs of a night."""
    blocks = store.blocks.rows(since=date, until=date)
    on = is_on(workspace, store.locks, date)
    jobs = {
        (row.ab_name, row.step): job_as_seen(row, on=on)
        for row in store.jobs.rows(since=date, until=date)
    }
    scores = _by_ab(store.qc1.scores(since=date, until=date), lambda row: row.ab_name)
    verdicts = store.verdicts.current(since=date, until=date)
    comments = _by_ab(store.verdicts.comments(since=date, until=date), lambda row: row.ab_name)
    idps = store.phase3.rows(since=date, until=date)
    numbers = Counter(row.ab_name for row in idps if row.status is IDPStatus.CURRENT)
    deprecated = _by_ab(
        sorted((row for row in idps if row.deprecation), key=lambda row: row.ab_name),
        lambda row: row.ab_name,
    )
    abs_by_name = {block.name: _ab(workspace, block) for block in blocks}
    raw_comments = _raw_comments(store, abs_by_name)
    grades = store.grades.of(since=date, until=date)
    return tuple(
        ABRecord(
            block=block,
            job=jobs.get((block.name, PROCESS_STEP)),
            quality=tuple(
                jobs[block.name, step] for step in _QUALITY_STEPS if (block.name, step) in jobs
            ),
            scores=_held_back_scores(workspace, block)
            if _is_gated(jobs.get((block.name, PROCESS_STEP)))
            else tuple(scores[block.name]),
            verdict=verdicts.get(block.name),
            comments=tuple(comments[block.name]),
            ab=abs_by_name[block.name],
            files=_files(workspace, block),
            idps=numbers[block.name],
            deprecated=tuple(deprecated[block.name]),
            raw_comments=raw_comments[block.name],
            grade=grades[block.name].grade if block.name in grades else None,
            culprits=_culprits(jobs.get((block.name, PROCESS_STEP)), abs_by_name, date),
        )
        for block in blocks
    )


def _is_gated(job: JobRow | None) -> bool:
    """Whether a gate held products back; what the store knows is then of an earlier run."""
    return job is not None and job.state is JobState.GATED


def _held_back(places: Places) -> QCResult:
    """Return the QC of what a gate held back, which is in no table."""
    result = read_qc(places.fresh(Record.QC, places.ended(JobState.GATED)))
    return result or QCResult(places.root)


def _held_back_scores(workspace: Workspace, block: BlockRow) -> tuple[ScoreRow, ...]:
    quality = _held_back(_places(workspace, block))
    return tuple(row for row in score_rows(block.name, quality.scores) if row.part == 0)


def is_live(store: Store, workspace: Workspace, date: str, records: Iterable[ABRecord]) -> bool:
    """Whether a run is on that will bring ABs of a night to an end."""
    return is_on(workspace, store.locks, date) and any(
        not job.state.is_final
        for record in records
        for job in (record.job, *record.quality)
        if job is not None
    )


def _culprits(
    job: JobRow | None, known: Mapping[str, object], date: str
) -> tuple[tuple[str, str], ...]:
    if job is None or job.state is not JobState.BLOCKED:
        return ()
    return tuple((name, date if name in known else "") for name in blocked_by(job.reason))


def observed(store: Store, workspace: Workspace, date: str) -> Observed:
    """Return what observers and persons said of the OBs and raw files of a night."""
    obs = {row.grade.ob_id for row in store.grades.rows(nights=[date])}
    rows = store.grades.rows(nights=["", date], obs=obs)
    found = {ob_id: newest(rows, ob_id, date) for ob_id in obs}
    return Observed(
        {ob_id: row.grade for ob_id, row in found.items() if row is not None},
        (*contradictions(rows), *read_grades(workspace, date).told),
        store.verdicts.raw_comments(since=date, until=date),
    )


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


def details(
    store: Store,
    workspace: Workspace,
    date: str,
    rows: Sequence[ABRecord],
    wanted: Sequence[ABRecord],
    history_days: int,
) -> dict[str, ABDetail]:
    """Return what the pages of those ABs of a night need besides that are wanted, by AB name."""
    if not wanted:
        return {}
    lately = lately_of(store, date, wanted, history_days)
    parts = _by_ab(
        (row for row in store.qc1.scores(since=date, until=date, parts=True) if row.part),
        lambda row: row.ab_name,
    )
    measured = _by_ab(store.qc1.measurements(since=date, until=date), lambda row: row.ab_name)
    parents, children = _relatives(store, rows)
    meanings = store.qcflags.meanings(date, date)
    verdicts = store.verdicts.of_nights(date, date)
    found = {}
    for record in wanted:
        name = record.block.name
        manifest = read_manifest(workspace.root / record.files.manifest)
        places = _places(workspace, record.block)
        outcome = places.outcome()
        log, log_lines, warnings = _log(workspace, record.files.log)
        gated = _is_gated(record.job)
        quality = _held_back(places) if gated else _quality(places, outcome)
        trends = trends_of(record, lately.points)
        found[name] = ABDetail(
            measurements=quality.measurements
            if gated
            else tuple(
                Measurement(row.parameter, row.value, row.element) for row in measured[name]
            ),
            keywords=quality.keywords,
            qcflags=quality.qcflags,
            bits=meanings.get(name, ()),
            manifest=manifest,
            log=log,
            log_lines=log_lines,
            parents=parents[name],
            children=children[name],
            verdicts=verdicts.get(name, ()),
            published=_below(workspace, outcome),
            present=_present(workspace, manifest, _below(workspace, outcome)),
            associations=association_rows(workspace, record.block.date, _root(record.block)),
            parts=tuple(row for row in score_rows(name, quality.scores) if row.part)
            if gated
            else tuple(parts[name]),
            trends=trends,
            before=before_of(workspace, record, trends),
            best=lately.best.get((record.block.raw_type, record.block.setup)),
            warnings=warnings,
        )
    return found


def _by_ab(rows: Iterable[_T], name_of: Callable[[_T], str]) -> defaultdict[str, list[_T]]:
    groups: defaultdict[str, list[_T]] = defaultdict(list)
    for name, group in groupby(rows, name_of):
        groups[name] += group
    return groups


def _root(block: BlockRow) -> str:
    return block.name.removesuffix(".ab")


def _places(workspace: Workspace, block: BlockRow) -> Places:
    return Places(workspace, block.date, _root(block))


def _ab(workspace: Workspace, block: BlockRow) -> AssociationBlock | None:
    try:
        return read_ab(_places(workspace, block).edited)
    except DataError:
        return None


def _files(workspace: Workspace, block: BlockRow) -> Files:
    places = _places(workspace, block)
    edited, outcome = places.edited, places.outcome()
    return Files(
        ab=_below(workspace, edited if edited.is_file() else None),
        log=_below(workspace, _first(_both(places, Record.LOG, outcome))),
        report=_below(workspace, _first(_both(places, Record.REPORT, outcome))),
        cover=_below(workspace, _first((places.finished(Record.COVER),))),
        manifest=_below(workspace, _newest(_both(places, Record.MANIFEST, outcome))),
    )


def _both(places: Places, record: Record, outcome: Path | None) -> tuple[Path, Path]:
    """Return the places of a record of an AB that may have ended badly, in this folder."""
    return places.fresh(record, outcome), places.finished(record)


def _below(workspace: Workspace, path: Path | None) -> str:
    return path.relative_to(workspace.root).as_posix() if path else ""


def _first(paths: Iterable[Path]) -> Path | None:
    """Return the first of these files that is there."""
    return next((path for path in paths if path.is_file()), None)


def _newest(paths: Iterable[Path]) -> Path | None:
    """Return the file that was written last: a finished AB may have been processed again."""
    times = {path: _changed(path) for path in paths}
    newest = max(times, key=times.__getitem__)
    return newest if times[newest] else None


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _relatives(
    store: Store, rows: Sequence[ABRecord]
) -> tuple[dict[str, tuple[tuple[str, str], ...]], defaultdict[str, tuple[tuple[str, str], ...]]]:
    """Return the parents and the children of ABs, by AB name."""
    nights_of = {record.block.name: record.block.date for record in rows}
    waits = {record.block.name: record.ab.waits_for if record.ab else () for record in rows}
    elsewhere = {name for names in waits.values() for name in names} - nights_of.keys()
    if elsewhere:
        nights_of |= {block.name: block.date for block in store.blocks.rows(names=elsewhere)}
    children: defaultdict[str, tuple[tuple[str, str], ...]] = defaultdict(tuple)
    for name, parents in waits.items():
        for parent in parents:
            children[parent] += ((name, nights_of[name]),)
    return {
        name: tuple((parent, nights_of.get(parent, "")) for parent in parents)
        for name, parents in waits.items()
    }, children


def warnings_of(workspace: Workspace, record: ABRecord) -> tuple[str, ...]:
    """Return what the recipe of an AB warned of."""
    return _log(workspace, record.files.log)[2]


def _log(workspace: Workspace, place: str) -> tuple[str, int, tuple[str, ...]]:
    """Return the end of a log, the number of its lines, and what it warns of."""
    path: Path = workspace.root / place
    if not place or path.stat().st_size > _LOG_BYTES:
        return "", 0, ()
    content = path.read_bytes()
    tail = content[-_LOG_TAIL_BYTES:].decode("utf-8", "replace")
    warned = b"\n".join(_lines_with(content, b"WARNING")).decode("utf-8", "replace")
    return tail, content.count(b"\n"), warning_lines(warned)


def _lines_with(content: bytes, word: bytes) -> Iterator[bytes]:
    """Yield the lines that have a word; the others of a log of 50 MB are not even cut out."""
    at = content.find(word)
    while at >= 0:
        end = content.find(b"\n", at)
        end = len(content) if end < 0 else end
        yield content[content.rfind(b"\n", 0, at) + 1 : end]
        at = content.find(word, end)


def _quality(places: Places, outcome: Path | None) -> QCResult:
    """Return what was stored beside the products, or nothing."""
    place = _first(_both(places, Record.QC, outcome))
    result = read_qc(place) if place else None
    return result or QCResult(places.root)


def _present(workspace: Workspace, manifest: Manifest | None, folder: str) -> frozenset[str]:
    if manifest is None:
        return frozenset()
    places = [row.path for row in manifest.inputs]
    places += [f"{folder}/{row.name}" for row in manifest.products]
    places += [row.final for row in manifest.products if row.final]
    return frozenset(
        place for place in places if _is_inside(place) and (workspace.root / place).is_file()
    )


def _is_inside(place: str) -> bool:
    return not place.startswith("/") and ".." not in place.split("/")
