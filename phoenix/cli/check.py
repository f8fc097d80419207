"""validate: files against the Science Data Products Standard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from phoenix.cli.console import json_option, say
from phoenix.cli.options import JSON

__all__ = ["add_verbs"]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command()(validate)


def validate(
    files: Annotated[list[Path], typer.Argument(help="FITS files or folders of them.")],
    dataset: Annotated[
        bool,
        typer.Option("--dataset", help="As handed over: associated files must lie beside."),
    ] = False,
    as_json: JSON = False,
) -> None:
    """Check files against ESO's Science Data Products Standard.

    Leaves with 1 if a file breaks a rule, 0 if there are only warnings.

    Example: phoenix validate reduced/2020-01-01/idp/*.fits
    """
    from phoenix.phase3.validate import validate_many

    paths = tuple(path for given in files for path in _fits_files(given))
    report = validate_many(paths, dataset=dataset)
    if as_json:
        json_option([finding.to_dict() for finding in report.findings])
    else:
        for finding in report.findings:
            say(str(finding))
        say(report.summary())
    if report.errors:
        raise typer.Exit(1)


def _fits_files(given: Path) -> list[Path]:
    if not given.is_dir():
        return [given]
    return sorted(path for path in given.rglob("*.fits*") if path.is_file())
