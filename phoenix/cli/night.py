"""run, status, rerun, certify: a night, a month."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phoenix.cli.console import complain, json_option, progress, say, show
from phoenix.cli.options import JSON, Date, Month, OneAB, Where, pool

if TYPE_CHECKING:
    from phoenix.line.report import NightReport

__all__ = ["add_verbs"]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command()(run)
    app.command()(status)
    app.command()(rerun)
    app.command()(certify)


def run(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    ab: OneAB = None,
    create: Annotated[bool, typer.Option("-C", help="Stop after the ABs are prepared.")] = False,
    process: Annotated[bool, typer.Option("-P", help="Stop after processing.")] = False,
    move: Annotated[
        bool, typer.Option("-M", help="Take up after -P: certify and move products.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Show what would be done, touch nothing.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Run a night or a month: prepare ABs, process, measure QC, certify, move.

    Example: phoenix run -d 2020-01-01
    """
    from phoenix.line.production import ProductionLine

    if create + process + move > 1:
        raise typer.BadParameter("give at most one of -C, -P and -M")
    wanted = pool(date, month)
    with ProductionLine(where) as line:
        if create or dry_run:
            prepared = line.prepare(wanted, only=tuple(ab or ()), dry=dry_run)
            show(prepared.table(), as_json=as_json)
            raise typer.Exit(1 if prepared.refused else 0)
        with progress("recipes") as report:
            until = "P" if process else "M"
            nights = line.run(
                wanted, only=tuple(ab or ()), until=until, resume=move, progress=report
            )
    _end(nights, as_json=as_json)


def status(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    as_json: JSON = False,
) -> None:
    """Show where the ABs of a night stand.

    Example: phoenix status -d 2020-01-01
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        table = line.status(pool(date, month))
    show(table, as_json=as_json)


def rerun(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    failed: Annotated[
        bool, typer.Option("--failed", help="What failed or was gated, and what hung on it.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Only say what would be done again.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Do again exactly what failed, and what hung on it.

    Example: phoenix rerun -d 2020-01-01 --failed --dry-run
    """
    from phoenix.line.production import ProductionLine

    if not failed:
        raise typer.BadParameter("say what is to be done again: --failed")
    wanted = pool(date, month)
    with ProductionLine(where) as line:
        if dry_run:
            names = line.to_redo(wanted)
            json_option(list(names)) if as_json else say("\n".join(names) or "nothing to do again")
            return
        with progress("recipes") as report:
            nights = line.rerun(wanted, progress=report)
    _end(nights, as_json=as_json)


def certify(
    name: Annotated[str, typer.Argument(help="AB name.")],
    where: Where = Path(),
    reject: Annotated[bool, typer.Option("--reject", help="Reject instead of certify.")] = False,
    comment: Annotated[str, typer.Option(help="Why; a rejection needs it.")] = "",
    by: Annotated[str, typer.Option(envvar="USER", help="Who.")] = "",
) -> None:
    """Certify or reject the products of an AB that waits for a person.

    Example: phoenix certify GIRAF.2020-01-02T01:00:00.000_tpl.ab --comment "looks fine"
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        verdict = line.give_verdict(name, reject=reject, comment=comment, by=by)
    say(f"{name}: {verdict.kind.value}")


def _end(nights: tuple[NightReport, ...], *, as_json: bool) -> None:
    """Print how the nights ended, and leave with 1 if an AB is not successful."""
    if as_json:
        json_option([night.record() for night in nights])
    else:
        for night in nights:
            show(night.table(), as_json=False)
            say(night.summary())
    wrong = sum(night.wrong for night in nights)
    if wrong:
        complain(f"{wrong} ABs have no products; see `phoenix status` or the monitor page")
        raise typer.Exit(1)
