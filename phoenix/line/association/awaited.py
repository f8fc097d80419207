"""Masters that wait for a person: what science would be made with if they were certified.

The rules see them beside the certified ones, as products that their ABs will make. Science for
which one of them is the best waits, until a person has said yes or no; it takes the next one after
a no. So nothing is made twice, and nothing fails for want of somebody who looks (ours).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from phoenix.archive.headers import read_pool_header
from phoenix.line.jobs.work import PROCESS
from phoenix.line.night.created_blocks import made_before
from phoenix.line.report import WaitingBlock
from phoenix.line.rulebook import pool_keywords
from phoenix.model.ab import ABName
from phoenix.model.cascade import Cascade
from phoenix.model.report import JobState
from phoenix.model.score import UNDECIDED
from phoenix.oca import Frame, Kind
from phoenix.steps.shelf.manifest import manifest_of
from phoenix.steps.shelf.places import Places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from phoenix.line.context import LineContext
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.dates import CivilDate
    from phoenix.oca import Associated
    from phoenix.store.rows import BlockRow, ProductRow, VerdictRow

__all__ = [
    "NOTHING_AWAITED",
    "Awaited",
    "awaited_masters",
    "part_waiting",
    "without_awaited",
]


@frozen
class Awaited:
    """Masters that wait for a person.

    Attributes
    ----------
    frames : tuple of Frame
        Their files.
    persons : mapping of str to tuple of str
        The AB that made such files, to the ABs that a person must certify before they serve: it
        itself, or what it was made with.
    """

    frames: tuple[Frame, ...] = field(default=(), repr=False)
    persons: Mapping[str, tuple[str, ...]] = field(factory=dict)

    def of(self, block: Associated) -> tuple[str, ...]:
        """Return the ABs that a person must certify before an AB can be run."""
        needed = (self.persons.get(parent, ()) for parent in block.parents)
        return tuple(sorted({name for names in needed for name in names}))


NOTHING_AWAITED = Awaited()


def awaited_masters(
    line: LineContext, masters_label: str, since: CivilDate, until: CivilDate
) -> Awaited:
    """Find the masters that would be certified by a person's word alone.

    These are what was moved already and is looked at now, and of the pool's own masters also what
    has not moved yet: the next run of the pool moves them. Those of other pools that have not
    moved are none, for that run would not move them.

    Parameters
    ----------
    line : LineContext
        Workspace, store, rules.
    masters_label : str
        Of the pool of masters that goes with the science.
    since, until : CivilDate
        Nights whose masters may serve.
    """
    verdicts = line.store.verdicts.current()
    own = made_before(line.workspace, masters_label)
    blocks = {row.name: row for row in line.store.blocks.rows(since=since, until=until)}
    done = line.store.jobs.rows(
        since=since, until=until, step=PROCESS, states=[JobState.SUCCESSFUL]
    )
    products: dict[str, list[ProductRow]] = {}
    for row in line.store.products.rows(since=since, until=until):
        if row.path:
            products.setdefault(row.ab_name, []).append(row)
    persons: dict[str, tuple[str, ...]] = {}
    for name in (row.ab_name for row in done if row.ab_name in products):
        has_moved = any(row.final_name for row in products[name])
        if has_moved and _is_open(verdicts, name):
            persons[name] = (name,)
        elif not has_moved and name in own:
            persons[name] = tuple(sorted(_open_line(line, blocks, verdicts, name)))
    persons = {name: needed for name, needed in persons.items() if needed}
    frames = (frame for name in persons for frame in _frames(line, products[name]))
    return Awaited(tuple(frames), persons)


def _is_open(verdicts: Mapping[str, VerdictRow], name: str) -> bool:
    return name in verdicts and verdicts[name].verdict.kind in UNDECIDED


def _open_line(
    line: LineContext,
    blocks: Mapping[str, BlockRow],
    verdicts: Mapping[str, VerdictRow],
    name: str,
) -> Iterator[str]:
    """Yield what waits for a person of an AB and of all that it was made with."""
    if _is_open(verdicts, name):
        yield name
    if name not in blocks:
        return
    manifest = manifest_of(Places(line.workspace, blocks[name].date, ABName(name).root))
    for parent, _ in manifest.parents if manifest else ():
        yield from _open_line(line, blocks, verdicts, parent)


def _frames(line: LineContext, products: Iterable[ProductRow]) -> Iterator[Frame]:
    """Yield products as the rules see them; one that cannot be read serves nobody."""
    keywords = pool_keywords(line.rules, line.process_row)
    for row in products:
        read = read_pool_header(str(line.workspace.root / row.path), keywords)
        if not read.fault:
            frame = Frame.of(row.name, read.values, kind=Kind.VIRTUAL)
            yield evolve(frame, parent=row.ab_name)


# ---- science that waits for them ----------------------------------------------------------------


def without_awaited(ab: AssociationBlock, awaited: Awaited) -> AssociationBlock:
    """Return an AB that waits for nothing outside its pool."""
    parents = tuple(name for name in ab.waits_for if name not in awaited.persons)
    return evolve(ab, waits_for=parents)


def part_waiting(
    cascade: Cascade, awaited: Awaited, blocks: Iterable[Associated]
) -> tuple[Cascade, tuple[WaitingBlock, ...]]:
    """Part the ABs that can be run from those that wait for a person, with all that hangs on them.

    Parameters
    ----------
    cascade : Cascade
        ABs as :func:`without_awaited` leaves them.
    awaited : Awaited
        What is waited for.
    blocks : iterable of Associated
        What the rules chose for them.
    """
    chosen = {block.name: block for block in blocks}
    persons: dict[str, tuple[str, ...]] = {}
    for ab in cascade:
        name = str(ab.name)
        own = awaited.of(chosen[name]) if name in chosen else ()
        needed = {*own, *(one for parent in ab.waits_for for one in persons.get(parent, ()))}
        if needed:
            persons[name] = tuple(sorted(needed))
    waiting = tuple(
        WaitingBlock(_with_masters(ab, chosen.get(str(ab.name))), persons[str(ab.name)])
        for ab in cascade
        if str(ab.name) in persons
    )
    return Cascade(ab for ab in cascade if str(ab.name) not in persons), waiting


def _with_masters(ab: AssociationBlock, block: Associated | None) -> AssociationBlock:
    parents = block.parents if block else ()
    return evolve(ab, waits_for=tuple(sorted({*ab.waits_for, *parents})))
