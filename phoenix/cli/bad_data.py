"""hide, unhide, hidden: files that no rule may use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phoenix.cli.console import json_option, say, show
from phoenix.cli.options import JSON, Where, typed

if TYPE_CHECKING:
    from phoenix.line.table import Table

__all__ = ["add_verbs"]

_Files = Annotated[
    list[str], typer.Argument(help="ARCFILE or master, with or without .fits; or a path.")
]
_Why = Annotated[str, typer.Option(help="Why; it is told wherever the file would have been used.")]
_By = Annotated[str, typer.Option(envvar="USER", help="Who.")]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command()(hide)
    app.command()(unhide)
    app.command()(hidden)


def hide(
    context: typer.Context,
    files: _Files,
    why: _Why,
    where: Where = Path(),
    by: _By = "",
    in_advance: Annotated[
        bool, typer.Option("--in-advance", help="Also what has not come yet.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Hide bad files: no rule uses them or what was made of them, until `phoenix unhide`.

    ABs that have them as inputs are not run; `phoenix create-ab` makes others without them.

    Example: phoenix hide GIRAF.2020-01-02T10:07:07.738 --why "saturated"
    """
    from phoenix.line.production import ProductionLine

    _refuse_nobody(by, "hides")
    with ProductionLine(where, command=typed(context)) as line:
        names = line.hide(*files, why=why, by=by, in_advance=in_advance)
        _tell(names, "hidden", line.used_by(*names), as_json=as_json)


def unhide(
    context: typer.Context,
    files: _Files,
    why: _Why,
    where: Where = Path(),
    by: _By = "",
    as_json: JSON = False,
) -> None:
    """Let the rules use hidden files again.

    Example: phoenix unhide GIRAF.2020-01-02T10:07:07.738 --why "it was the other one"
    """
    from phoenix.line.production import ProductionLine

    _refuse_nobody(by, "shows it again")
    with ProductionLine(where, command=typed(context)) as line:
        names = line.unhide(*files, why=why, by=by)
        _tell(names, "shown again", None, as_json=as_json)


def hidden(
    where: Where = Path(),
    history: Annotated[
        bool, typer.Option("--history", help="All that was said, also what no longer holds.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """List hidden files: who hid them, when and why.

    Example: phoenix hidden --history
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        show(line.hidden(history=history), as_json=as_json)


def _refuse_nobody(by: str, does: str) -> None:
    if not by:
        raise typer.BadParameter(f"--by: found nobody, expected who {does} (USER is empty)")


def _tell(names: tuple[str, ...], what: str, made: Table | None, *, as_json: bool) -> None:
    if as_json:
        json_option([{"file": name, "state": what} for name in names])
        return
    for name in names:
        say(f"{name}: {what}")
    if made is None:
        say("ABs that were made meanwhile go without: make them again with `phoenix create-ab`.")
    elif made.rows:
        show(made, as_json=False)
        say(
            "Their products stay, and no rule associates them. Make the ABs again "
            "(`phoenix create-ab`) and reject what you do not trust (`phoenix certify --reject`); "
            "what the archive has stays there."
        )
