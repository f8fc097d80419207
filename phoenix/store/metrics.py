"""Metrics of the workflow: a row a night and category, and what jobs and persons did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from attrs import asdict
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from phoenix.model.score import REJECTIONS, VerdictKind
from phoenix.store.metricsrow import MetricsRow, SpentRow, WorkloadRow
from phoenix.store.noun import Noun, rows_in_nights
from phoenix.store.schema import ab, comment, frame, job, judgement, metrics, verdict

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.compiler import SQLCompiler

__all__ = ["Metrics"]

_COLUMNS = tuple(column for column in metrics.c if column.name != "process")


class Metrics(Noun):
    """Metrics of the process. A night has its rows, or is to be counted."""

    def replace(self, date: object, rows: Iterable[MetricsRow]) -> None:
        """Remember what was counted of a night instead of what was known of it."""
        new = [asdict(row) | {"process": self.process, "date": str(date)} for row in rows]
        with self.transactions.writing() as connection:
            connection.execute(
                sa.delete(metrics).where(
                    metrics.c.process == self.process, metrics.c.date == str(date)
                )
            )
            if new:
                connection.execute(sa.insert(metrics), new)

    def rows(self, *, since: object = None, until: object = None) -> tuple[MetricsRow, ...]:
        """Return what was counted, in order of night and category.

        Parameters
        ----------
        since, until : CivilDate or str, optional
            First and last night.
        """
        query = (
            sa.select(*_COLUMNS)
            .where(metrics.c.process == self.process, *_within(metrics, since, until))
            .order_by(metrics.c.date, metrics.c.category)
        )
        with self.transactions.reading() as connection:
            return tuple(MetricsRow(**row._asdict()) for row in connection.execute(query))

    def uncounted(self, *, since: object = None, until: object = None) -> tuple[str, ...]:
        """Return the nights that have ABs or files in the header pool, and no metrics."""
        there = [
            sa.select(table.c.date).where(
                table.c.process == self.process,
                table.c.date != "",
                *_within(table, since, until),
            )
            for table in (ab, frame)
        ]
        known = sa.select(metrics.c.date).where(
            metrics.c.process == self.process, *_within(metrics, since, until)
        )
        with self.transactions.reading() as connection:
            nights = set(connection.scalars(sa.union(*there)))
            return tuple(sorted(nights.difference(connection.scalars(known))))

    def judged(self, date: object) -> dict[str, tuple[dt.datetime, ...]]:
        """Return when the ABs of a night were judged, each time, by AB name."""
        query = (
            self.of_blocks(judgement.c.at)
            .where(*rows_in_nights(date, date))
            .order_by(judgement.c.at)
        )
        found: dict[str, tuple[dt.datetime, ...]] = {}
        with self.transactions.reading() as connection:
            for row in connection.execute(query):
                found[row.ab_name] = (*found.get(row.ab_name, ()), row.at)
        return found

    def spent(self, *, since: object = None, until: object = None) -> tuple[SpentRow, ...]:
        """Return what jobs took that have ended, by recipe and step."""
        wall_s = sa.case(
            (job.c.wall_s > 0, job.c.wall_s), else_=_ElapsedS(job.c.started, job.c.ended)
        )
        query = (
            sa.select(
                ab.c.recipe,
                job.c.step,
                sa.func.count().label("jobs"),
                sa.func.sum(wall_s).label("wall_s"),
                sa.func.max(wall_s).label("longest_s"),
                sa.func.sum(job.c.cpu_s).label("cpu_s"),
                sa.func.max(job.c.peak_memory_mb).label("peak_memory_mb"),
            )
            .join_from(ab, job, job.c.ab_id == ab.c.id)
            .where(ab.c.process == self.process, *rows_in_nights(since, until))
            # What was only found on disk has no beginning.
            .where(job.c.ended.is_not(None), (job.c.wall_s > 0) | job.c.started.is_not(None))
            .group_by(ab.c.recipe, job.c.step)
            .order_by(ab.c.recipe, job.c.step)
        )
        with self.transactions.reading() as connection:
            return tuple(SpentRow(**row._asdict()) for row in connection.execute(query))

    def workload(self, *, since: object = None, until: object = None) -> tuple[WorkloadRow, ...]:
        """Return what persons and rules said of the ABs of nights, by who said it."""
        certified = verdict.c.kind.in_([VerdictKind.OK.value, VerdictKind.AUTO.value])
        rejected = verdict.c.kind.in_([kind.value for kind in REJECTIONS])
        withdrawn = verdict.c.kind == VerdictKind.WITHDRAWN.value
        no = sa.literal(0)
        said = _said(verdict, certified, rejected, withdrawn, no).where(
            certified | rejected | withdrawn
        )
        wrote = _said(comment, no, no, no, sa.literal(1))
        nights = rows_in_nights(since, until)
        both = sa.union_all(
            *(one.where(ab.c.process == self.process, *nights) for one in (said, wrote))
        ).subquery()
        kinds = ("certified", "rejected", "withdrawn", "comments")
        query = (
            sa.select(
                both.c.by,
                *(sa.func.sum(both.c[name]).label(name) for name in kinds),
                sa.func.count(sa.distinct(both.c.date)).label("nights"),
            )
            .group_by(both.c.by)
            .order_by(both.c.by)
        )
        with self.transactions.reading() as connection:
            return tuple(WorkloadRow(**row._asdict()) for row in connection.execute(query))


def _said(
    table: sa.Table,
    certified: ColumnElement[Any],
    rejected: ColumnElement[Any],
    withdrawn: ColumnElement[Any],
    comments: ColumnElement[Any],
) -> sa.Select[Any]:
    """Select who, of which night, and one column of 0 and 1 for each kind."""
    kinds = {
        "certified": certified,
        "rejected": rejected,
        "withdrawn": withdrawn,
        "comments": comments,
    }
    return sa.select(
        table.c.by,
        ab.c.date,
        *(sa.cast(kind, sa.Integer).label(name) for name, kind in kinds.items()),
    ).join_from(ab, table, table.c.ab_id == ab.c.id)


def _within(table: sa.Table, since: object, until: object) -> list[ColumnElement[bool]]:
    first = [] if since is None else [table.c.date >= str(since)]
    return first + ([] if until is None else [table.c.date <= str(until)])


class _ElapsedS(FunctionElement[float]):
    """Seconds from one moment to another; databases have no word for it in common."""

    type = sa.Float()
    inherit_cache = True


@compiles(_ElapsedS)
def _by_interval(element: _ElapsedS, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's signature
    start, end = (compiler.process(one, **options) for one in element.clauses)
    return f"EXTRACT(EPOCH FROM ({end} - {start}))"


@compiles(_ElapsedS, "sqlite")
def _by_julian_day(element: _ElapsedS, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - the same
    start, end = (compiler.process(one, **options) for one in element.clauses)
    return f"(86400.0 * (JULIANDAY({end}) - JULIANDAY({start})))"
