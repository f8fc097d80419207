"""The verbs, put together; nothing heavy is imported before a verb runs."""

from __future__ import annotations

from inspect import getdoc
from typing import TYPE_CHECKING, Annotated

import typer

from phoenix.cli.bad_data import add_verbs as add_bad_data_verbs
from phoenix.cli.blocks import add_verbs as add_ab_verbs
from phoenix.cli.certification import add_verbs as add_certification_verbs
from phoenix.cli.check import add_verbs as add_check_verbs
from phoenix.cli.console import complain, say
from phoenix.cli.grades import add_verbs as add_grade_verbs
from phoenix.cli.night import add_verbs as add_night_verbs
from phoenix.cli.pipelines import add_verbs as add_pipeline_verbs
from phoenix.cli.products import add_verbs as add_product_verbs
from phoenix.cli.quality import add_verbs as add_quality_verbs
from phoenix.cli.rules import add_verbs as add_rule_verbs
from phoenix.cli.workspace import add_verbs as add_workspace_verbs
from phoenix.errors import EmptyError, PhoenixError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["build_app", "run"]

_VERBS = (
    add_workspace_verbs,
    add_pipeline_verbs,
    add_night_verbs,
    add_certification_verbs,
    add_grade_verbs,
    add_ab_verbs,
    add_rule_verbs,
    add_bad_data_verbs,
    add_product_verbs,
    add_check_verbs,
    add_quality_verbs,
)
_STOPPED = 130
_OWN_OPTIONS = {"--help", "-h", "--version", "--install-completion", "--show-completion"}


def run(arguments: Sequence[str]) -> int:
    """Run one call of the command line.

    ``python -m phoenix -d DATE`` without a verb is the call of the old tool and means ``run``.

    Returns
    -------
    int
        0 done, 1 done and something is wrong with the data, 2 not done: wrong call or settings,
        130 stopped by Ctrl-C, SIGTERM or SIGHUP.
    """
    words = list(arguments)
    if words and words[0].startswith("-") and words[0] not in _OWN_OPTIONS:
        words.insert(0, "run")
    try:
        build_app(words)(words, prog_name="phoenix", obj=tuple(words))
    except SystemExit as end:
        if end.code == _STOPPED:
            complain("phoenix: stopped; give the same command again to go on")
        return end.code if isinstance(end.code, int) else 0
    except KeyboardInterrupt:
        complain("phoenix: stopped; give the same command again to go on")
        return _STOPPED
    except EmptyError as error:
        complain(f"phoenix: {error}")
        return 1
    except PhoenixError as error:
        complain(f"phoenix: {error}")
        return 2
    except OSError as error:
        complain(f"phoenix: {error}; mend that and give the same command again")
        return 2
    return 0


def build_app(words: Sequence[str] = ()) -> typer.Typer:
    """Return the command line with all verbs.

    Parameters
    ----------
    words : sequence of str
        The call; if its first word names an installed instrument, that plugin is loaded and adds
        its own verbs under this name.
    """
    app = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="The open production line for science-grade data products of the VLT.",
    )
    app.callback()(_main)
    app.command("help")(_help)
    for add_verbs in _VERBS:
        add_verbs(app)
    if words and not words[0].startswith("-"):
        _add_instrument(app, words[0])
    _name_whole(app)
    return app


def _name_whole(app: typer.Typer) -> None:
    """Have lists of verbs say the whole first sentence of each; they would be cut with ``...``."""
    for verb in app.registered_commands:
        verb.short_help = _first_line(verb.callback)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            called = group.typer_instance.registered_callback
            if called is not None:
                group.short_help = _first_line(called.callback)
            _name_whole(group.typer_instance)


def _first_line(verb: object) -> str:
    return (getdoc(verb) or "").partition("\n")[0]


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        say(f"phoenix {version('phoenix-idp')}")
        raise typer.Exit


def _main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Process nights of raw VLT data into validated Phase 3 products.

    First steps: phoenix simulate, phoenix init, phoenix run -d DATE, phoenix convert -d DATE.
    """


def _help(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="VERB", help="Of one verb.")] = None,
) -> None:
    """Say what there is, or what a verb does and takes.

    Example: phoenix help run
    """
    build_app(words or ())([*(words or ()), "--help"], prog_name="phoenix", obj=context.obj)


def _add_instrument(app: typer.Typer, name: str) -> None:
    from phoenix.instrument import installed, load_instrument

    if name in installed():
        own = typer.Typer(help=f"Verbs of the plugin {name}.", no_args_is_help=True)
        load_instrument(name).add_commands(own)
        if own.registered_commands or own.registered_groups:
            app.add_typer(own, name=name)
