"""History: what was done, night by night (the histoMonitor of the old tools)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from attrs import evolve

from phoenix.model.report import JobState
from phoenix.model.score import VerdictKind
from phoenix.store.noun import Noun, rows_in_nights
from phoenix.store.rows import IDPStatus
from phoenix.store.rows.night import NightRow
from phoenix.store.schema import ab, idp, job, verdict

__all__ = ["History"]


class History(Noun):
    """Counts of the process."""

    def nights(
        self, step: str, *, since: object = None, until: object = None
    ) -> tuple[NightRow, ...]:
        """Return one row a night; add them up by :func:`~phoenix.store.by_month`, ``by_year``.

        Parameters
        ----------
        step : str
            The step whose states count.
        since, until : CivilDate or str, optional
            First and last night.
        """
        query = (
            sa.select(
                ab.c.date,
                job.c.state,
                sa.func.count().label("jobs"),
                sa.func.sum(job.c.wall_s).label("wall_s"),
                sa.func.sum(job.c.products).label("products"),
            )
            .join_from(ab, job, job.c.ab_id == ab.c.id)
            .where(ab.c.process == self.process, job.c.step == step)
            .where(*rows_in_nights(since, until))
            .group_by(ab.c.date, job.c.state)
            .order_by(ab.c.date, job.c.state)
        )
        nights: dict[str, NightRow] = {}
        with self.transactions.reading() as connection:
            for row in connection.execute(query):
                night = nights.get(row.date, NightRow(row.date, {}))
                nights[row.date] = evolve(
                    night,
                    states={**night.states, JobState(row.state): row.jobs},
                    recipe_s=night.recipe_s + row.wall_s,
                    products=night.products + row.products,
                )
            for row in connection.execute(_verdicts(self.process, since, until)):
                if row.date in nights:
                    night = nights[row.date]
                    verdicts = {**night.verdicts, VerdictKind(row.kind): row.blocks}
                    nights[row.date] = evolve(night, verdicts=verdicts)
        return tuple(nights.values())

    def idps(self, *, since: object = None, until: object = None) -> dict[str, int]:
        """Return how many current IDPs each night has that has any.

        Parameters
        ----------
        since, until : CivilDate or str, optional
            First and last night.
        """
        query = (
            sa.select(ab.c.date, sa.func.count().label("idps"))
            .join_from(ab, idp, idp.c.ab_id == ab.c.id)
            .where(ab.c.process == self.process, idp.c.status == IDPStatus.CURRENT.value)
            .where(*rows_in_nights(since, until))
            .group_by(ab.c.date)
            .order_by(ab.c.date)
        )
        with self.transactions.reading() as connection:
            return {row.date: row.idps for row in connection.execute(query)}


def _verdicts(process: str, since: object, until: object) -> sa.Select[Any]:
    """Count the verdicts that count of each night."""
    later = verdict.alias()
    newest = sa.select(sa.func.max(later.c.id)).where(later.c.ab_id == ab.c.id).scalar_subquery()
    return (
        sa.select(ab.c.date, verdict.c.kind, sa.func.count().label("blocks"))
        .join_from(ab, verdict, verdict.c.ab_id == ab.c.id)
        .where(ab.c.process == process, *rows_in_nights(since, until), verdict.c.id == newest)
        .group_by(ab.c.date, verdict.c.kind)
        .order_by(ab.c.date, verdict.c.kind)
    )
