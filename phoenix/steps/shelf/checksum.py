"""Checksums of files, and the key that tells whether a job was done already."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.formats.abfile import format_ab
from phoenix.formats.filedigest import file_digest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.recipe import Parameter, Recipe

__all__ = ["ab_checksum", "file_checksum", "job_key"]

_KEY_FORMAT = "phoenix job key 1"


def file_checksum(path: Path) -> str:
    """Return the SHA-256 of a file; read once in a process as long as it does not change."""
    return file_digest(path, "sha256")


def ab_checksum(ab: AssociationBlock) -> str:
    """Return the SHA-256 of an AB's text without its edits: a reason said better is no change."""
    return hashlib.sha256(format_ab(evolve(ab, edits=())).encode()).hexdigest()


def job_key(
    ab: AssociationBlock,
    recipe: Recipe,
    parameters: Iterable[Parameter],
    inputs: Iterable[tuple[str, str]],
) -> str:
    """Return the key of a job: equal keys mean that the recipe would do the same again.

    Parameters
    ----------
    ab, recipe
        What is run.
    parameters : iterable of Parameter
        As given to the recipe.
    inputs : iterable of (str, str)
        Tag and identity of each input, in the order of the set of frames: the SHA-256 of a raw
        frame or master; ``<job key of the parent>/<PIPEFILE name>`` for a product of a parent,
        whose bytes carry the time at which it was made.
    """
    lines = [_KEY_FORMAT, recipe.pipeline, ab.recipe, ab_checksum(ab), *map(str, parameters)]
    lines += [f"{tag} {identity}" for tag, identity in inputs]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
