"""qc, stats and monitor: what was measured and done, and the pages that show it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phoenix.cli.complete import parameters
from phoenix.cli.console import complain, leave_if_skipped, say, show
from phoenix.cli.options import JSON, Date, Month, Until, Where, pool, pool_or_all, typed
from phoenix.model.counted import counted

if TYPE_CHECKING:
    from phoenix.line.qc1.query import Query

__all__ = ["add_verbs"]

Conditions = Annotated[
    list[str] | None,
    typer.Argument(help="All to be fulfilled: 'SNR>50' 'SETUP~H525' 'TARGET~NGC' 'QCFLAG:2'."),
]
Parameters = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter",
        "-p",
        help="Only these columns; may be repeated.",
        autocompletion=parameters,
    ),
]
Elements = Annotated[bool, typer.Option("--elements", help="One row a fibre, order or IFU.")]
Sort = Annotated[str, typer.Option(help="Column; '-SNR' is the largest first.")]
Limit = Annotated[int, typer.Option(min=0, help="At most so many rows; 0 is all.")]
By = Annotated[str, typer.Option(help="A statistic for each value of this column.")]
Statistic = Annotated[
    str, typer.Option(help="mean, median, sigma, number or sum; of all rows without --by.")
]
Wide = Annotated[bool, typer.Option("--wide", help="All columns: OB, target, setup keys ...")]


def add_verbs(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    group = typer.Typer(help="QC parameters and scores.", no_args_is_help=True)
    group.command("list")(list_parameters)
    group.command("show")(show_measurements)
    group.command("scores")(show_scores)
    group.command("rescore")(rescore)
    group.command("significance")(significance)
    group.command("browse")(browse)
    group.command("export")(export)
    group.command("plot")(plot)
    group.command("flags")(flags)
    app.add_typer(group, name="qc")
    app.command()(stats)
    app.command()(monitor)


def list_parameters(
    where: Where = Path(),
    as_json: JSON = False,
) -> None:
    """List the declared QC parameters: unit and meaning.

    Example: phoenix qc list
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        show(line.qc_parameters(), as_json=as_json)


def show_measurements(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter", "-p", help="Only these; may be repeated.", autocompletion=parameters
        ),
    ] = None,
    elements: Annotated[
        bool, typer.Option("--elements", help="Also the values of single fibres.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Show what was measured in a night.

    Example: phoenix qc show -d 2020-01-01 -p SNR -p NUM_SAT
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        table = line.qc_table(pool(date, month, until), tuple(parameter or ()), elements=elements)
    show(table, as_json=as_json)


def show_scores(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    every: Annotated[
        bool, typer.Option("--every", help="Also those that no longer count, with their rules.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Show the scores of a night.

    Example: phoenix qc scores -d 2020-01-01
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        show(line.score_table(pool(date, month, until), every=every), as_json=as_json)


def rescore(
    context: typer.Context,
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    rules: Annotated[
        Path | None, typer.Option("--rules", help="TOML file with tables [scores.PARAMETER].")
    ] = None,
    dry: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Only show what would change.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Judge again what was measured, by the thresholds of now; no product is touched.

    Example: phoenix qc rescore -m 2020 --dry-run --rules stricter.toml
    """
    from phoenix.line.production import ProductionLine

    wanted = pool_or_all(date, month, until)
    with ProductionLine(where, command=typed(context)) as line:
        found = line.rescore(wanted, rules, dry=dry)
    show(found.table(), as_json=as_json)
    if not as_json:
        say(found.summary())
    leave_if_skipped(found.skipped)


def significance(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    as_json: JSON = False,
) -> None:
    """Show how often each rule was red, and how often a person agreed.

    Example: phoenix qc significance -m 2020
    """
    from phoenix.line.production import ProductionLine

    wanted = pool_or_all(date, month, until)
    with ProductionLine(where) as line:
        show(line.significance(wanted), as_json=as_json)


def browse(
    where: Where = Path(),
    conditions: Conditions = None,
    date: Date = "",
    month: Month = "",
    until: Until = "",
    parameter: Parameters = None,
    elements: Elements = False,
    sort: Sort = "",
    limit: Limit = 0,
    by: By = "",
    statistic: Statistic = "",
    wide: Wide = False,
    as_json: JSON = False,
) -> None:
    """Find what was measured in any nights: rows, or statistics by a column.

    Example: phoenix qc browse 'SNR>50' 'SETUP~H525' -p SNR -p NUM_SAT --sort -SNR
    """
    from attrs import evolve

    from phoenix.line.production import ProductionLine

    query = _query(conditions, date, month, until, parameter, elements, sort, limit, by, statistic)
    with ProductionLine(where) as line:
        show(line.browse(evolve(query, wide=wide)), as_json=as_json)


def export(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="x.csv, .ecsv, .fits, .vot, .parquet.")
    ],
    where: Where = Path(),
    conditions: Conditions = None,
    date: Date = "",
    month: Month = "",
    until: Until = "",
    parameter: Parameters = None,
    elements: Elements = False,
    sort: Sort = "",
    limit: Limit = 0,
    by: By = "",
    statistic: Statistic = "",
) -> None:
    """Write what was measured in any nights to a file, with units.

    Example: phoenix qc export 'RAW_TYPE=SCIENCE' -p SNR -m 2020-01 -o snr.vot
    """
    from phoenix.line.production import ProductionLine

    query = _query(conditions, date, month, until, parameter, elements, sort, limit, by, statistic)
    with ProductionLine(where) as line:
        number = line.export(query, output)
    say(f"{output}: {counted(number, 'row')}")


def plot(
    x: Annotated[str, typer.Argument(help="QC parameter, or MJD_OBS.")],
    y: Annotated[str, typer.Argument(help="QC parameter.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="x.png, or x.html to zoom in.")],
    where: Where = Path(),
    conditions: Conditions = None,
    date: Date = "",
    month: Month = "",
    until: Until = "",
    elements: Elements = False,
    by: Annotated[str, typer.Option(help="A colour for each value of this column.")] = "",
    log: Annotated[bool, typer.Option("--log", help="Logarithmic axes.")] = False,
    fit: Annotated[bool, typer.Option("--fit", help="With a straight line.")] = False,
) -> None:
    """Draw a QC parameter against another, or against time.

    Example: phoenix qc plot MEAN_COUNTS SNR 'RAW_TYPE=SCIENCE' --by SETUP --log --fit -o snr.png
    """
    from phoenix.line.production import ProductionLine
    from phoenix.line.qc1.plot import NO_LINE, Look

    query = _query(conditions, date, month, until, None, elements, "", 0, "", "")
    with ProductionLine(where) as line:
        found = line.plot(x, y, query, output, Look(by, log, fit))
    say(f"{output}")
    if found is not None:
        say(
            f"slope {found.slope:.6g}, offset {found.offset:.6g}, scatter {found.scatter:.4g} "
            f"of {found.number}{' (log10)' if log else ''}"
        )
    elif fit:
        complain(NO_LINE)


def flags(
    where: Where = Path(),
    conditions: Conditions = None,
    date: Date = "",
    month: Month = "",
    until: Until = "",
    elements: Elements = False,
    by: Annotated[str, typer.Option(help="Count for each value of this column.")] = "SETUP",
    as_json: JSON = False,
) -> None:
    """Count the bits of QCFLAG that are set, with the meaning they had when they were made.

    Example: phoenix qc flags -m 2020-01 --elements --by SETUP
    """
    from phoenix.line.production import ProductionLine

    query = _query(conditions, date, month, until, None, elements, "", 0, by, "")
    with ProductionLine(where) as line:
        show(line.qc_flags(query), as_json=as_json)


def _query(
    conditions: list[str] | None,
    date: str,
    month: str,
    until: str,
    parameters: list[str] | None,
    elements: bool,
    sort: str,
    limit: int,
    by: str,
    statistic: str,
) -> Query:
    from phoenix.line.qc1.query import STATISTICS, Query

    if statistic and statistic not in STATISTICS:
        raise typer.BadParameter(f"--statistic: expected one of {', '.join(STATISTICS)}")
    wanted = pool_or_all(date, month, until)
    return Query(
        tuple(parameters or ()),
        tuple(conditions or ()),
        wanted,
        elements,
        sort,
        limit,
        by,
        statistic,
    )


def stats(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
    by: Annotated[
        str,
        typer.Option(help="A row for each night, month, recipe or person.", show_default=False),
    ] = "",
    as_json: JSON = False,
) -> None:
    """Show the workflow metrics: raw and products, ABs, certification, times, delays, IDPs.

    Example: phoenix stats -m 2020
    """
    from phoenix.line.production import ProductionLine

    with ProductionLine(where) as line:
        show(line.stats(pool(date, month, until), by), as_json=as_json)


def monitor(
    where: Where = Path(),
    date: Date = "",
    month: Month = "",
    until: Until = "",
) -> None:
    """Write the monitor pages: of a night, of a month, or all without -d and -m.

    Example: phoenix monitor -d 2020-01-01
    """
    from phoenix.line.production import ProductionLine

    wanted = pool_or_all(date, month, until)
    with ProductionLine(where) as line:
        index = line.write_pages(wanted)
    say(f"pages: {index}")
