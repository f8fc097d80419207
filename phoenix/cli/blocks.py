"""ab list, show, diff: Association Blocks to look at."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from phoenix.cli.console import json_option, say, show
from phoenix.cli.options import JSON, Date, Month, Where, pool

__all__ = ["add_verbs"]

_Name = Annotated[str, typer.Argument(help="AB name.")]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    group = typer.Typer(help="Look at Association Blocks.", no_args_is_help=True)
    group.command("list")(list_blocks)
    group.command("show")(show_block)
    group.command("diff")(diff_block)
    app.add_typer(group, name="ab")


def list_blocks(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    as_json: JSON = False,
) -> None:
    """List the ABs of a night as they would be run.

    Example: phoenix ab list -d 2020-01-01
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        prepared = line.prepare(pool(date, month), dry=True)
    show(prepared.table(), as_json=as_json)


def show_block(
    name: _Name,
    where: Where = Path(),
    original: Annotated[
        bool, typer.Option("--original", help="As in the repository, not as edited.")
    ] = False,
) -> None:
    """Print one AB as it would be run.

    Example: phoenix ab show GIRAF.2020-01-02T11:00:00.000_tpl.ab
    """
    from phoenix.formats.abfile import format_ab
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        before, after = line.block(name)
    say(format_ab(before if original else after).rstrip())


def diff_block(
    name: _Name,
    where: Where = Path(),
    as_json: JSON = False,
) -> None:
    """Show what edit_ab changed in an AB, line by line, with the reason of each edit.

    Example: phoenix ab diff GIRAF.2020-01-02T11:00:00.000_tpl.ab
    """
    from phoenix.formats.abdiff import diff_lines
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        lines = diff_lines(*line.block(name))
    if as_json:
        json_option([{"kind": row.kind, "text": row.text, "why": row.why} for row in lines])
        return
    colours = {"-": "31", "+": "32"} if sys.stdout.isatty() else {}
    for row in lines:
        text = f"{row.kind} {row.text}" + (f"    # {row.why}" if row.why else "")
        colour = colours.get(row.kind)
        say(f"\x1b[{colour}m{text}\x1b[0m" if colour else text)
