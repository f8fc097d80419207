"""``phoenix.toml``: read with every complaint at once, and written with comments.

What settings there are stands in `phoenix.model.settings`.
"""

from __future__ import annotations

import math
import re
import tomllib
from difflib import get_close_matches
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import attrs
import cattrs
import tomlkit

from phoenix.errors import DataError, SettingsError
from phoenix.formats.files import read_plain_text
from phoenix.model.override import overrides_in
from phoenix.model.settings import (
    ALL_PIPELINES,
    KINDS,
    OWN_VARIABLES,
    PipelinePlace,
    Recipes,
    Settings,
    describe,
    leaves,
    value_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from phoenix.model.override import Override

__all__ = [
    "Settings",
    "default_text",
    "describe",
    "load_settings",
    "parse_scores",
    "parse_settings",
    "settings_text",
]

# Where a setting stands: ("engine", "workers").
Place = tuple[str, ...]
Complaint = tuple[Place, str]

_is_variable = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z").match


def load_settings(path: Path) -> Settings:
    """Read ``phoenix.toml``.

    Raises
    ------
    SettingsError
        The file is missing or wrong; one line for each complaint, with line, key, what was found
        and what was expected.
    """
    try:
        text = read_plain_text(path)
    except FileNotFoundError:
        raise SettingsError(
            f"{path}: found no such file, expected the settings of a workspace; "
            "make one with `phoenix init DIR --process NAME`, or go to one"
        ) from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: found {error}, expected text in UTF-8") from None
    return parse_settings(text, path)


def parse_settings(text: str, path: Path | str = "phoenix.toml") -> Settings:
    """Read the text of ``phoenix.toml``; `path` is for messages. Raises as `load_settings`."""
    found = _with_pipelines(_tables(text, path))
    lines = _lines(text)
    complaints = sorted((_line(lines, place), place, words) for place, words in _check(found))
    if complaints:
        raise SettingsError(
            "\n".join(
                f"{path}, line {line}: {'.'.join(place)}: {words}"
                for line, place, words in complaints
            )
        )
    return cattrs.structure(found, Settings)


def _tables(text: str, path: Path | str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:
        # A number of thousands of digits is no TOMLDecodeError.
        raise SettingsError(
            f"{path}: found no TOML: {error}; expected every key once, as key = value, and texts "
            "in quotes"
        ) from None
    except RecursionError:
        raise SettingsError(
            f"{path}: found brackets in brackets without end, expected key = value"
        ) from None


def parse_scores(text: str, path: Path | str) -> tuple[Override, ...]:
    """Read a file that has nothing but thresholds, ``[scores.PARAMETER]``.

    Raises
    ------
    SettingsError
        If it cannot be read, or has anything else: one line for each complaint.
    """
    found = _tables(text, path)
    strangers = sorted(found.keys() - {"scores"})
    if strangers or not isinstance(found.get("scores"), dict):
        raise SettingsError(
            f"{path}: found {', '.join(strangers) or 'no thresholds'}, "
            "expected tables [scores.PARAMETER] and nothing else"
        )
    try:
        return overrides_in(found["scores"])
    except DataError as error:
        raise SettingsError(f"{path}: {error}") from None


def _with_pipelines(found: dict[str, Any]) -> dict[str, Any]:
    """Bring the tables [recipes.<pipeline>] under one key, where settings are kept.

    A file of before 0.1.0 has esorex and plugin_dir of all pipelines in [recipes].
    """
    recipes = found.get("recipes")
    if not isinstance(recipes, dict):
        return found
    known = attrs.fields_dict(Recipes).keys() - {"pipelines"}
    tables = {name: value for name, value in recipes.items() if isinstance(value, dict)}
    tables = {name: value for name, value in tables.items() if name not in known}
    usual = attrs.asdict(PipelinePlace()) | {"esorex": "esorex"}
    old = {name: value for name, value in recipes.items() if name in usual and name not in tables}
    told = {name: value for name, value in old.items() if value != usual[name]}
    if told:
        tables[ALL_PIPELINES] = told | tables.get(ALL_PIPELINES, {})
    rest = {name: one for name, one in recipes.items() if name not in tables and name not in old}
    return found | {"recipes": rest | ({"pipelines": tables} if tables else {})}


def _check(found: Mapping[str, Any]) -> Iterator[Complaint]:
    """Yield what is wrong with the settings of a file, and where."""
    complaints = list(_check_table(Settings, found, ()))
    yield from complaints
    if "process" not in found or found["process"] == "":
        yield ("process",), "found nothing, expected a process; `phoenix plugins` lists them"
    if not complaints:
        yield from _check_free_tables(cattrs.structure(found, Settings))


def _check_free_tables(settings: Settings) -> Iterator[Complaint]:
    """Yield what is wrong in the tables whose keys are not ours."""
    for option, words in _check_jobqueue(settings.engine.jobqueue):
        yield ("engine", "jobqueue", *option), words
    for words in _check_variables(settings.recipes.environment):
        yield ("recipes", "environment"), words
    for words in _check_levels(settings.rules.levels):
        yield ("rules", "levels"), words
    try:
        _ = settings.review.rows
    except DataError as error:
        yield ("review", "policy"), str(error)
    for name, table in settings.recipes.pipelines.items():
        yield from ((("recipes", name), words) for words in _check_pipeline(table))
    for name, table in settings.scores.items():
        try:
            overrides_in({name: table})
        except DataError as error:
            # The place is told before it.
            yield ("scores", name), str(error).removeprefix(f"scores.{name}").lstrip(".: ")
    for recipe in settings.pipeline:
        try:
            settings.parameters(recipe)
        except DataError as error:
            yield ("pipeline", recipe), str(error)


def _check_levels(table: Mapping[str, Any]) -> Iterator[str]:
    for select, days in table.items():
        if not isinstance(days, list) or not all(type(n) in {int, float} and n > 0 for n in days):
            yield f"{select}: found {days!r}, expected days as [1, 7, 30]"


def _check_jobqueue(table: Mapping[str, Any]) -> Iterator[Complaint]:
    if table and not isinstance(table.get("class"), str):
        yield (), 'found no class, expected one, as class = "HTCondor"'
    for name in ("cores", "processes"):
        number = table.get(name, 1)
        if type(number) is not int or number < 1:
            yield (name,), f"found {_toml(number)}, expected a whole number from 1 on"


def _check_variables(table: Mapping[str, Any]) -> Iterator[str]:
    for name, value in table.items():
        if not _is_variable(name):
            yield f"found the name {name!r}, expected that of a variable: letters, digits and _"
        elif name in OWN_VARIABLES:
            yield f"found {name}, expected another variable: each recipe is given its own"
        elif not isinstance(value, str) or "\0" in value:
            yield f"{name}: found {_toml(value)}, expected a text"


def _check_pipeline(table: Mapping[str, Any]) -> Iterator[str]:
    known = [row.name for row in attrs.fields(PipelinePlace)]
    for name, value in table.items():
        if name not in known:
            yield f"{name}: found an unknown setting, expected one of {', '.join(known)}"
        elif not isinstance(value, str):
            yield f"{name}: found {_toml(value)}, expected a text"
        elif "/" in value and not all(part.startswith("/") for part in value.split(":")):
            yield f"{name}: found {_toml(value)}, expected an absolute path"


def _check_table(kind: type, found: Mapping[str, Any], above: Place) -> Iterator[Complaint]:
    known = attrs.fields_dict(kind)
    for name, value in found.items():
        place = (*above, name)
        if name not in known:
            yield place, f"found an unknown setting, expected {_suggestion(name, list(known))}"
            continue
        setting = known[name]
        if setting.type is None or not attrs.has(setting.type):
            yield from ((place, words) for words in _check_value(setting, value))
        elif isinstance(value, dict):
            yield from _check_table(setting.type, value, place)
        else:
            yield place, f"found {_toml(value)}, expected the table [{'.'.join(place)}]"


def _suggestion(name: str, known: list[str]) -> str:
    tables = [place[:-1] for place, _ in leaves(Settings) if place[-1] == name]
    if tables:
        where = f"the table [{'.'.join(tables[0])}]" if tables[0] else "the top, before all tables"
        return f"it in {where}"
    if near := get_close_matches(name, known, 1):
        return near[0]
    return f"one of {', '.join(known)}"


def _check_value(setting: attrs.Attribute[Any], value: Any) -> Iterator[str]:  # noqa: ANN401  whatever the file says
    kind = KINDS[setting.type]
    if not _is_a(kind, value):
        yield f"found {_toml(value)}, expected {kind}"
        return
    least, most = setting.metadata["least"], setting.metadata["most"]
    if least is not None and not least <= value:
        yield f"found {_toml(value)}, expected at least {least:g}"
    if most is not None and not value <= most:
        yield f"found {_toml(value)}, expected at most {most:g}"


def _is_a(kind: str, value: object) -> bool:
    match kind:
        case "a text":
            return isinstance(value, str)
        case "a whole number":
            return type(value) is int
        case "a number":
            return type(value) is int or (type(value) is float and math.isfinite(value))
        case "a list of texts":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case "a table":
            return isinstance(value, dict)
        case _:
            return isinstance(value, dict) and all(map(_is_flat, value.values()))


def _is_flat(table: object) -> bool:
    return isinstance(table, dict) and all(
        isinstance(value, str | int | float) for value in table.values()
    )


# -- line numbers: TOML readers do not tell where a value stood -----------------------------------

_header = re.compile(r"\s*(\[[^\[\]]+\])\s*(?:#.*)?$").match
_assignment = re.compile(r"\s*((?:[\w.-]|\"[^\"]*\"|'[^']*'|\s)+?)\s*=").match


def _lines(text: str) -> dict[Place, int]:
    """Return the line, from 1, on which each setting and each table first appears."""
    lines: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.split("\n"), 1):
        if found := _header(line):
            table = place = _place(found[1])
        elif found := _assignment(line):
            place = table + _place(f"{found[1]}=0")
        else:
            continue
        for depth in range(1, len(place) + 1):
            lines.setdefault(place[:depth], number)
    return lines


def _place(line: str) -> Place:
    """Return the keys of one line of TOML; none where it is part of a longer value."""
    try:
        value: object = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return ()
    place = []
    while isinstance(value, dict) and value:
        key, value = next(iter(value.items()))
        place.append(key)
    return tuple(place)


def _line(lines: Mapping[Place, int], place: Place) -> int:
    """Line of a setting, or of the nearest table around it."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


# -- writing --------------------------------------------------------------------------------------

_WIDTH: Final = 96
_INTRODUCTION: Final = (
    "Settings of a phoenix workspace (TOML). Every setting stands here with its meaning; a line "
    "taken out falls back to the default."
)


def default_text(process: str) -> str:
    """Return the ``phoenix.toml`` that ``phoenix init`` writes: every setting, with comments."""
    return settings_text(Settings(process=process))


def settings_text(settings: Settings) -> str:
    """Return a ``phoenix.toml`` with every setting and its meaning; reading it gives them back."""
    parts = [_comment(_INTRODUCTION)]
    table: Place = ()
    for place, setting in leaves(Settings):
        free = KINDS[setting.type].startswith("a table")
        if place[:-1] != table and not free:
            table = place[:-1]
            parts.append(f"\n\n[{'.'.join(table)}]\n{_comment(_about_table(table))}")
        value = value_at(settings, place)
        parts.append(("\n\n" if free else "\n") + _comment(_about(setting)))
        parts.append(
            _free_tables(place, setting, value) if free else f"{place[-1]} = {_toml(value)}"
        )
    return "\n".join(parts) + "\n"


def _about(setting: attrs.Attribute[Any]) -> str:
    unit = setting.metadata["unit"]
    return f"{setting.metadata['meaning']} [{unit}]" if unit else str(setting.metadata["meaning"])


def _about_table(table: Place) -> str:
    return (type(value_at(Settings(), table)).__doc__ or "").strip()


def _comment(text: str) -> str:
    return "\n".join(f"# {line}" for line in wrap(text, _WIDTH))


def _free_tables(place: Place, setting: attrs.Attribute[Any], value: Mapping[str, Any]) -> str:
    """Return tables whose keys are not ours; where there are none, an example as a comment."""
    if not value:
        return "\n".join(f"# {line}" for line in setting.metadata["example"].splitlines())
    if KINDS[setting.type] == "a table":
        return _free_table(place, value)
    # The tables of pipelines stand in [recipes] itself.
    above = place[:-1] if place == ("recipes", "pipelines") else place
    return "\n\n".join(_free_table((*above, name), inner) for name, inner in value.items())


def _free_table(place: Place, value: Mapping[str, Any]) -> str:
    lines = [f"{tomlkit.key(key).as_string()} = {_toml(item)}" for key, item in value.items()]
    title = ".".join(tomlkit.key(name).as_string() for name in place)
    return "\n".join([f"[{title}]", *lines])


def _toml(value: object) -> str:
    if isinstance(value, dict):
        inner = (f"{tomlkit.key(key).as_string()} = {_toml(item)}" for key, item in value.items())
        return "{" + ", ".join(inner) + "}"
    return str(tomlkit.item(list(value) if isinstance(value, tuple) else value).as_string())
