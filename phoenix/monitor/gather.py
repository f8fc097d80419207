"""Collect what is known of ABs: rows of the store, files of the workspace. Reads only."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from phoenix.engine.calls import as_seen
from phoenix.errors import DataError
from phoenix.formats.abfile import read_ab
from phoenix.model.qc import Measurement
from phoenix.monitor.association import association_rows
from phoenix.monitor.record import ABDetail, ABRecord, Files
from phoenix.steps.quality.score import QCResult, read_qc
from phoenix.steps.shelf.manifest import read_manifest
from phoenix.steps.shelf.places import Places, Record
from phoenix.store.rows import IDPStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.workspace import Workspace
    from phoenix.steps.shelf.manifest import Manifest
    from phoenix.store import Store
    from phoenix.store.night import NightRow
    from phoenix.store.rows import BlockRow, RunRow

__all__ = ["PROCESS_STEP", "details", "nights", "records", "runs"]

PROCESS_STEP = "process"
"""The step whose state is that of the AB."""
_QUALITY_STEPS = ("qc", "report")

_T = TypeVar("_T")
# The end of a log that is worth a page; some recipes log every fibre.
_LOG_TAIL_BYTES = 64_000
# A larger log is not read for a page (ours).
_LOG_BYTES = 50_000_000


def nights(store: Store) -> tuple[NightRow, ...]:
    """Return the history, night by night."""
    return store.history.nights(PROCESS_STEP)


def runs(store: Store, workspace: Workspace) -> tuple[RunRow, ...]:
    """Return all calls of the line as they stand, the newest last."""
    return as_seen(workspace, store.runs.rows())


def records(store: Store, workspace: Workspace, date: str) -> tuple[ABRecord, ...]:
    """Return what is known of the ABs of a night."""
    blocks = store.blocks.rows(since=date, until=date)
    jobs = {(row.ab_name, row.step): row for row in store.jobs.rows(since=date, until=date)}
    scores = _by_ab(store.qc1.scores(since=date, until=date), lambda row: row.ab_name)
    verdicts = store.verdicts.current(since=date, until=date)
    comments = _by_ab(store.verdicts.comments(since=date, until=date), lambda row: row.ab_name)
    idps = store.phase3.rows(since=date, until=date, status=IDPStatus.CURRENT)
    numbers = Counter(row.ab_name for row in idps)
    return tuple(
        ABRecord(
            block=block,
            job=jobs.get((block.name, PROCESS_STEP)),
            quality=tuple(
                jobs[block.name, step] for step in _QUALITY_STEPS if (block.name, step) in jobs
            ),
            scores=tuple(scores[block.name]),
            verdict=verdicts.get(block.name),
            comments=tuple(comments[block.name]),
            ab=_ab(workspace, block),
            files=_files(workspace, block),
            idps=numbers[block.name],
        )
        for block in blocks
    )


def details(
    store: Store, workspace: Workspace, date: str, rows: Sequence[ABRecord]
) -> dict[str, ABDetail]:
    """Return what the pages of the ABs of a night need besides, by AB name."""
    measured = _by_ab(store.qc1.measurements(since=date, until=date), lambda row: row.ab_name)
    parents, children = _relatives(store, rows)
    meanings = store.qcflags.meanings(date, date)
    found = {}
    for record in rows:
        name = record.block.name
        manifest = read_manifest(workspace.root / record.files.manifest)
        places = _places(workspace, record.block)
        folder = _below(workspace, places.outcome())
        log, log_lines = _log(workspace, record.files.log)
        quality = _quality(places)
        found[name] = ABDetail(
            measurements=tuple(
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
            verdicts=store.verdicts.history(name),
            published=folder,
            present=_present(workspace, manifest, folder),
            associations=association_rows(workspace, record.block.date, _root(record.block)),
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
    edited = places.edited
    return Files(
        ab=_below(workspace, edited if edited.is_file() else None),
        log=_below(workspace, _first(_both(places, Record.LOG))),
        report=_below(workspace, _first(_both(places, Record.REPORT))),
        cover=_below(workspace, _first((places.finished(Record.COVER),))),
        manifest=_below(workspace, _newest(_both(places, Record.MANIFEST))),
    )


def _both(places: Places, record: Record) -> tuple[Path, Path]:
    """Return the places of a record of an AB that may have ended badly."""
    return places.fresh(record, places.outcome()), places.finished(record)


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


def _log(workspace: Workspace, place: str) -> tuple[str, int]:
    """Return the end of a log and the number of its lines."""
    path: Path = workspace.root / place
    if not place or path.stat().st_size > _LOG_BYTES:
        return "", 0
    content = path.read_bytes()
    return content[-_LOG_TAIL_BYTES:].decode("utf-8", "replace"), content.count(b"\n")


def _quality(places: Places) -> QCResult:
    """Return what was stored beside the products, or nothing."""
    place = _first(_both(places, Record.QC))
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
