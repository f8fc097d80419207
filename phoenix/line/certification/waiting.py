"""What waits for a person, and what is chosen of it to be judged in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen, validators

from phoenix.errors import DataError
from phoenix.line.answers.lists import limits_of
from phoenix.line.table import Table
from phoenix.model.counted import counted
from phoenix.model.dates import as_pool
from phoenix.model.score import Outcome, VerdictKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from phoenix.line.context import LineContext
    from phoenix.store.rows.qc1 import ScoreRow

__all__ = [
    "EVERYTHING",
    "GREEN",
    "RED",
    "Choice",
    "Waiting",
    "waiting",
    "waiting_table",
]

GREEN, RED = "green", "red"


@frozen
class Choice:
    """Which of the ABs that wait are meant; what is empty does not choose.

    Attributes
    ----------
    pool : str
        A night, nights or a month; all nights if empty.
    raw_type : str
        Their raw type.
    setup : str
        Part of their setup, as the pages or as ``qc browse`` print it, upper or lower case.
    score : str
        ``green``: no red score; ``red``: at least one.
    """

    pool: str = field(default="", converter=as_pool)
    raw_type: str = ""
    setup: str = ""
    score: str = field(default="", validator=validators.in_(("", GREEN, RED)))


EVERYTHING = Choice()
"""All that wait."""


@frozen
class Waiting:
    """An AB that waits for a person.

    Attributes
    ----------
    name, night, raw_type, setup : str
        Which; the setup as the pages print it.
    red, scores : int
        How many of its scores are red.
    why : str
        Why it waits.
    """

    name: str
    night: str
    raw_type: str
    setup: str
    red: int
    scores: int
    why: str


def waiting(line: LineContext, choice: Choice) -> tuple[Waiting, ...]:
    """Return the ABs that wait for a person, in order of observation.

    Parameters
    ----------
    choice : Choice
        Which of them.

    Raises
    ------
    DataError
        If no AB of the pool is of such a raw type: it is misspelt.
    """
    since, until = limits_of(choice.pool) if choice.pool else (None, None)
    blocks = line.store.blocks.rows(since=since, until=until)
    known = {block.raw_type for block in blocks}
    if choice.raw_type and blocks and choice.raw_type not in known:
        raise DataError(
            f"--raw-type: found {choice.raw_type!r}, expected one of {', '.join(sorted(known))}"
        )
    verdicts = line.store.verdicts.current(since=since, until=until)
    scores: dict[str, list[ScoreRow]] = {}
    for row in line.store.qc1.scores(since=since, until=until):
        scores.setdefault(row.ab_name, []).append(row)
    found = (
        Waiting(
            block.name,
            block.date,
            block.raw_type,
            _setup(block.setup),
            sum(score.outcome is Outcome.RED for score in scores.get(block.name, ())),
            len(scores.get(block.name, ())),
            verdicts[block.name].verdict.comment,
        )
        for block in blocks
        if block.name in verdicts and verdicts[block.name].verdict.kind is VerdictKind.REVIEW
    )
    wanted = choice.setup.casefold()
    setups = {block.name: block.setup.casefold() for block in blocks}
    return tuple(
        row
        for row in found
        if _is_chosen(row, choice)
        and (wanted in row.setup.casefold() or wanted in setups[row.name])
    )


def waiting_table(rows: Sequence[Waiting], pool: str = "") -> Table:
    """Return one row an AB."""
    cells = tuple(
        (row.name, row.night, row.raw_type, row.setup, f"{row.red}/{row.scores}", row.why)
        for row in rows
    )
    where = f" of {pool}" if pool else ""
    columns = ("AB", "night", "raw type", "setup", "score", "why")
    wait = "waits" if len(rows) == 1 else "wait"
    return Table(f"{counted(len(rows), 'AB')}{where} {wait} for a person", columns, cells)


def _is_chosen(row: Waiting, choice: Choice) -> bool:
    return (
        choice.raw_type in {"", row.raw_type}
        and (choice.score != GREEN or row.red == 0)
        and (choice.score != RED or row.red > 0)
    )


def _setup(text: str) -> str:
    words: Iterable[tuple[str, str, str]] = (word.partition("=") for word in text.split())
    return "_".join(value or key for key, _, value in words)
