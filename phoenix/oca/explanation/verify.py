"""Compare associations: of two rule sets, or with an answer of calSelector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import DataError
from phoenix.model.filename import root_name
from phoenix.oca.association.block import association_block
from phoenix.oca.association.create import create
from phoenix.oca.language.frame import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from phoenix.model.ab import AssociationBlock
    from phoenix.oca.association.creation import Associated, Creation
    from phoenix.oca.association.frames import Frames
    from phoenix.oca.explanation.calselector import CalSelectorTree
    from phoenix.oca.language.frame import Frame
    from phoenix.oca.language.rules import RuleSet

__all__ = ["Difference", "compare", "verify", "verify_answer", "verify_rules"]


@frozen
class Difference:
    """One thing that two associations do not agree in.

    Attributes
    ----------
    ab : str
        Name of the AB.
    what : str
        ``AB``, ``recipe``, ``raw files``, ``parameters``, ``parents``, ``completeness``, or a
        category of calibrations.
    first, second : tuple of str
        What the one has and the other has not.
    """

    ab: str
    what: str
    first: tuple[str, ...]
    second: tuple[str, ...]

    def __str__(self) -> str:
        sides = (", ".join(side) or "nothing" for side in (self.first, self.second))
        return f"{self.ab}: {self.what}: {' | '.join(sides)}"


def compare(
    first: Iterable[AssociationBlock], second: Iterable[AssociationBlock]
) -> tuple[Difference, ...]:
    """Return what two sets of ABs do not agree in, by name of AB."""
    ours = {str(block.name): block for block in first}
    theirs = {str(block.name): block for block in second}
    found: list[Difference] = []
    for name in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(name), theirs.get(name)
        if one is None or other is None:
            sides = tuple((f"by {b.recipe}",) if b is not None else () for b in (one, other))
            found.append(Difference(name, "AB", *sides))
        else:
            found += _between(one, other)
    return tuple(found)


def verify_rules(first: RuleSet, second: RuleSet, frames: Frames) -> tuple[Difference, ...]:
    """Return what two rule sets make differently of the same frames."""
    return compare(
        *(map(association_block, create(rules, frames).blocks) for rules in (first, second))
    )


def verify(creation: Creation, historical: Iterable[AssociationBlock]) -> tuple[Difference, ...]:
    """Return where created ABs differ from given ones (the old verifyAB)."""
    return compare(map(association_block, creation.blocks), historical)


_ASPECTS: tuple[tuple[str, Callable[[AssociationBlock], Iterable[str]]], ...] = (
    ("recipe", lambda block: [block.recipe]),
    ("raw files", lambda block: [f"{raw.name} {raw.tag}" for raw in block.raw_files]),
    ("parameters", lambda block: map(str, block.parameters)),
    ("parents", lambda block: block.waits_for),
    ("completeness", lambda block: [block.completeness.value]),
    ("RASSOC", lambda block: [f"{raw.name} {raw.tag}" for raw in block.associated_raws]),
    ("MASSOC", lambda block: [f"{m.name} {m.pro_catg}" for m in block.associated_masters]),
)


def _between(one: AssociationBlock, other: AssociationBlock) -> Iterator[Difference]:
    for what, of in _ASPECTS:
        yield from _sides(str(one.name), what, of(one), of(other))
    ours, theirs = _by_category(one), _by_category(other)
    for category in sorted(ours.keys() | theirs.keys()):
        yield from _sides(
            str(one.name), category, ours.get(category, ()), theirs.get(category, ())
        )


def _by_category(block: AssociationBlock) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for master in block.calibrations:
        found.setdefault(master.pro_catg, []).append(master.name)
    return found


def _sides(
    ab: str, what: str, first: Iterable[str], second: Iterable[str]
) -> Iterator[Difference]:
    ours, theirs = dict.fromkeys(first), dict.fromkeys(second)
    if ours.keys() != theirs.keys():
        yield Difference(
            ab,
            what,
            tuple(name for name in ours if name not in theirs),
            tuple(name for name in theirs if name not in ours),
        )


def verify_answer(creation: Creation, answer: CalSelectorTree) -> tuple[Difference, ...]:
    """Return where our association of a raw file differs from calSelector's.

    A Raw2Raw answer is compared with the raw files behind all parents of the AB, any other with
    the certified and static files that its calibrations are, its parents' included.

    Raises
    ------
    DataError
        If there is no AB of that raw file.
    """
    block = _block_of(creation, answer)
    blocks = {entry.name: entry for entry in creation.blocks}
    mains = {root_name(file.name) for file in answer.files}
    raw_only = answer.mode == "Raw2Raw"
    ours: dict[str, str] = {}
    for category, frame in _closure(block, blocks, set()):
        if (frame.kind is Kind.RAW) or not raw_only:
            ours.setdefault(root_name(frame.arcfile), category)
    theirs = {
        root_name(file.name): tree.category for tree in answer.every() for file in tree.files
    }
    if raw_only:
        theirs = {name: kind for name, kind in theirs.items() if not name.startswith("M.")}
    found = [*_files_between(block.name, ours, theirs, mains)]
    if answer.complete != block.complete:
        state = {True: "COMPLETE", False: "INCOMPLETE"}
        found.append(
            Difference(
                block.name, "completeness", (state[block.complete],), (state[answer.complete],)
            )
        )
    return tuple(found)


def _files_between(
    ab: str, ours: dict[str, str], theirs: dict[str, str], mains: set[str]
) -> Iterator[Difference]:
    only_ours = {name: kind for name, kind in ours.items() if name not in theirs}
    only_theirs = {name: kind for name, kind in theirs.items() if name not in ours}
    for category in sorted({*only_ours.values(), *only_theirs.values()}):
        yield Difference(
            ab,
            category,
            tuple(n for n, kind in only_ours.items() if kind == category and n not in mains),
            tuple(n for n, kind in only_theirs.items() if kind == category),
        )


def _block_of(creation: Creation, answer: CalSelectorTree) -> Associated:
    names = {root_name(file.name) for file in answer.files}
    for block in creation.blocks:
        if names & {root_name(frame.arcfile) for frame in block.group.frames}:
            return block
    raise DataError(
        f"found no AB of {', '.join(sorted(names)) or 'the answer'}, expected one among the "
        f"{len(creation.blocks)} created; is the raw file in the header pool?"
    )


def _closure(
    block: Associated, blocks: dict[str, Associated], seen: set[str]
) -> Iterator[tuple[str, Frame]]:
    """Yield the real files behind an AB: its own, its calibrations', its parents'."""
    seen.add(block.name)
    for tag, frame in zip(block.tags, block.group.frames, strict=True):
        if frame.kind is Kind.RAW:
            yield tag, frame
    for found in block.associations:
        for match in found.matches:
            if match.frame.kind is not Kind.VIRTUAL:
                yield found.name, match.frame
    for parent in block.parents:
        if parent in blocks and parent not in seen:
            yield from _closure(blocks[parent], blocks, seen)
