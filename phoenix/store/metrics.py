"""Metrics of the workflow: a row a night and category, and what jobs and persons did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from attrs import asdict
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from phoenix.model.score import REJECTIONS, VerdictKind
from phoenix.store.noun import Noun, rows_in_nights
from phoenix.store.rows.metrics import MetricsRow, SpentRow, WorkloadRow
from phoenix.store.schema import ab, comment, frame, job, judgement, metrics, raw_comment, verdict

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.compiler import SQLCompiler

__all__ = ["Metrics"]

_KINDS = {
    "certified": [VerdictKind.OK.value, VerdictKind.AUTO.value],
    "rejected": [kind.value for kind in REJECTIONS],
    "withdrawn": [VerdictKind.WITHDRAWN.value],
}
_SAID = (*_KINDS, "comments")
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
            .where(metrics.c.process == self.process, *_within(metrics.c.date, since, until))
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
                *_within(table.c.date, since, until),
            )
            for table in (ab, frame)
        ]
        known = sa.select(metrics.c.date).where(
            metrics.c.process == self.process, *_within(metrics.c.date, since, until)
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
        """Return what persons and rules said of ABs and raw files of nights, by who said it."""
        of_night = ab.c.process == self.process, *rows_in_nights(since, until)
        verdicts = {name: verdict.c.kind.in_(kinds) for name, kinds in _KINDS.items()}
        comments = {"comments": sa.true()}
        said = sa.union_all(
            _said(verdict, ab.c.date, verdicts)
            .join(ab)
            .where(*of_night, sa.or_(*verdicts.values())),
            _said(comment, ab.c.date, comments).join(ab).where(*of_night),
            _said(raw_comment, raw_comment.c.night, comments).where(
                raw_comment.c.process == self.process,
                *_within(raw_comment.c.night, since, until),
            ),
        ).subquery()
        query = (
            sa.select(
                said.c.by,
                *(sa.func.sum(said.c[name]).label(name) for name in _SAID),
                sa.func.count(sa.distinct(said.c.date)).label("nights"),
            )
            .group_by(said.c.by)
            .order_by(said.c.by)
        )
        with self.transactions.reading() as connection:
            return tuple(WorkloadRow(**row._asdict()) for row in connection.execute(query))


def _said(
    table: sa.Table, date: ColumnElement[str], kinds: Mapping[str, ColumnElement[bool]]
) -> sa.Select[Any]:
    """Select who said something, of which night, and 0 or 1 for each kind."""
    numbers = (sa.case((kinds.get(name, sa.false()), 1), else_=0).label(name) for name in _SAID)
    return sa.select(table.c.by, date.label("date"), *numbers).select_from(table)


def _within(date: ColumnElement[str], since: object, until: object) -> list[ColumnElement[bool]]:
    first = [] if since is None else [date >= str(since)]
    return first + ([] if until is None else [date <= str(until)])


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
