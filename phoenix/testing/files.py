"""Files that the conformance suite writes and looks at."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.formats.idpfile import write_idp
from phoenix.steps.delivery.ancillary import write_ancillary

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.idp import InternalDataProduct

__all__ = ["alone", "fingerprint", "written"]


def alone(plan: InternalDataProduct) -> InternalDataProduct:
    """Leave out the ancillaries, whose files the core writes first."""
    return evolve(plan, ancillaries=())


def written(plan: InternalDataProduct, folder: Path) -> Path:
    """Write an IDP and what travels with it into a folder of their own."""
    folder.mkdir(parents=True)
    for ancillary in plan.ancillaries:
        write_ancillary(ancillary, folder / ancillary.name)
    made = tuple(evolve(one, path=folder / one.name) for one in plan.ancillaries)
    write_idp(evolve(plan, ancillaries=made), folder / plan.name)
    return folder / plan.name


def fingerprint(folder: Path) -> str:
    """Return what changes when any file of a folder does."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        facts = path.stat()
        digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
