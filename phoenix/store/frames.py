"""Frames: the header pool, of which Association Blocks are made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from phoenix.store.framerow import FrameRow
from phoenix.store.noun import Noun, in_batches
from phoenix.store.schema import frame, metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import ColumnElement, Row

__all__ = ["Frames"]

_COLUMNS = tuple(column for column in frame.c if column.name != "process")


class Frames(Noun):
    """Files that the process may use, with the keywords that its rules read."""

    def known(self) -> Mapping[str, tuple[int, int, str]]:
        """Return path to size (bytes), time of change (ns) and key set, as they were read."""
        query = sa.select(frame.c.path, frame.c.size, frame.c.mtime_ns, frame.c["keys"]).where(
            frame.c.process == self.process
        )
        with self.transactions.reading() as connection:
            return {row[0]: (row[1], row[2], row[3]) for row in connection.execute(query)}

    def replace(self, rows: Iterable[FrameRow], gone: Iterable[str] = ()) -> None:
        """Remember files instead of what was known of them; forget those that are gone.

        The metrics of their nights are forgotten, to be counted again.
        """
        new = [_columns(row) | {"process": self.process} for row in rows]
        nights = {row["date"] for row in new}
        with self.transactions.writing() as connection:
            for batch in in_batches([*gone, *(row["path"] for row in new)]):
                old = frame.c.process == self.process, frame.c.path.in_(batch)
                nights.update(connection.scalars(sa.select(frame.c.date).distinct().where(*old)))
                connection.execute(sa.delete(frame).where(*old))
            for some in in_batches(nights):
                connection.execute(
                    sa.delete(metrics).where(
                        metrics.c.process == self.process, metrics.c.date.in_(some)
                    )
                )
            if new:
                connection.execute(sa.insert(frame), new)

    def rows(
        self,
        *,
        kinds: Iterable[str] | None = None,
        since: object = None,
        until: object = None,
        faulty: bool | None = None,
    ) -> tuple[FrameRow, ...]:
        """Return files in order of observation and path.

        Parameters
        ----------
        kinds : iterable of str, optional
            ``raw``, ``certified``, ``static`` only.
        since, until : CivilDate or str, optional
            First and last night; files without a date are in none.
        faulty : bool, optional
            Only those that cannot be used, or only those that can.
        """
        query = sa.select(*_COLUMNS).where(
            frame.c.process == self.process, *_conditions(kinds, since, until)
        )
        if faulty is not None:
            query = query.where((frame.c.fault != "") if faulty else (frame.c.fault == ""))
        with self.transactions.reading() as connection:
            found = connection.execute(query.order_by(frame.c.mjd_obs, frame.c.path))
            return tuple(map(_frame, found))


def _conditions(
    kinds: Iterable[str] | None, since: object, until: object
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if kinds is not None:
        conditions.append(frame.c.kind.in_(list(kinds)))
    if since is not None:
        conditions.append(frame.c.date >= str(since))
    if until is not None:
        conditions += [frame.c.date <= str(until), frame.c.date != ""]
    return conditions


def _columns(row: FrameRow) -> dict[str, Any]:
    return {
        "path": row.path,
        "kind": row.kind,
        "arcfile": row.arcfile,
        "date": row.date,
        "mjd_obs": row.mjd_obs,
        "exptime": row.exptime,
        "size": row.size,
        "mtime_ns": row.mtime_ns,
        "keys": row.keys,
        "header": json.dumps(dict(row.header), separators=(",", ":")),
        "fault": row.fault,
    }


def _frame(row: Row[Any]) -> FrameRow:
    columns = row._asdict()
    return FrameRow(**columns | {"header": json.loads(row.header)})
