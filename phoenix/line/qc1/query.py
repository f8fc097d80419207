"""What is asked of the QC1 table: as a person writes it, and as it is understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen, validators

from phoenix.errors import DataError
from phoenix.line.answers.known import known_column
from phoenix.line.qc1.columns import AB, ELEMENT, QCFLAG, SHOWN, Columns
from phoenix.line.qc1.filters import Filter
from phoenix.model.dates import as_pool
from phoenix.store.qc1.measurements import SIGNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from phoenix.line.context import LineContext
    from phoenix.store.qc1.qcflags import BitTable
    from phoenix.store.qc1.wide import FlagPlace

__all__ = ["STATISTICS", "Query", "Question"]

STATISTICS = ("mean", "median", "sigma", "number", "sum")
"""What can be told of many values; sigma is that of a sample, none of a single value."""

_NO_STATISTIC = ""


@frozen
class Query:
    """What is asked of the QC1 table.

    Attributes
    ----------
    parameters : tuple of str
        Columns wanted; all that were measured if empty.
    where : tuple of str
        Conditions, all to be fulfilled: :class:`~phoenix.line.qc1.filters.Filter`.
    pool : str
        A night, nights or a month; all nights if empty.
    elements : bool
        One row a fibre, order or IFU in place of one an AB.
    sort : str
        Column to sort by, the largest first with a minus before it; by time if empty.
    limit : int
        At most so many rows; all if 0.
    by : str
        Column of whose values the statistic is told, each.
    statistic : str
        One of `STATISTICS`, over all rows if there is no `by`; if empty, the median with `by`, and
        the rows themselves without.
    wide : bool
        With all columns of the ABs, not only with those that a terminal has room for.
    """

    parameters: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    pool: str = field(default="", converter=as_pool)
    elements: bool = False
    sort: str = ""
    limit: int = field(default=0, validator=validators.ge(0))
    by: str = ""
    statistic: str = field(
        default=_NO_STATISTIC, validator=validators.in_((_NO_STATISTIC, *STATISTICS))
    )
    wide: bool = False


@frozen
class Question:
    """A query of columns that there are, and who answers each of its conditions.

    Attributes
    ----------
    query : Query
        As it was asked.
    columns : Columns
        Which there are.
    wanted : tuple of str
        Columns asked for by name.
    asked : frozenset of str
        These, and those of the conditions, the order and the statistic.
    by, statistic : str
        Empty if rows are wanted.
    of_ab : tuple of Filter
        Conditions on columns of ABs.
    numbers, places : tuple
        Conditions on numbers of parameters and on the number of the element, for the database.
    bits : tuple of tuple of (int or None, int)
        Bits of QCFLAG that are set: tables of bits, and places in them, for the database.
    rest : tuple of Filter
        Conditions on rows: texts and words held against what was measured.
    """

    query: Query
    columns: Columns
    wanted: tuple[str, ...]
    asked: frozenset[str]
    by: str
    statistic: str
    of_ab: tuple[Filter, ...]
    numbers: tuple[tuple[str, str, float], ...]
    places: tuple[tuple[str, float], ...]
    bits: tuple[tuple[FlagPlace, ...], ...]
    rest: tuple[Filter, ...]

    @classmethod
    def of(cls, line: LineContext, query: Query) -> Question:
        """Understand a query.

        Raises
        ------
        DataError
            For a column or a bit that there is none of, or a condition that cannot be read.
        """
        columns = Columns.of(line)
        known = columns.known
        filters = [Filter.parse(text) for text in query.where]
        wanted = tuple(dict.fromkeys(known_column(name, known) for name in query.parameters))
        by = known_column(query.by, known) if query.by else ""
        asked = {*wanted, *(known_column(one.column, known) for one in filters), by} - {""}
        statistic = query.statistic or ("median" if by else "")
        if query.sort and not statistic:
            asked.add(known_column(query.sort.removeprefix("-"), known))
        of_ab = _taken(filters, lambda one: one.column in columns.of_ab)
        bits = _taken(filters, lambda one: one.operator == ":")
        numbers = _taken(filters, lambda one: one.column in columns.parameters and _is_sql(one))
        places = _taken(filters, lambda one: one.column == ELEMENT and _is_sql(one))
        return cls(
            query=query,
            columns=columns,
            wanted=wanted,
            asked=frozenset(asked),
            by=by,
            statistic=statistic,
            of_ab=of_ab,
            numbers=tuple((one.column, one.operator, one.number() or 0.0) for one in numbers),
            places=tuple((one.operator, one.number() or 0.0) for one in places),
            bits=_places(line, [one.value for one in bits]),
            rest=tuple(filters),
        )

    @property
    def names(self) -> tuple[str, ...] | None:
        """Parameters to be shown; None for all that were measured."""
        if not self.wanted:
            return None
        return tuple(name for name in self.wanted if name in self.columns.parameters)

    @property
    def needed(self) -> tuple[str, ...] | None:
        """Parameters to be read; None for all."""
        found = tuple(sorted(self.asked & self.columns.parameters))
        return found if found and self.wanted else None

    @property
    def carried(self) -> tuple[str, ...]:
        """Columns of a row besides the parameters, in the order of the table."""
        all_of_them = self.query.wide
        return tuple(
            name
            for name in self.columns.fixed
            if all_of_them or name in SHOWN or name in self.asked
        )

    def has_place_behind(self, name: str) -> bool:
        """Tell whether a column stands behind what was asked for, where a terminal may cut it."""
        return name in self.columns.fixed and name not in {AB, ELEMENT, *self.asked}


def _taken(filters: list[Filter], wanted: Callable[[Filter], bool]) -> tuple[Filter, ...]:
    """Take the conditions of a kind out of a list."""
    found = tuple(one for one in filters if wanted(one))
    filters[:] = [one for one in filters if not wanted(one)]
    return found


def _is_sql(one: Filter) -> bool:
    return one.operator in SIGNS and one.number() is not None


# ---- bits ------------------------------------------------------------------------------------


def _places(line: LineContext, names: Sequence[str]) -> tuple[tuple[FlagPlace, ...], ...]:
    if not names:
        return ()
    tables = line.store.qcflags.tables()
    declared = line.instrument.score_bits(line.process_row)
    _check_bits(names, (*tables.values(), declared))
    return tuple(tuple(_places_of(name, tables.items())) for name in names)


def _places_of(name: str, tables: Iterable[tuple[int, BitTable]]) -> Iterable[FlagPlace]:
    """Yield the tables that have a bit of that name or position, and its place in each."""
    for number, bits in tables:
        for place, bit in enumerate(bits):
            if name.casefold() in {bit.name.casefold(), str(bit.position)}:
                yield number, place
    if name.isdecimal():
        # Nobody knows any more what it meant; the published places are counted from 0.
        yield None, int(name)


def _check_bits(names: Iterable[str], tables: Iterable[BitTable]) -> None:
    known = {bit.name.casefold(): bit for bits in tables for bit in bits}
    positions = {str(bit.position) for bit in known.values()}
    for name in names:
        if name.casefold() not in known and name not in positions:
            told = ", ".join(f"{bit.position} {bit.name}" for bit in known.values()) or "no QCFLAG"
            raise DataError(f"{QCFLAG}: found no bit {name[:80]!r}, expected one of {told}")
