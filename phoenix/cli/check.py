"""validate: files against the Science Data Products Standard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phoenix.cli.console import complain, json_option, say, show
from phoenix.cli.options import JSON

if TYPE_CHECKING:
    from phoenix.line.table import Cell, Table
    from phoenix.phase3.report import Finding

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
    summary: Annotated[
        bool, typer.Option("--summary", help="Only how many files break which rule.")
    ] = False,
    errors: Annotated[
        bool, typer.Option("--errors", help="Only errors, each on a line of its own.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Check files against ESO's Science Data Products Standard.

    What many files have in common is one line; --errors and --json name every file.

    Leaves with 1 if a file breaks a rule, 0 if there are only warnings, 2 if there is one that
    cannot be looked at.

    Example: phoenix validate reduced/2020-01-01/idp/*.fits
    """
    from phoenix.phase3.validate import validate_many

    found = [_fits_files(given) for given in files]
    report = validate_many([path for paths, _ in found for path in paths], dataset=dataset)
    shown = report.errors if errors else report.findings
    if summary:
        show(_broken_rules(shown, report.summary()), as_json=as_json)
    elif as_json:
        json_option([finding.to_dict() for finding in shown])
    elif report.reports:
        for line in report.errors if errors else report.groups():
            say(str(line))
        say(report.summary())
    not_looked_at = [text for _, texts in found for text in texts]
    for text in not_looked_at:
        complain(f"not looked at: {text}")
    if report.errors:
        raise typer.Exit(1)
    if not_looked_at:
        raise typer.Exit(2)


def _broken_rules(findings: tuple[Finding, ...], title: str) -> Table:
    """Return one row for each rule that is broken, and keyword."""
    from phoenix.line.table import Table

    files: dict[tuple[Cell, ...], set[str]] = {}
    for one in findings:
        key = (str(one.severity), one.keyword, one.rule, one.section, one.message)
        files.setdefault(key, set()).add(one.file)
    rows = tuple((*key, len(names)) for key, names in sorted(files.items()))
    columns = ("severity", "keyword", "rule", "section", "what it says", "files")
    return Table(title, columns, rows)


def _fits_files(given: Path) -> tuple[list[Path], list[str]]:
    """Return the files to be judged, and what cannot be, with the reason."""
    from phoenix.archive.headers import PassedOver, find_files

    if not given.is_dir():
        why = _unreadable(given)
        return ([], [f"{given}: {why}"]) if why else ([given], [])
    found = list(find_files(given))
    paths = (Path(one.path) for one in found if not isinstance(one, PassedOver))
    files = sorted(path for path in paths if ".fits" in path.suffixes)
    texts = [f"{one.path}: {one.why}" for one in found if isinstance(one, PassedOver)]
    wrong = {path: _unreadable(path) for path in files}
    texts += [f"{path}: {why}" for path, why in wrong.items() if why]
    if not files and not texts:
        texts.append(f"{given}: found no files, expected FITS files in it or below it")
    return [path for path in files if not wrong[path]], texts


def _unreadable(path: Path) -> str:
    try:
        if not path.is_file():
            return "found no file, expected one" if not path.exists() else "found no plain file"
        path.open("rb").close()
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return ""
