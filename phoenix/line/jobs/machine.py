"""What all recipes of a night need of this machine; looked at before the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import SettingsError
from phoenix.line.workspace import SETTINGS_FILE, refuse_odd_name
from phoenix.model.nearest import meant
from phoenix.pipelines.find import installed_pipeline
from phoenix.pipelines.parameters import not_taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.process import Process
    from phoenix.model.recipe import Recipe
    from phoenix.model.settings import Settings
    from phoenix.model.workspace import Workspace

__all__ = ["check_machine", "parameters_not_taken", "pipelines_of"]


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
        If the workspace lies where recipes cannot read, a pipeline or esorex is not there, or
        phoenix.toml has parameters that a recipe does not take.
    """
    refuse_odd_name(workspace.root)
    if settings.engine.scheduler or settings.engine.jobqueue:
        return
    for name in pipelines_of(process, {ab.recipe for ab in blocks}):
        installed_pipeline(name, settings.recipes.places)
    wrong = tuple(parameters_not_taken(workspace.root, settings, process))
    if wrong:
        raise SettingsError("; ".join(wrong))


def parameters_not_taken(root: Path, settings: Settings, process: Process) -> Iterator[str]:
    """Yield what phoenix.toml asks of recipes that they do not take, a text for each parameter.

    Recipes of a pipeline that is not here are passed over. One written in Python takes what its
    row gives it.

    Raises
    ------
    SettingsError
        If esorex cannot be asked.
    """
    for recipe in process.recipes:
        if recipe.name in settings.pipeline:
            for told in _not_taken(recipe, settings):
                yield f"{root / SETTINGS_FILE}: [pipeline.{recipe.name}] {told}"


def _not_taken(recipe: Recipe, settings: Settings) -> tuple[str, ...]:
    given = settings.parameters(recipe.name)
    if ":" in recipe.pipeline:
        known = [row.name for row in recipe.parameters]
        return tuple(
            f"{row.name}: found no such parameter of {recipe.name}; {meant(row.name, known)}"
            for row in given
            if row.name not in known
        )
    try:
        pipeline = installed_pipeline(recipe.pipeline, settings.recipes.places)
    except SettingsError:
        return ()
    return not_taken(pipeline, recipe.name, given) if given else ()


def pipelines_of(process: Process, recipes: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the pipelines that recipes of a process come from, those of all if none is named.

    A recipe written in Python, ``module:function``, comes with its plugin.
    """
    wanted = set(recipes)
    found = {row.pipeline for row in process.recipes if not wanted or row.name in wanted}
    return tuple(sorted(name for name in found if ":" not in name))
