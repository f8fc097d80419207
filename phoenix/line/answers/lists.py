"""The results of nights, as tables: jobs, QC parameters, measurements, scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.engine.calls import is_on, job_as_seen
from phoenix.line.answers.known import known_column
from phoenix.line.jobs.work import PROCESS
from phoenix.line.nights import told_nights
from phoenix.line.table import Table
from phoenix.model.counted import counted
from phoenix.model.dates import nights_of
from phoenix.model.frames import Role
from phoenix.model.plain import one_line, shortened
from phoenix.model.process import Stay
from phoenix.model.report import JobState, told
from phoenix.model.score import Outcome, VerdictKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping, Sized

    from phoenix.line.context import LineContext
    from phoenix.model.dates import CivilDate
    from phoenix.store.rows import BlockRow, JobRow
    from phoenix.store.rows.qc1 import ScoreRow

__all__ = ["limits_of", "measurement_table", "parameter_table", "score_table", "status_table"]

STATUS = (
    "night", "AB", "recipe", "step", "state", "score", "verdict", "wall s", "memory MB", "reason",
)  # fmt: skip
"""Columns of :func:`status_table`."""


def limits_of(pool: str) -> tuple[CivilDate, CivilDate]:
    """Return the first and the last night of a pool."""
    nights = nights_of(pool)
    return nights[0], nights[-1]


def status_table(line: LineContext, pool: str, *, review: bool = False) -> Table:
    """Return where every AB of a pool stands; with `review` those that wait for a person."""
    since, until = limits_of(pool)
    verdicts = line.store.verdicts.current(since=since, until=until)
    kinds = {name: row.verdict.kind for name, row in verdicts.items()}
    scores = _score_texts(line.store.qc1.scores(since=since, until=until))
    blocks = {row.name: row for row in line.store.blocks.rows(since=since, until=until)}
    rows = tuple(
        (
            blocks[job.ab_name].date,
            job.ab_name,
            blocks[job.ab_name].recipe,
            job.step,
            job.state.value,
            scores.get(job.ab_name, "") if job.step == PROCESS else "",
            kinds[job.ab_name].value if job.step == PROCESS and job.ab_name in kinds else "",
            job.wall_s or None,
            job.peak_memory_mb or None,
            shortened(one_line(told(job.state, job.reason))),
        )
        for job in _as_seen(line, line.store.jobs.rows(since=since, until=until), blocks)
        # What was not measured because there is nothing to measure needs no row of its own.
        if (job.step == PROCESS or job.state is JobState.FAILED)
        and (not review or kinds.get(job.ab_name) is VerdictKind.REVIEW)
    )
    title = f"{len(rows)} to review of " if review else ""
    gone = _taken_away(line, since, until)
    said = f"{pool}: {title}{counted(len(blocks), 'AB')}{gone}"
    return Table(_titled(line, said, blocks), STATUS, rows)


def _taken_away(line: LineContext, since: CivilDate, until: CivilDate) -> str:
    """Say how many intermediate products have left before their nights were finished."""
    if line.stay is not Stay.READ:
        return ""
    products = line.store.products.rows(since=since, until=until)
    finished = {row.ab_name for row in products if row.final_name}
    gone = [
        row.size
        for row in products
        if row.role is Role.INTERMEDIATE and not row.path and row.ab_name not in finished
    ]
    if not gone:
        return ""
    return f", {counted(len(gone), 'intermediate product')} ({sum(gone) / 1e9:.2f} GB) taken away"


def _as_seen(
    line: LineContext, jobs: Iterable[JobRow], blocks: Mapping[str, BlockRow]
) -> Iterator[JobRow]:
    """Yield jobs as they stand: a run that was stopped left some waiting and ready."""
    on: dict[str, bool] = {}
    for job in jobs:
        date = blocks[job.ab_name].date
        if date not in on:
            on[date] = is_on(line.workspace, line.store.locks, date)
        yield job_as_seen(job, on=on[date])


def _score_texts(scores: Iterable[ScoreRow]) -> dict[str, str]:
    """Return the total score of each AB as the AB monitor shows it, red of all: ``1/5``."""
    found: dict[str, list[bool]] = {}
    for row in scores:
        found.setdefault(row.ab_name, []).append(row.outcome is Outcome.RED)
    return {name: f"{sum(red)}/{len(red)}" for name, red in found.items()}


def parameter_table(line: LineContext) -> Table:
    """Return the declared QC parameters."""
    rows = tuple(
        (row.name, row.unit, "element" if row.per_element else "AB", row.meaning)
        for row in line.instrument.qc_parameters(line.process_row)
    )
    title = f"QC parameters of {line.process_row.name}"
    return Table(title, ("parameter", "unit", "per", "meaning"), rows)


def measurement_table(
    line: LineContext, pool: str, parameters: tuple[str, ...], *, elements: bool
) -> Table:
    """Return what was measured of a pool, from the database.

    Raises
    ------
    DataError
        For a parameter that there is none of, whose nearest is named.
    """
    since, until = limits_of(pool)
    known = {row.name for row in line.instrument.qc_parameters(line.process_row)}
    known |= set(line.store.wide.parameters())
    parameters = tuple(known_column(name, known) for name in parameters)
    units = {row.name: row.unit for row in line.instrument.qc_parameters(line.process_row)}
    found = line.store.qc1.measurements(
        parameters=parameters or None, since=since, until=until, whole_ab=not elements
    )
    rows = tuple(
        (
            row.ab_name,
            row.raw_type,
            row.parameter,
            row.element,
            row.value,
            units.get(row.parameter, ""),
        )
        for row in found
    )
    columns = ("AB", "raw type", "parameter", "element", "value", "unit")
    return Table(_titled(line, f"QC of {pool}", rows), columns, rows)


def score_table(line: LineContext, pool: str, *, every: bool = False) -> Table:
    """Return the scores of a pool, from the database.

    Parameters
    ----------
    line : LineContext
        Whose store is read.
    pool : str
        A night, nights, a month or a year.
    every : bool, optional
        Also those that no longer count; with their rules, who set them, and when it was judged.
    """
    since, until = limits_of(pool)
    rows = tuple(
        (
            row.ab_name,
            f"{row.parameter} of {row.element}" if row.element else row.parameter,
            row.value,
            row.low,
            row.high,
            row.outcome.value,
            row.kind.value,
            "" if row.outcome is Outcome.GREEN else row.comment,
            *((row.rule, row.source, _moment(row.at)) if every else ()),
        )
        for row in line.store.qc1.scores(since=since, until=until, every=every)
    )
    columns: tuple[str, ...] = (
        "AB",
        "parameter",
        "value",
        "low",
        "high",
        "score",
        "kind",
        "comment",
    )
    columns += ("rule", "set by", "judged") if every else ()
    return Table(_titled(line, f"scores of {pool}", rows), columns, rows)


def _titled(line: LineContext, title: str, found: Sized) -> str:
    """Return the title of a table; where it is empty with the nights that there are."""
    return title if found else f"{title}: nothing was found; {told_nights(line)}"


def _moment(when: dt.datetime | None) -> str:
    return when.isoformat(sep=" ", timespec="seconds") if when else ""
