"""Whether an AB was processed before: a run started again takes up only what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.steps.shelf.checksum import file_checksum, job_key
from phoenix.steps.shelf.intact import DamagedError, check_intact
from phoenix.steps.shelf.manifest import read_manifest, successful_manifest, write_manifest
from phoenix.steps.shelf.parents import parent_of, parent_place
from phoenix.steps.shelf.places import FINAL_FOLDERS, Places, Record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.recipe import Parameter, Recipe
    from phoenix.model.workspace import Workspace
    from phoenix.steps.shelf.manifest import InputFile, Manifest

__all__ = ["done_before", "is_removed", "process_again"]


def done_before(
    workspace: Workspace,
    ab: AssociationBlock,
    recipe: Recipe,
    parameters: Iterable[Parameter],
) -> tuple[Path, Manifest] | None:
    """Return folder and manifest of an earlier run that this one would only repeat.

    It would if AB, parameters and inputs are the same and the products are there. An input that is
    no longer in the workspace counts as unchanged: raw frames leave when a night is finished, and
    their names are theirs for ever. Versions do not count; ``phoenix rerun`` is for those.
    """
    found = successful_manifest(Places.of(workspace, ab))
    if found is None:
        return None
    _, manifest = found
    inputs = [(row.tag, _identity(workspace, row)) for row in manifest.inputs]
    if job_key(ab, recipe, parameters, inputs) != manifest.job_key:
        return None
    if _size(Places.of(workspace, ab).now(Record.LOG)) == 0:
        # As a power cut leaves it; only the recipe can write it again.
        return None
    return found if _has_products(workspace, ab, manifest) else None


def is_removed(workspace: Workspace, ab: AssociationBlock) -> bool:
    """Whether the products of an AB were removed, because it was rejected."""
    found = successful_manifest(Places.of(workspace, ab))
    return found is not None and _are_removed(workspace, ab, found[1])


def _are_removed(workspace: Workspace, ab: AssociationBlock, manifest: Manifest) -> bool:
    return not Places.of(workspace, ab).published.exists() and any(
        row.role in FINAL_FOLDERS and not row.final for row in manifest.products
    )


def process_again(workspace: Workspace, ab: AssociationBlock) -> None:
    """Have an AB processed again, although nothing has changed.

    Its manifest stays, for it names the final places that the AB's new products will take.
    """
    for place in Places.of(workspace, ab).both(Record.MANIFEST):
        manifest = read_manifest(place)
        if manifest is not None:
            write_manifest(evolve(manifest, job_key=""), place)


def _identity(workspace: Workspace, row: InputFile) -> str:
    """Return what the input's identity is today."""
    published = parent_place(workspace, row)
    if published is not None:
        parent = parent_of(workspace, published)
        return f"{parent.job_key}/{published.name}" if parent else row.identity
    path = workspace.root / row.path
    try:
        facts = path.stat()
    except FileNotFoundError:
        return row.identity
    unchanged = (facts.st_size, facts.st_mtime_ns) == (row.size, row.mtime_ns)
    return row.identity if unchanged else file_checksum(path)


def _has_products(workspace: Workspace, ab: AssociationBlock, manifest: Manifest) -> bool:
    if _are_removed(workspace, ab, manifest):
        return False
    try:
        check_intact(Places.of(workspace, ab), manifest)
    except DamagedError:
        return False
    return True


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1
