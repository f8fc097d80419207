"""Which file is it: those that a recipe read, by tag, and those that it made, by PRO.CATG."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames

__all__ = ["find", "first_of", "paths_of", "raw_paths"]


def find(products: Iterable[Product], pro_catg: str) -> Path | None:
    """Return the file of the first product of that PRO.CATG."""
    return next((product.path for product in products if product.pro_catg == pro_catg), None)


def paths_of(frames: SetOfFrames, tag: str) -> tuple[Path, ...]:
    """Return the files of one tag in the order of the set of frames."""
    return tuple(path for path, its_tag in frames.frames if its_tag == tag)


def first_of(frames: SetOfFrames, *tags: str) -> Path | None:
    """Return the first file of the first of these tags that has one."""
    return next((path for tag in tags for path in paths_of(frames, tag)), None)


def raw_paths(ab: AssociationBlock, frames: SetOfFrames) -> tuple[Path, ...]:
    """Return the files that the recipe read under the tags of the AB's raw files, in order."""
    tags = {raw.tag for raw in ab.raw_files}
    return tuple(path for path, tag in frames.frames if tag in tags)
