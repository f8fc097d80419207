"""From products to the archive: conversion and ingestion, started apart from processing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.archive.phase3 import Archived, ArchivedFile
from phoenix.line.report import StepReport
from phoenix.model.report import JobState
from phoenix.phase3.validate import validate_many
from phoenix.steps.convert import Conversion, convert_block, idp_folder
from phoenix.steps.ingest import Ingestion, ingest_idps, science_files
from phoenix.store.rows import FileRow, IDPRow, IDPStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.line.production import ProductionLine
    from phoenix.line.table import Cell
    from phoenix.model.ab import AssociationBlock

__all__ = ["convert_night", "ingest_night"]


def convert_night(line: ProductionLine, pool: str) -> StepReport:
    """Convert the science products of a pool to IDPs and validate them."""
    rows: list[tuple[Cell, ...]] = []
    for ab in _science_blocks(line, pool):
        done = convert_block(line.instrument, line.process_row, line.workspace, ab)
        rows += _converted(done)
    return StepReport(f"IDPs of {pool}", ("AB", "IDP", "bytes", "md5", "wrong"), tuple(rows))


def _converted(done: Conversion) -> Iterator[tuple[Cell, ...]]:
    if done.folder is None:
        yield done.ab_name, "", None, "", done.reason
        return
    paths = tuple(done.folder / row.name for row in done.idps)
    for row, report in zip(done.idps, validate_many(paths), strict=True):
        told = "; ".join(map(str, report.errors))
        yield done.ab_name, row.name, row.size, row.md5, told


def _science_blocks(line: ProductionLine, pool: str) -> Iterator[AssociationBlock]:
    """Return the successful ABs that have science products and were not rejected."""
    prepared = line.prepare(pool, dry=True)
    since, until = line.limits(pool)
    rows = line.store.jobs.rows(since=since, until=until, step="process")
    good = {row.ab_name for row in rows if row.state is JobState.SUCCESSFUL}
    verdicts = line.store.verdicts.current(since=since, until=until)
    rejected = {name for name, row in verdicts.items() if row.verdict.kind.value == "rejected"}
    roles = {
        row.ab_name
        for row in line.store.products.rows(since=since, until=until)
        if row.role.value == "science"
    }
    for ab in prepared.blocks:
        if str(ab.name) in (good & roles) - rejected:
            yield ab


def ingest_night(line: ProductionLine, pool: str, *, only_check: bool) -> StepReport:
    """Check the IDPs of a pool and hand them over to the Phase 3 archive."""
    rows: list[tuple[Cell, ...]] = []
    for ab in _science_blocks(line, pool):
        paths = science_files(idp_folder(line.workspace, ab))
        if only_check:
            checked = validate_many(paths)
            rows += [
                (str(ab.name), r.file, "checked", None, "; ".join(map(str, r.errors)))
                for r in checked
            ]
            continue
        done = ingest_idps(
            line.workspace.folder("archive"), ab.date, paths, _current(line, str(ab.name))
        )
        with line.store.transaction():
            for held in done.taken:
                line.store.phase3.ingest(_row(line, str(ab.name), held))
        rows += ((str(ab.name), *row) for row in _ingested(done))
    columns = ("AB", "IDP", "what", "version", "wrong")
    return StepReport(f"{pool} into the Phase 3 archive", columns, tuple(rows))


def _ingested(done: Ingestion) -> Iterator[tuple[Cell, ...]]:
    for held in done.taken:
        yield held.idp.name, "ingested", held.version, ""
    for held in done.unchanged:
        yield held.idp.name, "was there", held.version, ""
    for refused in done.refused:
        yield refused.name, "refused", None, refused.reason


def _current(line: ProductionLine, ab_name: str) -> dict[str, Archived]:
    rows = line.store.phase3.rows(status=IDPStatus.CURRENT, ab_name=ab_name)
    return {row.name: _archived(row) for row in rows}


def _archived(row: IDPRow) -> Archived:
    files = tuple(ArchivedFile(f.name, f.path, f.category, f.size, f.md5) for f in row.files)
    idp = ArchivedFile(row.name, row.path, row.prodcatg, row.size, row.md5)
    return Archived(idp, files, row.version, row.supersedes)


def _row(line: ProductionLine, ab_name: str, held: Archived) -> IDPRow:
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
