"""Hidden files: what must never be associated, by whom and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from phoenix.store.noun import Noun
from phoenix.store.rows.hidden import HiddenRow, still_hidden
from phoenix.store.schema import hidden

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Hidden"]


class Hidden(Noun):
    """Files that were hidden or shown again. Nothing is overwritten: the last row counts."""

    def say(self, rows: Iterable[HiddenRow]) -> None:
        """Hide files or show them again, all of them or none; the same again changes nothing."""
        with self.transactions.writing():
            last = {row.name: row for row in self.history()}
            self.restore(row for row in rows if not _says_the_same(last.get(row.name), row))

    def current(self) -> dict[str, HiddenRow]:
        """Return the files that are hidden, by name, in the order in which they were hidden."""
        return still_hidden(self.history())

    def restore(self, rows: Iterable[HiddenRow]) -> None:
        """Keep what was said before and a database that was lost does not know."""
        columns = [
            {
                "process": self.process,
                "name": row.name,
                "hides": row.hides,
                "why": row.why,
                "by": row.by,
                "at": row.at,
            }
            for row in rows
        ]
        if columns:
            with self.transactions.writing() as connection:
                connection.execute(sa.insert(hidden), columns)

    def history(self) -> tuple[HiddenRow, ...]:
        """Return all that was said, the newest last."""
        query = (
            sa.select(hidden)
            .where(hidden.c.process == self.process)
            .order_by(hidden.c.at, hidden.c.id)
        )
        with self.transactions.reading() as connection:
            return tuple(
                HiddenRow(row.name, row.why, row.by, row.at, hides=row.hides)
                for row in connection.execute(query)
            )


def _says_the_same(last: HiddenRow | None, row: HiddenRow) -> bool:
    if last is None:
        return False
    return (last.hides, last.why, last.by) == (row.hides, row.why, row.by)
