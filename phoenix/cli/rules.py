"""pool, oca, create-ab, explain, verify-ab: from headers to Association Blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from phoenix.cli.console import complain, json_option, say, show
from phoenix.cli.options import (
    JSON,
    Block,
    Date,
    Month,
    OneAB,
    Until,
    Where,
    pool,
    pool_or_all,
    typed,
)
from phoenix.model.counted import counted

__all__ = ["add_verbs"]

_RuleFiles = Annotated[list[Path], typer.Argument(help="OCA rule files, taken as one set.")]
_Mode = Annotated[
    str,
    typer.Option(
        help="CALIB or SCIENCE; science with what it needs, if there is any, if not given."
    ),
]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    files = typer.Typer(help="The header pool.", no_args_is_help=True)
    files.command("index")(index)
    files.command("list")(list_files)
    app.add_typer(files, name="pool")
    rules = typer.Typer(help="OCA rule files.", no_args_is_help=True)
    rules.command("check")(check_rules)
    rules.command("classify")(classify_files)
    rules.command("map")(map_rules)
    app.add_typer(rules, name="oca")
    app.command("create-ab")(create_ab)
    app.command()(explain)
    app.command("verify-ab")(verify_ab)


def index(context: typer.Context, where: Where = Path(), as_json: JSON = False) -> None:
    """Index the files of all repositories; only new and changed ones are read.

    Leaves with 1 if there are files that cannot be used, or several of one ARCFILE.

    Example: phoenix pool index
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where, command=typed(context)) as line:
        report = line.index()
    table = report.table()
    if as_json or table.rows:
        show(table, as_json=as_json)
    else:
        say(table.title)
    if table.rows:
        raise typer.Exit(1)


def list_files(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    faulty: Annotated[bool, typer.Option("--faulty", help="Only what cannot be used.")] = False,
    as_json: JSON = False,
) -> None:
    """List the files of the header pool: of a night, of a month, or all without -d and -m.

    Example: phoenix pool list -d 2020-01-01
    """
    from phoenix.line.association.header_pool import pool_table
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        wanted = pool_or_all(date, month, until)
        first, last = line.limits(wanted) if wanted else (None, None)
        rows = line.store.frames.rows(since=first, until=last, faulty=faulty or None)
    show(pool_table(rows), as_json=as_json)


def check_rules(files: _RuleFiles, as_json: JSON = False) -> None:
    """Read rule files and say what is odd in them; leaves with 1 if something can never work.

    Example: phoenix oca check giraf.oca
    """
    from phoenix.oca import check

    report = check(*files)
    wrong = [row for row in report.findings if row.severity == "error"]
    if as_json:
        json_option(
            {
                "path": report.path,
                "classifications": report.classifications,
                "executes": report.executes,
                "actions": report.actions,
                "selects": report.selects,
                "findings": [
                    {"severity": row.severity, "line": row.line, "message": row.message}
                    for row in report.findings
                ],
            }
        )
    else:
        say(
            f"{report.path}: {counted(report.classifications, 'classification rule')}, "
            f"{counted(report.executes, 'grouping')}, {counted(report.actions, 'action')}, "
            f"{counted(report.selects, 'select')}"
        )
        for row in report.findings:
            say(str(row))
    if wrong:
        raise typer.Exit(1)


def classify_files(
    files: Annotated[list[Path], typer.Argument(help="FITS files or headers.")],
    rules: Annotated[
        list[Path] | None,
        typer.Option("--rules", "-r", help="OCA rule files; those of the workspace if not given."),
    ] = None,
    where: Where = Path(),
    as_json: JSON = False,
) -> None:
    """Say what files are, by their headers, and which rules were true.

    Leaves with 1 if a file is unclassified or cannot be read.

    Example: phoenix oca classify --rules giraf.oca raw/2020-01-01/*.fits
    """
    from phoenix.line.association.classify import classify_paths
    from phoenix.line.production import ProductionLine
    from phoenix.oca import load

    if rules:
        table = classify_paths(load(*rules), files)
    else:
        with ProductionLine(where) as line:
            table = classify_paths(line.rules.versions[-1].rules, files)
    show(table, as_json=as_json)
    if any(row[1] in {"", "UNCLASSIFIED"} for row in table.rows):
        raise typer.Exit(1)


def map_rules(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="OCA rule files; those of the workspace, with products, if none."),
    ] = None,
    where: Where = Path(),
    dot: Annotated[bool, typer.Option("--dot", help="For Graphviz.")] = False,
    as_json: JSON = False,
) -> None:
    """Print the calibration cascade of rules: what each action makes and needs.

    Example: phoenix oca map --dot | dot -Tsvg > map.svg
    """
    from phoenix.line.production import ProductionLine
    from phoenix.oca import calibration_map, load

    if files:
        found = calibration_map(load(*files))
    else:
        with ProductionLine(where) as line:
            found = calibration_map(line.rules.versions[-1].rules)
    if as_json:
        json_option(found.to_dict())
    else:
        say((found.dot() if dot else found.text()).rstrip())


def create_ab(
    context: typer.Context,
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    mode: _Mode = "",
    masters: Annotated[
        bool, typer.Option("-X", "--masters", help="All master calibrations of these nights.")
    ] = False,
    ab: OneAB = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Show what would be made, write nothing.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Make Association Blocks from raw files by the association rules.

    Leaves with 1 if an AB is incomplete or cannot be run; the table says why.

    Example: phoenix create-ab -d 2020-01-01 --mode SCIENCE
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where, command=typed(context)) as line:
        prepared = line.create(
            pool(date, month, until),
            tuple(ab or ()),
            mode=checked_mode(mode),
            masters=masters,
            dry=dry_run,
        )
    show(prepared.table(), as_json=as_json)
    for text in prepared.diagnostics:
        complain(text)
    if prepared.refused:
        raise typer.Exit(1)


def checked_mode(mode: str) -> str:
    """Return the mode in capitals.

    Raises
    ------
    typer.BadParameter
        If it is neither CALIB nor SCIENCE.
    """
    if mode.upper() not in {"", "CALIB", "SCIENCE"}:
        raise typer.BadParameter(f"found --mode {mode}, expected CALIB or SCIENCE")
    return mode.upper()


def explain(
    name: Block,
    where: Where = Path(),
    calib: Annotated[
        str | None, typer.Option(help="Only this calibration, by its name in the rules.")
    ] = None,
    shown: Annotated[int, typer.Option(help="Candidates shown for each rule.")] = 20,
    as_json: JSON = False,
) -> None:
    """Say why a created AB has its calibrations: rules, candidates, what rejected each.

    Example: phoenix explain GIRAF.2020-01-02T01:12:20.596.ab --calib MASTER_BIAS
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        found = line.explain(name, calib)
    if as_json:
        json_option(found.to_dict())
    else:
        say(found.text(shown).rstrip())


def verify_ab(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    mode: _Mode = "",
    rules: Annotated[
        list[Path] | None, typer.Option("--rules", "-r", help="Compare with these rule files.")
    ] = None,
    calselector: Annotated[
        Path | None, typer.Option(help="Compare with this answer of calSelector (XML).")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Compare created ABs with those of other rules, of calSelector, or of the repository.

    Leaves with 1 if they differ.

    Example: phoenix verify-ab -d 2020-01-01 --rules my.oca
    """
    from phoenix.line.production import ProductionLine

    if rules and calselector:
        raise typer.BadParameter("give either --rules or --calselector")
    with ProductionLine(where) as line:
        table = line.verify(
            pool(date, month, until),
            rules=rules or (),
            answer=calselector,
            mode=checked_mode(mode),
        )
    show(table, as_json=as_json)
    if table.rows:
        raise typer.Exit(1)
