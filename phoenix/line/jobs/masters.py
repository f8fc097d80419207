"""Masters of this workspace in their final folders: who made them, and which are out of date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.line.workspace import has_store
from phoenix.model.ab import ABName
from phoenix.steps.shelf.manifest import read_manifest
from phoenix.steps.shelf.places import Places, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phoenix.line.context import LineContext
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.cascade import Cascade
    from phoenix.store.rows import ProductRow

__all__ = ["made_by", "outdated_masters", "sums_of_masters"]


def made_by(line: LineContext) -> Mapping[str, str]:
    """Return the path of each product that is in its final folder, and the AB that made it."""
    root = line.workspace.root.resolve()
    rows = line.store.products.rows()
    return {str(root / row.path): row.ab_name for row in rows if row.final_name}


def outdated_masters(line: LineContext) -> set[str]:
    """Return the paths of products in final folders whose AB has made others since.

    They stay until the new ones take their places; meanwhile nothing is to be made with them.
    """
    root = line.workspace.root.resolve()
    products: dict[str, list[ProductRow]] = {}
    for row in line.store.products.rows():
        products.setdefault(row.ab_name, []).append(row)
    again = {
        name
        for name, rows in products.items()
        if any(row.path for row in rows) and not any(row.final_name for row in rows)
    }
    return {
        str(root / final)
        for block in line.store.blocks.rows(names=again)
        for final in _finals(Places(line.workspace, block.date, ABName(block.name).root))
    }


def _finals(places: Places) -> Iterator[str]:
    """Yield where the products of an AB were put when its night was finished last."""
    manifest = read_manifest(places.finished(Record.MANIFEST))
    for row in manifest.products if manifest else ():
        if row.final:
            yield row.final


def sums_of_masters(line: LineContext, cascade: Cascade) -> dict[str, tuple[str, ...]]:
    """Return the SHA-256 of the masters of this workspace that ABs are made with, by AB name.

    A master that is made again keeps its final name: only its content tells that what was made
    with it is to be made again too.
    """
    if not has_store(line.workspace, line.settings):
        return {}
    wanted = {str(ab.name): tuple(_finished_calibrations(line, ab)) for ab in cascade}
    sums = line.store.products.sums({path for paths in wanted.values() for path in paths})
    return {
        name: tuple(sums[path] for path in paths if path in sums) for name, paths in wanted.items()
    }


def _finished_calibrations(line: LineContext, ab: AssociationBlock) -> Iterator[str]:
    """Yield the places below the workspace of the calibrations that may be of this workspace."""
    for one in ab.calibrations:
        try:
            path = line.workspace.resolve(one.path, ab.date)
            below = path.relative_to(line.workspace.root)
        except (DataError, ValueError):
            # A path that leads out of the workspace: the AB itself will say so.
            continue
        if below.parts[0] == "calib":
            yield below.as_posix()
