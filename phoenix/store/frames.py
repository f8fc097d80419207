"""Frames: the header pool, of which Association Blocks are made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from attrs import astuple

from phoenix.model.overlay import Overlaid
from phoenix.store.noun import Noun, in_batches
from phoenix.store.rows.frame import FrameRow
from phoenix.store.schema import frame, metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import ColumnElement, Row

__all__ = ["Frames"]

_COLUMNS = tuple(column for column in frame.c if column.name != "process")


class Frames(Noun):
    """Files that the process may use, with the keywords that its rules read."""

    def known(self) -> Mapping[str, tuple[int, int, str, str]]:
        """Return path to size (bytes), time of change (ns), key set and ARCFILE, as read."""
        columns = (frame.c.size, frame.c.mtime_ns, frame.c["keys"], frame.c.arcfile)
        query = sa.select(frame.c.path, *columns).where(frame.c.process == self.process)
        with self.transactions.reading() as connection:
            return {row[0]: (row[1], row[2], row[3], row[4]) for row in connection.execute(query)}

    def made_of(self) -> Mapping[str, tuple[str, ...]]:
        """Return the name of each product to the names of the files of which it was made."""
        query = sa.select(frame.c.arcfile, frame.c.made_of).where(
            frame.c.process == self.process, frame.c.made_of != ""
        )
        with self.transactions.reading() as connection:
            return {row[0]: tuple(row[1].split("\n")) for row in connection.execute(query)}

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
            # Databases do not agree where nothing stands.
            order = frame.c.mjd_obs.asc().nulls_first()
            found = connection.execute(query.order_by(order, frame.c.path))
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
        "overlaid": json.dumps([astuple(one) for one in row.overlaid]) if row.overlaid else "",
        "made_of": "\n".join(row.made_of),
        "fault": row.fault,
    }


def _frame(row: Row[Any]) -> FrameRow:
    columns = row._asdict()
    overlaid = tuple(Overlaid(*one) for one in json.loads(row.overlaid or "[]"))
    made_of = tuple(filter(None, row.made_of.split("\n")))
    header = json.loads(row.header)
    return FrameRow(**columns | {"header": header, "overlaid": overlaid, "made_of": made_of})
