"""Runs: what was called when, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from attrs import evolve

from phoenix.store import schema
from phoenix.store.noun import Noun
from phoenix.store.rows import RunRow, RunState

if TYPE_CHECKING:
    from sqlalchemy import Row

__all__ = ["Runs"]

_BEGUN = ("verb", "pool", "since", "until", "command", "started")
_TOLD = ("ended", "state", "reason", "counts")


def _typed(text: str, *names: str) -> sa.TextClause:
    types = schema.run.c
    return sa.text(text).bindparams(
        *(sa.bindparam(name, type_=types[name].type) for name in names)
    )


# As text: SQLAlchemy puts together a statement of its own in milliseconds, and every call of the
# line, also one that has nothing to do, needs these two.
_BEGIN = _typed(
    "INSERT INTO run (process, verb, pool, since, until, command, started, ended, state, reason, "
    "counts, versions) VALUES (:process, :verb, :pool, :since, :until, :command, :started, "
    ":ended, :state, :reason, :counts, :versions) RETURNING id",
    *("process", *_BEGUN, *_TOLD, "versions"),
)
_END = _typed(
    "UPDATE run SET ended = :ended, state = :state, reason = :reason, counts = :counts "
    "WHERE id = :id AND ended IS NULL",
    *(*_TOLD, "id"),
)
_NOTE = _typed("UPDATE run SET reason = :reason WHERE id = :id AND ended IS NULL", "reason", "id")


class Runs(Noun):
    """Calls of the line."""

    def begin(self, run: RunRow) -> RunRow:
        """Remember that a run began; return it with its number."""
        columns = {name: getattr(run, name) for name in _BEGUN} | _told(run)
        with self.transactions.writing() as connection:
            given = {"process": self.process, "versions": dict(run.versions)}
            run_id = connection.execute(_BEGIN, columns | given).scalar_one()
        return evolve(run, id=run_id)

    def note(self, run_id: int, reason: str) -> None:
        """Remember what a run waits for, until it ends; empty for nothing."""
        with self.transactions.writing() as connection:
            connection.execute(_NOTE, {"id": run_id, "reason": reason})

    def end(self, run: RunRow) -> None:
        """Remember how a run ended; the first end counts."""
        with self.transactions.writing() as connection:
            connection.execute(_END, _told(run) | {"id": run.id})

    def rows(
        self, *, since: object = None, until: object = None, last: int | None = None
    ) -> tuple[RunRow, ...]:
        """Return runs, the newest last.

        Parameters
        ----------
        since, until : CivilDate or str, optional
            Only runs of pools that have a night between these.
        last : int, optional
            Only so many, the newest.
        """
        query = sa.select(schema.run).where(schema.run.c.process == self.process)
        if since is not None:
            query = query.where(schema.run.c.until >= str(since))
        if until is not None:
            query = query.where(schema.run.c.since <= str(until), schema.run.c.since != "")
        query = query.order_by(schema.run.c.id.desc()).limit(last)
        with self.transactions.reading() as connection:
            return tuple(map(_run, connection.execute(query)))[::-1]


def _told(run: RunRow) -> dict[str, Any]:
    return {
        "ended": run.ended,
        "state": run.state.value,
        "reason": run.reason,
        "counts": dict(run.counts),
    }


def _run(row: Row[Any]) -> RunRow:
    columns = row._asdict()
    del columns["process"]
    return RunRow(**columns | {"state": RunState(row.state)})
