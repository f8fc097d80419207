"""Bad raw data: what must not be used, what headers should say, when the instrument changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.errors import DataError
from phoenix.formats.breakpoints import read_breakpoints
from phoenix.formats.overlays import read_overlays
from phoenix.line.workspace import has_store
from phoenix.model.dates import mjd_of
from phoenix.model.filename import root_name
from phoenix.steps.shelf.hidden import KeptHide, read_hides, write_hides
from phoenix.store.rows.hidden import HiddenRow, still_hidden

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from phoenix.line.context import LineContext
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.epoch import InstrumentBreakpoint
    from phoenix.model.overlay import Overlay

__all__ = [
    "Withheld",
    "breakpoints_of",
    "future_breakpoints",
    "hidden_now",
    "overlays_of",
    "said_of_files",
    "say_of_files",
    "take_up_hides",
    "withheld_of",
]

_OF_AB = re.compile(r"r\.([A-Z0-9]+\.\d{4}-\d\d-\d\dT[\d:.]+)_", re.ASCII)


@frozen
class Withheld:
    """Files that must not be used: hidden ones, and what was made of them.

    Attributes
    ----------
    reasons : mapping of str to str
        Name without suffixes to why.
    """

    reasons: Mapping[str, str] = field(factory=dict)

    def why(self, name: str) -> str:
        """Return why a file must not be used, empty for one that may; with or without a path."""
        return self.reasons.get(root_name(name.rpartition("/")[2]), "") if self.reasons else ""

    def inputs(self, ab: AssociationBlock) -> tuple[str, ...]:
        """Return the inputs of an AB that must not be used, each with the reason."""
        paths = (*(raw.path for raw in ab.raw_files), *(one.path for one in ab.calibrations))
        return tuple(self._told(paths))

    def without_companions(self, ab: AssociationBlock) -> AssociationBlock:
        """Return an AB without the associated files, which no recipe reads, that must not be used.

        Its edits say what was left out.
        """
        for name in ("associated_raws", "associated_masters"):
            files = getattr(ab, name)
            lost = tuple(self._told([one.path for one in files]))
            kept = tuple(one for one in files if not self.why(one.path))
            if lost:
                ab = ab.edited(why="; ".join(lost), **{name: kept})
        return ab

    def _told(self, paths: Collection[str]) -> Iterator[str]:
        for path in paths:
            why = self.why(path)
            if why:
                yield f"{path.rpartition('/')[2]} is {why}"


def withheld_of(line: LineContext) -> Withheld:
    """Return what must not be used in a workspace."""
    said = hidden_now(line)
    if not said:
        return Withheld()
    reasons = {name: str(row) for name, row in said.items()}
    return Withheld({**_made_of(line, reasons), **reasons})


def _made_of(line: LineContext, hidden: Mapping[str, str]) -> dict[str, str]:
    """Return the products that were made of a hidden file, directly or not, and why.

    Headers of products say of what they were made, those of other productions too. A master that
    was read before it got its final name stands there with the name that its AB gave it.
    """
    rows = line.store.products.rows()
    before = {root_name(row.final_name): root_name(row.name) for row in rows if row.final_name}
    sources = {
        root_name(name): {source for one in names for source in _sources(one)}
        for name, names in line.store.frames.made_of().items()
    }
    bad, found = dict(hidden), dict[str, str]()
    while True:
        new = {
            name: f"made of {culprit}, {bad[culprit]}"
            for name, names in sources.items()
            if name not in found and (culprit := min(names & bad.keys(), default=""))
        }
        if not new:
            return found
        found |= new
        bad |= new | {before[name]: why for name, why in new.items() if name in before}


def _sources(name: str) -> Iterator[str]:
    """Yield what a name in the header of a product stands for: a file, and the AB that made it.

    An AB has the name of its first raw file; so what it made is known to be made of that.
    """
    yield root_name(name)
    match = _OF_AB.match(name)
    if match:
        yield match[1]


# ---- what was said of files: in the database, and in a file that outlives it --------------------


def say_of_files(line: LineContext, rows: Iterable[HiddenRow]) -> None:
    """Hide files or show them again, all of them or none; the same again changes nothing.

    Raises
    ------
    OSError
        If it cannot be written beside the database; nothing was said then.
    """
    with line.store.transaction():
        _restore(line)
        line.store.hidden.say(rows)
        write_hides(line.workspace, map(_kept, line.store.hidden.history()))


def take_up_hides(line: LineContext) -> None:
    """Bring the database, and the file beside it, to what is known of both.

    Raises
    ------
    DataError
        If the file cannot be read and the database knows nothing.
    OSError
        If it cannot be written.
    """
    every = said_of_files(line)
    kept = tuple(map(_row, _read(line, every)))
    if not every == kept == line.store.hidden.history():
        say_of_files(line, ())


def said_of_files(line: LineContext) -> tuple[HiddenRow, ...]:
    """Return all that was ever said of files, the newest last; to look makes no database.

    Raises
    ------
    DataError
        If the file cannot be read and the database knows nothing.
    """
    stored = line.store.hidden.history() if has_store(line.workspace, line.settings) else ()
    rest = (row for row in map(_row, _read(line, stored)) if row not in stored)
    return tuple(sorted((*stored, *rest), key=lambda row: row.at))


def hidden_now(line: LineContext) -> dict[str, HiddenRow]:
    """Return the files that are hidden, by name, in the order in which they were hidden."""
    return still_hidden(said_of_files(line))


def _restore(line: LineContext) -> None:
    """Store what a database that was lost does not know any more."""
    stored = line.store.hidden.history()
    line.store.hidden.restore(row for row in map(_row, _read(line, stored)) if row not in stored)


def _read(line: LineContext, stored: tuple[HiddenRow, ...]) -> tuple[KeptHide, ...]:
    try:
        return read_hides(line.workspace)
    except DataError:
        if not stored:
            raise
        # The database has it, and the next run writes it again.
        return ()


def _kept(row: HiddenRow) -> KeptHide:
    return KeptHide(row.name, row.hides, row.why, row.by, row.at)


def _row(kept: KeptHide) -> HiddenRow:
    return HiddenRow(kept.name, kept.why, kept.by, kept.at, hides=kept.hides)


# ---- tables in the workspace -------------------------------------------------------------------


def overlays_of(line: LineContext) -> tuple[Overlay, ...]:
    """Return the header overlays of a workspace.

    Raises
    ------
    DataError
        If the table cannot be read.
    """
    name = line.settings.rules.overlays
    return read_overlays(line.workspace.root / name) if name else ()


def breakpoints_of(line: LineContext) -> tuple[InstrumentBreakpoint, ...]:
    """Return the instrument breakpoints of a workspace, in order of time.

    Raises
    ------
    DataError
        If the table cannot be read.
    """
    name = line.settings.rules.breakpoints
    return read_breakpoints(line.workspace.root / name) if name else ()


def future_breakpoints(line: LineContext) -> tuple[str, ...]:
    """Say which breakpoints are still to come: an intervention that was announced, or a slip."""
    now = mjd_of(line.clock().replace(tzinfo=None).isoformat())
    return tuple(
        f"{one}: it is still to come, and separates nothing yet; expected, if it was announced"
        for one in breakpoints_of(line)
        if one.mjd > now
    )
