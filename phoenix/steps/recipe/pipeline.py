"""Where the recipes and the rules of a pipeline are, found by the pipeline's name."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from phoenix.errors import SettingsError

if TYPE_CHECKING:
    from phoenix.steps.recipe.runner import RunnerSettings

__all__ = ["PLACES", "RULE_PLACES", "pipeline_folder", "pipeline_version", "rule_file"]

PLACES = (
    ("/usr/lib/*/cpl/plugins", "Debian and Ubuntu packages"),
    ("/usr/lib64/esopipes-plugins", "ESO packages for Fedora and its kin"),
    ("/usr/lib/esopipes-plugins", "ESO packages, 32 bit"),
    ("/opt/local/lib/esopipes-plugins", "MacPorts"),
    ("/opt/homebrew/lib/esopipes-plugins", "Homebrew on ARM"),
    ("/usr/local/lib/esopipes-plugins", "Homebrew on Intel, ESO's install script"),
)
"""Folders that hold one folder ``<pipeline>-<version>`` each, and who puts them there."""

RULE_PLACES = (
    ("/usr/share/cpl-plugins", "Debian and Ubuntu packages"),
    ("/usr/share/esopipes", "ESO packages for Fedora and its kin"),
    ("/opt/local/share/esopipes", "MacPorts"),
    ("/opt/homebrew/share/esopipes", "Homebrew on ARM"),
    ("/usr/local/share/esopipes", "Homebrew on Intel, ESO's install script"),
)
"""Folders with one folder ``<pipeline>-<version>`` each that holds rules, and whose they are."""


def pipeline_folder(pipeline: str, settings: RunnerSettings) -> Path:
    """Return the folder with the recipes of a pipeline, the newest version.

    Raises
    ------
    SettingsError
        If the pipeline is not installed; says where it was looked for.
    """
    if settings.plugin_dir:
        return _newest(pipeline, (settings.plugin_dir,)) or _itself(settings.plugin_dir)
    places = tuple(place for place, _ in PLACES)
    found = _newest(pipeline, places)
    if found is None:
        raise SettingsError(
            f"pipeline {pipeline}: found no folder {pipeline}-<version> in {', '.join(places)}; "
            "install the pipeline or give its plugin folder in phoenix.toml"
        )
    return found


def _itself(plugin_dir: str) -> Path:
    if not Path(plugin_dir).is_dir():
        raise SettingsError(
            f"{plugin_dir}: found no such folder, expected the plugin folder of a pipeline; mend "
            "phoenix.toml"
        )
    return Path(plugin_dir)


@cache
def _newest(pipeline: str, places: tuple[str, ...]) -> Path | None:
    """Return the newest of the folders ``<pipeline>-<version>`` in these places."""
    found = (
        folder
        for place in places
        for folder in Path("/").glob(f"{place.lstrip('/')}/{pipeline}-*")
        if folder.is_dir()
    )
    return max(found, key=_rank, default=None)


def _rank(folder: Path) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", pipeline_version(folder))))


def pipeline_version(folder: Path) -> str:
    """Return the version in the name of a plugin folder, ``giraf-2.16.10``."""
    return folder.name.rpartition("-")[2]


def rule_file(pipeline: str, name: str) -> Path:
    """Return the rule file of that name that came with a pipeline, of its newest version.

    Raises
    ------
    SettingsError
        If there is none; says where it was looked for.
    """
    places = tuple(place for place, _ in RULE_PLACES)
    folder = _newest(pipeline, places)
    found = sorted(folder.rglob(name)) if folder and name else []
    if not found:
        raise SettingsError(
            f"rules {name or 'of the process'}: found no such file below {pipeline}-<version> in "
            f"{', '.join(places)}; install the pipeline, or name rule files in [rules.files] of "
            "phoenix.toml"
        )
    return found[0]
