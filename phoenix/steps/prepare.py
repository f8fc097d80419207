"""Prepare a night: from the ABs of the repository to the cascade that is run.

Historical ABs are taken as they are, filtered, edited, and put in order; nothing is associated
again (VLT-MAN-ESO-19600-6104, 4.1). An AB that cannot be used is left out with its reason.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.errors import CascadeError, PluginError
from phoenix.formats.abfile import format_ab
from phoenix.model.ab import Mode
from phoenix.model.cascade import Cascade
from phoenix.model.filename import root_name
from phoenix.steps.do_without import sort_out_and_spare
from phoenix.steps.shelf.jsonfile import write_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phoenix.archive.repository import Refused
    from phoenix.instrument import Instrument
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.dates import CivilDate
    from phoenix.model.process import Process
    from phoenix.model.workspace import Workspace

__all__ = [
    "AB_LIST",
    "NOT_SELECTED",
    "Prepared",
    "Selection",
    "prepare_blocks",
    "write_block",
    "write_blocks",
]

AB_LIST = "AB_list"
"""File beside the ABs that names them in the order of the cascade."""

NOT_SELECTED = "not selected"
"""Why an AB was left out that could be run."""


@frozen
class Selection:
    """Which ABs of a pool are wanted.

    Attributes
    ----------
    mode : Mode or None
        Only calibration or only science ABs, with what they need; None for both.
    recipes : tuple of str
        Only ABs of these recipes, with what they need; empty for all.
    names : tuple of str
        Only these ABs, with what they need; empty for all.
    nights : tuple of CivilDate
        Only ABs of these nights, with what they need; empty for all.
    """

    mode: Mode | None = None
    recipes: tuple[str, ...] = field(default=(), converter=tuple)
    names: tuple[str, ...] = field(default=(), converter=tuple)
    nights: tuple[CivilDate, ...] = field(default=(), converter=tuple)

    def wants(self, ab: AssociationBlock) -> bool:
        """Whether an AB is wanted for its own sake."""
        return (
            (self.mode is None or ab.mode is self.mode)
            and (not self.recipes or ab.recipe in self.recipes)
            and (not self.names or str(ab.name) in self.names)
            and (not self.nights or ab.date in self.nights)
        )


@frozen
class Prepared:
    """What will be run.

    Attributes
    ----------
    cascade : Cascade
        The ABs, each after its parents.
    refused : tuple of (str, str)
        AB name and why the night goes on without it, in order of name.
    left_out : tuple of (str, str)
        AB name and why it was not selected, in order of name.
    originals : tuple of AssociationBlock
        The ABs of the cascade as the repository has them; one made by the plugin has none.
    """

    cascade: Cascade
    refused: tuple[tuple[str, str], ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    originals: tuple[AssociationBlock, ...] = ()


def prepare_blocks(
    instrument: Instrument,
    process: Process,
    date: CivilDate,
    blocks: Iterable[AssociationBlock],
    unreadable: Iterable[Refused] = (),
    selection: Selection | None = None,
) -> Prepared:
    """Filter and edit ABs and build their cascade; touches no file.

    Parameters
    ----------
    instrument, process
        Who edits and builds.
    date : CivilDate
        The night; given to ABs without a DATE line.
    blocks : iterable of AssociationBlock
        As the repository gave them.
    unreadable : iterable of Refused
        ABs that could not be read.
    selection : Selection or None
        What is wanted; None for everything.

    Raises
    ------
    PluginError
        If the plugin cannot build the cascade.
    CascadeError
        If two ABs have the same name, or an AB that was asked for by name is not there.
    """
    given = tuple(blocks)
    refused = {row.name: row.reason for row in unreadable}
    left_out = {str(ab.name): why for ab in given if (why := _not_of_process(process, ab))}
    edited: list[AssociationBlock] = []
    for ab in given:
        if str(ab.name) in left_out:
            continue
        block, why = _edit(instrument, process, date, ab)
        if block is None:
            refused[str(ab.name)] = why
        else:
            edited.append(block)
    refused.update(_delivered_twice(edited))
    edited = [ab for ab in edited if str(ab.name) not in refused]
    built = instrument.build_cascade(process, tuple(edited))
    runnable, waiting = sort_out_and_spare(instrument, process, built)
    refused.update(waiting)
    # What somebody waits for says itself why it is not there.
    for name in {parent for ab in built for parent in ab.waits_for} & left_out.keys():
        refused[name] = left_out.pop(name)
    cascade = _select(Cascade(runnable), selection or Selection(), {**left_out, **refused})
    kept = {str(ab.name) for ab in cascade}
    left_out.update({str(ab.name): NOT_SELECTED for ab in runnable if str(ab.name) not in kept})
    return Prepared(
        cascade=cascade,
        refused=tuple(sorted(refused.items())),
        left_out=tuple(sorted(left_out.items())),
        originals=tuple(ab for ab in given if str(ab.name) in kept),
    )


def _not_of_process(process: Process, ab: AssociationBlock) -> str:
    known = [raw.name for raw in process.raw_types]
    if not ab.raw_type or ab.raw_type in known:
        return ""
    return f"raw type {ab.raw_type} is none of process {process.name}: {', '.join(known)}"


def _edit(
    instrument: Instrument, process: Process, date: CivilDate, ab: AssociationBlock
) -> tuple[AssociationBlock | None, str]:
    """Return the edited AB, or None and why it cannot be used."""
    dated = ab if ab.date else ab.edited(why="the AB has no DATE line", date=date)
    try:
        edited = instrument.edit_ab(process, dated)
        again = instrument.edit_ab(process, edited)
    except PluginError as error:
        # One AB for which the plugin raises an error does not stop the night.
        return None, str(error)
    if again != edited:
        fields = [
            change.name for edit in again.edits[len(edited.edits) :] for change in edit.changes
        ]
        return None, (
            f"plugin {instrument.name!r}, hook edit_ab: editing the edited AB changes "
            f"{', '.join(fields) or 'it'} again; an edit must leave its own result alone"
        )
    if process.recipe(edited.recipe) is None:
        known = ", ".join(row.name for row in process.recipes)
        return None, f"unknown recipe {edited.recipe}; process {process.name} has {known}"
    return edited, ""


def _delivered_twice(blocks: Iterable[AssociationBlock]) -> dict[str, str]:
    """Return the science ABs that reduce the exposures of another one once more, and why not.

    The archive would offer one exposure as two. The AB that is named after its first exposure
    stays, else the first by name. Masters may be made twice: their children wait for both.
    """
    found: dict[object, list[AssociationBlock]] = defaultdict(list)
    for ab in blocks:
        if ab.mode is Mode.SCIENCE and ab.raw_files:
            frames = frozenset((root_name(frame.name), frame.tag) for frame in ab.raw_files)
            found[ab.recipe, ab.raw_type, frames].append(ab)
    refused = {}
    for same in found.values():
        first, *others = sorted(same, key=lambda ab: (not _named_after(ab), str(ab.name)))
        for ab in others:
            refused[str(ab.name)] = (
                f"reduces the raw files of AB {first.name} once more, which would deliver them "
                "twice; remove one of the two ABs"
            )
    return refused


def _named_after(ab: AssociationBlock) -> bool:
    return root_name(ab.raw_files[0].name).endswith(f".{ab.name.timestamp}")


def _select(cascade: Cascade, selection: Selection, gone: dict[str, str]) -> Cascade:
    there = {str(ab.name) for ab in cascade}
    lost = [name for name in selection.names if name not in there]
    if lost:
        reasons = "; ".join(f"{name}: {gone.get(name, 'no such AB in the pool')}" for name in lost)
        raise CascadeError(f"cannot run {reasons}")
    if selection == Selection():
        return cascade
    return cascade.with_parents(str(ab.name) for ab in cascade if selection.wants(ab))


def write_blocks(
    workspace: Workspace, date: CivilDate, cascade: Iterable[AssociationBlock]
) -> Path:
    """Write the edited ABs of a night and the list of them; return the list.

    Every file is written by atomic rename, the list last: what it names is there. One that says
    the same already stays as it is.
    """
    folder = workspace.folder("ab", date)
    folder.mkdir(parents=True, exist_ok=True)
    blocks = tuple(cascade)
    for ab in blocks:
        _renew(folder / str(ab.name), format_ab(ab))
    path = folder / AB_LIST
    _renew(path, "".join(f"{ab.name}\n" for ab in blocks))
    return path


def write_block(workspace: Workspace, ab: AssociationBlock) -> None:
    """Write one AB of a list that is written, unless it stands there like this."""
    _renew(workspace.folder("ab", ab.date) / str(ab.name), format_ab(ab))


def _renew(path: Path, text: str) -> None:
    if not path.is_file() or path.read_bytes() != text.encode():
        write_text(path, text)
