"""Ingest IDPs: check their content, hand the good ones to the Phase 3 archive.

A step of its own, started apart from processing (VLT-MAN-ESO-19600-6104, 4.2 and 4.10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.archive.phase3 import prodcatg, read_data_set, sync_archive, take_in
from phoenix.archive.repository import Refused
from phoenix.errors import ArchiveError
from phoenix.model.counted import counted
from phoenix.phase3.validate import validate_many

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from phoenix.archive.phase3 import Archived, DataSet
    from phoenix.phase3.report import Report

__all__ = ["Ingestion", "ingest_idps", "science_files"]

_QUOTED = 3  # errors in a reason; more are counted
_SCIENCE = "SCIENCE."


@frozen
class Ingestion:
    """What became of IDPs.

    Attributes
    ----------
    taken : tuple of Archived
        New versions.
    unchanged : tuple of Archived
        The archive had them already.
    refused : tuple of Refused
        Not taken, and why.
    """

    taken: tuple[Archived, ...] = ()
    unchanged: tuple[Archived, ...] = ()
    refused: tuple[Refused, ...] = ()


def science_files(folder: Path) -> tuple[Path, ...]:
    """Return the science files among the FITS files of a folder of IDPs, in order of name."""
    return tuple(
        path for path in sorted(folder.glob("*.fits")) if _category(path).startswith(_SCIENCE)
    )


def _category(path: Path) -> str:
    try:
        return prodcatg(path)
    except OSError:
        # No FITS (an ArchiveError is one), or no right to read it: shown to the validator.
        return _SCIENCE


def ingest_idps(
    archive: Path,
    night: object,
    idps: Iterable[Path],
    current: Mapping[str, Archived],
) -> Ingestion:
    """Check IDPs and take the valid ones into the archive.

    Parameters
    ----------
    archive : Path
        Folder of the archive.
    night : CivilDate or str
        Night or pseudo-date of the data.
    idps : iterable of Path
        Science files, their ancillaries beside them.
    current : mapping of str to Archived
        The current versions in the archive by name of the IDP.

    Raises
    ------
    OSError
        If the archive cannot be written.
    """
    paths = tuple(idps)
    held: list[Archived] = []
    refused: list[Refused] = []
    for path, report in zip(paths, validate_many(paths), strict=True):
        try:
            data_set = _checked(path, report)
            held.append(take_in(archive, night, data_set, current.get(path.name)))
        except ArchiveError as error:
            refused.append(Refused(path.name, str(error)))
    if any(row.is_new for row in held):
        sync_archive(archive, night)
    return Ingestion(
        taken=tuple(row for row in held if row.is_new),
        unchanged=tuple(row for row in held if not row.is_new),
        refused=tuple(refused),
    )


def _checked(path: Path, report: Report) -> DataSet:
    _refuse_invalid(report)
    return read_data_set(path)


def _refuse_invalid(report: Report) -> None:
    if report.ok:
        return
    told = "; ".join(map(str, report.errors[:_QUOTED]))
    more = len(report.errors) - _QUOTED
    raise ArchiveError(
        f"{report.file}: found {counted(len(report.errors), 'error')}, expected none: {told}"
        + (f"; and {more} more" if more > 0 else "")
        + "; see `phoenix validate`"
    )
