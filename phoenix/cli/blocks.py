"""ab list, show, diff, forget: Association Blocks to look at, and which ones a night has."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from phoenix.cli.console import json_option, say, say_in_colour, show
from phoenix.cli.options import JSON, Block, Date, Month, Until, Where, pool, typed

__all__ = ["add_verbs"]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    group = typer.Typer(
        help="Association Blocks, created or of the repository.", no_args_is_help=True
    )
    group.command("list")(list_blocks)
    group.command("show")(show_block)
    group.command("diff")(diff_block)
    group.command("forget")(forget_blocks)
    app.add_typer(group, name="ab")


def list_blocks(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    as_json: JSON = False,
) -> None:
    """List the ABs of a night as they would be run.

    Example: phoenix ab list -d 2020-01-01
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        prepared = line.prepare(pool(date, month, until), dry=True)
    show(prepared.table(), as_json=as_json)


def show_block(
    name: Block,
    where: Where = Path(),
    original: Annotated[
        bool, typer.Option("--original", help="As in the repository, not as edited.")
    ] = False,
) -> None:
    """Print one AB as it would be run.

    Example: phoenix ab show GIRAF.2020-01-02T10:06:20.003_tpl.ab
    """
    from phoenix.formats.abfile import format_ab
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        before, after = line.block(name)
    say(format_ab(before if original else after).rstrip())


def diff_block(
    name: Block,
    where: Where = Path(),
    as_json: JSON = False,
) -> None:
    """Show what edit_ab changed in an AB, line by line, with the reason of each edit.

    Example: phoenix ab diff GIRAF.2020-01-02T10:06:20.003_tpl.ab
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
        if colour:
            say_in_colour(text, colour)
        else:
            say(text)


def forget_blocks(
    context: typer.Context,
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    as_json: JSON = False,
) -> None:
    """Go back from created ABs to those of the repository; what was run of them stays.

    Example: phoenix ab forget -d 2020-01-01
    """
    from phoenix.line.production import ProductionLine

    wanted = pool(date, month, until)
    with ProductionLine(where, command=typed(context)) as line:
        nights = line.forget(wanted)
    if as_json:
        json_option([str(night) for night in nights])
        return
    for night in nights:
        say(f"{night} has the ABs of the repository again")
    if not nights:
        say(f"{wanted} has no created ABs")
