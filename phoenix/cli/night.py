"""run, status, rerun, certify: a night, a month."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phoenix.cli.console import complain, json_option, progress, say, show
from phoenix.cli.options import JSON, Date, Month, OneAB, Until, Where, pool
from phoenix.cli.rules import checked_mode

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
    until: Until = "",
    ab: OneAB = None,
    create_ab: Annotated[
        bool, typer.Option("--create-ab", help="Make the ABs from the raw files, by rules.")
    ] = False,
    masters: Annotated[
        bool, typer.Option("-X", help="Make the master calibrations of the pool anew.")
    ] = False,
    complete: Annotated[
        bool, typer.Option("--complete", help="Masters (-X) first, then science with them.")
    ] = False,
    mode: Annotated[str, typer.Option(help="With --create-ab: CALIB or SCIENCE.")] = "",
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

    Example: phoenix run -d 2020-01-01 --create-ab
    """
    from phoenix.line.production import ProductionLine

    if create + process + move > 1:
        raise typer.BadParameter("give at most one of -C, -P and -M")
    if complete and (masters or process or move or ab):
        raise typer.BadParameter("--complete makes everything; leave out -X, -P, -M and --ab")
    wanted, only = pool(date, month, until), tuple(ab or ())
    with ProductionLine(where) as line:
        if complete and not (create or dry_run):
            with progress("recipes") as report:
                nights = line.complete(wanted, progress=report)
            _end(nights, as_json=as_json)
            return
        # What is taken up was made before.
        made = (create_ab or masters or complete) and not move
        prepared = (
            line.create(
                wanted, only, mode=checked_mode(mode), masters=masters or complete, dry=dry_run
            )
            if made
            else line.prepare(wanted, only, dry=dry_run or not create)
        )
        for text in prepared.diagnostics:
            complain(text)
        if create or dry_run:
            show(prepared.table(), as_json=as_json)
            raise typer.Exit(1 if prepared.refused else 0)
        with progress("recipes") as report:
            stop = "P" if process else "M"
            nights = line.run(wanted, until=stop, resume=move, prepared=prepared, progress=report)
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
