"""What was made with what: from the manifests, wherever and whenever a product was read."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from phoenix.steps.shelf.manifest import Manifest

__all__ = ["made_with"]


def made_with(manifests: Iterable[Manifest], names: Collection[str]) -> dict[str, str]:
    """Return the ABs that were made with products of some others, directly or not.

    Products are known by their checksums: a master is the same in its AB's folder, under its final
    name, and in the set of frames of another month.

    Parameters
    ----------
    manifests : iterable of Manifest
        Of all ABs that are looked at, those of `names` among them.
    names : collection of str
        Where it begins.

    Returns
    -------
    dict of str to str
        AB name to the one of `names` that it was made with.
    """
    every = tuple(manifests)
    makers = {row.sha256: one.ab_name for one in every for row in one.products if row.sha256}
    children: dict[str, set[str]] = {}
    for one in every:
        parents = {parent for parent, _ in one.parents}
        parents |= {makers[row.sha256] for row in one.inputs if row.sha256 in makers}
        for parent in parents - {one.ab_name}:
            children.setdefault(parent, set()).add(one.ab_name)
    found: dict[str, str] = {}
    ends = deque((name, name) for name in sorted(names))
    while ends:
        name, first = ends.popleft()
        for child in sorted(children.get(name, ())):
            if child not in found and child not in names:
                found[child] = first
                ends.append((child, first))
    return found
