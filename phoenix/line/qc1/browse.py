"""Rows of the QC1 table over any nights: chosen, sorted, cut, or their statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.line.answers.known import known_column
from phoenix.line.answers.lists import limits_of
from phoenix.line.qc1.columns import ELEMENT, QCFLAG
from phoenix.line.qc1.query import Question
from phoenix.line.qc1.statistics import from_moments, from_rows, has_moments
from phoenix.store.qc1.wide import Choice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from phoenix.line.context import LineContext
    from phoenix.line.qc1.query import Query
    from phoenix.model.qc import QCValue

    Row = dict[str, QCValue]

__all__ = ["blocks_of", "browse", "columns_of"]


def browse(line: LineContext, query: Query) -> tuple[tuple[str, ...], list[Row]]:
    """Return the columns and the rows that answer a query.

    Raises
    ------
    DataError
        For a column or a bit that there is none of, or a condition that cannot be read.
    """
    return answer(line, Question.of(line, query))


def answer(line: LineContext, asked: Question) -> tuple[tuple[str, ...], list[Row]]:
    """Return the columns and the rows that answer a question."""
    blocks = blocks_of(line, asked)
    choice = Choice(
        blocks=tuple(blocks),
        parameters=asked.needed,
        elements=asked.query.elements,
        numbers=asked.numbers,
        places=asked.places,
        bits=asked.bits,
    )
    if has_moments(asked):
        columns, rows = from_moments(line, asked, choice, blocks)
    else:
        rows = _rows(line, asked, choice, blocks)
        names = asked.names
        if names is None:
            names = tuple(sorted({*columns_of(rows)} - {*asked.columns.fixed}))
        columns = (*asked.carried, *names)
        if asked.statistic:
            columns, rows = from_rows(rows, asked, names)
    return columns, _sorted(rows, asked, columns)[: asked.query.limit or None]


def blocks_of(line: LineContext, asked: Question) -> dict[int, Row]:
    """Return the columns of the ABs that fulfil their conditions, in order of observation."""
    pool = asked.query.pool
    since, until = limits_of(pool) if pool else (None, None)
    rows = asked.columns.rows(line, line.store.wide.blocks(since, until))
    return {
        number: row for number, row in rows.items() if all(one.keeps(row) for one in asked.of_ab)
    }


def columns_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the columns that occur, each once."""
    return tuple(dict.fromkeys(name for row in rows for name in row))


def _rows(
    line: LineContext, asked: Question, choice: Choice, blocks: Mapping[int, Row]
) -> list[Row]:
    """Return one row an AB, or one an element, in order of observation."""
    carried = [name for name in asked.carried if name in asked.columns.of_ab]
    shared = {number: {name: row[name] for name in carried} for number, row in blocks.items()}
    flags = line.store.qcflags.by_element(blocks) if QCFLAG in asked.carried else None
    found: dict[tuple[int, int], Row] = {}
    for number, parameter, element, value in line.store.wide.values(choice):
        row = found.get((number, element))
        if row is None:
            row = found[number, element] = {**shared[number], ELEMENT: element}
            if flags is not None:
                row[QCFLAG] = flags.get((number, element))
        row[parameter] = value
    place = {number: place for place, number in enumerate(blocks)}
    ordered = sorted(found, key=lambda key: (place[key[0]], key[1]))
    rows = (found[key] for key in ordered)
    return [row for row in rows if all(one.keeps(row) for one in asked.rest)]


def _sorted(rows: list[Row], asked: Question, columns: Sequence[str]) -> list[Row]:
    """Sort as asked; what was not measured comes last, numbers before texts."""
    if not asked.query.sort:
        return rows
    descending, name = asked.query.sort.startswith("-"), asked.query.sort.removeprefix("-")
    column = known_column(name, columns if asked.statistic else asked.columns.known)

    def key(row: Row) -> tuple[bool, float, str]:
        value = row[column]
        return (True, 0.0, value) if isinstance(value, str) else (False, float(value or 0), "")

    having = [row for row in rows if row.get(column) is not None]
    return sorted(having, key=key, reverse=descending) + [
        row for row in rows if row.get(column) is None
    ]
