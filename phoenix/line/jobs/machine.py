"""What all recipes of a night need of this machine; looked at before the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.line.workspace import refuse_odd_name
from phoenix.pipelines.find import installed_pipeline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.process import Process
    from phoenix.model.settings import Settings
    from phoenix.model.workspace import Workspace

__all__ = ["check_machine", "pipelines_of"]


def check_machine(
    workspace: Workspace,
    settings: Settings,
    process: Process,
    blocks: Iterable[AssociationBlock],
) -> None:
    """Refuse to begin where no recipe could run: once, not as the failure of every AB.

    Workers elsewhere are not looked at.

    Raises
    ------
    SettingsError
        If the workspace lies where recipes cannot read, or a pipeline or esorex is not there.
    """
    refuse_odd_name(workspace.root)
    if settings.engine.scheduler or settings.engine.jobqueue:
        return
    for name in pipelines_of(process, {ab.recipe for ab in blocks}):
        installed_pipeline(name, settings.recipes.places)


def pipelines_of(process: Process, recipes: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the pipelines that recipes of a process come from, those of all if none is named.

    A recipe written in Python, ``module:function``, comes with its plugin.
    """
    wanted = set(recipes)
    found = {row.pipeline for row in process.recipes if not wanted or row.name in wanted}
    return tuple(sorted(name for name in found if ":" not in name))
