"""run, status, rerun, certify: a night, a month."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phoenix.cli.awaited import leave_if_awaited
from phoenix.cli.complete import ab_names
from phoenix.cli.console import complain, json_option, leave_if_skipped, progress, say, show
from phoenix.cli.options import JSON, Date, Month, OneAB, Until, Where, pool, typed
from phoenix.cli.rules import checked_mode
from phoenix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phoenix.line.certification.waiting import Choice
    from phoenix.line.production import ProductionLine
    from phoenix.line.report import NightReport
    from phoenix.line.table import Cell, Table
    from phoenix.model.score import Verdict

__all__ = ["add_verbs"]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command()(run)
    app.command()(status)
    app.command("nights")(nights_)
    app.command()(rerun)
    app.command()(certify)
    app.command()(comment)


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
    from phoenix.line.night.standing import outlook
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
            if told is not None and not as_json:
                left = () if workflow.makes_blocks else line.to_redo(wanted)
                say(outlook(done.prepared, told, left))
            raise typer.Exit(1 if done.prepared.refused else 0)
    _end(done.nights, where, as_json=as_json)


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

    wanted = pool(date, month, until) if date or month or until else ""
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


def certify(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(help="AB names, with or without .ab.", autocompletion=ab_names),
    ] = None,
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    raw_type: Annotated[str | None, typer.Option(help="Only those of this raw type.")] = None,
    setup: Annotated[str | None, typer.Option(help="Only those with this in their setup.")] = None,
    score: Annotated[str | None, typer.Option(help="Only green, or only red ones.")] = None,
    auto: Annotated[
        bool, typer.Option("--auto", help="Only what has no red score; the red stay for a person.")
    ] = False,
    only_list: Annotated[
        bool, typer.Option("--list", help="Show what waits for a person, judge nothing.")
    ] = False,
    reject: Annotated[
        bool, typer.Option("--reject", help="Reject the products; the raw files may serve again.")
    ] = False,
    raw_bad: Annotated[
        bool, typer.Option("--raw-bad", help="Reject the products and hide their raw files.")
    ] = False,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Take back what a person said; rules judge again.")
    ] = False,
    comment: Annotated[
        str, typer.Option("--comment", "--why", help="A rejection and a withdrawal need it.")
    ] = "",
    by: Annotated[str, typer.Option(envvar="USER", help="Who.")] = "",
    as_json: JSON = False,
) -> None:
    """Certify or reject the products of ABs, or take that back.

    With -d or -m it judges what waits for a person; --list shows that.

    Example: phoenix certify -d 2020-01-01 --score green --comment "looked at all"
    """
    from phoenix.line.certification.waiting import EVERYTHING
    from phoenix.line.production import ProductionLine

    if auto + reject + raw_bad + withdraw > 1:
        raise typer.BadParameter("give one of --auto, --reject, --raw-bad and --withdraw")
    if auto and (score or reject or raw_bad or withdraw):
        raise typer.BadParameter(
            "--auto certifies what is green; give it without --score, --reject"
        )
    choice = _choice(date, month, until, raw_type, setup, "green" if auto else score)
    if names and choice != EVERYTHING:
        raise typer.BadParameter("give either AB names or what chooses them")
    with ProductionLine(where, command=typed(context)) as line:
        if only_list:
            if names or reject or raw_bad or withdraw:
                raise typer.BadParameter("--list goes with -d, -m and what chooses, nothing else")
            show(line.waiting_table(choice), as_json=as_json)
            return
        if not names and not choice.pool:
            raise typer.BadParameter("give AB names, a night (-d) or a month (-m); or --list")
        if withdraw and not names:
            raise typer.BadParameter("--withdraw goes with AB names")
        if not by:
            raise typer.BadParameter("--by: found nobody, expected who judges (USER is empty)")
        given = line.give_verdicts(
            tuple(names or ()),
            choice,
            reject=reject,
            raw_bad=raw_bad,
            withdraw=withdraw,
            comment=comment,
            by=by,
        )
        _tell_verdicts(given, as_json=as_json)
        if (reject or raw_bad) and not as_json:
            _tell_rejected(line, tuple(given))


def comment(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(help="AB name, raw file or its path.", autocompletion=ab_names)
    ] = "",
    text: Annotated[
        str | None, typer.Argument(help="What to say; without it, show what was said.")
    ] = None,
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    only_list: Annotated[
        bool, typer.Option("--list", help="Show all that is said, of the AB or of a night (-d).")
    ] = False,
    by: Annotated[str, typer.Option(envvar="USER", help="Who.")] = "",
    as_json: JSON = False,
) -> None:
    """Comment on an AB or a raw file; it stands on the monitor pages.

    What is shown has comments of persons and observers, and automatic ones of scores and logs.

    Example: phoenix comment GIRAF.2020-01-02T01:12:20.596.ab "moon near, sky high in the blue"
    """
    from phoenix.line.production import ProductionLine

    if only_list and text is not None:
        raise typer.BadParameter("--list shows what was said; leave the text away")
    if date or month or until:
        if name or not only_list:
            raise typer.BadParameter("-d and -m go with --list and no name")
        with ProductionLine(where) as line:
            show(line.comments_of(pool(date, month, until)), as_json=as_json)
        return
    if not name:
        raise typer.BadParameter("give an AB or a raw file, or --list with a night (-d)")
    if text is not None and not by:
        raise typer.BadParameter("--by: found nobody, expected who comments (USER is empty)")
    with ProductionLine(where, command=typed(context)) as line:
        if text is not None:
            line.comment(name, text=text, by=by)
        show(line.comments(name), as_json=as_json)


def _score(score: str | None, *, auto: bool) -> str | None:
    from phoenix.line.certification.waiting import GREEN

    if auto and score not in {None, GREEN}:
        raise typer.BadParameter("--auto certifies what is green; give it without --score")
    return GREEN if auto else score


def _choice(
    date: str,
    month: str,
    until: str,
    raw_type: str | None,
    setup: str | None,
    score: str | None,
) -> Choice:
    from phoenix.line.certification.waiting import GREEN, RED, Choice

    wanted = pool(date, month, until) if date or month or until else ""
    for option, given in (("--raw-type", raw_type), ("--setup", setup), ("--score", score)):
        # An unset variable of a shell must not choose everything.
        if given is not None and not given.strip():
            raise typer.BadParameter(f"{option}: found nothing, expected what to choose")
    if score not in {None, GREEN, RED}:
        raise typer.BadParameter(f"--score: found {score!r}, expected {GREEN} or {RED}")
    return Choice(wanted, raw_type or "", setup or "", score or "")


def _tell_verdicts(given: Mapping[str, Verdict], *, as_json: bool) -> None:
    if as_json:
        json_option([{"AB": name, "verdict": one.kind.value} for name, one in given.items()])
        return
    for name, verdict in given.items():
        say(f"{name}: {verdict.kind.value}")
    if not given:
        say("nothing waits for a person")


def _tell_rejected(line: ProductionLine, names: tuple[str, ...]) -> None:
    for name in names:
        _tell_dependents(line.dependents(name))
    _tell_archived([name for name in names if line.archived(name)])


def _tell_dependents(table: Table) -> None:
    """Say what was made with what was rejected, and what becomes of it."""
    if table.rows:
        show(_counted(table), as_json=False)
        say(
            "They wait for a person and are not converted or ingested meanwhile: certify each, or "
            "run them again with another calibration. What the archive has of them stays there, "
            "until `phoenix deprecate` takes it back."
        )


def _counted(dependents: Table) -> Table:
    """Return one row for each AB; one of GIRAFFE has a hundred IDPs."""
    from phoenix.line.table import Table

    offered: dict[Cell, int] = {}
    for name, idp in dependents.rows:
        offered[name] = offered.get(name, 0) + bool(idp)
    return Table(dependents.title, ("AB", "IDPs in the archive"), tuple(offered.items()))


def _tell_archived(names: list[str]) -> None:
    """Say which of the rejected ABs are in the archive, and how they are taken back."""
    if names:
        say(
            f"The archive offers IDPs of {', '.join(names)}; take them back with\n"
            f"  phoenix deprecate {' '.join(names)} --why WHY"
        )


def _end(nights: tuple[NightReport, ...], where: Path, *, as_json: bool) -> None:
    """Print how the nights ended.

    It leaves with 2 if other runs hold nights, with 3 if a person must certify something first,
    and with 1 if ABs have no products.
    """
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
    leave_if_awaited(nights, where)
    if wrong:
        raise typer.Exit(1)
