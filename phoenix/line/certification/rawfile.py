"""Raw files by the names that persons type: ARCFILE with or without suffix, or a path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.archive.source import FolderSource
from phoenix.errors import DataError
from phoenix.formats.files import read_plain
from phoenix.model.dates import CivilDate, mjd_of
from phoenix.model.plain import one_line, shortened

if TYPE_CHECKING:
    from phoenix.line.context import LineContext

__all__ = ["RawFile", "looks_like_raw", "nights_using", "raw_file"]

_ARCFILE = re.compile(
    r"(?:.*/)?(?P<root>[A-Z0-9]+\.(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{1,3})"
    r"(?P<suffix>\.fits(?:\.gz|\.Z|\.fz)?|\.hdr)?\Z",
    re.ASCII | re.DOTALL,
)
_SUFFIXES = (".fits", ".gz", ".Z", ".fz", ".hdr")


@frozen
class RawFile:
    """A raw file: its ARCFILE without suffix, and its night."""

    root: str
    night: CivilDate


def looks_like_raw(name: str) -> bool:
    """Whether a name can only be that of a raw file: it has its suffix, or is a path."""
    return not name.endswith(".ab") and ("/" in name or name.endswith(_SUFFIXES))


def raw_file(line: LineContext, name: str) -> RawFile:
    """Return the raw file that a person means.

    Raises
    ------
    DataError
        If it is no such name, or neither the sources nor an AB has the file.
    """
    match = _ARCFILE.match(name)
    if match is None:
        found = shortened(one_line(name), 200)
        raise DataError(
            f"found {found!r}, expected an AB, or a raw file such as "
            "GIRAF.2020-01-02T01:12:20.596.fits"
        )
    file = RawFile(match["root"], CivilDate.of(mjd_of(match["time"])))
    if not (_is_there(line, file) or nights_using(line, file)):
        raise DataError(
            f"{file.root}: no such raw file in the repositories, and no AB of the nights around "
            f"{file.night} uses one; see `phoenix pool list -d {file.night}`"
        )
    return file


def nights_using(line: LineContext, file: RawFile) -> tuple[str, ...]:
    """Return the nights that have ABs with this raw file, within the window of calibrations."""
    days = line.settings.calibrations.window_days
    wanted = file.root.encode()
    rows = line.store.blocks.rows(since=file.night.plus(-days), until=file.night.plus(days))
    nights = sorted({row.date for row in rows})
    return tuple(night for night in nights if _is_used(line, night, wanted))


def _is_used(line: LineContext, night: str, root: bytes) -> bool:
    """Whether the text of an AB of the night has the name in it."""
    folder = line.workspace.folder("ab", night)
    return any(root in read_plain(path) for path in folder.glob("*.ab") if path.is_file())


def _is_there(line: LineContext, file: RawFile) -> bool:
    below = f"raw/{file.night}/{file.root}.fits"
    sources = (*line.sources, FolderSource(line.workspace.root))
    header = line.workspace.folder("headers", file.night) / f"{file.root}.hdr"
    if header.is_file() or any(source.locate(below) for source in sources):
        return True
    # In a repository with other folders; the index knows them.
    frames = line.store.frames.rows(kinds=["raw"], since=file.night, until=file.night)
    return any(row.arcfile.removesuffix(".fits") == file.root for row in frames)
