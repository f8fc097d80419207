"""Finish a night: products get their final names and folders, what nobody needs is removed.

Science products and their ancillaries go to ``reduced/<date>``, master calibrations to
``calib/<date>``, logs, manifests and edited ABs to ``logs/<date>``, QC reports to
``plots/<date>`` (VLT-MAN-ESO-19600-6104, 4.1). The plan is written into the manifest first, every
move is atomic, and the manifest leaves last, so a run that died is taken up where it was.
"""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from phoenix.errors import DataError, PhoenixError
from phoenix.formats.abfile import write_ab
from phoenix.model.frames import Product, Role
from phoenix.steps.quality.score import QC_FILE
from phoenix.steps.shelf.checksum import file_checksum
from phoenix.steps.shelf.manifest import (
    AS_RUN,
    MANIFEST,
    finished_manifest_path,
    read_manifest,
    write_manifest,
)
from phoenix.steps.shelf.scratch import begin_attempt

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from phoenix.instrument import Instrument
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.process import Process
    from phoenix.model.workspace import Workspace
    from phoenix.steps.shelf.manifest import Manifest, ProductFile

__all__ = [
    "PLACES",
    "FinishReport",
    "Finished",
    "finish_blocks",
    "product_path",
    "purge_block",
    "qc_path",
    "report_path",
]

PLACES = {
    Role.SCIENCE: "reduced",
    Role.ANCILLARY: "reduced",
    Role.CALIBRATION: "calib",
}
"""Folder of the workspace for products of each role; the others are removed."""


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
    """

    finished: tuple[Finished, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()

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
    taken: dict[str, str] = {}
    for ab in blocks:
        try:
            plan = _plan(instrument, process, workspace, ab)
            _check_places(workspace, plan, taken)
            plans.append(plan)
        except PhoenixError as error:
            refused[str(ab.name)] = str(error)
    for plan in plans:
        name = str(plan.ab.name)
        try:
            _carry_out(workspace, plan, keep=name in waited_for)
            finished.append(Finished(name, plan.manifest))
        except (PhoenixError, OSError) as error:
            refused[name] = str(error)
    return FinishReport(tuple(finished), tuple(refused.items()))


# ---- the plan ------------------------------------------------------------------------------


def _plan(
    instrument: Instrument, process: Process, workspace: Workspace, ab: AssociationBlock
) -> _Plan:
    manifest = read_manifest(workspace.products(ab) / MANIFEST)
    if manifest is None:
        manifest = read_manifest(finished_manifest_path(workspace, ab))
        if manifest is None:
            raise DataError(f"{ab.name}: found no products, run the AB first")
        return _Plan(ab, manifest)
    rows = tuple(
        evolve(row, final=_final(instrument, process, workspace, ab, row))
        for row in manifest.products
    )
    return _Plan(ab, evolve(manifest, products=rows))


def _final(
    instrument: Instrument,
    process: Process,
    workspace: Workspace,
    ab: AssociationBlock,
    row: ProductFile,
) -> str:
    """Return where a product goes, empty if it is not kept."""
    if row.role not in PLACES:
        return ""
    if row.final:
        return row.final
    folder = f"{PLACES[row.role]}/{ab.date}"
    product = Product(workspace.products(ab) / row.name, row.pro_catg, row.role, str(ab.name))
    return f"{folder}/{instrument.rename_product(process, ab, product)}"


def _check_places(workspace: Workspace, plan: _Plan, taken: dict[str, str]) -> None:
    """Refuse a name that another product has."""
    ours = _former_places(workspace, plan.ab)
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
        source, target = workspace.products(plan.ab) / row.name, workspace.root / row.final
        if row.final not in ours and source.exists() and _is_other(target, row):
            raise DataError(
                f"{label} ({row.pro_catg}): its final name {row.final} is there already with "
                "other content; take that file away or mend the plugin's rename_product"
            )


def _former_places(workspace: Workspace, ab: AssociationBlock) -> set[str]:
    """Return the final names of an earlier run of the same AB, which this one replaces."""
    former = read_manifest(finished_manifest_path(workspace, ab))
    return {row.final for row in former.products if row.final} if former else set()


def _is_other(path: Path, row: ProductFile) -> bool:
    if not path.exists():
        return False
    return path.stat().st_size != row.size or file_checksum(path) != row.sha256


# ---- carrying it out -----------------------------------------------------------------------


def _carry_out(workspace: Workspace, plan: _Plan, *, keep: bool) -> None:
    folder = workspace.products(plan.ab)
    if not folder.exists():
        return
    # The plan, for whoever takes it up: a plugin may name a product by its header.
    write_manifest(plan.manifest, folder / MANIFEST)
    for row in plan.manifest.products:
        if row.final:
            _move(folder / row.name, workspace.root / row.final, row)
    _keep_records(workspace, plan, folder)
    left = [row for row in plan.manifest.products if (folder / row.name).exists()]
    if keep and left:
        return
    attempt = begin_attempt(workspace.folder("scratch", plan.ab.date), plan.ab.root)
    folder.rename(attempt.old / folder.name)
    attempt.close()


def purge_block(workspace: Workspace, ab: AssociationBlock) -> None:
    """Remove the products of a rejected AB, wherever they are; its records stay.

    Of rejected calibrations only log, manifest and QC parameters are kept (QC Handbook, 4.1.4).
    """
    folder, records = workspace.products(ab), finished_manifest_path(workspace, ab)
    former = read_manifest(records)
    for row in former.products if former else ():
        if row.final:
            (workspace.root / row.final).unlink(missing_ok=True)
    manifest = read_manifest(folder / MANIFEST) or former
    if manifest is None:
        return
    rows = tuple(evolve(row, final="") for row in manifest.products)
    bare = evolve(manifest, products=rows)
    if folder.exists():
        _carry_out(workspace, _Plan(ab, bare), keep=False)
    else:
        write_manifest(bare, records)


def _move(source: Path, target: Path, row: ProductFile) -> None:
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    elif not target.exists() or target.stat().st_size != row.size:
        raise DataError(
            f"{row.name} ({row.pro_catg}): found it neither as {source} nor as {target}; run the "
            "AB again"
        )


def _keep_records(workspace: Workspace, plan: _Plan, folder: Path) -> None:
    """Copy logs and reports, and last the manifest, which says that all is in its place."""
    logs, plots = workspace.folder("logs", plan.ab.date), workspace.folder("plots", plan.ab.date)
    for place in (logs, plots):
        place.mkdir(parents=True, exist_ok=True)
    root = plan.ab.root
    records = (
        (folder / f"{root}.log", logs / f"{root}.log"),
        (folder / f"{root}.sof", logs / f"{root}.sof"),
        (folder / f"{root}{AS_RUN}", logs / f"{root}{AS_RUN}"),
        (folder / QC_FILE, logs / f"{root}.qc.json"),
        (folder / f"{root}.png", plots / f"{root}.png"),
    )
    for source, target in records:
        if source.exists():
            part = target.with_name(f".{target.name}.part")
            shutil.copyfile(source, part)
            part.replace(target)
    write_ab(plan.ab, logs)
    write_manifest(plan.manifest, finished_manifest_path(workspace, plan.ab))


# ---- where things are, before and after ----------------------------------------------------


def product_path(workspace: Workspace, ab: AssociationBlock, row: ProductFile) -> Path:
    """Return where a product is now: in its final place, else in the certification area."""
    final = workspace.root / row.final
    return final if row.final and final.exists() else workspace.products(ab) / row.name


def qc_path(workspace: Workspace, ab: AssociationBlock) -> Path:
    """Return where the measurements and scores of an AB are now."""
    published = workspace.products(ab) / QC_FILE
    finished = workspace.folder("logs", ab.date) / f"{ab.root}.qc.json"
    return published if published.exists() else finished


def report_path(workspace: Workspace, ab: AssociationBlock) -> Path:
    """Return where the QC report of an AB is now, ``<root>.png``."""
    published = workspace.products(ab) / f"{ab.root}.png"
    finished = workspace.folder("plots", ab.date) / f"{ab.root}.png"
    return published if published.exists() else finished
