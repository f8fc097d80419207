"""Files of an AB in the workspace: where they are, and what is in them. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.formats.abfile import read_ab
from phoenix.formats.files import read_plain
from phoenix.model.report import JobState
from phoenix.monitor.record import Files
from phoenix.steps.quality.score import QCResult, read_qc
from phoenix.steps.recipe.log import warning_lines
from phoenix.steps.shelf.places import Places, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.workspace import Workspace
    from phoenix.monitor.record import ABRecord
    from phoenix.steps.shelf.manifest import Manifest
    from phoenix.store.rows import BlockRow

__all__ = [
    "below",
    "block_of",
    "files_of",
    "held_back",
    "log_of",
    "places_of",
    "present_of",
    "quality_of",
    "root_of",
    "warnings_of",
]

# The end of a log that is worth a page; some recipes log every fibre.
_LOG_TAIL_BYTES = 64_000
# A larger log is not read for a page (ours).
_LOG_BYTES = 50_000_000


def root_of(block: BlockRow) -> str:
    """Return the root of the names of an AB."""
    return block.name.removesuffix(".ab")


def places_of(workspace: Workspace, block: BlockRow) -> Places:
    """Return where the files of an AB are."""
    return Places(workspace, block.date, root_of(block))


def block_of(workspace: Workspace, block: BlockRow) -> AssociationBlock | None:
    """Return the edited AB, None where its file cannot be read."""
    try:
        return read_ab(places_of(workspace, block).edited)
    except DataError:
        return None


def files_of(workspace: Workspace, block: BlockRow) -> Files:
    """Return those files of an AB that are there."""
    places = places_of(workspace, block)
    edited, outcome = places.edited, places.outcome()
    return Files(
        ab=below(workspace, edited if edited.is_file() else None),
        log=below(workspace, _first(_both(places, Record.LOG, outcome))),
        report=below(workspace, _first(_both(places, Record.REPORT, outcome))),
        cover=below(workspace, _first((places.finished(Record.COVER),))),
        manifest=below(workspace, _newest(_both(places, Record.MANIFEST, outcome))),
    )


def _both(places: Places, record: Record, outcome: Path | None) -> tuple[Path, Path]:
    """Return the places of a record of an AB that may have ended badly, in this folder."""
    return places.fresh(record, outcome), places.finished(record)


def below(workspace: Workspace, path: Path | None) -> str:
    """Return a path below the workspace, empty for none."""
    return path.relative_to(workspace.root).as_posix() if path else ""


def _first(paths: Iterable[Path]) -> Path | None:
    """Return the first of these files that is there."""
    return next((path for path in paths if path.is_file()), None)


def _newest(paths: Iterable[Path]) -> Path | None:
    """Return the file that was written last: a finished AB may have been processed again."""
    times = {path: _changed(path) for path in paths}
    newest = max(times, key=times.__getitem__)
    return newest if times[newest] else None


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def held_back(places: Places) -> QCResult:
    """Return the QC of what a gate held back, which is in no table."""
    result = read_qc(places.fresh(Record.QC, places.ended(JobState.GATED)))
    return result or QCResult(places.root)


def quality_of(places: Places, outcome: Path | None) -> QCResult:
    """Return what was stored beside the products, or nothing."""
    place = _first(_both(places, Record.QC, outcome))
    result = read_qc(place) if place else None
    return result or QCResult(places.root)


def warnings_of(workspace: Workspace, record: ABRecord) -> tuple[str, ...]:
    """Return what the recipe of an AB warned of."""
    return log_of(workspace, record.files.log)[2]


def log_of(workspace: Workspace, place: str) -> tuple[str, int, tuple[str, ...]]:
    """Return the end of a log, the number of its lines, and what it warns of."""
    path: Path = workspace.root / place
    if not place or path.stat().st_size > _LOG_BYTES:
        return "", 0, ()
    content = read_plain(path)
    tail = content[-_LOG_TAIL_BYTES:].decode("utf-8", "replace")
    warned = b"\n".join(_lines_with(content, b"WARNING")).decode("utf-8", "replace")
    return tail, content.count(b"\n"), warning_lines(warned)


def _lines_with(content: bytes, word: bytes) -> Iterator[bytes]:
    """Yield the lines that have a word; the others of a log of 50 MB are not even cut out."""
    at = content.find(word)
    while at >= 0:
        end = content.find(b"\n", at)
        end = len(content) if end < 0 else end
        yield content[content.rfind(b"\n", 0, at) + 1 : end]
        at = content.find(word, end)


def present_of(workspace: Workspace, manifest: Manifest | None, folder: str) -> frozenset[str]:
    """Return the files of a manifest that are there: paths below the workspace."""
    if manifest is None:
        return frozenset()
    places = [row.path for row in manifest.inputs]
    places += [f"{folder}/{row.name}" for row in manifest.products]
    places += [row.final for row in manifest.products if row.final]
    return frozenset(
        place for place in places if _is_inside(place) and (workspace.root / place).is_file()
    )


def _is_inside(place: str) -> bool:
    return not place.startswith("/") and ".." not in place.split("/")
