"""Runs: what was called when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from attrs import evolve

from phoenix.store import schema
from phoenix.store.noun import Noun
from phoenix.store.rows import RunRow

if TYPE_CHECKING:
    import datetime as dt

__all__ = ["Runs"]


class Runs(Noun):
    """Calls of the line."""

    def begin(self, run: RunRow) -> RunRow:
        """Remember that a run began; return it with its number."""
        with self.transactions.writing() as connection:
            run_id = connection.execute(
                sa.insert(schema.run)
                .values(
                    process=self.process,
                    pool=run.pool,
                    date=run.date,
                    command=run.command,
                    started=run.started,
                    ended=run.ended,
                    versions=dict(run.versions),
                )
                .returning(schema.run.c.id)
            ).scalar_one()
            return evolve(run, id=run_id)

    def end(self, run_id: int, at: dt.datetime) -> None:
        """Remember that a run ended; the first end counts."""
        with self.transactions.writing() as connection:
            connection.execute(
                sa.update(schema.run)
                .where(schema.run.c.id == run_id, schema.run.c.ended.is_(None))
                .values(ended=at)
            )

    def rows(self, date: object = None) -> tuple[RunRow, ...]:
        """Return the runs, of one pool if its date is given, the newest last."""
        query = sa.select(schema.run).where(schema.run.c.process == self.process)
        if date is not None:
            query = query.where(schema.run.c.date == str(date))
        with self.transactions.reading() as connection:
            return tuple(
                RunRow(
                    id=row.id,
                    pool=row.pool,
                    date=row.date,
                    command=row.command,
                    started=row.started,
                    ended=row.ended,
                    versions=row.versions,
                )
                for row in connection.execute(query.order_by(schema.run.c.id))
            )
