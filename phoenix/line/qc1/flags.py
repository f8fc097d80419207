"""QCFLAG bit by bit: how often each was set, with the meaning that it had when it was made."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.errors import DataError
from phoenix.line.qc1.browse import blocks_of
from phoenix.line.qc1.columns import NIGHT
from phoenix.line.qc1.query import Question
from phoenix.line.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from phoenix.line.context import LineContext
    from phoenix.line.qc1.query import Query
    from phoenix.model.qc import QCValue
    from phoenix.model.score import ScoreBit
    from phoenix.store.qc1.qcflags import BitTable, FlagCount

    Row = dict[str, QCValue]

__all__ = ["flag_table"]

_COLUMNS = ("bit", "name", "set", "of", "parameter", "low", "high", "meaning", "since", "until")
_UNKNOWN = "not known: made by another version of the plugin, and the database was lost since"


@frozen
class _Tally:
    """What was flagged by one table of bits.

    Attributes
    ----------
    nights : set of str
        Of the ABs.
    of : counter of value
        Flags in each group.
    set_at : mapping of int to counter of value
        Place in QCFLAG to the flags of each group in which it is set.
    """

    nights: set[str] = field(factory=set)
    of: Counter[QCValue] = field(factory=Counter)
    set_at: dict[int, Counter[QCValue]] = field(factory=lambda: defaultdict(Counter))

    def add(self, one: FlagCount, night: str, group: QCValue) -> None:
        self.nights.add(night)
        self.of[group] += one.number
        for place, letter in enumerate(one.flag):
            if letter != "0":
                self.set_at[place][group] += one.number


def flag_table(line: LineContext, query: Query) -> Table:
    """Return how often each bit of QCFLAG is set, for each value of a column of the ABs.

    Parameters
    ----------
    query : Query
        Its nights, its conditions on columns of ABs, `elements` and `by`; nothing else counts.

    Returns
    -------
    Table
        One row a bit that is set and a value of the column: position and name of the bit, that
        value, how many QCFLAG have it set and of how many; then the limits within which it would
        not be set and what that means, as it held when the flags were made, and the first and the
        last night of which that is so.

    Raises
    ------
    DataError
        For a column that there is none of, or that is none of ABs; for a condition that cannot be
        read.
    """
    asked = Question.of(line, query)
    _check(asked)
    blocks = blocks_of(line, asked)
    counts = line.store.qcflags.counted(blocks, elements=query.elements)
    tallies: dict[int | None, _Tally] = defaultdict(_Tally)
    for one in counts:
        row = blocks[one.ab_id]
        tallies[one.table].add(one, str(row[NIGHT]), row[asked.by])
    flagged = sum(one.number for one in counts if "1" in one.flag)
    number = sum(one.number for one in counts)
    what = "elements" if query.elements else "ABs"
    title = f"QCFLAG of {query.pool or 'all nights'}: {flagged} of {number} {what} have a bit set"
    columns = (*_COLUMNS[:2], asked.by, *_COLUMNS[2:])
    return Table(title, columns, tuple(_rows(tallies, line.store.qcflags.tables())))


def _check(asked: Question) -> None:
    other = asked.numbers or asked.places or asked.bits or asked.rest
    if other or asked.by not in asked.columns.of_ab:
        raise DataError(
            "QCFLAG: found a parameter, an element or a bit as a condition or to count by, "
            f"expected columns of ABs: {', '.join(asked.columns.of_ab)}; "
            "`phoenix qc browse` finds single ones"
        )


def _rows(
    tallies: Mapping[int | None, _Tally], tables: Mapping[int, BitTable]
) -> Iterator[tuple[QCValue, ...]]:
    """Yield the rows of the table, the oldest meaning first."""
    for number, tally in sorted(tallies.items(), key=lambda pair: min(pair[1].nights)):
        bits = () if number is None else tables[number]
        for place in sorted(tally.set_at):
            names = (place, None) if not bits else (bits[place].position, bits[place].name)
            for value, found in _ordered(tally.set_at[place]):
                counts = (value, found, tally.of[value])
                nights = (min(tally.nights), max(tally.nights))
                yield (*names, *counts, *_meaning(bits, place), *nights)


def _ordered(counts: Mapping[QCValue, int]) -> Iterable[tuple[QCValue, int]]:
    """Sort the most frequent first."""
    return sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))


def _meaning(bits: Sequence[ScoreBit], place: int) -> tuple[QCValue, ...]:
    if not bits:
        return (None, None, None, _UNKNOWN)
    bit = bits[place]
    return (bit.parameter, bit.low, bit.high, bit.meaning)
