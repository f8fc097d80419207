"""QCFLAG of ABs and of their elements, with the table of bits that was in force."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import TYPE_CHECKING

import sqlalchemy as sa
from attrs import astuple, frozen

from phoenix.model.score import ScoreBit
from phoenix.store.noun import Noun, in_batches, rows_in_nights
from phoenix.store.schema import ab, bit, bit_table, qcflag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

__all__ = ["BitTable", "FlagCount", "QCFlags"]

BitTable = tuple[ScoreBit, ...]
"""Bits in the order of the characters of QCFLAG."""

# Put together once: to build a statement takes longer than to execute it.
_FORGET = sa.delete(qcflag).where(qcflag.c.ab_id == sa.bindparam("of_ab"))
_INSERT = sa.insert(qcflag)
_OF = (
    sa.select(qcflag.c.element, qcflag.c.flag)
    .join_from(ab, qcflag, qcflag.c.ab_id == ab.c.id)
    .where(ab.c.process == sa.bindparam("process"), ab.c.name == sa.bindparam("name"))
    .order_by(qcflag.c.element)
)
_TABLE = sa.select(bit_table.c.id).where(bit_table.c.checksum == sa.bindparam("checksum"))


@frozen
class FlagCount:
    """How many elements of an AB have a QCFLAG.

    Attributes
    ----------
    ab_id : int
        Of the AB.
    flag : str
        QCFLAG, one character a bit.
    table : int or None
        Which table of bits it was made by; None where nobody knows any more.
    number : int
        Of elements.
    """

    ab_id: int
    flag: str
    table: int | None
    number: int


class QCFlags(Noun):
    """QCFLAG of the ABs of the process."""

    def replace(
        self, ab_name: str, flags: Iterable[tuple[int, str]], bits: Iterable[ScoreBit]
    ) -> None:
        """Remember the flags of an AB instead of those it had.

        Parameters
        ----------
        flags : iterable of tuple of (int, str)
            Element, 0 for the whole AB, and QCFLAG.
        bits : iterable of ScoreBit
            By which they were made; a flag of another length was made by others, which nobody
            knows any more.
        """
        ordered = tuple(sorted(bits, key=lambda row: row.position))
        rows = list(flags)
        with self.transactions.writing() as connection:
            of_ab = self.ids(connection, [ab_name])[ab_name]
            connection.execute(_FORGET, {"of_ab": of_ab})
            if not rows:
                return
            table = self._table(connection, ordered) if ordered else None
            connection.execute(
                _INSERT,
                [
                    {
                        "ab_id": of_ab,
                        "element": element,
                        "flag": flag,
                        "table_id": table if len(flag) == len(ordered) else None,
                    }
                    for element, flag in rows
                ],
            )

    def of(self, ab_name: str) -> tuple[tuple[int, str], ...]:
        """Return element and QCFLAG of an AB, in the order of the elements."""
        with self.transactions.reading() as connection:
            found = connection.execute(_OF, {"process": self.process, "name": ab_name})
            return tuple((row.element, row.flag) for row in found)

    def tables(self) -> Mapping[int, BitTable]:
        """Return every table of bits that was ever in force, by its number."""
        found: dict[int, list[ScoreBit]] = defaultdict(list)
        query = sa.select(bit).order_by(bit.c.table_id, bit.c.place)
        with self.transactions.reading() as connection:
            for row in connection.execute(query):
                columns = row._asdict()
                del columns["place"]
                found[columns.pop("table_id")].append(ScoreBit(**columns))
        return {number: tuple(rows) for number, rows in found.items()}

    def meanings(self, since: object = None, until: object = None) -> dict[str, BitTable]:
        """Return by which table the ABs of these nights, or all, were flagged, if it is known."""
        query = self.of_blocks(qcflag.c.table_id).where(
            qcflag.c.element == 0,
            qcflag.c.table_id.is_not(None),
            *rows_in_nights(since, until),
        )
        with self.transactions.reading() as connection:
            found = {row.ab_name: row.table_id for row in connection.execute(query)}
        tables = self.tables() if found else {}
        return {name: tables[number] for name, number in found.items()}

    def by_element(self, blocks: Iterable[int]) -> dict[tuple[int, int], str]:
        """Return QCFLAG by number of the AB and element."""
        found = {}
        with self.transactions.reading() as connection:
            for batch in in_batches(blocks):
                query = sa.select(qcflag.c.ab_id, qcflag.c.element, qcflag.c.flag)
                for row in connection.execute(query.where(qcflag.c.ab_id.in_(batch))):
                    found[row.ab_id, row.element] = row.flag
        return found

    def counted(self, blocks: Iterable[int], *, elements: bool) -> tuple[FlagCount, ...]:
        """Count the flags of ABs, or of their elements, each AB for itself."""
        wanted = qcflag.c.element > 0 if elements else qcflag.c.element == 0
        found: list[FlagCount] = []
        with self.transactions.reading() as connection:
            for batch in in_batches(blocks):
                query = (
                    sa.select(qcflag.c.ab_id, qcflag.c.flag, qcflag.c.table_id, sa.func.count())
                    .where(wanted, qcflag.c.ab_id.in_(batch))
                    .group_by(qcflag.c.ab_id, qcflag.c.flag, qcflag.c.table_id)
                )
                found += [FlagCount(*row) for row in connection.execute(query)]
        return tuple(found)

    def _table(self, connection: Connection, bits: BitTable) -> int:
        """Return the number of a table of bits, of a new one if it was never in force."""
        content = json.dumps([astuple(row) for row in bits])
        checksum = hashlib.sha256(content.encode()).hexdigest()
        found = connection.execute(_TABLE, {"checksum": checksum}).scalar()
        if found is not None:
            return int(found)
        made = connection.execute(sa.insert(bit_table).values(checksum=checksum))
        (number,) = made.inserted_primary_key or (0,)
        connection.execute(
            sa.insert(bit),
            [
                {
                    "table_id": number,
                    "place": place,
                    "position": row.position,
                    "name": row.name,
                    "parameter": row.parameter,
                    "low": row.low,
                    "high": row.high,
                    "meaning": row.meaning,
                }
                for place, row in enumerate(bits)
            ],
        )
        return int(number)
