"""Raw files that must not be used: which groups lost them, and which are not made at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.oca.association.diagnostics import Diagnostic
from phoenix.oca.language.frame import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from phoenix.oca.association.candidates import Item
    from phoenix.oca.association.frames import Prepared
    from phoenix.oca.association.organise import Group, Organiser

__all__ = ["withhold"]


def withhold(
    organiser: Organiser,
    groups: Sequence[Group],
    prepared: Prepared,
    wanted: Callable[[Group], bool] | None,
    tags: Mapping[str, str],
) -> tuple[list[Group], list[Diagnostic], list[Item]]:
    """Tell the groups of raw files what they lost.

    Parameters
    ----------
    organiser : Organiser
        The execute rules; they are asked once more, as if the withheld files might be used.
    groups : sequence of Group
        Without them.
    prepared : Prepared
        All files.
    wanted : function of Group or None
        Which groups become ABs: of others nothing is told.
    tags : mapping of str to str
        As for :meth:`Organiser.groups`.

    Returns
    -------
    groups : list of Group
        The same groups with what they lost.
    diagnostics : list of Diagnostic
        One for each AB that lost files, and for each that is not made because it lost all.
    items : list of Item
        The raw files that were withheld.
    """
    whys = {
        entry.item.name: entry.why
        for entry in prepared.withheld
        if entry.item.frame.kind is Kind.RAW and entry.item.mid is not None
    }
    hidden = [entry.item for entry in prepared.withheld if entry.item.name in whys]
    if not hidden:
        return list(groups), [], []
    owners = {
        (id(group.execute), item.name): number
        for number, group in enumerate(groups)
        for item in group.items
    }
    found, diagnostics = list(groups), []
    full, _ = organiser.groups([*prepared.raw.items, *hidden], tags=tags)
    for group in full:
        lost = tuple((name, whys[name]) for name in _names(group) if name in whys)
        if not lost or not (wanted is None or wanted(group)):
            continue
        kept = [name for name in _names(group) if name not in whys]
        number = owners.get((id(group.execute), kept[0])) if kept else None
        if number is None:
            diagnostics.append(Diagnostic("withheld", group.name, f"is not made: {_told(lost)}"))
        else:
            found[number] = evolve(found[number], withheld=lost)
            what = f"goes without {len(lost)} of {len(group.items)} files: {_told(lost)}"
            diagnostics.append(Diagnostic("withheld", found[number].name, what))
    return found, diagnostics, hidden


def _names(group: Group) -> list[str]:
    return [item.name for item in group.items]


def _told(lost: Sequence[tuple[str, str]]) -> str:
    return "; ".join(f"{name} {why}" for name, why in lost)
