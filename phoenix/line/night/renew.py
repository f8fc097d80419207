"""Before an AB is done again: what was mended in the sources comes in anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.archive.source import renew
from phoenix.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from phoenix.archive.source import Source
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.workspace import Workspace
    from phoenix.store.store import Store

__all__ = ["renew_inputs"]


def renew_inputs(
    store: Store,
    workspace: Workspace,
    sources: Sequence[Source],
    blocks: Iterable[AssociationBlock],
) -> tuple[str, ...]:
    """Bring raw frames and masters again whose source has another file by now.

    Masters that this line made itself stay, whatever a source has under their name.

    Returns
    -------
    tuple of str
        What was renewed, below the workspace.
    """
    wanted = {below for ab in blocks for below in _inputs(workspace, ab)}
    nights = {below.split("/")[1] for below in wanted if below.startswith("calib/")}
    own = {row.path for n in nights for row in store.products.rows(since=n, until=n)}
    return tuple(below for below in sorted(wanted - own) if renew(sources, below, workspace.root))


def _inputs(workspace: Workspace, ab: AssociationBlock) -> Iterator[str]:
    masters = (frame.path for frame in ab.calibrations if not frame.virtual)
    for symbolic in (*(frame.path for frame in ab.raw_files), *masters):
        try:
            path = workspace.resolve(symbolic, ab.date)
        except DataError:
            # A path that leads out of the workspace: the AB itself will say so.
            continue
        yield path.relative_to(workspace.root).as_posix()
