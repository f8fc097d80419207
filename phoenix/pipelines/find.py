"""One look-up for a pipeline: its program, recipes, rules and environment, by its name.

Where several versions are installed the newest is taken; of equal ones that of the system, so that
a prefix of phoenix does not get in the way of a package that came later.
"""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path

from attrs import frozen

from phoenix.errors import SettingsError
from phoenix.model.settings import ALL_PIPELINES, PipelinePlace
from phoenix.pipelines.places import PLACES, RULE_PLACES, SYSTEM_PATH, PipelinePlaces, prefixes

__all__ = [
    "Pipeline",
    "forget_pipelines",
    "installed_pipeline",
    "known_pipelines",
    "pipeline_version",
    "rule_file",
]

_NOWHERE: PipelinePlaces = {}
_IN_A_PREFIX = "usr/lib/*/cpl/plugins"
_RULES_IN_A_PREFIX = "usr/share/cpl-plugins"
_VERSIONED = re.compile(r"(?P<name>[a-z][a-z0-9_]*)-[0-9][0-9.]*\Z", re.ASCII)


@frozen
class Pipeline:
    """A pipeline as it is installed.

    Attributes
    ----------
    name, version : str
        ``giraf`` and ``2.16.10``; the version is empty where no folder tells it.
    esorex : Path
        The program that runs its recipes.
    recipes : Path
        Folder of its recipes.
    rules : Path or None
        Folder of its OCA rules.
    environment : tuple of (str, str)
        What its libraries want beside the environment of every recipe.
    """

    name: str
    version: str
    esorex: Path
    recipes: Path
    rules: Path | None = None
    environment: tuple[tuple[str, str], ...] = ()


def installed_pipeline(name: str, places: PipelinePlaces = _NOWHERE) -> Pipeline:
    """Return a pipeline: from the settings, from a prefix of phoenix, or from the system.

    Parameters
    ----------
    name : str
        Of the pipeline, ``giraf``.
    places : mapping of str to PipelinePlace, optional
        What the settings say of it.

    Raises
    ------
    SettingsError
        If it is not installed, has no esorex, or the settings name a folder that is none of its.
    """
    place = _place(name, places)
    recipes = _recipes(name, place)
    root = _root(recipes)
    return Pipeline(
        name=name,
        version=pipeline_version(recipes) if _VERSIONED.match(recipes.name) else "",
        esorex=_esorex(place, root),
        recipes=recipes,
        rules=_rules(name, place, root),
        environment=_environment(place, recipes, root),
    )


def rule_file(pipeline: str, name: str, places: PipelinePlaces = _NOWHERE) -> Path:
    """Return the rule file of that name that came with a pipeline.

    Of the version whose recipes are run, where that has any; else of the newest there is: rules
    can be read without recipes.

    Raises
    ------
    SettingsError
        If there is none; says where it was looked for.
    """
    place = _place(pipeline, places)
    try:
        root = _root(_recipes(pipeline, place))
    except SettingsError:
        root = None
    folder = _rules(pipeline, place, root)
    found = sorted(folder.rglob(name)) if folder and name else []
    if not found:
        places_told = ", ".join(told for told, _ in RULE_PLACES)
        raise SettingsError(
            f"rules {name or 'of the process'}: found no such file below {pipeline}-<version> in "
            f"{place.rules_dir or places_told}; install the pipeline, or name rule files in "
            "[rules.files] of phoenix.toml"
        )
    return found[0]


def known_pipelines() -> tuple[str, ...]:
    """Return the names of all pipelines in the places that phoenix looks through."""
    folders = (folder for place in _recipe_places() for folder in _folders("*", place))
    found = (_VERSIONED.match(folder.name) for folder in folders)
    return tuple(sorted({match["name"] for match in found if match}))


def pipeline_version(folder: Path) -> str:
    """Return the version in the name of a plugin folder, ``giraf-2.16.10``."""
    return folder.name.rpartition("-")[2]


def _place(name: str, places: PipelinePlaces) -> PipelinePlace:
    return places.get(name) or places.get(ALL_PIPELINES) or PipelinePlace()


def _recipe_places() -> tuple[str, ...]:
    own = (f"{prefix}/{_IN_A_PREFIX}" for prefix in prefixes())
    return (*(place for place, _ in PLACES), *own)


def _recipes(name: str, place: PipelinePlace) -> Path:
    if place.plugin_dir:
        return _newest(name, (place.plugin_dir,)) or _itself(name, place.plugin_dir)
    found = _newest(name, _recipe_places())
    if found is None:
        told = ", ".join(told for told, _ in PLACES)
        raise SettingsError(
            f"pipeline {name}: found no folder {name}-<version> in {told}; install it by `phoenix "
            f"pipelines install {name}`, or give its folders in [recipes.{name}] of phoenix.toml"
        )
    return found


def _itself(name: str, plugin_dir: str) -> Path:
    folder = Path(plugin_dir)
    if not folder.is_dir():
        raise SettingsError(
            f"{plugin_dir}: found no such folder, expected the plugin folder of pipeline {name}; "
            "mend phoenix.toml"
        )
    match = _VERSIONED.match(folder.resolve().name)
    if match and match["name"] != name:
        raise SettingsError(
            f"{plugin_dir}: found the recipes of pipeline {match['name']}, expected those of "
            f"{name}; give them in [recipes.{name}] of phoenix.toml"
        )
    return folder


def _esorex(place: PipelinePlace, root: Path | None) -> Path:
    own = root / "usr/bin/esorex" if root else None
    if not place.esorex and own is not None and own.is_file():
        return own
    name = place.esorex or "esorex"
    program = shutil.which(name, path=SYSTEM_PATH)
    if program is None:
        raise SettingsError(
            f"esorex: found no program {name!r} in {SYSTEM_PATH}; install esorex or give its path "
            "in phoenix.toml"
        )
    return Path(program)


def _rules(name: str, place: PipelinePlace, root: Path | None) -> Path | None:
    if place.rules_dir:
        return Path(place.rules_dir)
    own = _newest(name, (f"{root}/{_RULES_IN_A_PREFIX}",)) if root else None
    return own or _newest(name, tuple(told for told, _ in RULE_PLACES))


def _environment(
    place: PipelinePlace, recipes: Path, root: Path | None
) -> tuple[tuple[str, str], ...]:
    libraries = place.library_path
    if not libraries and root is not None:
        machine = recipes.parents[2]
        libraries = f"{machine}:{machine / recipes.name}"
    return (("LD_LIBRARY_PATH", libraries),) if libraries else ()


def _root(recipes: Path) -> Path | None:
    """Return the root of unpacked packages in which recipes lie; None for those of the system."""
    # <root>/usr/lib/<machine>/cpl/plugins/<pipeline>-<version>
    *root, usr, lib, _, cpl, plugins, _ = ("", "", "", "", "", *recipes.parts)
    above = Path(*root)
    is_one = (usr, lib, cpl, plugins) == ("usr", "lib", "cpl", "plugins")
    return above if is_one and above != Path("/") else None


@cache
def _newest(pipeline: str, places: tuple[str, ...]) -> Path | None:
    """Return the newest of the folders ``<pipeline>-<version>``; of equal ones the first."""
    found = (folder for place in places for folder in _folders(pipeline, place))
    return max(found, key=_rank, default=None)


def _folders(pipeline: str, place: str) -> list[Path]:
    pattern = f"{place.lstrip('/')}/{pipeline}-*"
    return sorted(folder for folder in Path("/").glob(pattern) if folder.is_dir())


def _rank(folder: Path) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", pipeline_version(folder))))


def forget_pipelines() -> None:
    """Look again: something was installed or removed."""
    _newest.cache_clear()
