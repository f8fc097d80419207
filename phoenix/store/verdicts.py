"""Verdicts and comments: what rules and persons say about the products of an AB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from phoenix.model.score import Verdict, VerdictKind
from phoenix.store.noun import Noun, rows_in_nights
from phoenix.store.rows import CommentRow, VerdictRow
from phoenix.store.schema import ab, comment, verdict

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy import Row

__all__ = ["Verdicts"]


class Verdicts(Noun):
    """Certification of the process. Nothing is ever overwritten: the last verdict counts."""

    def give(self, ab_name: str, given: Verdict, at: dt.datetime) -> None:
        """Give a verdict (at: UTC); the same again changes nothing."""
        with self.transactions.writing() as connection:
            of_ab = self.ids(connection, [ab_name])[ab_name]
            last = self.history(ab_name)[-1:]
            if last and last[0].verdict == given:
                return
            connection.execute(
                sa.insert(verdict).values(
                    ab_id=of_ab,
                    kind=given.kind.value,
                    comment=given.comment,
                    by=given.by,
                    at=at,
                )
            )

    def current(self, *, since: object = None, until: object = None) -> dict[str, VerdictRow]:
        """Return the verdict that counts for each AB that has one, between two nights."""
        query = self.of_blocks(*verdict.c).where(*rows_in_nights(since, until))
        with self.transactions.reading() as connection:
            rows = connection.execute(query.order_by(verdict.c.id))
            return {row.ab_name: _verdict(row) for row in rows}

    def history(self, ab_name: str) -> tuple[VerdictRow, ...]:
        """Return all verdicts of an AB, the newest last."""
        query = self.of_blocks(*verdict.c).where(ab.c.name == ab_name).order_by(verdict.c.id)
        with self.transactions.reading() as connection:
            return tuple(_verdict(row) for row in connection.execute(query))

    def add_comment(self, row: CommentRow) -> None:
        """Keep a comment; the very same one again changes nothing."""
        with self.transactions.writing() as connection:
            of_ab = self.ids(connection, [row.ab_name])[row.ab_name]
            if row not in self.comments(ab_name=row.ab_name):
                connection.execute(
                    sa.insert(comment).values(ab_id=of_ab, text=row.text, by=row.by, at=row.at)
                )

    def comments(
        self, *, since: object = None, until: object = None, ab_name: str | None = None
    ) -> tuple[CommentRow, ...]:
        """Return comments, the newest last."""
        query = (
            self.of_blocks(*comment.c)
            .where(*rows_in_nights(since, until))
            .order_by(comment.c.at, comment.c.id)
        )
        if ab_name is not None:
            query = query.where(ab.c.name == ab_name)
        with self.transactions.reading() as connection:
            return tuple(
                CommentRow(row.ab_name, row.text, row.by, row.at)
                for row in connection.execute(query)
            )


def _verdict(row: Row[Any]) -> VerdictRow:
    return VerdictRow(row.ab_name, Verdict(VerdictKind(row.kind), row.comment, row.by), row.at)
