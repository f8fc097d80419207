"""Products that were taken away when the last AB that reads them had ended well, and their return.

The manifest says first that they are gone, then they go; they come back first, then the manifest
says so. Whatever a killed run left, a product that the manifest has as taken away is not there, or
is a leftover that nobody reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.model.report import JobState
from phoenix.steps.shelf.intact import DELIVERED, is_damaged
from phoenix.steps.shelf.manifest import read_manifest, write_manifest
from phoenix.steps.shelf.places import Places, Record
from phoenix.steps.shelf.publish import publish

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from phoenix.steps.shelf.manifest import Manifest, ProductFile
    from phoenix.steps.shelf.scratch import Attempt

__all__ = ["gone_products", "put_back", "remove_leftovers", "take_away"]


def gone_products(places: Places, manifest: Manifest) -> tuple[ProductFile, ...]:
    """Return the products that are never delivered and are not there any more, or are cut."""
    return tuple(
        row
        for row in manifest.products
        if row.role not in DELIVERED
        and (row.taken_away or is_damaged(places.published / row.name, row))
    )


def take_away(places: Places, names: Collection[str], when: dt.datetime) -> tuple[str, ...]:
    """Take products of an AB away that nobody reads any more; return which.

    Parameters
    ----------
    places : Places
        Of the AB.
    names : collection of str
        PIPEFILE names; what is delivered stays, whatever they say.
    when : datetime
        Of what the manifest says.

    Raises
    ------
    OSError
        If the manifest cannot be written.
    """
    manifest = read_manifest(places.fresh(Record.MANIFEST))
    if manifest is None:
        return ()
    leaving = {
        row.name
        for row in manifest.products
        if row.name in names and row.role not in DELIVERED and not row.taken_away
    }
    if not leaving:
        return ()
    said = when.isoformat(timespec="seconds")
    rows = (
        evolve(row, taken_away=said if row.name in leaving else row.taken_away)
        for row in manifest.products
    )
    write_manifest(evolve(manifest, products=tuple(rows)), places.fresh(Record.MANIFEST))
    remove_leftovers(places)
    return tuple(sorted(leaving))


def remove_leftovers(places: Places) -> tuple[str, ...]:
    """Remove what the manifest has as taken away; return the names of all that it has so."""
    manifest = read_manifest(places.fresh(Record.MANIFEST))
    rows = [row for row in manifest.products if row.taken_away] if manifest else []
    for row in rows:
        (places.published / row.name).unlink(missing_ok=True)
    return tuple(row.name for row in rows)


def put_back(places: Places, manifest: Manifest, attempt: Attempt) -> Manifest:
    """Put products back that a new try has made; return the manifest that has them again.

    Whatever else there is of the AB stays as it was published or finished: only what had gone is
    taken from the try.

    Raises
    ------
    OSError
        If they cannot be moved.
    """
    gone = {row.name for row in gone_products(places, manifest)}
    sizes = {name: (attempt.publish / name).stat().st_size for name in gone}
    whole = evolve(
        manifest,
        products=tuple(
            evolve(row, size=sizes[row.name], taken_away="") if row.name in gone else row
            for row in manifest.products
        ),
    )
    if places.published.is_dir():
        for name in sorted(gone):
            (attempt.publish / name).replace(places.published / name)
        write_manifest(whole, places.fresh(Record.MANIFEST))
        return whole
    # Its night is finished: what was delivered is in its place, and its records are there.
    for path in attempt.publish.iterdir():
        if path.name not in gone:
            path.unlink()
    record = places.fresh(Record.MANIFEST, attempt.publish)
    write_manifest(whole, record)
    publish(places, JobState.SUCCESSFUL, attempt, (record,))
    return whole
