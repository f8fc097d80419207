"""Options that several verbs share."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from phoenix.cli.complete import ab_names, months, nights

__all__ = [
    "JSON",
    "Block",
    "Date",
    "Month",
    "OneAB",
    "Summary",
    "Until",
    "Where",
    "pool",
    "pool_or_all",
    "typed",
]

Where = Annotated[
    Path,
    typer.Option(
        "--workspace",
        "-w",
        envvar="PHOENIX_WORKSPACE",
        help="Folder with phoenix.toml.",
    ),
]
Date = Annotated[
    str,
    typer.Option(
        "--date", "-d", help="Night, e.g. 2020-01-01 (from 21:00 UT).", autocompletion=nights
    ),
]
Month = Annotated[
    str,
    typer.Option(
        "--month",
        "-m",
        help="All nights of a month, 2020-01, or a year, 2020.",
        autocompletion=months,
    ),
]
Until = Annotated[
    str,
    typer.Option(
        "--until", help="With -d: all nights from that one to this.", autocompletion=nights
    ),
]
OneAB = Annotated[
    list[str] | None,
    typer.Option(
        "--ab",
        "-a",
        help="Only this AB and its parents; may be repeated.",
        autocompletion=ab_names,
    ),
]
Block = Annotated[str, typer.Argument(help="AB name.", autocompletion=ab_names)]
Summary = Annotated[bool, typer.Option("--summary", help="One line for each AB.")]
JSON = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def pool(date: str, month: str, until: str = "") -> str:
    """Return the pool that a call names: a night, a month, or nights from one to another.

    Raises
    ------
    typer.BadParameter
        If it names none or two, or not what the option takes: who forgets the day of a night
        does not want to begin a month.
    """
    if bool(date) == bool(month):
        raise typer.BadParameter("give either a night (-d 2020-01-01) or a month (-m 2020-01)")
    if until and not date:
        raise typer.BadParameter("--until goes with -d: give the first and the last night")
    if month:
        return _month(month)
    first, last = _night("-d", date), _night("--until", until) if until else ""
    if last and last < first:
        raise typer.BadParameter(f"--until: found {last}, expected no night before {first} (-d)")
    return f"{first}..{last}" if last else first


def pool_or_all(date: str, month: str, until: str = "") -> str:
    """Return the pool that a call names, empty if it names none and so means all nights.

    Raises
    ------
    typer.BadParameter
        As :func:`pool`.
    """
    return pool(date, month, until) if date or month or until else ""


def _night(option: str, text: str) -> str:
    from phoenix.errors import DataError
    from phoenix.model.dates import CivilDate

    first, dots, last = text.partition("..")
    if dots:
        raise typer.BadParameter(
            f"{option}: found {text!r}, expected a night; give -d {first} --until {last}"
        )
    if _is_month(text):
        hint = f"; give -m {text}" if option == "-d" else ""
        raise typer.BadParameter(
            f"{option}: found {text!r}, expected a night such as 2020-01-01{hint}"
        )
    try:
        return str(CivilDate.parse(text))
    except DataError as error:
        raise typer.BadParameter(f"{option}: {error}") from error


def _month(text: str) -> str:
    if not _is_month(text):
        is_night = text.count("-") > 1
        hint = f"; give -d {text}" if is_night else ""
        raise typer.BadParameter(
            f"-m: found {text!r}, expected a month such as 2020-01, or a year{hint}"
        )
    return text


def _is_month(text: str) -> bool:
    """Whether it is a month or a year."""
    from phoenix.errors import DataError
    from phoenix.model.dates import nights_of

    try:
        return len(nights_of(text)) > 1 and ".." not in text
    except DataError:
        return False


def typed(context: typer.Context) -> str:
    """Return what was typed, as a shell would take it."""
    return shlex.join(["phoenix", *(context.find_root().obj or ())])
