"""convert, ingest, deprecate: from products to the archive, and out of its offer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phoenix.cli.complete import ab_names
from phoenix.cli.console import complain, leave_if_skipped, progress, show
from phoenix.cli.options import JSON, Date, Month, Summary, Until, Where, pool, typed
from phoenix.model.counted import counted

if TYPE_CHECKING:
    from phoenix.line.report import DeliveryReport

__all__ = ["add_verbs"]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command()(convert)
    app.command()(ingest)
    app.command()(deprecate)


def convert(
    context: typer.Context,
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    summary: Summary = False,
    as_json: JSON = False,
) -> None:
    """Convert the science products of a night to Internal Data Products, and validate them.

    Example: phoenix convert -d 2020-01-01
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where, command=typed(context)) as line, progress("conversions") as tell:
        report = line.convert(pool(date, month, until), tell)
    show(report.summary() if summary else report.table(), as_json=as_json)
    for text in report.left_out:
        complain(f"no IDP: {text}")
    without = sum(1 for row in report.rows if row[-1] and not row[1])
    if without:
        number = counted(without, "AB was", "ABs were")
        complain(f"{number} not converted; the reasons stand in the table")
    if report.wrong > without:
        wrong = counted(report.wrong - without, "IDP breaks", "IDPs break")
        complain(f"{wrong} the data standard; see `phoenix validate`")
    _leave(report)


def ingest(
    context: typer.Context,
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    check: Annotated[
        bool, typer.Option("--check", "-C", help="Only check the content, hand nothing over.")
    ] = False,
    summary: Summary = False,
    as_json: JSON = False,
) -> None:
    """Check the IDPs of a night and hand them over to the Phase 3 archive.

    Example: phoenix ingest -d 2020-01-01
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where, command=typed(context)) as line:
        report = line.ingest(pool(date, month, until), only_check=check)
    show(report.summary() if summary else report.table(), as_json=as_json)
    for text in report.left_out:
        complain(f"not ingested: {text}")
    if report.wrong:
        number = counted(report.wrong, "IDP was", "IDPs were")
        complain(f"{number} refused; the reasons stand in the table")
    _leave(report)


def deprecate(
    context: typer.Context,
    names: Annotated[
        list[str],
        typer.Argument(help="AB names, with or without .ab.", autocompletion=ab_names),
    ],
    where: Where = Path(),
    why: Annotated[str, typer.Option(help="What is wrong with the products; needed.")] = "",
    by: Annotated[str, typer.Option(envvar="USER", help="Who.")] = "",
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete their files in the archive too.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Take the IDPs of rejected ABs out of what the Phase 3 archive offers.

    The archive keeps them with the reason; a later version supersedes them.

    Example: phoenix deprecate GIRAF.2020-01-02T01:12:20.596.ab --why "wrong field"
    """
    from phoenix.line.production import ProductionLine

    if not why.strip():
        raise typer.BadParameter("--why: found nothing, expected what is wrong with the products")
    if not by:
        raise typer.BadParameter("--by: found nobody, expected who says so (USER is empty)")
    with ProductionLine(where, command=typed(context)) as line:
        report = line.deprecate(*names, why=why, by=by, delete=delete)
    show(report.table(), as_json=as_json)
    _leave(report)


def _leave(report: DeliveryReport) -> None:
    """Leave with 2 if nights were left out, with 1 if an IDP is wrong or there is nothing."""
    leave_if_skipped([text.partition(" ")[0] for text in report.skipped])
    if report.nothing:
        complain(f"phoenix: {report.nothing}")
    empty = bool(report.left_out) and not report.rows
    if empty:
        complain("phoenix: nothing was done, for the reasons above; see `phoenix certify --list`")
    if report.wrong or report.nothing or empty:
        raise typer.Exit(1)
