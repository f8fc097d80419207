"""Hide a file: no rule associates it again until a person shows it again (QC Handbook, 4.1.7).

The file itself and the archive stay as they are. Nothing is overwritten: who hid what and why is
kept, as verdicts are.
"""

from __future__ import annotations

import re
from bisect import bisect
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from phoenix.errors import DataError, HeaderError
from phoenix.formats.fits.headers import read_header
from phoenix.line.association.verbs import index_pool
from phoenix.line.bad_data import hidden_now, said_of_files, say_of_files
from phoenix.line.table import Table
from phoenix.model.ab import ABName
from phoenix.model.counted import counted
from phoenix.model.dates import CivilDate, mjd_of
from phoenix.model.filename import root_name
from phoenix.model.plain import LONGEST, one_line, shortened
from phoenix.steps.shelf.lineage import made_with
from phoenix.steps.shelf.manifest import manifest_of
from phoenix.steps.shelf.places import Places
from phoenix.store.rows import IDPStatus
from phoenix.store.rows.hidden import HiddenRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from phoenix.line.context import LineContext
    from phoenix.steps.shelf.manifest import Manifest

__all__ = ["hidden_table", "hide_files", "night_of_file", "show_files", "used_by"]

_NAME = re.compile(r"\w[\w.:+@=,-]*\Z", re.ASCII)
_LONGEST_NAME = 200
_LONGEST_BY = 64  # what the database holds
_LONGEST_TOLD = 120  # of what was typed, in a message
_NEIGHBOURS = 10


def hide_files(
    line: LineContext, files: Sequence[str], why: str, by: str, *, in_advance: bool = False
) -> tuple[str, ...]:
    """Hide files, all of them or none; return their names without suffixes.

    Parameters
    ----------
    files : sequence of str
        ARCFILE, or name of a master calibration, with or without ``.fits``; or a path.
    why, by : str
        Why, and who says so.
    in_advance : bool
        Also files that are in no repository yet.

    Raises
    ------
    DataError
        For a file that the header pool does not know, whose nearest is named; and without `why` or
        `by`.
    """
    row = _said(line, why, by)
    known, places = _known(line)
    if None in [_found(text, _name(text), known, places) for text in files]:
        index_pool(line)
        known, places = _known(line)
    chosen: dict[str, None] = {}
    for text in files:
        name = _found(text, _name(text), known, places)
        if name is None and not in_advance:
            raise DataError(
                f"{_told(text)}: found no such file in the header pool, expected one"
                f"{_nearest(_name(text), known)}; one that has not come yet is hidden with "
                "--in-advance"
            )
        chosen[name or _name(text)] = None
    say_of_files(line, (HiddenRow(name, row.why, row.by, row.at) for name in chosen))
    return tuple(chosen)


def show_files(line: LineContext, files: Sequence[str], why: str, by: str) -> tuple[str, ...]:
    """Let rules use hidden files again, all of them or none; return their names.

    Raises
    ------
    DataError
        For a file that is not hidden; the nearest that is is named; and without `why` or `by`.
    """
    row = _said(line, why, by)
    hidden = hidden_now(line)
    _, places = _known(line)
    chosen: dict[str, None] = {}
    for text in files:
        name = _found(text, _name(text), hidden, places)
        if name is None:
            raise DataError(
                f"{_told(text)}: found no such hidden file, expected one"
                f"{_nearest(_name(text), hidden)}; see `phoenix hidden`"
            )
        chosen[name] = None
    say_of_files(line, (HiddenRow(name, row.why, row.by, row.at, hides=False) for name in chosen))
    return tuple(chosen)


def hidden_table(line: LineContext, *, history: bool = False) -> Table:
    """Return what is hidden, or all that was ever said, the newest last."""
    columns = ("file", "at (UTC)", "by", "why")
    if history:
        rows = said_of_files(line)
        cells = tuple((_verb(row), *_cells(row)) for row in rows)
        return Table(
            f"hidden and shown again: {counted(len(rows), 'time')}", ("what", *columns), cells
        )
    current = hidden_now(line)
    return Table(f"hidden files: {len(current)}", columns, tuple(map(_cells, current.values())))


def _verb(row: HiddenRow) -> str:
    return "hidden" if row.hides else "shown again"


def _cells(row: HiddenRow) -> tuple[str, ...]:
    return row.name, f"{row.at:%Y-%m-%dT%H:%M:%S}", row.by, row.why


def night_of_file(name: str) -> CivilDate | None:
    """Return the night in an ARCFILE, with or without folder and suffixes; None for others."""
    try:
        return CivilDate.of(mjd_of(root_name(name.rpartition("/")[2]).partition(".")[2]))
    except DataError:
        return None


def used_by(line: LineContext, names: Collection[str]) -> Table:
    """Return the ABs that were made with files or with what was made of them, and their IDPs.

    Looked for in the nights of the window in which masters serve.
    """
    found: dict[str, str] = {}
    for name in names:
        manifests = tuple(_manifests(line, night_of_file(name)))
        own = {one.ab_name for one in manifests if name in _inputs(one)}
        found |= dict.fromkeys((*sorted(own), *made_with(manifests, own)), name)
    cells = tuple(
        (ab_name, name, idp)
        for ab_name, name in found.items()
        for idp in (_archived(line, ab_name) or ("",))
    )
    title = f"made with what is hidden now: {counted(len(found), 'AB')}"
    return Table(title, ("AB", "file", "IDP in the archive"), cells)


def _manifests(line: LineContext, night: CivilDate | None) -> Iterator[Manifest]:
    days = line.settings.calibrations.window_days
    since = night.plus(-days) if night else None
    until = night.plus(days) if night else None
    for row in line.store.blocks.rows(since=since, until=until):
        manifest = manifest_of(Places(line.workspace, row.date, ABName(row.name).root))
        if manifest is not None:
            yield manifest


def _inputs(manifest: Manifest) -> set[str]:
    return {root_name(row.path.rpartition("/")[2]) for row in manifest.inputs}


def _archived(line: LineContext, name: str) -> tuple[str, ...]:
    rows = line.store.phase3.rows(status=IDPStatus.CURRENT, ab_name=name)
    return tuple(row.name for row in rows)


# ---- which file is meant -----------------------------------------------------------------------


def _said(line: LineContext, why: str, by: str) -> HiddenRow:
    words, who = one_line(why), one_line(by)
    if not words:
        raise DataError("--why: found nothing, expected a reason")
    if len(words) > LONGEST:
        raise DataError(f"--why: found {len(words)} characters, expected at most {LONGEST}")
    if not who or len(who) > _LONGEST_BY:
        raise DataError(
            f"--by: found {len(who)} characters, expected who says so, 1 to {_LONGEST_BY}"
        )
    return HiddenRow("", words, who, line.clock())


def _name(text: str) -> str:
    """Return the name of a file without its suffixes; what is meant may be known by another."""
    name = root_name(text.rpartition("/")[2])
    if not _NAME.match(name) or len(name) > _LONGEST_NAME or not text.isprintable():
        raise DataError(
            f"found {_told(text)!r}, expected a file like "
            "GIRAF.2020-01-02T00:12:00.000.fits, or a path"
        )
    return name


def _told(text: str) -> str:
    return shortened(one_line(text), _LONGEST_TOLD)


def _known(line: LineContext) -> tuple[set[str], dict[str, str]]:
    """Return the names in the header pool, and the name of each path."""
    places = {path: root_name(row[3]) for path, row in line.store.frames.known().items()}
    return set(places.values()), places


def _found(text: str, name: str, known: Collection[str], places: dict[str, str]) -> str | None:
    """Return by which name a file is known: by its place, its name, or its own ARCFILE."""
    by_place = places.get(str(Path(text).resolve()), "") if "/" in text else ""
    for one in (by_place, name):
        if one in known:
            return one
    own = _arcfile(Path(text))
    return own if own in known else None


def _arcfile(path: Path) -> str:
    try:
        value = read_header(path).get("ARCFILE") if path.is_file() else ""
    except (HeaderError, OSError):
        return ""
    return root_name(value) if isinstance(value, str) else ""


def _nearest(name: str, known: Collection[str]) -> str:
    """Return the nearest name in words; of many, one that is a neighbour in the alphabet."""
    every = sorted(known)
    at = bisect(every, name)
    near = get_close_matches(name, every[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS], 1)
    return f" (did you mean {near[0]}?)" if near else ""
