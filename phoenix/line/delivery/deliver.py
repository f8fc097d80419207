"""From products to the archive: conversion and ingestion, started apart from processing."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.archive.phase3 import Archived, archived_versions
from phoenix.errors import DataError
from phoenix.line.delivery.convert import conversion_cluster, convert_blocks
from phoenix.line.delivery.science import refused_blocks, science_blocks
from phoenix.line.jobs.work import PROCESS
from phoenix.line.night.hold import hold_nights
from phoenix.line.night.nights import in_turn
from phoenix.line.night.prepare import prepare_pool
from phoenix.line.pages import history_is_due, pages_are_due, write_due_pages
from phoenix.line.report import DeliveryReport
from phoenix.model.archived import ArchivedFile
from phoenix.model.counted import counted
from phoenix.model.dates import nights_of
from phoenix.model.report import JobState
from phoenix.phase3.validate import validate_many
from phoenix.steps.delivery.convert import changed_idps
from phoenix.steps.delivery.ingest import Ingestion, ingest_idps, science_files
from phoenix.steps.shelf.places import Places
from phoenix.steps.shelf.publish import disk_reason
from phoenix.store.rows import IDPRow, IDPStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from phoenix.line.context import LineContext
    from phoenix.line.delivery.convert import Converted
    from phoenix.line.delivery.science import ScienceBlock
    from phoenix.line.report import PreparedNight
    from phoenix.line.table import Cell
    from phoenix.model.ab import AssociationBlock

    _Rows = tuple[tuple[Cell, ...], ...]

__all__ = ["check_night", "convert_night", "ingest_night", "remember_archived"]

_INGESTED = ("AB", "IDP", "what", "version", "wrong")


def convert_night(
    line: LineContext,
    pool: str,
    progress: Callable[[int, int, str], None] | None = None,
    note: Callable[[str], None] | None = None,
) -> DeliveryReport:
    """Convert the science products of a pool to IDPs and validate them, ABs side by side."""
    columns = ("AB", "IDP", "bytes", "sha256", "wrong")
    left_out: list[str] = []
    with conversion_cluster(line) as cluster:

        def convert(_: LineContext, night: PreparedNight) -> _Rows:
            with hold_nights(line, night.every_night):
                refused = refused_blocks(line, night)
                left_out.extend(f"{name}: {why}" for name, why in refused)
                blocks = science_blocks(line, night)
                done = convert_blocks(line, cluster, blocks, progress, note)
            if not all(each.conversion.done_before for each in done):
                history_is_due(line.workspace)
            for one in (each.conversion for each in done):
                left_out.extend(f"{one.ab_name}: {row}" for row in one.left_out)
            return tuple(row for one in done for row in _converted(one))

        report = _each_night(line, pool, f"IDPs of {pool}", columns, convert)
    return _something(line, pool, evolve(report, left_out=tuple(left_out)))


def _each_night(
    line: LineContext,
    pool: str,
    title: str,
    columns: tuple[str, ...],
    do: Callable[[LineContext, PreparedNight], _Rows],
) -> DeliveryReport:
    """Do something with the nights of a pool, and tell of those that other runs hold."""
    skipped: list[str] = []

    def skip(night: PreparedNight, why: str) -> _Rows:
        skipped.append(f"{night.date} was skipped: {why}")
        return ()

    nights = prepare_pool(line, pool, dry=True).nights
    rows = in_turn(nights, partial(do, line), skip)
    return DeliveryReport(title, columns, tuple(chain.from_iterable(rows)), tuple(skipped))


def _converted(done: Converted) -> Iterator[tuple[Cell, ...]]:
    made = done.conversion
    if made.folder is None:
        yield made.ab_name, "", None, "", made.reason
        return
    for row, wrong in zip(made.idps, done.wrong, strict=True):
        yield made.ab_name, row.name, row.size, row.sha256, wrong


def check_night(line: LineContext, pool: str) -> DeliveryReport:
    """Check the IDPs of a pool; hand nothing over."""
    rows = [
        (str(one.ab.name), report.file, "checked", None, "; ".join(map(str, report.errors)))
        for night in prepare_pool(line, pool, dry=True).nights
        for one in science_blocks(line, night)
        for report in validate_many(science_files(Places.of(line.workspace, one.ab).idps))
    ]
    return _something(
        line, pool, DeliveryReport(f"IDPs of {pool}, checked", _INGESTED, tuple(rows))
    )


def ingest_night(line: LineContext, pool: str) -> DeliveryReport:
    """Check the IDPs of a pool and hand them over to the Phase 3 archive."""
    refused: list[str] = []

    def ingest(_: LineContext, night: PreparedNight) -> _Rows:
        refused.extend(f"{name}: {why}" for name, why in refused_blocks(line, night))
        return _ingest_all(line, night)

    report = _each_night(line, pool, f"{pool} into the Phase 3 archive", _INGESTED, ingest)
    return _something(line, pool, evolve(report, left_out=tuple(refused)))


def _something(line: LineContext, pool: str, report: DeliveryReport) -> DeliveryReport:
    """Return a report that says something: why nothing was done, where that is so."""
    if report.rows or report.skipped or report.left_out:
        return report
    nights = nights_of(pool)
    jobs = line.store.jobs.rows(since=nights[0], until=nights[-1], step=PROCESS)
    if any(job.state.is_final for job in jobs):
        waiting = sum(job.state is JobState.WAITING for job in jobs)
        told = f", of which {counted(waiting, 'waits', 'wait')}" if waiting else ""
        among = counted(len(jobs), "AB")
        why = f"found no science products among {among}{told}; see `phoenix status`"
    else:
        why = "found no AB that was run; run it first (`phoenix run`)"
    return evolve(report, nothing=f"{pool}: {why}")


def _ingest_all(line: LineContext, night: PreparedNight) -> _Rows:
    with hold_nights(line, night.every_night):
        rows: _Rows = tuple(
            (str(one.ab.name), *row)
            for one in science_blocks(line, night)
            for row in _ingest(line, one)
        )
    write_due_pages(line, night.every_night)
    return rows


def _ingest(line: LineContext, science: ScienceBlock) -> Iterator[tuple[Cell, ...]]:
    ab, archive, name = science.ab, line.workspace.folder("archive"), str(science.ab.name)
    paths = science_files(Places.of(line.workspace, ab).idps)
    if not paths:
        return iter([("", "refused", None, "found no IDPs; run `phoenix convert` first")])
    refused = tuple(_not_as_converted(line, ab))
    if refused:
        return iter([(where, "refused", None, why) for where, why in refused])
    remember_archived(line, name, ab.date, paths)
    current = _current(line, science)
    done = ingest_idps(archive, ab.date, paths, current)
    # An AB that was made again may have IDPs of other names: in counts before, calibrated now. And
    # its parts had IDPs of their own while it was not there.
    gone = set() if done.refused else current.keys() - {path.name for path in paths}
    if (done.taken or gone) and ab.date:
        pages_are_due(line.workspace, ab.date)
    with line.store.transaction():
        for held in done.taken:
            line.store.phase3.ingest(_row(line, name, held))
        for old in gone:
            line.store.phase3.withdraw(old)
    withdrawn = ((old, "withdrawn", current[old].version, "") for old in sorted(gone))
    return chain(_ingested(done), withdrawn)


def _not_as_converted(line: LineContext, ab: AssociationBlock) -> Iterator[tuple[str, str]]:
    """Yield what of the IDPs of an AB is not as it was converted, and why it is refused."""
    try:
        for name in changed_idps(line.workspace, ab):
            why = "found other content than was converted, expected the same"
            yield name, f"{name}: {why}; `phoenix convert` makes it again"
    except DataError as error:
        yield "", str(error)
    except OSError as error:
        yield "", disk_reason(error)


def remember_archived(
    line: LineContext, name: str, night: object, paths: tuple[Path, ...]
) -> None:
    """Store versions of the IDPs of an AB that the archive has and the database has lost."""
    archive = line.workspace.folder("archive")
    for path in paths:
        if not line.store.phase3.rows(name=path.name):
            for held in archived_versions(archive, night, path.name):
                row = line.store.phase3.ingest(_row(line, name, held))
                if held.deprecation is not None:
                    line.store.phase3.deprecate(row.name, row.version, held.deprecation)


def _ingested(done: Ingestion) -> Iterator[tuple[Cell, ...]]:
    for held in done.taken:
        yield held.idp.name, "ingested", held.version, ""
    for held in done.unchanged:
        yield held.idp.name, "was there", held.version, ""
    for refused in done.refused:
        yield refused.name, "refused", None, refused.reason


def _current(line: LineContext, science: ScienceBlock) -> dict[str, Archived]:
    """Return what the archive offers of an AB and of what went into it, by name."""
    return {
        row.name: _archived(row)
        for ab in (science.ab, *science.parts)
        for row in line.store.phase3.rows(status=IDPStatus.CURRENT, ab_name=str(ab.name))
    }


def _archived(row: IDPRow) -> Archived:
    idp = ArchivedFile(row.name, row.path, row.prodcatg, row.size, row.md5)
    return Archived(idp, row.files, row.version, row.supersedes)


def _row(line: LineContext, ab_name: str, held: Archived) -> IDPRow:
    return IDPRow(
        name=held.idp.name,
        ab_name=ab_name,
        path=held.idp.path,
        size=held.idp.size,
        md5=held.idp.md5,
        prodcatg=held.idp.category,
        ingested=line.clock(),
        files=held.files,
    )
