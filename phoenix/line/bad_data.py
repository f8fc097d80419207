"""Bad raw data: what must not be used, what headers should say, when the instrument changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.formats.breakpoints import read_breakpoints
from phoenix.formats.overlays import read_overlays
from phoenix.line.workspace import has_store
from phoenix.model.dates import mjd_of
from phoenix.model.filename import root_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from phoenix.line.context import LineContext
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.epoch import InstrumentBreakpoint
    from phoenix.model.overlay import Overlay

__all__ = ["Withheld", "breakpoints_of", "future_breakpoints", "overlays_of", "withheld_of"]

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
    if not has_store(line.workspace, line.settings):
        # Nothing was said here; to look for it would make a database.
        return Withheld()
    said = line.store.hidden.current()
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
