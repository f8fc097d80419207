"""What the nouns of the store have in common: a database, a process and the names of ABs."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from attrs import frozen

from phoenix.errors import StoreError
from phoenix.store import schema

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from phoenix.model.qc import QCValue
    from phoenix.store.database import Transactions

__all__ = [
    "Noun",
    "as_columns",
    "as_value",
    "in_batches",
    "rows_in_nights",
    "rows_of_names",
]

T = TypeVar("T")

# Databases limit the parameters of a statement; SQLite's oldest limit is 999.
_BATCH = 500
# Whole numbers up to here are exact in a double.
_EXACT = 2**53
_IDS = sa.select(schema.ab.c.name, schema.ab.c.id).where(
    schema.ab.c.process == sa.bindparam("process"),
    schema.ab.c.name.in_(sa.bindparam("names", expanding=True)),
)


@frozen
class Noun:
    """One part of the store.

    Attributes
    ----------
    transactions : Transactions
        The database.
    process : str
        Whose rows these are.
    """

    transactions: Transactions
    process: str

    def ids(self, connection: Connection, names: Iterable[str]) -> dict[str, int]:
        """Return the row numbers of ABs by name.

        Raises
        ------
        StoreError
            For an AB that was never saved.
        """
        wanted, met = dict.fromkeys(names), self.transactions.ids
        unmet = [name for name in wanted if (self.process, name) not in met]
        for batch in in_batches(unmet):
            given = {"process": self.process, "names": batch}
            for name, number in connection.execute(_IDS, given):
                met[self.process, name] = number
        found = {name: met[self.process, name] for name in wanted if (self.process, name) in met}
        missing = sorted(wanted.keys() - found.keys())
        if missing:
            raise StoreError(
                f"{self.process}: found no AB {missing[0]} in the database"
                f"{_and_more(len(missing) - 1)}, expected it to be saved before what depends on it"
            )
        return found

    def of_blocks(self, *columns: Any) -> Select[Any]:  # noqa: ANN401 - tables or columns
        """Select columns of a table that refers to ``ab``, with the AB's name, of this process."""
        table = next(column.table for column in columns if column.table is not schema.ab)
        return (
            sa.select(schema.ab.c.name.label("ab_name"), *columns)
            .join_from(schema.ab, table, table.c.ab_id == schema.ab.c.id)
            .where(schema.ab.c.process == self.process)
        )


def rows_in_nights(since: object, until: object) -> list[ColumnElement[bool]]:
    """Return the condition that an AB is of these nights, both included; empty for no limit."""
    conditions = []
    if since is not None:
        conditions.append(schema.ab.c.date >= str(since))
    if until is not None:
        conditions.append(schema.ab.c.date <= str(until))
    return conditions


def rows_of_names(names: Collection[str] | None) -> list[ColumnElement[bool]]:
    """Return the condition that an AB is one of these; empty where they are too many for SQL."""
    if names is None or len(names) > _BATCH:
        return []
    return [schema.ab.c.name.in_(names)]


def in_batches(values: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """Cut values into batches that fit into one statement."""
    iterator = iter(values)
    while batch := tuple(islice(iterator, _BATCH)):
        yield batch


def as_columns(value: QCValue) -> dict[str, object]:
    """Return the columns of a QC value."""
    if value is None or isinstance(value, str):
        return {"number": None, "whole": False, "text": value}
    if isinstance(value, int) and abs(value) > _EXACT:
        return {"number": float(value), "whole": False, "text": None}
    return {"number": float(value), "whole": isinstance(value, int), "text": None}


def as_value(row: Row[Any]) -> QCValue:
    """Return the QC value of a row."""
    if row.number is None:
        return None if row.text is None else str(row.text)
    return int(row.number) if row.whole else float(row.number)


def _and_more(count: int) -> str:
    return f" (nor {count} more)" if count else ""
