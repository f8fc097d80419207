"""The parent AB behind an input: by where its product is wanted, or by the input's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.steps.shelf.manifest import manifest_of
from phoenix.steps.shelf.places import Places

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.workspace import Workspace
    from phoenix.steps.shelf.manifest import InputFile, Manifest

__all__ = ["parent_of", "parent_place"]


def parent_of(workspace: Workspace, product: Path) -> Manifest | None:
    """Return the manifest of the AB that makes a product.

    Parameters
    ----------
    workspace : Workspace
        Where it lies.
    product : Path
        ``products/<date>/<root>/<name>`` below the workspace.
    """
    return manifest_of(Places.published_in(workspace, product.parent))


def parent_place(workspace: Workspace, row: InputFile) -> Path | None:
    """Return where a parent published an input, None for one that no parent made.

    The input may have been read under its final name, ``calib/<date>/...``.
    """
    _, made_by_parent, name = row.identity.partition("/")
    if not made_by_parent:
        return None
    date, root = row.path.split("/")[1], name.removeprefix("r.").rpartition("_")[0]
    return Places(workspace, date, root).published / name
