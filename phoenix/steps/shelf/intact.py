"""Whether a product is still what was published: what is delivered is compared before it goes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.formats.files import is_plain_file
from phoenix.formats.fits.copying import Known
from phoenix.model.frames import Role
from phoenix.steps.shelf.checksum import file_checksum
from phoenix.steps.shelf.places import FINAL_FOLDERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from phoenix.steps.shelf.manifest import Manifest, ProductFile
    from phoenix.steps.shelf.places import Places

__all__ = [
    "DELIVERED",
    "DamagedError",
    "check_intact",
    "damage_of",
    "is_damaged",
    "is_resized",
    "known_products",
]

DELIVERED = frozenset(FINAL_FOLDERS)
"""Roles of products that leave the certification area; of the others only the size counts."""


class DamagedError(DataError):
    """A product is no longer what was published; to be made again."""


def check_intact(
    places: Places,
    manifest: Manifest,
    roles: Collection[Role] = frozenset(Role),
    apart: Collection[Path] = (),
) -> None:
    """Compare the products of an AB, wherever they are, with its manifest.

    Parameters
    ----------
    places : Places
        Of the AB.
    manifest : Manifest
        What was published.
    roles : collection of Role
        Which products.
    apart : collection of Path
        Files whose content is compared elsewhere, as it is read; here only their size is.

    Raises
    ------
    DamagedError
        For the first that is missing, is a symbolic link, or has another size or checksum.
    """
    for row, path in _places_of(places, manifest):
        look = _resized if path in apart else damage_of
        why = look(path, row) if row.role in roles else ""
        if why:
            raise DamagedError(
                f"{row.name} ({row.pro_catg}): {why}; `phoenix rerun --failed` makes it again"
            )


def known_products(places: Places, manifest: Manifest) -> Mapping[Path, Known]:
    """Return where the products that are kept are, and the checksums that each had, if known."""
    return {
        path: Known(row.sha256, row.data_sums)
        for row, path in _places_of(places, manifest)
        if row.sha256
    }


def is_resized(places: Places, manifest: Manifest) -> bool:
    """Whether a product that leaves the certification area is gone or has another size.

    All that a power cut does to it, at the price of a look; what is delivered or read is compared
    to the last bit when it is.
    """
    return any(
        row.role in DELIVERED and is_damaged(path, row)
        for row, path in _places_of(places, manifest)
    )


def is_damaged(path: Path, row: ProductFile) -> bool:
    """Whether a product is gone or has another size, at the price of a look."""
    return bool(_resized(path, row))


def _places_of(places: Places, manifest: Manifest) -> Iterator[tuple[ProductFile, Path]]:
    """Yield the products that are kept, and where each is."""
    published = places.published.exists()
    for row in manifest.products:
        # What is not kept was removed with the folder, if it was not taken away before.
        if row.final or (published and not row.taken_away):
            fresh = places.published / row.name
            moved = row.final and not os.path.lexists(fresh)
            yield row, places.workspace.root / row.final if moved else fresh


def damage_of(path: Path, row: ProductFile) -> str:
    """Say in what a file differs from the product as it was published, empty for nothing."""
    why = _resized(path, row)
    if not why and row.role in DELIVERED and (found := file_checksum(path)) != row.sha256:
        return (
            f"found sha256 {found[:12]}... of {path}, expected {row.sha256[:12]}... as it was "
            "published"
        )
    return why


def _resized(path: Path, row: ProductFile) -> str:
    if not is_plain_file(path):
        return f"found no plain file {path}, expected the product as it was published"
    size = path.stat().st_size
    if size != row.size:
        return f"found {size} bytes in {path}, expected {row.size} as it was published"
    return ""
