"""grades: what the observatory says of the OBs of a night."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from phoenix.cli.console import complain, say, show
from phoenix.cli.options import JSON, Date, Month, Until, Where, pool, typed
from phoenix.model.counted import counted

__all__ = ["add_verbs"]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command()(grades)


def grades(
    context: typer.Context,
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    table: Annotated[
        Path | None,
        typer.Option("--import", help="Take the grades of a table (CSV): OB, grade, mode ..."),
    ] = None,
    read: Annotated[
        bool, typer.Option("--read", help="Read the night logs again first, as a run does.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Show grades and comments of the OBs of a night, service or visitor mode, and their source.

    Example: phoenix grades -d 2020-01-01
    """
    from phoenix.line.production import ProductionLine

    wanted = pool(date, month, until) if date or month or until or table is None else ""
    if read and not wanted:
        raise typer.BadParameter("--read goes with a night (-d) or a month (-m)")
    with ProductionLine(where, command=typed(context)) as line:
        if table is not None:
            number = line.import_grades(table)
            (complain if as_json else say)(
                f"{table}: {counted(number, 'grade is', 'grades are')} new"
            )
        if wanted:
            report = line.read_grades(wanted) if read else line.grades(wanted)
            show(report.table, as_json=as_json)
            for text in report.told:
                complain(text)
        elif as_json:
            say("[]")
