"""convert, ingest: from products to the archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phoenix.cli.console import complain, leave_if_skipped, progress, show
from phoenix.cli.options import JSON, Date, Month, Summary, Where, pool, typed

if TYPE_CHECKING:
    from phoenix.line.report import StepReport

__all__ = ["add_verbs"]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command()(convert)
    app.command()(ingest)


def convert(
    context: typer.Context,
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    summary: Summary = False,
    as_json: JSON = False,
) -> None:
    """Convert the science products of a night to Internal Data Products, and validate them.

    Example: phoenix convert -d 2020-01-01
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where, command=typed(context)) as line, progress("conversions") as tell:
        report = line.convert(pool(date, month), tell)
    show(report.summary() if summary else report.table(), as_json=as_json)
    for text in report.left_out:
        complain(f"no IDP: {text}")
    without = sum(1 for row in report.rows if row[-1] and not row[1])
    if without:
        complain(f"{without} ABs were not converted; the reasons stand in the table")
    if report.wrong > without:
        wrong = report.wrong - without
        complain(f"{wrong} IDPs break the data standard; run `phoenix validate` on them")
    _leave(report)


def ingest(
    context: typer.Context,
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
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
        report = line.ingest(pool(date, month), only_check=check)
    show(report.summary() if summary else report.table(), as_json=as_json)
    if report.wrong:
        complain(f"{report.wrong} IDPs were refused; the reasons stand in the table")
    _leave(report)


def _leave(report: StepReport) -> None:
    """Leave with 2 if nights were left out, with 1 if an IDP is wrong."""
    leave_if_skipped([text.partition(" ")[0] for text in report.skipped])
    if report.wrong:
        raise typer.Exit(1)
