"""The embedded Phase 3 archive: data sets in a folder, each version for ever.

A data set is one IDP and the files that its ASSONi name. Its files lie in
``<night>/<name of the IDP>/v<version>/``, made visible by one rename. Ancillaries that many IDPs
share are stored once, by content (``content/<two digits>/<md5>``), and linked. Which version is
the current one is known to the caller; the archive finds out whether anything changed.
"""

from __future__ import annotations

import os
import shutil
import threading
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from phoenix.archive.deprecation import note_place, read_note
from phoenix.errors import ArchiveError, HeaderError
from phoenix.formats.filedigest import copy_with_digest, file_digest
from phoenix.formats.files import is_plain_file, sync
from phoenix.formats.fits.headers import read_header
from phoenix.model.archived import ArchivedFile

if TYPE_CHECKING:
    from phoenix.formats.fits.headers import Header
    from phoenix.model.archived import Deprecation

__all__ = [
    "Archived",
    "DataSet",
    "archived_versions",
    "prodcatg",
    "read_data_set",
    "sync_archive",
    "take_in",
]

_READ_ONLY = 0o444
_FITS = (".fits", ".fits.fz")


@frozen
class DataSet:
    """An IDP on its way to the archive.

    Attributes
    ----------
    idp : Path
        The science file.
    category : str
        Its PRODCATG.
    ancillaries : tuple of (Path, str)
        The files that it names, and their categories.
    """

    idp: Path
    category: str
    ancillaries: tuple[tuple[Path, str], ...] = ()


@frozen
class Archived:
    """A version of a data set in the archive.

    Attributes
    ----------
    idp : ArchivedFile
        The science file.
    files : tuple of ArchivedFile
        Its ancillaries.
    version : int
        Product version, from 1.
    supersedes : int or None
        The version that this one replaces.
    is_new : bool
        False if the archive had the same content already.
    deprecation : Deprecation or None
        Why it is no longer offered, if it is not.
    """

    idp: ArchivedFile
    files: tuple[ArchivedFile, ...] = ()
    version: int = 1
    supersedes: int | None = None
    is_new: bool = True
    deprecation: Deprecation | None = None


def read_data_set(idp: Path) -> DataSet:
    """Find the files that belong to an IDP; they lie beside it.

    Raises
    ------
    ArchiveError
        If a file that it names is not there or is not the one that it means (ASSOMi).
    """
    try:
        header = read_header(idp)
    except HeaderError as error:
        raise ArchiveError(str(error)) from error
    numbers = range(1, 1 + sum(key.startswith("ASSON") for key in header))
    return DataSet(
        idp=idp,
        category=str(header.get("PRODCATG", "")),
        ancillaries=tuple(_ancillary(idp, header, number) for number in numbers),
    )


def _ancillary(idp: Path, header: Header, number: int) -> tuple[Path, str]:
    name = header.get(f"ASSON{number}")
    if not isinstance(name, str) or "/" in name or not name.strip("."):
        raise ArchiveError(
            f"{idp}: ASSON{number}: found {name!r}, expected a file name; convert the AB again"
        )
    path = idp.with_name(name)
    if not path.is_file():
        raise ArchiveError(
            f"{idp}: ASSON{number}: found no file {name} beside it; convert the AB again"
        )
    if name.endswith(_FITS):
        return path, prodcatg(path)
    named, is_so = header.get(f"ASSOM{number}"), file_digest(path, "md5")
    if named != is_so:
        raise ArchiveError(
            f"{idp}: ASSOM{number}: found {named}, expected {is_so}, the md5 of {name}; "
            "convert the AB again"
        )
    return path, str(header.get(f"ASSOC{number}", ""))


def prodcatg(path: Path) -> str:
    """Return the category of a FITS file, empty where it has none.

    Raises
    ------
    ArchiveError
        If it is no FITS file.
    """
    try:
        return str(read_header(path).get("PRODCATG", ""))
    except HeaderError as error:
        raise ArchiveError(str(error)) from error


def take_in(
    archive: Path, night: object, data_set: DataSet, current: Archived | None = None
) -> Archived:
    """Take a data set into the archive, whole or not at all.

    Parameters
    ----------
    archive : Path
        Its folder.
    night : CivilDate or str
        Night or pseudo-date of the data.
    data_set : DataSet
        Checked by the validator before.
    current : Archived or None
        The current version of this IDP, None for a new one.

    Returns
    -------
    Archived
        The current version itself where its files have the same content; else the next version.

    Raises
    ------
    ArchiveError
        If a file changes while it is copied, or the archive has lost the version that it holds.
    OSError
        If the archive cannot be written.
    """
    paths = ((data_set.idp, data_set.category), *data_set.ancillaries)
    # An IDP can be gigabytes: what the archive never had is summed while it is copied. Ancillaries
    # are shared by many IDPs, and summed once for all of them.
    known = {path.name: file_digest(path, "md5") for path, _ in data_set.ancillaries}
    if current is not None:
        known[data_set.idp.name] = file_digest(data_set.idp, "md5")
        if known == _sums(current):
            _check_there(archive, current)
            return evolve(current, is_new=False)
    name = Path(str(night)) / data_set.idp.stem
    version = _next_version(archive, name, current)
    folder = name / f"v{version}"
    sums = _place(archive, folder, [path for path, _ in paths], known)
    idp, *files = [_archived(path, category, folder, sums) for path, category in paths]
    return Archived(idp, tuple(files), version, current.version if current else None)


def sync_archive(archive: Path, night: object) -> None:
    """Have what was taken in of a night on the disk: the files are, here come their names.

    Once for an AB, not for each of 130 spectra: a journal keeps the order of names, so that with
    the last of them all are there.
    """
    sync(archive / "content")
    sync(archive / str(night))


def archived_versions(archive: Path, night: object, name: str) -> tuple[Archived, ...]:
    """Return the versions of an IDP that lie in the archive, the oldest first.

    The archive itself says what it has, for the case that the database was lost. Where a version
    is missing the later ones are left out: they are there, and nothing is written over them.

    Parameters
    ----------
    archive : Path
        Its folder.
    night : CivilDate or str
        Night or pseudo-date of the data.
    name : str
        File name of the IDP.

    Raises
    ------
    ArchiveError
        If the note of a deprecated version cannot be read.
    """
    folder = Path(str(night)) / Path(name).stem
    found: list[Archived] = []
    for version in count(1):
        place = folder / f"v{version}"
        note = read_note(archive / place)
        files = note.files if note else _files_of(archive, place, name)
        if not files:
            return tuple(found)
        why = note.deprecation if note else None
        before = version - 1 or None
        found.append(Archived(files[0], files[1:], version, before, deprecation=why))
    return tuple(found)


def _files_of(archive: Path, place: Path, name: str) -> tuple[ArchivedFile, ...]:
    """Return the IDP of a version and the files that it names; nothing where it is not whole."""
    idp = archive / place / name
    if not idp.is_file():
        return ()
    try:
        data_set = read_data_set(idp)
        paths = ((idp, data_set.category), *data_set.ancillaries)
        sums = {path.name: file_digest(path, "md5") for path, _ in paths}
        return tuple(_archived(path, category, place, sums) for path, category in paths)
    except (ArchiveError, OSError):
        return ()


def _next_version(archive: Path, folder: Path, current: Archived | None) -> int:
    """Return the first version after the current one that nothing in the archive has or had."""
    first = current.version + 1 if current else 1
    places = ((n, archive / folder / f"v{n}") for n in count(first))
    return next(n for n, it in places if not (it.exists() or note_place(it).exists()))


def _check_there(archive: Path, held: Archived) -> None:
    """Look whether the files of a version are there and as long as they were.

    What was handed over is never written again, not by what looks the same either.
    """
    for row in (held.idp, *held.files):
        path = archive / row.path
        size = path.stat().st_size if is_plain_file(path) else None
        if size != row.size:
            found = "no plain file" if size is None else f"{size} bytes"
            raise ArchiveError(
                f"{path}: found {found}, expected {row.size} bytes, version {held.version} as it "
                f"was taken in; bring it back from a backup, and content/{row.md5[:2]}/{row.md5}, "
                "which is the same file"
            )


def _sums(held: Archived) -> dict[str, str]:
    return {row.name: row.md5 for row in (held.idp, *held.files)}


def _archived(path: Path, category: str, folder: Path, sums: dict[str, str]) -> ArchivedFile:
    below = (folder / path.name).as_posix()
    return ArchivedFile(path.name, below, category, path.stat().st_size, sums[path.name])


def _place(
    archive: Path, folder: Path, paths: list[Path], known: dict[str, str]
) -> dict[str, str]:
    """Make the folder of a version, and return the md5 of its files by name."""
    target = archive / folder
    part = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        stored = {path.name: _store(archive, path, known.get(path.name)) for path in paths}
        for name, place in stored.items():
            os.link(place, part / name)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return {name: place.name for name, place in stored.items()}


def _store(archive: Path, path: Path, known: str | None) -> Path:
    """Copy a file to where its content belongs, and return its path: its md5 is its name.

    Parameters
    ----------
    archive : Path
        Its folder.
    path : Path
        The file.
    known : str or None
        Its md5, as far as it is known already.
    """
    if known is not None and _has(archive, known):
        return _stored(archive, known)
    folder = archive / "content"
    folder.mkdir(parents=True, exist_ok=True)
    # All in one folder, where what a killed run leaves is found without a search.
    part = folder / f".{known or path.name}.{os.getpid()}-{threading.get_ident()}.part"
    part.unlink(missing_ok=True)
    try:
        before = _facts(path)
        md5 = copy_with_digest(path, part, "md5")
        if known not in {None, md5} or _facts(path) != before:
            raise ArchiveError(
                f"{path}: found other content after copying than before, md5 {md5}; the file "
                "changed meanwhile, ingest it again"
            )
        stored = _stored(archive, md5)
        if not _has(archive, md5):
            part.chmod(_READ_ONLY)
            sync(part)
            stored.parent.mkdir(exist_ok=True)
            part.replace(stored)
    finally:
        part.unlink(missing_ok=True)
    return stored


def _stored(archive: Path, md5: str) -> Path:
    return archive / "content" / md5[:2] / md5


def _has(archive: Path, md5: str) -> bool:
    """Whether content is in the archive, and as it was taken in."""
    stored = _stored(archive, md5)
    return is_plain_file(stored) and file_digest(stored, "md5") == md5


def _facts(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
