"""What the verbs print: tables for a person, JSON for a script, progress on a terminal."""

from __future__ import annotations

import datetime as dt
import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from phoenix.model.plain import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from phoenix.line.table import Table

__all__ = [
    "complain",
    "json_option",
    "leave_if_skipped",
    "progress",
    "say",
    "say_in_colour",
    "show",
]


def say(text: str) -> None:
    """Print one line."""
    sys.stdout.write(plain(text) + "\n")


def say_in_colour(text: str, colour: str) -> None:
    """Print one line to a terminal in a colour, by its number (ECMA-48: 31 red, 32 green)."""
    sys.stdout.write(f"\x1b[{colour}m{plain(text)}\x1b[0m\n")


def complain(text: str) -> None:
    """Print one line to standard error."""
    sys.stderr.write(plain(text) + "\n")


def leave_if_skipped(nights: Sequence[str]) -> None:
    """Say which nights were left out because other runs hold them, and leave with 2."""
    if nights:
        complain(
            f"skipped, because other runs hold them: {', '.join(nights)}; give the same command "
            "again when those have ended"
        )
        raise typer.Exit(2)


def json_option(values: object) -> None:
    """Print values as JSON."""
    say(json.dumps(values, indent=2, default=str))


def show(table: Table, *, as_json: bool) -> None:
    """Print a table, or its records as JSON."""
    if as_json:
        json_option(table.records())
    elif sys.stdout.isatty():
        _rich(table)
    else:
        say(str(table))


_STATES = {
    "successful": "green",
    "failed": "red",
    "gated": "magenta",
    "blocked": "yellow",
    "running": "cyan",
}
"""Colour of a state; rich leaves colours away where NO_COLOR is set."""


def _rich(table: Table) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    from phoenix.cli.fit import fit, told_below

    console = Console()
    fitted = fit(table, console.width)
    # Not the title of what is drawn, which would be folded to the width of a narrow table.
    console.print(Text(table.title, style="italic"), soft_wrap=True)
    drawn = RichTable(box=box.SIMPLE_HEAD)
    for column, width in zip(fitted.columns, fitted.widths, strict=True):
        drawn.add_column(Text(column), width=width, overflow="fold")
    for row in fitted.rows:
        drawn.add_row(*(Text(plain(cell), style=_STATES.get(cell, "")) for cell in row))
    console.print(drawn)
    for text in told_below(table, fitted.left_out):
        console.print(Text(text))
    if fitted.left_out:
        told = ", ".join(fitted.left_out)
        console.print(Text(f"no room for: {told}; --json has them", style="dim"))


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int, str], None]]:
    """Give what is told of progress: a board on a terminal, lines in a log."""
    if not sys.stderr.isatty():
        yield _log_line
        return
    from rich.console import Console
    from rich.live import Live

    from phoenix.cli.board import Board

    board = Board(title, lambda: dt.datetime.now(dt.UTC))
    with Live(board, console=Console(stderr=True), refresh_per_second=4) as live:
        try:
            yield board
        finally:
            live.transient = board.is_empty


def _log_line(done: int, total: int, text: str) -> None:
    if text:
        complain(f"[{done}/{total}] {shortened(text)}")
