"""Products taken back after their ingestion: out of the archive's offer, by a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.archive.deprecation import Note, delete_version, write_note
from phoenix.errors import BusyError, DataError
from phoenix.formats.abfile import read_ab
from phoenix.line.delivery.deliver import remember_archived
from phoenix.line.night.certify import made_with_rejected, night_of
from phoenix.line.night.hold import alone, hold_nights
from phoenix.line.pages import pages_are_due, write_due_pages
from phoenix.line.report import DeliveryReport
from phoenix.model.ab import ABName
from phoenix.model.archived import ArchivedFile, Deprecation
from phoenix.model.dates import CivilDate
from phoenix.model.plain import bounded, one_line
from phoenix.steps.delivery.ingest import science_files
from phoenix.steps.shelf.places import Places
from phoenix.store.rows import IDPStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from phoenix.line.context import LineContext
    from phoenix.line.table import Cell
    from phoenix.store.rows import IDPRow

__all__ = ["deprecate"]

_COLUMNS = ("AB", "IDP", "what", "version", "wrong")


def deprecate(
    line: LineContext, names: Sequence[str], *, why: str, by: str, delete: bool = False
) -> DeliveryReport:
    """Take the IDPs of rejected ABs out of what the archive offers; say so on their pages.

    All ABs are looked at before the first is touched. What is taken back already stays so, and
    loses its files if it is to be deleted now.

    Parameters
    ----------
    line : LineContext
        Workspace, store, clock.
    names : sequence of str
        ABs.
    why, by : str
        What is wrong with the products, and who says so.
    delete : bool
        Whether the files go too; otherwise the archive keeps what was there.

    Raises
    ------
    DataError
        If the store knows one of the ABs not, one is not rejected, nor made with what was, or
        there is no reason.
    BusyError
        If a run holds one of the nights; for files to be deleted, any night.
    """
    said = Deprecation(one_line(bounded(why)), one_line(bounded(by)), line.clock(), delete)
    dates = sorted({CivilDate.parse(night_of(line, name)) for name in names})
    for name in names:
        _refuse_certified(line, name)
    if delete and not all(alone(line, date) for date in dates):
        # It may be about to link the content that goes.
        raise BusyError(
            "found a run of another night, expected none while files of the archive are "
            "deleted; give the same command again when it has ended"
        )
    with hold_nights(line, dates):
        # First, so that a call that is killed leaves pages that the next one writes.
        for date in dates:
            pages_are_due(line.workspace, date)
        rows = tuple(row for name in names for row in _take_back(line, name, said))
    write_due_pages(line, dates)
    return DeliveryReport("taken out of the Phase 3 archive", _COLUMNS, rows)


def _refuse_certified(line: LineContext, name: str) -> None:
    """Refuse an AB that the next ingestion would bring again."""
    last = line.store.verdicts.history(name)[-1:]
    if last and last[0].verdict.rejects:
        return
    try:
        ab = read_ab(_places(line, name).edited)
    except (DataError, OSError):
        made_with = {}
    else:
        made_with = made_with_rejected(line, (ab,))
    if name not in made_with:
        found = last[0].verdict.kind.value if last else "none"
        raise DataError(
            f"{name}: found verdict {found}, expected a rejection, for `phoenix ingest` would "
            f"bring it again; say `phoenix certify {name} --reject --comment WHY` first"
        )


def _take_back(line: LineContext, name: str, said: Deprecation) -> Iterator[tuple[Cell, ...]]:
    places = _places(line, name)
    remember_archived(line, name, places.date, science_files(places.idps))
    rows = [
        row for row in line.store.phase3.rows(ab_name=name) if row.status is not IDPStatus.OBSOLETE
    ]
    for row in rows:
        yield name, row.name, _take_out(line, row, said), row.version, ""
    if not rows:
        yield name, "", "refused", None, "found no IDPs of it in the archive"


def _take_out(line: LineContext, row: IDPRow, said: Deprecation) -> str:
    """Take out one IDP: first the note, which outlives the rest, then files, then the row."""
    before = row.deprecation
    if before is not None and (before.deleted or not said.deleted):
        return "was deprecated"
    # Whoever took it back first has said why.
    given = said if before is None else evolve(before, deleted=True)
    archive = line.workspace.folder("archive")
    folder = (archive / row.path).parent
    idp = ArchivedFile(row.name, row.path, row.prodcatg, row.size, row.md5)
    files = (idp, *row.files)
    write_note(folder, Note(given, files))
    if given.deleted:
        delete_version(archive, folder, files)
    line.store.phase3.deprecate(row.name, row.version, given)
    return "deleted" if given.deleted else "deprecated"


def _places(line: LineContext, name: str) -> Places:
    return Places(line.workspace, night_of(line, name), ABName(name).root)
