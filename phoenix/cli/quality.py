"""qc and monitor: what was measured, and the pages that show it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from phoenix.cli.console import say, show
from phoenix.cli.options import JSON, Date, Month, Where, pool

__all__ = ["add_verbs"]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    group = typer.Typer(help="QC parameters and scores.", no_args_is_help=True)
    group.command("list")(list_parameters)
    group.command("show")(show_measurements)
    group.command("scores")(show_scores)
    app.add_typer(group, name="qc")
    app.command()(monitor)


def list_parameters(
    where: Where = Path(),
    as_json: JSON = False,
) -> None:
    """List the declared QC parameters: unit and meaning.

    Example: phoenix qc list
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        show(line.qc_parameters(), as_json=as_json)


def show_measurements(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", help="Only these; may be repeated.")
    ] = None,
    elements: Annotated[
        bool, typer.Option("--elements", help="Also the values of single fibres.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Show what was measured in a night.

    Example: phoenix qc show -d 2020-01-01 -p SNR -p NUM_SAT
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        table = line.qc_table(pool(date, month), tuple(parameter or ()), elements=elements)
    show(table, as_json=as_json)


def show_scores(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    as_json: JSON = False,
) -> None:
    """Show the scores of a night.

    Example: phoenix qc scores -d 2020-01-01
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        show(line.score_table(pool(date, month)), as_json=as_json)


def monitor(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
) -> None:
    """Write the monitor pages: of a night, of a month, or all without -d and -m.

    Example: phoenix monitor -d 2020-01-01
    """
    from phoenix.line.production import ProductionLine

    wanted = pool(date, month) if date or month else ""
    with ProductionLine(where) as line:
        index = line.write_pages(wanted)
    say(f"pages: {index}")
