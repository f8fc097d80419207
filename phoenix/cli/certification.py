"""certify, comment: what a person says of products and files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phoenix.cli.complete import ab_names
from phoenix.cli.console import json_option, say, show
from phoenix.cli.options import JSON, Date, Month, Until, Where, pool, pool_or_all, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phoenix.line.certification.waiting import Choice
    from phoenix.line.production import ProductionLine
    from phoenix.line.table import Cell, Table
    from phoenix.model.score import Verdict

__all__ = ["add_verbs"]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command()(certify)
    app.command()(comment)


_RawType = Annotated[str | None, typer.Option(help="Only those of this raw type.")]
_Setup = Annotated[str | None, typer.Option(help="Only those with this in their setup.")]
_Score = Annotated[str | None, typer.Option(help="Only green, or only red ones.")]
_Auto = Annotated[
    bool, typer.Option("--auto", help="Only what has no red score; the red stay for a person.")
]
_OnlyList = Annotated[
    bool, typer.Option("--list", help="Show what waits for a person, judge nothing.")
]
_Reject = Annotated[
    bool, typer.Option("--reject", help="Reject the products; the raw files may serve again.")
]
_RawBad = Annotated[
    bool, typer.Option("--raw-bad", help="Reject the products and hide their raw files.")
]
_Withdraw = Annotated[
    bool, typer.Option("--withdraw", help="Take back what a person said; rules judge again.")
]
_Why = Annotated[
    str, typer.Option("--comment", "--why", help="A rejection and a withdrawal need it.")
]
_By = Annotated[str, typer.Option(envvar="USER", help="Who.")]


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
    raw_type: _RawType = None,
    setup: _Setup = None,
    score: _Score = None,
    auto: _Auto = False,
    only_list: _OnlyList = False,
    reject: _Reject = False,
    raw_bad: _RawBad = False,
    withdraw: _Withdraw = False,
    comment: _Why = "",
    by: _By = "",
    as_json: JSON = False,
) -> None:
    """Certify or reject the products of ABs, or take that back.

    With -d or -m it judges what waits for a person; --list shows that.

    Example: phoenix certify -d 2020-01-01 --score green --comment "looked at all"
    """
    from phoenix.line.production import ProductionLine

    chosen = tuple(names or ())
    said = {"reject": reject, "raw_bad": raw_bad, "withdraw": withdraw}
    choice = _choice(date, month, until, raw_type, setup, _score(score, auto=auto))
    _refuse_mixed(chosen, choice, said, auto=auto, only_list=only_list)
    if not (only_list or by):
        raise typer.BadParameter("--by: found nobody, expected who judges (USER is empty)")
    with ProductionLine(where, command=typed(context)) as line:
        if only_list:
            show(line.waiting_table(choice), as_json=as_json)
            return
        given = line.give_verdicts(chosen, choice, **said, comment=comment, by=by)
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
    by: _By = "",
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


def _refuse_mixed(
    names: tuple[str, ...],
    choice: Choice,
    said: Mapping[str, bool],
    *,
    auto: bool,
    only_list: bool,
) -> None:
    """Refuse options of certify that do not go together."""
    from phoenix.line.certification.waiting import EVERYTHING

    if auto + sum(said.values()) > 1:
        raise typer.BadParameter("give one of --auto, --reject, --raw-bad and --withdraw")
    if names and choice != EVERYTHING:
        raise typer.BadParameter("give either AB names or what chooses them")
    if only_list and (names or any(said.values())):
        raise typer.BadParameter("--list goes with -d, -m and what chooses, nothing else")
    if not (only_list or names or choice.pool):
        raise typer.BadParameter("give AB names, a night (-d) or a month (-m); or --list")
    if said["withdraw"] and not names:
        raise typer.BadParameter("--withdraw goes with AB names")


def _score(score: str | None, *, auto: bool) -> str | None:
    """Return what chooses by score; --auto is one such choice."""
    from phoenix.line.certification.waiting import GREEN

    if auto and score:
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

    wanted = pool_or_all(date, month, until)
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
            "make them again with another calibration (`phoenix run -d NIGHT --create-ab`). What "
            "the archive has of them stays there, until `phoenix deprecate` takes it back."
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
