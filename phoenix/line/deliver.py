"""From products to the archive: conversion and ingestion, started apart from processing."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from phoenix.archive.phase3 import Archived, ArchivedFile
from phoenix.line.hold import hold_nights
from phoenix.line.pages import pages_are_due, write_due_pages
from phoenix.line.prepare import prepare_pool
from phoenix.line.report import StepReport
from phoenix.line.turns import in_turn
from phoenix.line.work import PROCESS
from phoenix.model.frames import Role
from phoenix.model.report import JobState
from phoenix.model.score import VerdictKind
from phoenix.phase3.validate import validate_many
from phoenix.steps.convert import Conversion, convert_block, idp_folder
from phoenix.steps.ingest import Ingestion, ingest_idps, science_files
from phoenix.store.rows import FileRow, IDPRow, IDPStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phoenix.line.context import LineContext
    from phoenix.line.report import PreparedNight
    from phoenix.line.table import Cell
    from phoenix.model.ab import AssociationBlock

    _Rows = tuple[tuple[Cell, ...], ...]

__all__ = ["check_night", "convert_night", "ingest_night"]

_INGESTED = ("AB", "IDP", "what", "version", "wrong")


def convert_night(line: LineContext, pool: str) -> StepReport:
    """Convert the science products of a pool to IDPs and validate them."""
    columns = ("AB", "IDP", "bytes", "md5", "wrong")
    return _each_night(line, pool, f"IDPs of {pool}", columns, _convert)


def _convert(line: LineContext, night: PreparedNight) -> _Rows:
    with hold_nights(line.workspace, night.every_night, line.clock()):
        return tuple(
            row
            for ab in _science_blocks(line, night)
            for row in _converted(
                convert_block(line.instrument, line.process_row, line.workspace, ab)
            )
        )


def _each_night(
    line: LineContext,
    pool: str,
    title: str,
    columns: tuple[str, ...],
    do: Callable[[LineContext, PreparedNight], _Rows],
) -> StepReport:
    """Do something with the nights of a pool, and tell of those that other runs hold."""
    skipped: list[str] = []

    def skip(night: PreparedNight, why: str) -> _Rows:
        skipped.append(f"{night.date} was skipped: {why}")
        return ()

    nights = prepare_pool(line, pool, dry=True).nights
    rows = in_turn(nights, partial(do, line), skip)
    return StepReport(title, columns, tuple(chain.from_iterable(rows)), tuple(skipped))


def _converted(done: Conversion) -> Iterator[tuple[Cell, ...]]:
    if done.folder is None:
        yield done.ab_name, "", None, "", done.reason
        return
    paths = tuple(done.folder / row.name for row in done.idps)
    for row, report in zip(done.idps, validate_many(paths), strict=True):
        told = "; ".join(map(str, report.errors))
        yield done.ab_name, row.name, row.size, row.md5, told


def _science_blocks(line: LineContext, night: PreparedNight) -> Iterator[AssociationBlock]:
    """Return the successful ABs that have science products and were not rejected."""
    store, nights = line.store, night.every_night
    first, last = nights[0], nights[-1]
    good = [JobState.SUCCESSFUL]
    jobs = store.jobs.rows(since=first, until=last, step=PROCESS, states=good)
    products = store.products.rows(since=first, until=last, role=Role.SCIENCE)
    verdicts = store.verdicts.current(since=first, until=last).values()
    rejected = {row.ab_name for row in verdicts if row.verdict.kind is VerdictKind.REJECTED}
    wanted = {row.ab_name for row in jobs} & {row.ab_name for row in products}
    wanted -= rejected
    yield from (ab for ab in night.prepared.cascade if str(ab.name) in wanted)


def check_night(line: LineContext, pool: str) -> StepReport:
    """Check the IDPs of a pool; hand nothing over."""
    rows = [
        (str(ab.name), report.file, "checked", None, "; ".join(map(str, report.errors)))
        for night in prepare_pool(line, pool, dry=True).nights
        for ab in _science_blocks(line, night)
        for report in validate_many(science_files(idp_folder(line.workspace, ab)))
    ]
    return StepReport(f"IDPs of {pool}, checked", _INGESTED, tuple(rows))


def ingest_night(line: LineContext, pool: str) -> StepReport:
    """Check the IDPs of a pool and hand them over to the Phase 3 archive."""
    return _each_night(line, pool, f"{pool} into the Phase 3 archive", _INGESTED, _ingest_all)


def _ingest_all(line: LineContext, night: PreparedNight) -> _Rows:
    with hold_nights(line.workspace, night.every_night, line.clock()):
        rows: _Rows = tuple(
            (str(ab.name), *row)
            for ab in _science_blocks(line, night)
            for row in _ingest(line, ab)
        )
    write_due_pages(line, night.every_night)
    return rows


def _ingest(line: LineContext, ab: AssociationBlock) -> Iterator[tuple[Cell, ...]]:
    archive, name = line.workspace.folder("archive"), str(ab.name)
    paths = science_files(idp_folder(line.workspace, ab))
    if not paths:
        return iter([("", "refused", None, "found no IDPs; run `phoenix convert` first")])
    current = _current(line, name)
    done = ingest_idps(archive, ab.date, paths, current)
    # An AB that was made anew may have IDPs of other names: in counts before, calibrated now.
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


def _ingested(done: Ingestion) -> Iterator[tuple[Cell, ...]]:
    for held in done.taken:
        yield held.idp.name, "ingested", held.version, ""
    for held in done.unchanged:
        yield held.idp.name, "was there", held.version, ""
    for refused in done.refused:
        yield refused.name, "refused", None, refused.reason


def _current(line: LineContext, ab_name: str) -> dict[str, Archived]:
    rows = line.store.phase3.rows(status=IDPStatus.CURRENT, ab_name=ab_name)
    return {row.name: _archived(row) for row in rows}


def _archived(row: IDPRow) -> Archived:
    files = tuple(ArchivedFile(f.name, f.path, f.category, f.size, f.md5) for f in row.files)
    idp = ArchivedFile(row.name, row.path, row.prodcatg, row.size, row.md5)
    return Archived(idp, files, row.version, row.supersedes)


def _row(line: LineContext, ab_name: str, held: Archived) -> IDPRow:
    return IDPRow(
        name=held.idp.name,
        ab_name=ab_name,
        path=held.idp.path,
        size=held.idp.size,
        md5=held.idp.md5,
        prodcatg=held.idp.category,
        ingested=line.clock(),
        files=tuple(FileRow(f.name, f.path, f.category, f.size, f.md5) for f in held.files),
    )
