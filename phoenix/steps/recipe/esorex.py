"""Recipes of ESO's pipelines, run by esorex."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.pipelines.find import installed_pipeline
from phoenix.steps.recipe.runner import RunnerSettings, recipe_environment, run_command

if TYPE_CHECKING:
    from phoenix.pipelines.find import Pipeline
    from phoenix.steps.recipe.runner import RecipeCall, RecipeExit

__all__ = ["EsorexRunner", "esorex_command"]


@frozen
class EsorexRunner:
    """Runs the recipes of one pipeline.

    Attributes
    ----------
    pipeline : str
        Name of the pipeline, ``giraf``; its plugin folder is found under it.
    settings : RunnerSettings
        Where pipelines are.
    """

    pipeline: str
    settings: RunnerSettings = field(factory=RunnerSettings)

    def run(self, call: RecipeCall) -> RecipeExit:
        """Run the recipe in its folder; see :class:`phoenix.steps.recipe.runner.RecipeRunner`."""
        pipeline = installed_pipeline(self.pipeline, self.settings.places)
        call.sof.write_text(str(call.frames), "utf-8")
        environment = recipe_environment(call, self.settings) | dict(pipeline.environment)
        return run_command(esorex_command(call, pipeline), call, self.settings, environment)


def esorex_command(call: RecipeCall, pipeline: Pipeline) -> tuple[str, ...]:
    """Return the command line of a call.

    ``--recipe-dir`` keeps esorex from loading every installed pipeline; the checksums of products
    are left out because the line makes its own.
    """
    return (
        str(pipeline.esorex),
        f"--recipe-dir={pipeline.recipes}",
        f"--output-dir={call.output}",
        f"--log-dir={call.folder}",
        f"--log-file={call.log.name}",
        "--no-checksum=TRUE",
        "--no-datamd5=TRUE",
        "--suppress-prefix=TRUE",
        "--check-sof-exist=TRUE",
        f"--products-sof={call.listing}",
        call.recipe,
        *map(str, call.parameters),
        str(call.sof),
    )
