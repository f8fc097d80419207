"""init, simulate, plugins, doctor: what comes before the first night."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phoenix.cli.console import complain, json_option, say, show
from phoenix.cli.options import JSON, Date, Month, Until, Where, pool
from phoenix.model.counted import counted

if TYPE_CHECKING:
    from phoenix.simulate.night import SimulatedNight

__all__ = ["add_verbs"]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command()(init)
    app.command()(simulate)
    app.add_typer(_plugins(), name="plugins")
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

    It says what this machine lacks to run anything.

    Example: phoenix init work --process GIRAFFE_MOS --repository night
    """
    from phoenix.line.answers.doctor import missing_pipelines
    from phoenix.line.workspace import create_workspace

    path = create_workspace(folder, process, tuple(repository or ()))
    say(f"workspace for {process}: {path.parent}; its settings are in {path}")
    for why in missing_pipelines(path.parent):
        complain(f"phoenix: nothing can be run on this machine yet: {why}")


_Faults = Annotated[
    list[str] | None,
    typer.Option(help="Build in a fault, NAME or NAME@NIGHT; may be repeated."),
]
_Setups = Annotated[
    list[str] | None,
    typer.Option(
        help="Instrument setup, e.g. 390+580 (UVES), H525.8B (GIRAFFE); may be repeated."
    ),
]


def simulate(
    instrument: Annotated[str, typer.Argument(help="Name of a plugin, see `phoenix plugins`.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write below.")],
    date: Date = "",
    month: Month = "",
    until: Until = "",
    process: Annotated[str, typer.Option(help="Process; the plugin's first if not given.")] = "",
    size: Annotated[str, typer.Option(help="small: quick; full: real frame size.")] = "full",
    seed: Annotated[int, typer.Option(help="Of the noise.")] = 1,
    fault: _Faults = None,
    setup: _Setups = None,
    calibrations: Annotated[
        bool, typer.Option("--calibrations", help="Only calibrations, and no historical ABs.")
    ] = False,
) -> None:
    """Make raw nights with known truth, and the ABs of their historical processing.

    Example: phoenix simulate giraffe --date 2020-01-01 --out night --size small
    """
    from phoenix.line.simulation import simulate_month

    wanted = pool(date, month, until)
    nights = simulate_month(
        instrument,
        process,
        wanted,
        out,
        size=size,
        seed=seed,
        faults=tuple(fault or ()),
        setups=tuple(setup or ()),
        calibrations=calibrations,
    )
    raw, blocks = (sum(len(part) for part in parts) for parts in _parts(nights))
    what = f"night {wanted}" if len(nights) == 1 else f"{wanted}, {len(nights)} nights"
    say(
        f"{instrument} {what}: {counted(raw, 'raw frame')}, "
        f"{counted(len(nights[0].static), 'static table')}, {counted(blocks, 'AB')} below {out}; "
        f"truth in {nights[0].truth}"
    )


def _parts(nights: tuple[SimulatedNight, ...]) -> tuple[list[tuple[Path, ...]], ...]:
    return [night.raw for night in nights], [night.blocks for night in nights]


def _plugins() -> typer.Typer:
    group = typer.Typer(invoke_without_command=True)
    group.callback()(plugins)
    group.command("new")(new)
    return group


def plugins(context: typer.Context, as_json: JSON = False) -> None:
    """List the installed instruments, their processes and hooks; begin a new one.

    Leaves with 1 if one is broken; the table says why.

    Example: phoenix plugins
    """
    from phoenix.line.plugins import is_broken, plugin_table

    if context.invoked_subcommand is None:
        table = plugin_table()
        show(table, as_json=as_json)
        if any(is_broken(row["processes"]) for row in table.records()):
            raise typer.Exit(1)


def new(
    name: Annotated[str, typer.Argument(help="Of the plugin, e.g. kmos.")],
    instrument: Annotated[str, typer.Option(help="INSTRUME of its raw frames, e.g. KMOS.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write below.")] = Path(),
) -> None:
    """Write a small plugin that passes the contract, to begin from.

    Example: phoenix plugins new kmos --instrument KMOS
    """
    from phoenix.template import new_plugin

    folder = new_plugin(name, instrument, out)
    say(f"plugin {name}: {folder}; its README.md says what to replace; install it by")
    say(f"    pip install -e '{folder}[test]'")


def doctor(where: Where = Path(), as_json: JSON = False) -> None:
    """Check this machine: esorex, pipelines, plugins, libraries, disk.

    In a workspace by its settings, and only the pipelines of its process.

    Example: phoenix doctor
    """
    from phoenix.line.answers.doctor import examine

    findings = examine(where.resolve())
    if as_json:
        json_option([{"what": f.what, "fine": f.fine, "found": f.found} for f in findings])
    else:
        for finding in findings:
            say(f"{'ok  ' if finding.fine else 'MEND'}  {finding.what}: {finding.found}")
    wrong = sum(not finding.fine for finding in findings)
    if wrong:
        complain(f"{wrong} of {len(findings)} checks {'wants' if wrong == 1 else 'want'} mending")
        raise typer.Exit(1)
