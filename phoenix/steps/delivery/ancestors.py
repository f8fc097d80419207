"""What is there of an AB and of those that it depends on, for the plugin that plans its IDPs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.formats.abfile import read_ab
from phoenix.model.ancestor import Ancestor
from phoenix.model.frames import Product, Role
from phoenix.steps.shelf.manifest import successful_manifest
from phoenix.steps.shelf.places import Places, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.workspace import Workspace
    from phoenix.steps.shelf.manifest import Manifest

__all__ = ["QC_REPORT", "RECIPE_LOG", "ancestors_of", "whats_there"]

QC_REPORT, RECIPE_LOG = "QC_REPORT", "RECIPE_LOG"
"""PRO.CATG under which the plugin is given these records among the products."""

_RECORDS = ((Record.REPORT, QC_REPORT), (Record.LOG, RECIPE_LOG))


def whats_there(
    workspace: Workspace, ab: AssociationBlock, manifest: Manifest | None
) -> Iterator[Product]:
    """Yield the products that are still there, the QC report and the recipe's log."""
    places = Places.of(workspace, ab)
    for row in manifest.products if manifest else ():
        path = places.product(row.name, row.final)
        if path.is_file():
            yield Product(path, row.pro_catg, row.role, str(ab.name))
    for record, pro_catg in _RECORDS:
        path = places.now(record)
        if path.is_file():
            yield Product(path, pro_catg, Role.ANCILLARY, str(ab.name))


def ancestors_of(workspace: Workspace, ab: AssociationBlock) -> tuple[Ancestor, ...]:
    """Return the ABs of the same night that an AB depends on, at first hand and further back.

    One whose file is gone or cannot be read is left out: it stands in no way of its children.

    Returns
    -------
    tuple of Ancestor
        By name.
    """
    found: dict[str, AssociationBlock] = {}
    waiting = list(ab.waits_for)
    while waiting:
        name = waiting.pop()
        parent = None if name in found else _read(workspace, ab, name)
        if parent is not None:
            found[name] = parent
            waiting += parent.waits_for
    return tuple(
        Ancestor(one, tuple(whats_there(workspace, one, _manifest(workspace, one))))
        for _, one in sorted(found.items())
    )


def _read(workspace: Workspace, child: AssociationBlock, name: str) -> AssociationBlock | None:
    try:
        return read_ab(Places.of(workspace, child).edited.with_name(name))
    except (DataError, OSError):
        return None


def _manifest(workspace: Workspace, ab: AssociationBlock) -> Manifest | None:
    found = successful_manifest(Places.of(workspace, ab))
    return found[1] if found else None
