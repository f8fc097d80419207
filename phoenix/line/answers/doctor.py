"""Is this machine fit for the line? Every check says what was found and what to do."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import PhoenixError
from phoenix.instrument import installed, load_instrument
from phoenix.line.context import LineContext
from phoenix.line.jobs.machine import parameters_not_taken, pipelines_of
from phoenix.line.jobs.thresholds import all_rules
from phoenix.line.plugins import instrument_of
from phoenix.line.workspace import SETTINGS_FILE, open_workspace, refuse_odd_name
from phoenix.model.counted import counted
from phoenix.pipelines.find import installed_pipeline
from phoenix.pipelines.install import recipes_of
from phoenix.pipelines.places import SYSTEM_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phoenix.pipelines.places import PipelinePlaces

__all__ = ["Finding", "examine", "missing_pipelines"]

_PYTHON = (3, 11)
_FREE_GB = 5.0  # for a night and its products (ours)
_LIBRARIES = ("numpy", "astropy", "fitsio", "SQLAlchemy", "distributed", "matplotlib")


@frozen
class Finding:
    """One check: what was looked at, whether it is fine, what was found and what to do."""

    what: str
    fine: bool
    found: str


def examine(folder: Path) -> tuple[Finding, ...]:
    """Check Python, libraries, esorex, the pipelines of the installed plugins, and the disk.

    Parameters
    ----------
    folder : Path
        Where a workspace is or shall be; its settings say where pipelines are.
    """
    wrong: list[Finding] = []
    places: PipelinePlaces = {}
    process = ""
    try:
        if (folder / SETTINGS_FILE).is_file():
            _, settings = open_workspace(folder)
            places, process = settings.recipes.places, settings.process
            refuse_odd_name(folder)
            wrong += _settings(folder)
    except PhoenixError as error:
        wrong.append(Finding("workspace", False, str(error)))
    return (*_python(), *_esorex(), *_plugins(places, process), *wrong, _disk(folder))


def missing_pipelines(folder: Path) -> Iterator[str]:
    """Yield why the recipes of a workspace cannot run on this machine, a text for each pipeline.

    Raises
    ------
    SettingsError
        If there is no workspace.
    """
    _, settings = open_workspace(folder)
    process = instrument_of(settings.process).process(settings.process)
    for name in pipelines_of(process):
        try:
            installed_pipeline(name, settings.recipes.places)
        except PhoenixError as error:
            yield str(error)


def _python() -> Iterator[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", sys.version_info[:2] >= _PYTHON, f"{found}, expected 3.11 or newer")
    for name in _LIBRARIES:
        try:
            yield Finding(name, True, version(name))
        except PackageNotFoundError:
            yield Finding(name, False, "not installed; pip install phoenix-idp again")


def _esorex() -> Iterator[Finding]:
    for program, where, what in (
        # A recipe is started with this PATH, not with that of the caller.
        (
            "esorex",
            SYSTEM_PATH,
            "only what `phoenix pipelines install` brings can run; apt-get install esorex",
        ),
        ("fitsverify", None, "only tests use it; apt-get install fitsverify"),
    ):
        path = shutil.which(program, path=where)
        yield Finding(program, path is not None, path or f"not found: {what}")


def _plugins(places: PipelinePlaces, wanted: str) -> Iterator[Finding]:
    """Check all plugins, and their pipelines: of the process wanted, of all if it is empty."""
    plugins = installed()
    if not plugins:
        yield Finding("plugins", False, "none; pip install phoenix-idp-giraffe")
    for name, source in plugins.items():
        try:
            processes = load_instrument(name).processes()
        except PhoenixError as error:
            yield Finding(f"plugin {name}", False, str(error))
            continue
        yield Finding(f"plugin {name}", True, source)
        names = (pipelines_of(row) for row in processes if wanted in {"", row.name})
        for pipeline in sorted({name for found in names for name in found}):
            yield _pipeline(pipeline, places)


def _pipeline(name: str, places: PipelinePlaces) -> Finding:
    try:
        found = installed_pipeline(name, places)
        recipes = len(recipes_of(found))
    except PhoenixError as error:
        return Finding(f"pipeline {name}", False, str(error).removeprefix(f"pipeline {name}: "))
    told = (
        f"{found.version or 'of unknown version'}, {counted(recipes, 'recipe')} in {found.recipes}"
    )
    return Finding(f"pipeline {name}", True, f"{told}, by {found.esorex}")


def _settings(folder: Path) -> list[Finding]:
    """Return what phoenix.toml says of recipes and thresholds that there are none of."""
    line = LineContext.open(folder, lambda: dt.datetime.now(dt.UTC))
    all_rules(line)
    found = parameters_not_taken(folder, line.settings, line.process_row)
    return [Finding("recipe parameters", False, told) for told in found]


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free / 1e9
    return Finding(
        "disk",
        free >= _FREE_GB,
        f"{free:.0f} GB free at {folder}, expected {_FREE_GB:.0f} GB for a night and its products",
    )
