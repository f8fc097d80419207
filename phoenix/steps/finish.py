"""Finish a night: products get their final names and folders, what nobody needs is removed.

Science products and their ancillaries go to ``reduced/<date>``, master calibrations to
``calib/<date>``, logs, manifests and edited ABs to ``logs/<date>``, QC reports to
``plots/<date>`` (VLT-MAN-ESO-19600-6104, 4.1). The plan is written into the manifest first, every
move is atomic, and the manifest leaves last, so a run that died is taken up where it was.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from phoenix.errors import DataError, PhoenixError
from phoenix.formats.abfile import write_ab
from phoenix.formats.files import copy_plain, sync, sync_all
from phoenix.model.frames import Product, Role
from phoenix.steps.shelf.checksum import file_checksum
from phoenix.steps.shelf.intact import DELIVERED, DamagedError, check_intact, damage_of
from phoenix.steps.shelf.manifest import read_manifest, write_manifest
from phoenix.steps.shelf.places import FINAL_FOLDERS, Places, Record
from phoenix.steps.shelf.publish import disk_reason
from phoenix.steps.shelf.scratch import clear_away

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from phoenix.instrument import Instrument
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.process import Process
    from phoenix.model.workspace import Workspace
    from phoenix.steps.shelf.manifest import Manifest, ProductFile

__all__ = [
    "FinishReport",
    "Finished",
    "finish_blocks",
    "purge_block",
]


@frozen
class Finished:
    """One AB that is finished.

    Attributes
    ----------
    ab_name : str
        The AB.
    manifest : Manifest
        Its products with their final places.
    """

    ab_name: str
    manifest: Manifest


@frozen
class FinishReport:
    """What became of the ABs of a night.

    Attributes
    ----------
    finished : tuple of Finished
        In the order given.
    refused : tuple of (str, str)
        AB name, and why its products stay where they are.
    damaged : tuple of (str, str)
        AB name, and which product is no longer what was published.
    """

    finished: tuple[Finished, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    damaged: tuple[tuple[str, str], ...] = ()

    @property
    def products(self) -> dict[Role, int]:
        """Number of products in their final places, by role."""
        return dict(Counter(row.role for row in self._kept()))

    @property
    def size(self) -> int:
        """Bytes of products in their final places."""
        return sum(row.size for row in self._kept())

    @property
    def recipe_s(self) -> float:
        """Wall seconds of the recipes, added up."""
        return sum(row.manifest.wall_s for row in self.finished)

    def _kept(self) -> list[ProductFile]:
        return [row for one in self.finished for row in one.manifest.products if row.final]


@frozen
class _Plan:
    """Where the products of one AB go."""

    ab: AssociationBlock
    manifest: Manifest


def finish_blocks(
    instrument: Instrument,
    process: Process,
    workspace: Workspace,
    blocks: Iterable[AssociationBlock],
    waited_for: Collection[str] = (),
) -> FinishReport:
    """Move the products of certified ABs to their final places.

    Parameters
    ----------
    instrument, process
        Who names the products.
    workspace : Workspace
        Where they are.
    blocks : iterable of AssociationBlock
        Successful and certified; one that is finished already stays as it is.
    waited_for : collection of str
        Names of ABs for which others still wait; their intermediate products stay.
    """
    plans: list[_Plan] = []
    finished: list[Finished] = []
    refused: dict[str, str] = {}
    damaged: dict[str, str] = {}
    taken: dict[str, str] = {}
    for ab in blocks:
        try:
            plan = _plan(instrument, process, workspace, ab)
            _check_places(workspace, plan, taken)
            plans.append(plan)
        except DamagedError as error:
            damaged[str(ab.name)] = str(error)
        except (PhoenixError, OSError) as error:
            refused[str(ab.name)] = _reason(error)
    moved: list[_Plan] = []
    for plan in plans:
        name = str(plan.ab.name)
        try:
            if _carry_out(workspace, plan):
                moved.append(plan)
            finished.append(Finished(name, plan.manifest))
        except DamagedError as error:
            damaged[name] = str(error)
        except (PhoenixError, OSError) as error:
            refused[name] = _reason(error)
    _sync_places(workspace, moved)
    for plan in moved:
        _clear_published(workspace, plan, keep=str(plan.ab.name) in waited_for)
    return FinishReport(tuple(finished), tuple(refused.items()), tuple(damaged.items()))


def _reason(error: PhoenixError | OSError) -> str:
    return str(error) if isinstance(error, PhoenixError) else disk_reason(error)


# ---- the plan ------------------------------------------------------------------------------


def _plan(
    instrument: Instrument, process: Process, workspace: Workspace, ab: AssociationBlock
) -> _Plan:
    places = Places.of(workspace, ab)
    manifest = read_manifest(places.fresh(Record.MANIFEST))
    if manifest is None:
        manifest = read_manifest(places.finished(Record.MANIFEST))
        if manifest is None:
            raise DataError(f"{ab.name}: found no products, run the AB first")
        return _Plan(ab, manifest)
    # Before they are asked for their names.
    check_intact(places, manifest, DELIVERED)
    rows = tuple(
        evolve(row, final=_final(instrument, process, places, ab, row))
        for row in manifest.products
    )
    return _Plan(ab, evolve(manifest, products=rows))


def _final(
    instrument: Instrument,
    process: Process,
    places: Places,
    ab: AssociationBlock,
    row: ProductFile,
) -> str:
    """Return where a product goes, empty if it is not kept."""
    if row.role not in FINAL_FOLDERS:
        return ""
    if row.final:
        return row.final
    product = Product(places.published / row.name, row.pro_catg, row.role, str(ab.name))
    return f"{places.final(row.role)}/{instrument.rename_product(process, ab, product)}"


def _check_places(workspace: Workspace, plan: _Plan, taken: dict[str, str]) -> None:
    """Refuse a name that another product has."""
    places = Places.of(workspace, plan.ab)
    ours = _former_places(places, plan.manifest)
    for row in plan.manifest.products:
        if not row.final:
            continue
        label = f"{row.name} of {plan.ab.name}"
        other = taken.setdefault(row.final, label)
        if other != label:
            raise DataError(
                f"{label} ({row.pro_catg}): its final name {row.final} is also that of {other}; "
                "mend the plugin's rename_product"
            )
        source, target = places.published / row.name, workspace.root / row.final
        if row.final not in ours and source.exists() and _is_other(target, row):
            raise DataError(
                f"{label} ({row.pro_catg}): its final name {row.final} is there already with "
                "other content; take that file away or mend the plugin's rename_product"
            )


def _former_places(places: Places, planned: Manifest) -> set[str]:
    """Return the final names of an earlier run of the same AB, which this one replaces."""
    record = places.finished(Record.MANIFEST)
    former = read_manifest(record)
    if former is None and os.path.lexists(record):
        # As a power cut leaves it: it was finished before, and its names are what they were.
        former = planned
    return {row.final for row in former.products if row.final} if former else set()


def _is_other(path: Path, row: ProductFile) -> bool:
    if not path.exists():
        return False
    return path.stat().st_size != row.size or file_checksum(path) != row.sha256


# ---- carrying it out -----------------------------------------------------------------------


def _carry_out(workspace: Workspace, plan: _Plan) -> bool:
    """Move the products and copy the records; say whether there were any to move."""
    places = Places.of(workspace, plan.ab)
    folder = places.published
    if not folder.exists():
        return False
    # The plan, for whoever takes it up: a plugin may name a product by its header.
    write_manifest(plan.manifest, places.fresh(Record.MANIFEST))
    for row in plan.manifest.products:
        if row.final:
            _move(folder / row.name, workspace.root / row.final, row)
    _take_records(places, plan.ab)
    return True


def _sync_places(workspace: Workspace, plans: Iterable[_Plan]) -> None:
    """Have the names of what was moved on the disk, before their old ones are taken away."""
    folders = {
        (workspace.root / row.final).parent
        for plan in plans
        for row in plan.manifest.products
        if row.final
    }
    records = {Places.of(workspace, plan.ab).finished(Record.MANIFEST).parent for plan in plans}
    sync_all(sorted(folders | records))


def _clear_published(workspace: Workspace, plan: _Plan, *, keep: bool) -> None:
    """Take away the folder of an AB that is finished, unless something in it is still needed."""
    places = Places.of(workspace, plan.ab)
    folder = places.published
    left = [row for row in plan.manifest.products if (folder / row.name).exists()]
    if keep and left:
        return
    clear_away(folder, places.scratch, places.root)


def purge_block(workspace: Workspace, ab: AssociationBlock) -> None:
    """Remove the products of a rejected AB, wherever they are; its records stay.

    Of rejected calibrations only log, manifest and QC parameters are kept (QC Handbook, 4.1.4).
    """
    places = Places.of(workspace, ab)
    records = places.finished(Record.MANIFEST)
    former = read_manifest(records)
    for row in former.products if former else ():
        if row.final:
            (workspace.root / row.final).unlink(missing_ok=True)
    manifest = read_manifest(places.fresh(Record.MANIFEST)) or former
    if manifest is None:
        return
    rows = tuple(evolve(row, final="") for row in manifest.products)
    bare = evolve(manifest, products=rows)
    if places.published.exists():
        write_manifest(bare, places.fresh(Record.MANIFEST))
        _take_records(places, ab)
        _clear_published(workspace, _Plan(ab, bare), keep=False)
    else:
        write_manifest(bare, records)


def _move(source: Path, target: Path, row: ProductFile) -> None:
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    elif damage_of(target, row):
        raise DamagedError(
            f"{row.name} ({row.pro_catg}): found it neither as {source} nor as {target}; run the "
            "AB again"
        )


def _take_records(places: Places, ab: AssociationBlock) -> None:
    """Copy logs and reports, and last the manifest, which says that all is in its place."""
    records = places.finished(Record.MANIFEST)
    for record in Record:
        source, target = places.fresh(record), places.finished(record)
        target.parent.mkdir(parents=True, exist_ok=True)
        if record is Record.MANIFEST:
            write_ab(ab, records.parent)
        if source.exists():
            part = target.with_name(f".{target.name}.part")
            copy_plain(source, part)
            part.replace(target)
    sync(records)
