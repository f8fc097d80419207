"""Recipes written in Python: a callable run in a process of its own, like any other recipe.

A recipe row names it as pipeline, ``Recipe("stack", pipeline="phoenix_uves.recipe.stack:stack")``.
It is called as ``function(frames, parameters, output)``: the frames as ``(Path, tag)``, the
parameters as a dict of text, and the folder into which it writes FITS files with PRO CATG in their
primary header. What it logs through :mod:`logging` becomes the recipe's log; an exception is exit
code 1.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.steps.recipe.runner import RunnerSettings, recipe_environment, run_command

if TYPE_CHECKING:
    from phoenix.steps.recipe.runner import RecipeCall, RecipeExit

__all__ = ["PythonRunner"]


@frozen
class PythonRunner:
    """Runs one Python callable.

    Attributes
    ----------
    function : str
        ``module:function``.
    settings : RunnerSettings
        Grace and environment.
    """

    function: str
    settings: RunnerSettings = field(factory=RunnerSettings)

    def run(self, call: RecipeCall) -> RecipeExit:
        """Run the callable; see :class:`phoenix.steps.recipe.runner.RecipeRunner`."""
        call.sof.write_text(str(call.frames), "utf-8")
        order = call.folder / "call.json"
        content = {
            "function": self.function,
            "recipe": call.recipe,
            "frames": [[str(path), tag] for path, tag in call.frames.frames],
            "parameters": {row.name: row.value for row in call.parameters},
            "output": str(call.output),
            "log": str(call.log),
        }
        order.write_text(json.dumps(content), "utf-8")
        # -P: the working folder is no place to import from.
        command = (sys.executable, "-P", "-m", "phoenix.steps.recipe.python_program", str(order))
        environment = recipe_environment(call, self.settings)
        return run_command(command, call, self.settings, environment)
