"""What an AB can do without: parents that have no products need not block it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.cascade import sort_out
from phoenix.model.report import JobState
from phoenix.steps.shelf.parents import parent_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from phoenix.instrument import Instrument
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import MasterCalibration
    from phoenix.model.process import Process
    from phoenix.model.workspace import Workspace
    from phoenix.steps.shelf.manifest import Manifest

__all__ = ["absent_products", "optional_parents", "sort_out_and_spare", "without_parents"]


def optional_parents(
    instrument: Instrument, process: Process, ab: AssociationBlock
) -> frozenset[str]:
    """Return the parents of an AB each of which it can do without.

    Raises
    ------
    PluginError
        If the plugin raises an error for the AB.
    """
    return frozenset(
        name
        for name in ab.waits_for
        if without_parents(instrument, process, ab, (name,)) is not None
    )


def without_parents(
    instrument: Instrument, process: Process, ab: AssociationBlock, lost: Collection[str]
) -> AssociationBlock | None:
    """Return an AB as it can be run without the products of some parents, None if it cannot.

    A parent of which nothing says why the AB waits for it cannot be spared.

    Raises
    ------
    PluginError
        If the plugin raises an error for the AB.
    """
    missing = tuple(one for one in ab.calibrations if one.parent in lost)
    if {one.parent for one in missing} < set(lost):
        return None
    return instrument.do_without(process, ab, missing)


def absent_products(workspace: Workspace, ab: AssociationBlock) -> tuple[MasterCalibration, ...]:
    """Return the virtual calibrations that successful parents did not make.

    A parent that was itself run without something makes less than was predicted, and of products
    with numbers of their own one may be absent, as an IFU that gave nothing.
    """
    virtual = [
        (one, workspace.resolve(one.path, ab.date)) for one in ab.calibrations if one.parent
    ]
    parents: dict[str, Manifest | None] = {}
    for one, path in virtual:
        if one.parent not in parents:
            parents[one.parent] = parent_of(workspace, path)
    known = ((one, parents[one.parent]) for one, _ in virtual)
    return tuple(
        one
        for one, parent in known
        if parent is not None
        and parent.state is JobState.SUCCESSFUL
        and not parent.candidates(one.name, one.pro_catg)
    )


def sort_out_and_spare(
    instrument: Instrument, process: Process, blocks: Iterable[AssociationBlock]
) -> tuple[tuple[AssociationBlock, ...], dict[str, str]]:
    """Part the ABs that can be run from those that cannot, as :func:`sort_out` does.

    One that can do without parents that cannot be run is changed to do so, and can.

    Raises
    ------
    PluginError
        If the plugin raises an error for an AB.
    """
    given = tuple(blocks)
    while True:
        runnable, refused = sort_out(given)
        there = {str(ab.name) for ab in runnable}
        spared = {
            str(ab.name): less
            for ab in given
            if str(ab.name) in refused
            and (lost := set(ab.waits_for) - there)
            and (less := without_parents(instrument, process, ab, lost)) is not None
        }
        if not spared:
            return runnable, refused
        given = tuple(spared.get(str(ab.name), ab) for ab in given)
