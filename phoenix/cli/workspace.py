"""init, simulate, plugins, doctor: what comes before the first night."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from phoenix.cli.console import complain, json_option, say, show
from phoenix.cli.options import JSON

__all__ = ["add_verbs"]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command()(init)
    app.command()(simulate)
    app.command()(plugins)
    app.command()(doctor)


def init(
    folder: Annotated[Path, typer.Argument(help="The new workspace.")],
    process: Annotated[str, typer.Option(help="What it is for, e.g. GIRAFFE_MOS.")],
    repository: Annotated[
        list[Path] | None,
        typer.Option(help="Folder with raw frames, calibrations and ABs; may be repeated."),
    ] = None,
) -> None:
    """Make a workspace: phoenix.toml with comments, and the folders.

    Example: phoenix init work --process GIRAFFE_MOS --repository night
    """
    from phoenix.line.workspace import create_workspace

    path = create_workspace(folder, process, tuple(repository or ()))
    say(f"workspace for {process}: {path.parent}; its settings are in {path}")


def simulate(
    instrument: Annotated[str, typer.Argument(help="Name of a plugin, see `phoenix plugins`.")],
    date: Annotated[str, typer.Option("--date", "-d", help="The night, e.g. 2020-01-01.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write below.")],
    process: Annotated[str, typer.Option(help="Process; the plugin's first if not given.")] = "",
    size: Annotated[str, typer.Option(help="small: quick; full: real frame size.")] = "full",
    seed: Annotated[int, typer.Option(help="Of the noise.")] = 1,
    fault: Annotated[
        list[str] | None, typer.Option(help="Build in a fault; may be repeated.")
    ] = None,
) -> None:
    """Make a raw night with known truth, and the ABs of its historical processing.

    Example: phoenix simulate giraffe --date 2020-01-01 --out night --size small
    """
    from phoenix.line.simulation import simulate_night

    night = simulate_night(
        instrument, process, date, out, size=size, seed=seed, faults=tuple(fault or ())
    )
    say(
        f"{instrument} night {date}: {len(night.raw)} raw frames, {len(night.static)} static "
        f"tables, {len(night.blocks)} ABs below {out}; truth in {night.truth}"
    )


def plugins(as_json: JSON = False) -> None:
    """List the installed instruments, their processes and hooks.

    Example: phoenix plugins
    """
    from phoenix.line.plugins import plugin_table

    show(plugin_table(), as_json=as_json)


def doctor(as_json: JSON = False) -> None:
    """Check this machine: esorex, pipelines, plugins, libraries, disk.

    Example: phoenix doctor
    """
    from phoenix.line.doctor import examine

    findings = examine(Path.cwd())
    if as_json:
        json_option([{"what": f.what, "fine": f.fine, "found": f.found} for f in findings])
    else:
        for finding in findings:
            say(f"{'ok  ' if finding.fine else 'MEND'}  {finding.what}: {finding.found}")
    wrong = sum(not finding.fine for finding in findings)
    if wrong:
        complain(f"{wrong} of {len(findings)} checks want mending")
        raise typer.Exit(1)
