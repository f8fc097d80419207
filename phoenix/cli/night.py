"""run, status, nights, rerun: a night, a month."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from phoenix.cli.awaited import leave_if_awaited
from phoenix.cli.complete import ab_names
from phoenix.cli.console import complain, json_option, leave_if_skipped, progress, say, show
from phoenix.cli.options import JSON, Date, Month, OneAB, Until, Where, pool, pool_or_all, typed
from phoenix.cli.rules import checked_mode
from phoenix.errors import SettingsError
from phoenix.model.counted import counted

if TYPE_CHECKING:
    from phoenix.line.production import ProductionLine
    from phoenix.line.report import NightReport, PreparedPool
    from phoenix.line.workflow import Workflow

__all__ = ["add_verbs"]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command()(run)
    app.command()(status)
    app.command("nights")(nights_)
    app.command()(rerun)


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
            _end_prepared(line, workflow, wanted, done.prepared, as_json=as_json)
    _end(done.nights, where, as_json=as_json)


def _end_prepared(
    line: ProductionLine, workflow: Workflow, wanted: str, prepared: PreparedPool, *, as_json: bool
) -> NoReturn:
    """Print what was prepared, of a dry run also what would come of it, and leave.

    It leaves with 1 if ABs were refused.
    """
    from phoenix.line.night.standing import outlook

    told = line.pending(prepared) if workflow.dry else None
    show(prepared.table(told), as_json=as_json)
    if told is not None and not as_json:
        left = () if workflow.makes_blocks else line.to_redo(wanted)
        say(outlook(prepared, told, left))
    raise typer.Exit(1 if prepared.refused else 0)


def status(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    review: Annotated[
        bool, typer.Option("--review", help="Only what waits for a person.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Show where the ABs of a night stand, and its last runs; without -d and -m, all last runs.

    JSON has the ABs of a night, or without -d and -m the runs.

    Example: phoenix status -d 2020-01-01
    """
    from phoenix.line.production import ProductionLine

    wanted = pool_or_all(date, month, until)
    with ProductionLine(where) as line:
        if wanted:
            show(line.status(wanted, review=review), as_json=as_json)
        elif review:
            raise typer.BadParameter("--review goes with -d or -m")
        if not (wanted and (as_json or review)):
            show(line.last_runs(wanted), as_json=as_json)


def nights_(where: Where = Path(), as_json: JSON = False) -> None:
    """List the nights that there are: raw files and ABs in the repositories, and what is here.

    Example: phoenix nights
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        show(line.nights(), as_json=as_json)


def rerun(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="AB names, with or without .ab; good ones too.", autocompletion=ab_names
        ),
    ] = None,
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    failed: Annotated[
        bool, typer.Option("--failed", help="What failed or was gated, and what depends on it.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Only say what would be done again.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Do again exactly what failed or was changed since, or the ABs named; what depends on it too.

    Example: phoenix rerun -d 2020-01-01 --failed --dry-run
    """
    from phoenix.line.production import ProductionLine
    from phoenix.model.ab import full_name
    from phoenix.model.dates import pool_of

    if failed == bool(names):
        raise typer.BadParameter("say what is to be done again: either --failed, or AB names")
    if names and (date or month or until):
        raise typer.BadParameter("AB names say their night themselves; leave out -d and -m")
    chosen = tuple(map(full_name, names or ()))
    with ProductionLine(where, command=typed(context)) as line:
        wanted = pool_of(map(line.night_of, chosen)) if chosen else pool(date, month, until)
        if dry_run:
            found = line.to_redo(wanted, chosen)
            json_option(list(found)) if as_json else say("\n".join(found) or "nothing to do again")
            return
        with progress("recipes") as tell:
            nights = line.rerun(wanted, tell, names=chosen)
    _end(nights, where, as_json=as_json)


def _end(nights: tuple[NightReport, ...], where: Path, *, as_json: bool) -> None:
    """Print how the nights ended.

    It leaves with 2 if other runs hold nights, with 3 if a person must certify something first,
    and with 1 if ABs have no products, or some that could not be moved.
    """
    if as_json:
        json_option([night.to_dict() for night in nights])
    else:
        for night in nights:
            if not night.skipped:
                show(night.table(), as_json=False)
            say(night.summary())
    wrong = sum(night.wrong for night in nights)
    unmoved = sum(len(night.unmoved) for night in nights)
    if wrong > unmoved:
        without = counted(wrong - unmoved, "AB has", "ABs have")
        complain(f"{without} no products; see `phoenix status` or the monitor page")
    if unmoved:
        still = counted(unmoved, "AB has", "ABs have")
        complain(f"{still} products that could not be moved; the reasons stand above")
    leave_if_skipped([str(night.date) for night in nights if night.skipped])
    leave_if_awaited(nights, where)
    if wrong:
        raise typer.Exit(1)
