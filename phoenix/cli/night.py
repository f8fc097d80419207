"""run, status, rerun, certify: a night, a month."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phoenix.cli.console import complain, json_option, leave_if_skipped, progress, say, show
from phoenix.cli.options import JSON, Block, Date, Month, OneAB, Until, Where, pool, typed
from phoenix.cli.rules import checked_mode
from phoenix.errors import SettingsError

if TYPE_CHECKING:
    from phoenix.line.report import NightReport
    from phoenix.line.table import Table

__all__ = ["add_verbs"]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command()(run)
    app.command()(status)
    app.command()(rerun)
    app.command()(certify)


_CreateAB = Annotated[
    bool, typer.Option("--create-ab", help="Make the ABs from the raw files, by rules.")
]
_Masters = Annotated[
    bool, typer.Option("-X", "--masters", help="Make all master calibrations of these nights.")
]
_Complete = Annotated[
    bool, typer.Option("--complete", help="Masters (-X) first, then science with them.")
]
_Mode = Annotated[str, typer.Option(help="With --create-ab: CALIB or SCIENCE.")]
_PrepareOnly = Annotated[
    bool, typer.Option("-C", "--prepare-only", help="Stop after the ABs are prepared.")
]
_ProcessOnly = Annotated[bool, typer.Option("-P", "--process-only", help="Stop after processing.")]
_MoveOnly = Annotated[
    bool, typer.Option("-M", "--move-only", help="Take up after -P: certify and move products.")
]
_DryRun = Annotated[
    bool, typer.Option("--dry-run", "-n", help="Show what would be done, touch nothing.")
]


def run(
    context: typer.Context,
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    ab: OneAB = None,
    create_ab: _CreateAB = False,
    masters: _Masters = False,
    complete: _Complete = False,
    mode: _Mode = "",
    create: _PrepareOnly = False,
    process: _ProcessOnly = False,
    move: _MoveOnly = False,
    dry_run: _DryRun = False,
    as_json: JSON = False,
) -> None:
    """Run a night or a month: prepare ABs, process, measure QC, certify, move.

    Example: phoenix run -d 2020-01-01 --create-ab
    """
    from phoenix.line.production import ProductionLine
    from phoenix.line.workflow import Workflow

    asked = {
        "--create-ab": create_ab, "-X": masters, "--complete": complete,
        "-C": create, "-P": process, "-M": move,
    }  # fmt: skip
    try:
        only, wanted = tuple(ab or ()), pool(date, month, until)
        workflow = Workflow.asked_for(asked, dry=dry_run, only=only, mode=checked_mode(mode))
    except SettingsError as error:
        raise typer.BadParameter(str(error)) from error
    with ProductionLine(where, command=typed(context)) as line:
        with progress("recipes") as tell:
            done = line.follow(wanted, workflow, tell=complain, progress=tell)
        if workflow.only_prepares and done.prepared is not None:
            told = line.pending(done.prepared) if dry_run else None
            show(done.prepared.table(told), as_json=as_json)
            raise typer.Exit(1 if done.prepared.refused else 0)
    _end(done.nights, as_json=as_json)


def status(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    as_json: JSON = False,
) -> None:
    """Show where the ABs of a night stand, and its last runs; without -d and -m, all last runs.

    JSON has the ABs of a night, or without -d and -m the runs.

    Example: phoenix status -d 2020-01-01
    """
    from phoenix.line.production import ProductionLine

    wanted = pool(date, month) if date or month else ""
    with ProductionLine(where) as line:
        if wanted:
            show(line.status(wanted), as_json=as_json)
        if not (wanted and as_json):
            show(line.last_runs(wanted), as_json=as_json)


def rerun(
    context: typer.Context,
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    failed: Annotated[
        bool, typer.Option("--failed", help="What failed or was gated, and what depends on it.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Only say what would be done again.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Do again exactly what failed or was changed since, and what depends on it.

    Example: phoenix rerun -d 2020-01-01 --failed --dry-run
    """
    from phoenix.line.production import ProductionLine

    if not failed:
        raise typer.BadParameter("say what is to be done again: --failed")
    wanted = pool(date, month)
    with ProductionLine(where, command=typed(context)) as line:
        if dry_run:
            names = line.to_redo(wanted)
            json_option(list(names)) if as_json else say("\n".join(names) or "nothing to do again")
            return
        with progress("recipes") as tell:
            nights = line.rerun(wanted, progress=tell)
    _end(nights, as_json=as_json)


def certify(
    context: typer.Context,
    name: Block,
    where: Where = Path(),
    reject: Annotated[bool, typer.Option("--reject", help="Reject instead of certify.")] = False,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Take back what a person said; rules judge again.")
    ] = False,
    comment: Annotated[str, typer.Option(help="Why; a rejection and a withdrawal need it.")] = "",
    by: Annotated[str, typer.Option(envvar="USER", help="Who.")] = "",
) -> None:
    """Certify or reject the products of an AB, or take that back.

    Example: phoenix certify GIRAF.2020-01-02T01:00:00.000_tpl.ab --comment "looks fine"
    """
    from phoenix.line.production import ProductionLine

    if reject and withdraw:
        raise typer.BadParameter("give either --reject or --withdraw")
    with ProductionLine(where, command=typed(context)) as line:
        verdict = (
            line.withdraw_verdict(name, comment=comment, by=by)
            if withdraw
            else line.give_verdict(name, reject=reject, comment=comment, by=by)
        )
        say(f"{name}: {verdict.kind.value}")
        if reject:
            _tell_dependents(line.dependents(name))


def _tell_dependents(table: Table) -> None:
    """Say what was made with what was rejected, and what becomes of it."""
    if table.rows:
        show(table, as_json=False)
        say(
            "They wait for a person and are not converted or ingested meanwhile: certify each, or "
            "run them again with another calibration. What the archive has of them stays there."
        )


def _end(nights: tuple[NightReport, ...], *, as_json: bool) -> None:
    """Print how the nights ended; leave with 1 if ABs have no products, with 2 if nights wait."""
    if as_json:
        json_option([night.to_dict() for night in nights])
    else:
        for night in nights:
            if not night.skipped:
                show(night.table(), as_json=False)
            say(night.summary())
    wrong = sum(night.wrong for night in nights)
    if wrong:
        complain(f"{wrong} ABs have no products; see `phoenix status` or the monitor page")
    leave_if_skipped([str(night.date) for night in nights if night.skipped])
    if wrong:
        raise typer.Exit(1)
