"""Which runner runs the recipes of a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.steps.recipe.esorex import EsorexRunner
from phoenix.steps.recipe.python_runner import PythonRunner

if TYPE_CHECKING:
    from phoenix.steps.recipe.runner import RecipeRunner, RunnerSettings

__all__ = ["runner_of"]


def runner_of(pipeline: str, settings: RunnerSettings) -> RecipeRunner:
    """Return the runner of a pipeline: Python for ``module:function``, esorex for all others."""
    return (PythonRunner if ":" in pipeline else EsorexRunner)(pipeline, settings)
