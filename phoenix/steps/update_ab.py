"""updateAB: in the record of a finished AB, predicted calibrations get their certified names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.formats.abfile import write_ab
from phoenix.oca.association.update import with_certified

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.workspace import Workspace

__all__ = ["update_block"]


def update_block(
    workspace: Workspace, ab: AssociationBlock, certified: Mapping[str, str]
) -> AssociationBlock:
    """Write the AB with certified names to ``logs/<date>``; the one that is run stays as it is.

    Parameters
    ----------
    workspace : Workspace
        Where it was finished.
    ab : AssociationBlock
        As it was run.
    certified : mapping of str to str
        PIPEFILE name to symbolic path.
    """
    updated = with_certified(ab, certified)
    write_ab(updated, workspace.folder("logs", ab.date))
    return updated
