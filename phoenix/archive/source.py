"""Sources of raw frames and master calibrations, and how a file gets into the workspace.

A source is laid out as the workspace, ``raw/<date>/*.fits`` and ``calib/<date>|gen/*.fits``.
Nothing enters the workspace under its name before it is known to be a whole FITS file: a login
page saved as FITS, a cut or an empty file costs a night else (and finds its way into masters).
"""

from __future__ import annotations

import errno
import os
import shutil
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

from phoenix.archive.unpack import MOST_UNPACKED, SUFFIXES, unpack
from phoenix.errors import ArchiveError, HeaderError
from phoenix.formats.files import open_plain
from phoenix.formats.fits.blocks import header_blocks
from phoenix.formats.fits.headers import read_header
from phoenix.formats.fits.standard import BLOCK
from phoenix.formats.fits.sums import check_data_sums
from phoenix.model.plain import plain_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["FolderSource", "Source", "check_fits", "fetch", "renew"]

_OUR_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
_log = plain_log(__name__)


class Source(Protocol):
    """Where raw frames and master calibrations can be had.

    Attributes
    ----------
    most_unpacked : int
        Bytes that a packed file may unpack to.
    """

    @property
    def most_unpacked(self) -> int:
        """Bytes that a packed file may unpack to."""

    def locate(self, below: str) -> Path | None:
        """Return the file itself or a packed form of it, None where the source has neither.

        Parameters
        ----------
        below : str
            Path as below the workspace, ``raw/2020-01-01/GIRAF.2020-01-02T00:12:00.000.fits``.
        """


@frozen
class FolderSource:
    """A folder of raw frames and master calibrations.

    Attributes
    ----------
    root : Path
        The folder with ``raw/`` and ``calib/`` in it.
    most_unpacked : int
        Bytes that a packed file of it may unpack to.
    """

    root: Path
    most_unpacked: int = MOST_UNPACKED

    def locate(self, below: str) -> Path | None:
        """Return the file or a packed form of it, None where there is neither."""
        for suffix in ("", *SUFFIXES):
            path = self.root / (below + suffix)
            if path.is_file():
                return path
        return None

    def __str__(self) -> str:
        return str(self.root)


def fetch(sources: Sequence[Source], below: str, workspace: Path) -> Path:
    """Bring a file into the workspace, by hard link where that is possible.

    A file that is already there is only checked.

    Parameters
    ----------
    sources : sequence of Source
        Asked in this order.
    below : str
        Path below the workspace, for example ``calib/gen/GI_GRATING.fits``.
    workspace : Path
        Root of the workspace.

    Returns
    -------
    Path
        The file in the workspace, a whole FITS file.

    Raises
    ------
    ArchiveError
        If no source has it or what it has is no whole FITS file; names what was looked for and
        where.
    OSError
        If it cannot be written (disk full, no permission).
    """
    target = workspace / below
    if target.is_file():
        try:
            check_fits(target)
        except ArchiveError:
            # As a power cut leaves a copy; a source may have it whole.
            place = next(filter(None, (source.locate(below) for source in sources)), None)
            if place is None or place.samefile(target):
                raise
        else:
            return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with _unfinished(target) as part:
        place, most = _found(sources, below, target)
        _bring(place, part, most)
        try:
            _check_whole(part)
        except ArchiveError as error:
            # What is to be mended is the file of the source, not our copy of it.
            raise ArchiveError(str(error).replace(str(part), str(place))) from error
        part.replace(target)
    return target


def renew(sources: Sequence[Source], below: str, workspace: Path) -> bool:
    """Bring a file of the workspace again if its source has another one by now.

    A packed source is not looked into: it is unpacked again.

    Returns
    -------
    bool
        Whether there was another one; one that is no whole FITS file replaces nothing, but the
        file of the workspace leaves, so that whoever needs it is told.

    Raises
    ------
    OSError
        If it cannot be written (disk full, no permission).
    """
    target = workspace / below
    places = ((source.locate(below), source.most_unpacked) for source in sources)
    place, most = next((one for one in places if one[0]), (None, 0))
    if place is None or not target.is_file() or _is_same(place, target):
        return False
    with _unfinished(target) as part:
        try:
            _bring(place, part, most)
            _check_whole(part)
        except ArchiveError:
            target.unlink()
        else:
            part.replace(target)
    return True


def _is_same(place: Path, target: Path) -> bool:
    there, here = place.stat(), target.stat()
    if (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino):
        return True
    return (there.st_size, there.st_mtime_ns) == (here.st_size, here.st_mtime_ns)


def check_fits(path: Path) -> None:
    """Check that a file is FITS and as long as its headers say.

    Raises
    ------
    ArchiveError
        Empty, an HTML page, no FITS, cut; says what was found.
    """
    try:
        for _ in header_blocks(path):
            pass
    except HeaderError as error:
        raise ArchiveError(str(error)) from error
    size = path.stat().st_size
    if size % BLOCK and not _is_packed(path):
        raise ArchiveError(
            f"{path}: found {size} bytes, expected a multiple of {BLOCK}; the file is cut, "
            "fetch it again"
        )


def _check_whole(path: Path) -> None:
    """Check what was brought in as far as it allows itself: its length, and DATASUM where it is.

    Once: what is in the workspace has a checksum in every manifest that names it. Raw frames are
    as they were written. Of products and static tables a wrong DATASUM is only told: tools that
    change one leave it as it was, and so it stands in a table that ESO ships (the spectral format
    of X-shooter's JH filter).
    """
    check_fits(path)
    if _is_packed(path):
        return
    try:
        check_data_sums(path)
    except HeaderError as error:
        if "ESO PRO CATG" not in read_header(path):
            raise ArchiveError(str(error)) from error
        _log.warning("%s; it is taken nevertheless, because it is a product", error)


def _is_packed(path: Path) -> bool:
    with open_plain(path) as file:
        return file.read(2) in {b"\x1f\x8b", b"\x1f\x9d"}


def _found(sources: Sequence[Source], below: str, target: Path) -> tuple[Path, int]:
    for source in sources:
        path = source.locate(below)
        if path is not None:
            return path, source.most_unpacked
    asked = ", ".join(map(str, sources)) or "no source (set one in phoenix.toml)"
    raise ArchiveError(
        f"{target.name}: not found; looked for {below} (also {', '.join(SUFFIXES)}) in "
        f"{target.parents[len(below.split('/')) - 1]} and {asked}; fetch it or mend the AB"
    )


def _bring(source: Path, part: Path, most: int) -> None:
    try:
        if source.suffix in SUFFIXES:
            unpack(source, part, most)
            # As of a link or a copy: the time of a raw file tells when it came.
            shutil.copystat(source, part)
        else:
            _link_or_copy(source, part)
    except OSError as error:
        # A source that fails is the archive's fault; what is wrong with our disk is not.
        ours = error.errno in _OUR_DISK or not os.access(part.parent, os.W_OK)
        if isinstance(error, ArchiveError) or ours:
            raise
        raise ArchiveError(
            f"{source}: found {error.strerror or error}, expected a readable file; "
            "check the source"
        ) from error


def _link_or_copy(source: Path, part: Path) -> None:
    try:
        os.link(source.resolve(), part)
    except OSError as error:
        # Another file system, one without links, or a file of another user.
        if error.errno not in {errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK}:
            raise
        shutil.copy2(source, part)


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    part = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}.part")
    part.unlink(missing_ok=True)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)
