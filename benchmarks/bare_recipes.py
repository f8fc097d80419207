"""A night as a Makefile: the same recipes on the same sets of frames, and nothing else.

What `make -j` needs is what every astronomer's script has: the order of the recipes, their sets of
frames and their options. There are no checks, no QC, no reports and no record of what was done.

Recipes that are phoenix's own, written in Python (the stacks of UVES), are left out: nobody has
them beside the pipelines, so what they take is counted as a cost of phoenix.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from nights import NIGHTS

from phoenix import ProductionLine
from phoenix.model.frames import MasterCalibration, SetOfFrames
from phoenix.model.workspace import Workspace
from phoenix.pipelines.find import installed_pipeline
from phoenix.pipelines.places import SYSTEM_PATH
from phoenix.steps.recipe.esorex import esorex_command
from phoenix.steps.recipe.runner import RecipeCall
from phoenix.steps.recipe.tries import merged

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.process import Process
    from phoenix.model.recipe import Parameter, Recipe

__all__ = ["products", "write_makefile"]


def write_makefile(workspace: Path, night: Path, date: str, folder: Path) -> Path:
    """Write the Makefile of a night and its sets of frames below a new folder.

    Parameters
    ----------
    workspace : Path
        Where phoenix would run the night; tells ABs, parameters and options.
    night : Path
        The raw night; the recipes read its files where they are.
    date : str
        The night.
    folder : Path
        Where the recipes work and leave their products.
    """
    with ProductionLine(workspace) as line:
        rows, instrument = line.process_row, line.instrument.name
        known = [(ab, _recipe(rows, ab)) for ab in line.prepare(date, dry=True).blocks]
    blocks = [(ab, recipe) for ab, recipe in known if ":" not in recipe.pipeline]
    targets = {str(ab.name): f"job{number:03d}" for number, (ab, _) in enumerate(blocks)}
    rules = [f"all: {' '.join(targets.values())}"]
    for ab, recipe in blocks:
        call = _call(ab, merged(recipe.parameters, ab.parameters), night, folder, instrument)
        for place in (call.folder, call.output):
            place.mkdir(parents=True)
        call.sof.write_text(str(call.frames), "utf-8")
        after = " ".join(targets[parent] for parent in ab.waits_for)
        rules.append(f"{targets[str(ab.name)]}: {after}\n\t{_shell(call, recipe.pipeline)}")
        rules[-1] += " && touch $@"
    makefile = folder / "Makefile"
    makefile.write_text("\n".join(rules) + "\n", "utf-8")
    return makefile


def products(folder: Path, root: str) -> dict[str, Path]:
    """Return what the recipe of an AB has made, by PRO.CATG, as esorex lists it."""
    rows = json.loads((folder / root / "run" / "products.json").read_text("utf-8"))
    return {row["category"]: folder / root / "out" / row["name"] for row in rows}


def _recipe(process: Process, ab: AssociationBlock) -> Recipe:
    recipe = process.recipe(ab.recipe)
    if recipe is None:
        raise SystemExit(f"{ab.name}: unknown recipe {ab.recipe}")
    return recipe


def _call(
    ab: AssociationBlock,
    parameters: tuple[Parameter, ...],
    night: Path,
    folder: Path,
    instrument: str,
) -> RecipeCall:
    raw = [(_source(frame.path, ab, night), frame.tag) for frame in ab.raw_files]
    calibrations = [
        (_calibration(row, ab, night, folder, instrument), row.pro_catg) for row in ab.calibrations
    ]
    return RecipeCall(
        name=ab.root,
        recipe=ab.recipe,
        frames=SetOfFrames((*raw, *calibrations)),
        parameters=parameters,
        folder=folder / ab.root / "run",
        output=folder / ab.root / "out",
    )


def _source(path: str, ab: AssociationBlock, night: Path) -> Path:
    return Workspace(night).resolve(path, ab.date)


def _calibration(
    row: MasterCalibration, ab: AssociationBlock, night: Path, folder: Path, instrument: str
) -> Path:
    path = _source(row.path, ab, night)
    if not row.virtual:
        return path
    return folder / path.parent.name / "out" / _file_name(instrument, row.pro_catg)


def _file_name(instrument: str, pro_catg: str) -> str:
    """Return how a recipe calls a product."""
    stems = NIGHTS[instrument].stems
    family = next(family for family in stems if pro_catg.startswith(family))
    return f"{stems[family]}{pro_catg.removeprefix(family).lower()}.fits"


def _shell(call: RecipeCall, pipeline: str) -> str:
    """Return the shell line of a call: in its own folder, in a plain environment."""
    found = installed_pipeline(pipeline)
    environment = [f"PATH={SYSTEM_PATH}", f"HOME={call.folder}", "LC_ALL=C", "TZ=UTC"]
    environment += [f"{name}={value}" for name, value in found.environment]
    words = [*environment, *esorex_command(call, found)]
    line = f"{shlex.join(words)} > terminal.txt 2>&1".replace("$", "$$")
    folder = shlex.quote(str(call.folder)).replace("$", "$$")
    # $(ALSO): what else `make` is told to put into the environment.
    return f"cd {folder} && env -i $(ALSO) {line}"
