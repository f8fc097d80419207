"""What is there of an AB and of those that it depends on, for the plugin that plans its IDPs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.formats.abfile import parse_ab, read_ab
from phoenix.formats.files import read_plain_text
from phoenix.model.ancestor import Ancestor
from phoenix.model.frames import Product, Role
from phoenix.steps.shelf.manifest import successful_manifest
from phoenix.steps.shelf.places import Places, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.workspace import Workspace
    from phoenix.steps.shelf.manifest import Manifest

__all__ = ["QC_REPORT", "RECIPE_LOG", "ancestors_of", "as_run", "whats_there"]

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


def as_run(
    workspace: Workspace, ab: AssociationBlock, manifest: Manifest | None
) -> AssociationBlock:
    """Return an AB as it was run: without what it did without, and with what a second try changed.

    Raises
    ------
    DataError
        If it was not run as it stands in the cascade, and how is not known any more.
    """
    if manifest is None or not (manifest.without or manifest.retried):
        return ab
    path = Places.of(workspace, ab).now(Record.AS_RUN)
    if not path.exists():
        raise DataError(
            f"{ab.name}: found no {path.name}, expected it, as the AB was run without something; "
            "run the AB again"
        )
    return parse_ab(read_plain_text(path), str(ab.name))


def ancestors_of(workspace: Workspace, ab: AssociationBlock) -> tuple[Ancestor, ...]:
    """Return the ABs of the same night that an AB depends on, at first hand and further back.

    Each is as it was run. One whose file is gone or cannot be read is left out: it stands in no
    way of its children.

    Parameters
    ----------
    ab : AssociationBlock
        As it was run.

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
        ab = read_ab(Places.of(workspace, child).edited.with_name(name))
        return as_run(workspace, ab, _manifest(workspace, ab))
    except (DataError, OSError):
        return None


def _manifest(workspace: Workspace, ab: AssociationBlock) -> Manifest | None:
    found = successful_manifest(Places.of(workspace, ab))
    return found[1] if found else None
