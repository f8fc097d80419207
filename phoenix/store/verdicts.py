"""Verdicts and comments: what rules and persons say about the products of an AB."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from phoenix.model.score import REJECTIONS, Verdict, VerdictKind
from phoenix.store.noun import Noun, in_batches, rows_in_nights
from phoenix.store.rows import CommentRow, NotedRow, RawCommentRow, VerdictRow
from phoenix.store.schema import ab, comment, raw_comment, verdict

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import ColumnElement, Connection, Row

__all__ = ["Verdicts"]

_INSERT = sa.insert(verdict)
_NEWEST = (
    sa.select(sa.func.max(verdict.c.id))
    .where(verdict.c.ab_id.in_(sa.bindparam("blocks", expanding=True)))
    .group_by(verdict.c.ab_id)
)
_LAST = (
    sa.select(ab.c.name.label("ab_name"), *verdict.c)
    .join_from(ab, verdict, verdict.c.ab_id == ab.c.id)
    .where(verdict.c.id.in_(_NEWEST))
)


class Verdicts(Noun):
    """Certification of the process. Nothing is ever overwritten: the last verdict counts."""

    def give(
        self, ab_name: str, given: Verdict, at: dt.datetime, made: dt.datetime | None = None
    ) -> None:
        """Give a verdict (at: UTC); the same again changes nothing.

        Unless the products were made after it was given: it is on others now.
        """
        self.give_all({ab_name: given}, at, made)

    def give_all(
        self, given: Mapping[str, Verdict], at: dt.datetime, made: dt.datetime | None = None
    ) -> None:
        """Give verdicts by AB name, as :meth:`give` does one."""
        with self.transactions.writing() as connection:
            ids = self.ids(connection, given)
            last = {row.ab_name: row for row in self._last(connection, ids.values())}
            new = [
                {
                    "ab_id": ids[name],
                    "kind": one.kind.value,
                    "comment": one.comment,
                    "by": one.by,
                    "at": at,
                }
                for name, one in given.items()
                if not _is_said(last.get(name), one, made)
            ]
            if new:
                connection.execute(_INSERT, new)

    def current(self, *, since: object = None, until: object = None) -> dict[str, VerdictRow]:
        """Return the verdict that counts for each AB that has one, between two nights."""
        query = self.of_blocks(*verdict.c).where(*rows_in_nights(since, until))
        with self.transactions.reading() as connection:
            rows = connection.execute(query.order_by(verdict.c.id))
            return {row.ab_name: _verdict(row) for row in rows}

    def any_rejected(self, *, since: object = None, until: object = None) -> bool:
        """Say whether an AB between two nights was ever rejected, now or once."""
        query = self.of_blocks(verdict.c.id).where(
            verdict.c.kind.in_([kind.value for kind in REJECTIONS]), *rows_in_nights(since, until)
        )
        with self.transactions.reading() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def history(self, ab_name: str) -> tuple[VerdictRow, ...]:
        """Return all verdicts of an AB, the newest last."""
        return self._every(ab.c.name == ab_name)

    def of_nights(self, since: object, until: object) -> dict[str, tuple[VerdictRow, ...]]:
        """Return all verdicts of the ABs of some nights, by AB name, each as in its history."""
        found: dict[str, tuple[VerdictRow, ...]] = {}
        for row in self._every(*rows_in_nights(since, until)):
            found[row.ab_name] = (*found.get(row.ab_name, ()), row)
        return found

    def _every(self, *conditions: ColumnElement[bool]) -> tuple[VerdictRow, ...]:
        query = self.of_blocks(*verdict.c).where(*conditions).order_by(verdict.c.id)
        with self.transactions.reading() as connection:
            return tuple(_verdict(row) for row in connection.execute(query))

    def _last(self, connection: Connection, blocks: Iterable[int]) -> Iterator[VerdictRow]:
        """Yield the newest verdict of each AB that has one."""
        for batch in in_batches(blocks):
            yield from map(_verdict, connection.execute(_LAST, {"blocks": batch}))

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

    # ---- raw files (raw_comments, QC Handbook, 2.4.4) -------------------------------------------

    def add_raw_comment(self, row: RawCommentRow) -> None:
        """Keep a comment on a raw file; the very same one again changes nothing."""
        with self.transactions.writing() as connection:
            if row not in self.raw_comments(files=[row.file]):
                connection.execute(
                    sa.insert(raw_comment).values(
                        process=self.process,
                        file=row.file,
                        night=row.night,
                        text=row.text,
                        by=row.by,
                        at=row.at,
                    )
                )

    def raw_comments(
        self,
        *,
        since: object = None,
        until: object = None,
        files: Iterable[str] | None = None,
    ) -> tuple[RawCommentRow, ...]:
        """Return comments on raw files, the newest last.

        Parameters
        ----------
        since, until : CivilDate or str, optional
            First and last night of the files.
        files : iterable of str, optional
            Only on these (ARCFILE without suffix).
        """
        query = sa.select(raw_comment).where(*self._of_raw(since, until))
        with self.transactions.reading() as connection:
            if files is None:
                found = list(connection.execute(query))
            else:
                found = [
                    row
                    for batch in in_batches(dict.fromkeys(files))
                    for row in connection.execute(query.where(raw_comment.c.file.in_(batch)))
                ]
        return tuple(
            RawCommentRow(row.file, row.night, row.text, row.by, row.at)
            for row in sorted(found, key=lambda row: (row.at, row.id))
        )

    def _of_raw(self, since: object, until: object) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = [raw_comment.c.process == self.process]
        if since is not None:
            conditions.append(raw_comment.c.night >= str(since))
        if until is not None:
            conditions.append(raw_comment.c.night <= str(until))
        return conditions

    # ---- both -----------------------------------------------------------------------------------

    def noted(self) -> dict[str, int]:
        """Return how many comments each night has that has any, on ABs and on raw files."""
        on_blocks = (
            sa.select(ab.c.date.label("night"), sa.func.count().label("number"))
            .join_from(ab, comment, comment.c.ab_id == ab.c.id)
            .where(ab.c.process == self.process)
            .group_by(ab.c.date)
        )
        on_raw = (
            sa.select(raw_comment.c.night, sa.func.count().label("number"))
            .where(raw_comment.c.process == self.process)
            .group_by(raw_comment.c.night)
        )
        counts: Counter[str] = Counter()
        with self.transactions.reading() as connection:
            for query in (on_blocks, on_raw):
                for night, number in connection.execute(query):
                    counts[night] += number
        return dict(counts)

    def latest(self, since: object, until: object, most: int) -> tuple[NotedRow, ...]:
        """Return the newest comments of some nights, on ABs and on raw files, the newest first."""
        on_blocks = (
            self.of_blocks(*comment.c)
            .add_columns(ab.c.date.label("night"))
            .where(*rows_in_nights(since, until))
            .order_by(comment.c.at.desc(), comment.c.id.desc())
            .limit(most)
        )
        on_raw = (
            sa.select(raw_comment, raw_comment.c.file.label("ab_name"))
            .where(*self._of_raw(since, until))
            .order_by(raw_comment.c.at.desc(), raw_comment.c.id.desc())
            .limit(most)
        )
        with self.transactions.reading() as connection:
            found = [
                NotedRow(row.night, row.ab_name, row.text, row.by, row.at)
                for query in (on_blocks, on_raw)
                for row in connection.execute(query)
            ]
        return tuple(sorted(found, key=lambda row: row.at, reverse=True)[:most])


def _is_said(last: VerdictRow | None, given: Verdict, made: dt.datetime | None) -> bool:
    return last is not None and last.verdict == given and (made is None or last.at >= made)


def _verdict(row: Row[Any]) -> VerdictRow:
    return VerdictRow(row.ab_name, Verdict(VerdictKind(row.kind), row.comment, row.by), row.at)
