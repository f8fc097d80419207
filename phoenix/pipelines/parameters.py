"""Does a recipe take the parameters that somebody wrote for it? esorex says so, without a run."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from phoenix.errors import SettingsError
from phoenix.model.nearest import meant
from phoenix.pipelines.program import ask_esorex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phoenix.model.recipe import Parameter
    from phoenix.pipelines.find import Pipeline

__all__ = ["not_taken"]

_OPTION = re.compile(
    r"^# --(?P<name>\S+)\n(?P<told>(?:#.*\n)*)[^#\n]*=(?P<default>.*)$", re.MULTILINE
)
_CHOICES = re.compile(r"<([^<>]*\|[^<>]*)>\s*\Z")


def not_taken(pipeline: Pipeline, recipe: str, given: Sequence[Parameter]) -> tuple[str, ...]:
    """Return what a recipe does not take, a text for each parameter; none if it takes all.

    Parameters
    ----------
    pipeline : Pipeline
        As it is installed.
    recipe : str
        One of its recipes.
    given : sequence of Parameter
        What the recipe would be called with.

    Raises
    ------
    SettingsError
        If esorex does not know the recipe or cannot be asked.
    """
    if _takes(pipeline, recipe, given):
        return ()
    known = _options(pipeline, recipe)
    wrong = [row for row in given if not _takes(pipeline, recipe, (row,))]
    return tuple(_told(row, recipe, known) for row in wrong)


def _takes(pipeline: Pipeline, recipe: str, given: Sequence[Parameter]) -> bool:
    try:
        ask_esorex(pipeline, "--params", recipe, *map(str, given))
    except SettingsError:
        return False
    return True


def _options(pipeline: Pipeline, recipe: str) -> dict[str, str]:
    """Return the parameters of a recipe, name to what it takes as esorex describes it.

    ``--params`` cuts nothing but tells no choices; a new configuration file has both.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "parameters.rc"
        ask_esorex(pipeline, f"--create-config={path}", recipe)
        text = path.read_text("utf-8", "replace") if path.is_file() else ""
    return {row["name"]: _expected(row["told"], row["default"]) for row in _OPTION.finditer(text)}


def _expected(told: str, default: str) -> str:
    words = " ".join(line.lstrip("# ") for line in told.splitlines())
    choices = _CHOICES.search(words)
    if choices:
        return f"one of {', '.join(word.strip() for word in choices[1].split('|'))}"
    return "TRUE or FALSE" if default in {"TRUE", "FALSE"} else f"something like {default}"


def _told(row: Parameter, recipe: str, known: dict[str, str]) -> str:
    if row.name in known:
        return f"{row.name}: found {row.value!r}, expected {known[row.name]}"
    return f"{row.name}: found no such parameter of {recipe}; {meant(row.name, known)}"
