"""The cascade: ABs in the order in which they can be run."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.errors import CascadeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from phoenix.model.ab import AssociationBlock

__all__ = ["Cascade", "sort_out"]


def _rank(block: AssociationBlock) -> tuple[float, str]:
    return block.mjd_obs, str(block.name)


def _in_order(given: Iterable[AssociationBlock]) -> tuple[AssociationBlock, ...]:
    blocks = tuple(given)
    by_name = {str(block.name): block for block in blocks}
    if len(by_name) < len(blocks):
        names = [str(block.name) for block in blocks]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise CascadeError(f"ABs of equal names: {', '.join(twice)}; keep one of each")
    _, refused = sort_out(blocks)
    if refused:
        raise CascadeError("; ".join(f"{name}: {why}" for name, why in refused.items()))
    sorter = TopologicalSorter({name: block.waits_for for name, block in by_name.items()})
    sorter.prepare()
    ordered: list[AssociationBlock] = []
    while sorter.is_active():
        ready = sorter.get_ready()
        ordered += sorted((by_name[name] for name in ready), key=_rank)
        sorter.done(*ready)
    return tuple(ordered)


@frozen
class Cascade:
    """ABs, each after the ABs that it waits for.

    Raises
    ------
    CascadeError
        For ABs of equal names, for ABs that wait for each other or for an AB that is not there;
        see :func:`sort_out` to take those out first.
    """

    blocks: tuple[AssociationBlock, ...] = field(converter=_in_order)

    def __iter__(self) -> Iterator[AssociationBlock]:
        return iter(self.blocks)

    def __len__(self) -> int:
        return len(self.blocks)

    def block(self, name: str) -> AssociationBlock:
        """Return the AB of that name.

        Raises
        ------
        CascadeError
            If there is none.
        """
        for block in self.blocks:
            if str(block.name) == name:
                return block
        raise CascadeError(f"no AB {name} in this cascade of {len(self)}")

    def children(self, name: str) -> tuple[str, ...]:
        """Return the names of the ABs that wait for this one."""
        return tuple(str(block.name) for block in self.blocks if name in block.waits_for)

    def descendants(self, name: str) -> tuple[str, ...]:
        """Return the names of all ABs that depend on this one, in order."""
        hanging = {name}
        for block in self.blocks:
            if hanging.intersection(block.waits_for):
                hanging.add(str(block.name))
        return tuple(
            str(block.name) for block in self.blocks if str(block.name) in hanging - {name}
        )

    def with_parents(self, names: Iterable[str]) -> Cascade:
        """Return the part of the cascade that is needed for the named ABs."""
        wanted = set(names)
        for block in reversed(self.blocks):
            if str(block.name) in wanted:
                wanted.update(block.waits_for)
        return Cascade(block for block in self.blocks if str(block.name) in wanted)


def sort_out(
    blocks: Iterable[AssociationBlock],
) -> tuple[tuple[AssociationBlock, ...], dict[str, str]]:
    """Part the ABs that can be run from those that cannot, and say why not.

    A night goes on without an AB that waits for a missing parent or for itself in a ring.

    Returns
    -------
    runnable : tuple of AssociationBlock
        In the order given; every parent is among them.
    refused : dict of str to str
        AB name to the reason.
    """
    left = {str(block.name): block for block in blocks}
    refused: dict[str, str] = {}
    for ring in _rings(left):
        reason = f"waits in a ring: {' -> '.join(ring)}; remove one WAITFOR line"
        refused.update(dict.fromkeys(set(ring), reason))
    while True:
        orphans = {
            name: sorted(set(block.waits_for) - (left.keys() - refused.keys()))
            for name, block in left.items()
            if name not in refused
        }
        orphans = {name: missing for name, missing in orphans.items() if missing}
        if not orphans:
            break
        for name, missing in orphans.items():
            state = "cannot run" if missing[0] in left else "is not in the cascade"
            refused[name] = f"waits for {', '.join(missing)}, which {state}"
    return tuple(block for name, block in left.items() if name not in refused), refused


def _rings(blocks: dict[str, AssociationBlock]) -> list[list[str]]:
    """Return every ring of ABs that wait for each other."""
    graph = {name: set(block.waits_for) & blocks.keys() for name, block in blocks.items()}
    rings = []
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            ring = list(reversed(error.args[1]))
            rings.append(ring)
            for name in ring:
                graph.pop(name, None)
            graph = {name: parents - set(ring) for name, parents in graph.items()}
        else:
            return rings
