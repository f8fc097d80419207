"""pipelines: list, install and remove ESO's pipelines in folders of phoenix's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from phoenix.cli.console import say, show
from phoenix.cli.options import JSON
from phoenix.model.counted import counted

__all__ = ["add_verbs"]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    group = typer.Typer(no_args_is_help=True, help="ESO's pipelines on this machine.")
    group.command("list")(list_pipelines)
    group.command("install")(install)
    group.command("remove")(remove)
    app.add_typer(group, name="pipelines")


def list_pipelines(as_json: JSON = False) -> None:
    """List the pipelines that are installed, and those that can be.

    Example: phoenix pipelines list
    """
    from phoenix.line.plugins import pipeline_table

    show(pipeline_table(), as_json=as_json)


def install(
    name: Annotated[str, typer.Argument(help="Of the pipeline, e.g. xshoo; see `list`.")],
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Folder of packages (.deb), if the mirror has none."),
    ] = None,
    prefix: Annotated[
        Path | None,
        typer.Option(help="A new folder to unpack into; phoenix's own if not given."),
    ] = None,
) -> None:
    """Unpack a pipeline of Debian into a folder, without root; nothing of the system changes.

    It is found by its name from then on. A folder of your own choice (--prefix) is named in
    phoenix.toml: plugin_dir of [recipes.NAME].

    Example: phoenix pipelines install xshoo
    """
    from phoenix.pipelines.install import install_pipeline, recipes_of

    found = install_pipeline(name, source, prefix)
    say(f"{name} {found.version}: {counted(len(recipes_of(found)), 'recipe')} in {found.recipes}")
    if prefix is not None:
        say(f"name it in phoenix.toml:\n[recipes.{name}]")
        say(f'plugin_dir = "{found.recipes.absolute()}"')


def remove(name: Annotated[str, typer.Argument(help="Of the pipeline.")]) -> None:
    """Take away a pipeline that `install` brought.

    Example: phoenix pipelines remove xshoo
    """
    from phoenix.pipelines.install import remove_pipeline

    say(f"{name}: {remove_pipeline(name)} is removed")
