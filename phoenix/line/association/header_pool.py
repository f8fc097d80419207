"""The header pool: the files of all repositories, indexed once and again where they changed."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from phoenix.archive.headers import PassedOver, find_files, read_pool_header
from phoenix.archive.unpack import SUFFIXES
from phoenix.errors import DataError
from phoenix.line.table import Table
from phoenix.model.counted import counted
from phoenix.model.dates import CivilDate, mjd_of
from phoenix.model.filename import root_name
from phoenix.model.overlay import overlaid, overlays_by_file
from phoenix.oca import Frame, Kind
from phoenix.store.rows.frame import FrameRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from phoenix.archive.headers import FoundFile
    from phoenix.line.table import Cell
    from phoenix.model.overlay import Overlay
    from phoenix.store.store import Store

__all__ = ["IndexReport", "index_folders", "oca_frame", "places", "pool_table", "without_copies"]

_ARCFILE = re.compile(r"[A-Z0-9]+\.\d{4}-\d\d-\d\dT[\d:.]+\Z", re.ASCII)
_INTEGERS = 1 << 63
_UNIX_EPOCH = 40587.0  # MJD of 1970-01-01; no frame of any VLT instrument is older
_S_PER_DAY = 86400.0
_SAME_TIME_S = 10.0  # ours: ESO's names are DATE-OBS to the millisecond, MJD-OBS has its rounding
_PLAIN_NAME = re.compile(r"[\w.:+@=,-]+\Z", re.ASCII)
_KINDS = {"raw": Kind.RAW, "certified": Kind.CERTIFIED, "static": Kind.STATIC}


@frozen
class IndexReport:
    """What indexing did.

    Attributes
    ----------
    files, read, gone : int
        Files there are, those that were read because they are new or changed, those no longer
        there.
    faulty : tuple of FrameRow
        Files that cannot be used.
    duplicates : tuple of (str, tuple of str)
        ARCFILE that several raw files of the repositories have, and their paths.
    passed_over : tuple of (str, str)
        Files and folders that look like frames and cannot be taken, and why.
    overlaid : int
        Files that have overlays.
    overlaid_elsewhere : int
        Files that have overlays and are not here, or not yet.
    """

    files: int
    read: int
    gone: int
    faulty: tuple[FrameRow, ...] = ()
    duplicates: tuple[tuple[str, tuple[str, ...]], ...] = ()
    passed_over: tuple[tuple[str, str], ...] = ()
    overlaid: int = 0
    overlaid_elsewhere: int = 0

    def table(self) -> Table:
        """Return one row for each file that is not as it should be."""
        rows: list[tuple[Cell, ...]] = [(row.path, row.fault) for row in self.faulty]
        rows += self.passed_over
        rows += [
            (path, f"a second file of ARCFILE {arcfile}: {paths[0]} is taken")
            for arcfile, paths in self.duplicates
            for path in paths[1:]
        ]
        twice = sum(len(paths) - 1 for _, paths in self.duplicates)
        title = (
            f"{counted(self.files, 'file')}, {self.read} read, {self.gone} gone, "
            f"{len(self.faulty)} faulty, {counted(twice, 'duplicate')}, "
            f"{len(self.passed_over)} passed over"
        )
        if self.overlaid or self.overlaid_elsewhere:
            title += f", {self.overlaid} overlaid, {self.overlaid_elsewhere} to be when they come"
        return Table(title, ("file", "what is wrong"), tuple(rows))


def places(repositories: Iterable[Path], workspace: Path) -> tuple[Path, ...]:
    """Return the folders that are looked through.

    A repository is laid out as a workspace, ``raw/`` and ``calib/``; one that has neither is a
    folder of files. Of the workspace: its own masters, and what is left of raw frames.
    """
    found: list[Path] = []
    for repository in repositories:
        parts = [repository / "raw", repository / "calib"]
        found += [part for part in parts if part.is_dir()] or [repository]
    found += [workspace / name for name in ("calib", "raw", "headers")]
    return tuple(dict.fromkeys(place.resolve() for place in found))


def index_folders(
    store: Store,
    folders: Sequence[Path],
    keywords: Sequence[str],
    overlays: Iterable[Overlay] = (),
) -> IndexReport:
    """Bring the pool up to date: only files that are new or changed are read.

    So are those whose overlays have changed. A file that cannot be read is set aside with the
    reason, and tried again when it changes.
    """
    keys = _digest(" ".join(keywords))
    by_file = overlays_by_file(overlays)
    wanted = {name: _digest(f"{keys} {rows}") for name, rows in by_file.items()}
    known = store.frames.known()
    seen: set[str] = set()
    new: list[FrameRow] = []
    passed_over: dict[str, str] = {}
    concerned: set[str] = set()
    for folder in folders:
        for file in find_files(folder):
            if isinstance(file, PassedOver):
                passed_over[file.path] = file.why
                continue
            if file.path in seen:
                continue
            seen.add(file.path)
            *facts, arcfile = known.get(file.path, ("",))
            name = root_name(arcfile)
            if facts != [file.size, file.mtime_ns, wanted.get(name, keys)]:
                row = _row(file, keywords, by_file)
                name = root_name(row.arcfile)
                new.append(evolve(row, keys=wanted.get(name, keys)))
            concerned.add(name)
    gone = known.keys() - seen
    if new or gone:
        store.frames.replace(new, gone)
    passed, here = tuple(passed_over.items()), len(by_file.keys() & concerned)
    report = IndexReport(len(seen), len(new), len(gone), passed_over=passed)
    return evolve(report, overlaid=here, overlaid_elsewhere=len(by_file) - here)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _row(
    file: FoundFile, keywords: Sequence[str], overlays: Mapping[str, tuple[Overlay, ...]]
) -> FrameRow:
    path = Path(file.path)
    read = read_pool_header(file.path, keywords)
    own = overlays.get(root_name(_name(path, read.values, _kind(path, read.values))), ())
    if own:
        # What the rules do not read, to be told beside what holds.
        read = read_pool_header(file.path, {*keywords, *(one.keyword for one in own)})
    header, done = overlaid(read.values, own)
    kind = _kind(path, header)
    mjd, exptime = _number(header.get("MJD-OBS")), _number(header.get("EXPTIME"))
    arcfile = _name(path, header, kind)
    return FrameRow(
        path=file.path,
        kind=kind,
        arcfile=arcfile,
        date="" if mjd is None else str(CivilDate.of(mjd)),
        mjd_obs=mjd,
        exptime=exptime,
        size=file.size,
        mtime_ns=file.mtime_ns,
        header=header,
        overlaid=done,
        made_of=read.made_of,
        fault=read.fault
        or _fault(arcfile, kind, mjd, header)
        or _wrong_time(arcfile, kind, mjd, header),
    )


def _kind(path: Path, header: Mapping[str, object]) -> str:
    """Tell raw files from products by PRO CATG, and static tables by their folder."""
    if "ESO PRO CATG" not in header:
        return "raw"
    return "static" if path.parent.name == "gen" else "certified"


def _name(path: Path, header: Mapping[str, object], kind: str) -> str:
    """Return ARCFILE of a raw file, else the name of the file when it is unpacked."""
    known = header.get("ARCFILE")
    if kind == "raw" and isinstance(known, str) and known:
        return known
    name = path.name
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return f"{name.removesuffix('.hdr')}.fits" if name.endswith(".hdr") else name


def _fault(arcfile: str, kind: str, mjd: float | None, header: Mapping[str, object]) -> str:
    if kind != "raw":
        return "" if _PLAIN_NAME.match(arcfile) else f"found name {arcfile!r}, expected no blanks"
    for name, value in header.items():
        if isinstance(value, int) and not -_INTEGERS <= value < _INTEGERS:
            return f"found {name} = {str(value)[:30]}, expected a number of 64 bits"
    if mjd is None:
        return "found no number as MJD-OBS, expected the time of the exposure; mend the header"
    root = arcfile.removesuffix(".fits")
    if not _ARCFILE.match(root):
        return (
            f"found ARCFILE {arcfile!r}, expected one like GIRAF.2020-01-02T00:12:00.000.fits; "
            "mend the header or the name of the file"
        )
    return ""


def _wrong_time(arcfile: str, kind: str, mjd: float | None, header: Mapping[str, object]) -> str:
    """Say which of a raw frame's times differ: by it frames are grouped, named and associated."""
    if kind != "raw" or mjd is None:
        return ""
    if mjd < _UNIX_EPOCH:
        return f"found MJD-OBS = {mjd:g}, expected a day after 1970; mend the header"
    stamps = {"DATE-OBS": header.get("DATE-OBS"), "ARCFILE": _stamp(arcfile)}
    for name, stamp in stamps.items():
        if not isinstance(stamp, str) or not stamp.strip():
            continue
        try:
            there = mjd_of(stamp.strip())
        except DataError as error:
            return f"{name}: {error}; mend the header"
        if abs(there - mjd) * _S_PER_DAY > _SAME_TIME_S:
            return (
                f"found MJD-OBS = {mjd:.5f} and {name} = {stamp} (MJD {there:.5f}), expected the "
                f"same time within {_SAME_TIME_S:g} s; mend the header"
            )
    return ""


def _stamp(arcfile: str) -> str:
    """Return the time in a name like ``GIRAF.2020-01-02T00:12:00.000.fits``."""
    return arcfile.removesuffix(".fits").partition(".")[2]


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Some years before the first VLT frame to some after the last: CivilDate needs a calendar.
    return float(value) if abs(value) < 1e6 else None  # noqa: PLR2004 - days


# ---- what the rules get ------------------------------------------------------------------------


@frozen
class _Copies:
    """The files of one ARCFILE, those of the workspace apart."""

    outside: list[FrameRow] = field(factory=list)
    inside: list[FrameRow] = field(factory=list)


def without_copies(rows: Iterable[FrameRow], workspace: Path) -> Iterator[FrameRow]:
    """Leave out what the workspace has besides a repository: links to raw files, saved headers."""
    copies: dict[tuple[str, str], _Copies] = {}
    root = f"{workspace}/"
    for row in rows:
        of = copies.setdefault((row.kind, row.arcfile), _Copies())
        (of.inside if row.path.startswith(root) else of.outside).append(row)
    for of in copies.values():
        if of.outside:
            whole = [row for row in of.outside if not row.path.endswith(".hdr")]
            yield from whole or of.outside
        else:
            yield min(of.inside, key=lambda row: (row.path.endswith(".hdr"), row.path))


def place_below(row: FrameRow) -> str:
    """Return where the file is or will be below the workspace, as ``raw/<night>/<ARCFILE>``."""
    if row.kind == "raw":
        name = row.arcfile if row.arcfile.endswith(".fits") else f"{row.arcfile}.fits"
        return f"raw/{row.date}/{name}"
    path = Path(row.path)
    if path.parent.parent.name == "calib":
        return f"calib/{path.parent.name}/{row.arcfile}"
    return f"calib/{row.date or 'gen'}/{row.arcfile}"


def oca_frame(row: FrameRow) -> Frame:
    """Return a file as the rules see it."""
    folder, _, rest = place_below(row).partition("/")
    symbol = "DFO_RAW_DIR" if folder == "raw" else "DFO_CAL_DIR"
    name = rest.rpartition("/")[2]
    return Frame.of(
        name,
        row.header,
        kind=_KINDS[row.kind],
        path=f"${{{symbol}}}/{rest}",
        overlaid=tuple(map(str, row.overlaid)),
    )


def pool_table(rows: Iterable[FrameRow]) -> Table:
    """Return one row a file."""
    cells = tuple(
        (
            row.date,
            row.arcfile,
            row.kind,
            str(row.header.get("ESO PRO CATG") or row.header.get("ESO DPR TYPE") or ""),
            row.exptime,
            row.path,
            row.fault,
        )
        for row in rows
    )
    columns = ("night", "ARCFILE", "kind", "type", "exptime s", "path", "fault")
    return Table(f"header pool: {counted(len(cells), 'file')}", columns, cells)
