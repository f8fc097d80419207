"""Recipes of ESO's pipelines, run by esorex."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.errors import SettingsError
from phoenix.steps.recipe.pipeline import pipeline_folder
from phoenix.steps.recipe.runner import (
    SYSTEM_PATH,
    RunnerSettings,
    recipe_environment,
    run_command,
)

if TYPE_CHECKING:
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
        Where esorex is.
    """

    pipeline: str
    settings: RunnerSettings = field(factory=RunnerSettings)

    def run(self, call: RecipeCall) -> RecipeExit:
        """Run the recipe in its folder; see :class:`phoenix.steps.recipe.runner.RecipeRunner`."""
        command = esorex_command(call, self.pipeline, self.settings)
        call.sof.write_text(str(call.frames), "utf-8")
        environment = recipe_environment(call, self.settings)
        return run_command(command, call, self.settings, environment)


def esorex_command(call: RecipeCall, pipeline: str, settings: RunnerSettings) -> tuple[str, ...]:
    """Return the command line of a call.

    ``--recipe-dir`` keeps esorex from loading every installed pipeline; the checksums of products
    are left out because the line makes its own.

    Raises
    ------
    SettingsError
        If esorex or the pipeline is not installed.
    """
    program = shutil.which(settings.esorex, path=SYSTEM_PATH)
    if program is None:
        raise SettingsError(
            f"esorex: found no program {settings.esorex!r} in {SYSTEM_PATH}; install esorex or "
            "give its path in phoenix.toml"
        )
    return (
        program,
        f"--recipe-dir={pipeline_folder(pipeline, settings)}",
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
