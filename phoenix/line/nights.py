"""Which nights there are: in the repositories, and in the workspace."""

from __future__ import annotations

import os
from difflib import get_close_matches
from typing import TYPE_CHECKING

from attrs import define, field

from phoenix.archive.repository import ABRepository
from phoenix.errors import ArchiveError, DataError
from phoenix.line.jobs.work import PROCESS
from phoenix.line.table import Table
from phoenix.line.workspace import has_store, repositories
from phoenix.model.ab import full_name
from phoenix.model.counted import counted
from phoenix.model.dates import CivilDate
from phoenix.model.report import JobState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phoenix.line.context import LineContext

__all__ = ["nights_table", "no_such_ab", "told_nights"]


@define
class _Night:
    """What there is of a night."""

    raw: int = 0
    historical: int = 0
    here: dict[JobState, int] = field(factory=dict)
    idps: int = 0


def nights_table(line: LineContext) -> Table:
    """Return one row for each night: its files and ABs in the repositories, and what is here.

    Nothing is read but names and the database.
    """
    nights: dict[str, _Night] = {}
    for root in repositories(line.workspace, line.settings):
        for name, number in _raw_nights(root / "raw"):
            nights.setdefault(name, _Night()).raw += number
        for date, number in _historical(ABRepository(root, line.instrument.name)):
            nights.setdefault(str(date), _Night()).historical += number
    if has_store(line.workspace, line.settings):
        for row in line.store.history.nights(PROCESS):
            nights.setdefault(row.date, _Night()).here |= row.states
        for night, number in line.store.history.idps().items():
            nights.setdefault(night, _Night()).idps += number
    rows = tuple(
        (
            name,
            one.raw,
            one.historical,
            sum(one.here.values()),
            ", ".join(
                f"{one.here[state]} {state.value}" for state in JobState if state in one.here
            ),
            one.idps,
        )
        for name, one in sorted(nights.items())
    )
    columns = ("night", "raw files", "ABs in repository", "ABs here", "states", "IDPs")
    return Table(counted(len(rows), "night"), columns, rows)


def _states_text(states: dict[JobState, int]) -> str:
    """Return how many ABs are in each state, in the order in which an AB goes through them."""
    return ", ".join(f"{states[state]} {state.value}" for state in JobState if state in states)


def told_nights(line: LineContext) -> str:
    """Return which nights have ABs, in the repositories or here, for a message."""
    rows = nights_table(line).records()
    dates = [str(row["night"]) for row in rows if row["ABs in repository"] or row["ABs here"]]
    if not dates:
        return "no night has any"
    if len(dates) == 1:
        return f"{dates[0]} has some"
    return f"{len(dates)} nights from {dates[0]} to {dates[-1]} have some, see `phoenix nights`"


def _raw_nights(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the nights of a folder of raw files, and how many files each has."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
    except OSError:
        # A repository of ABs alone.
        return
    for name in names:
        try:
            CivilDate.parse(name)
            number = sum(".fits" in entry.name for entry in os.scandir(folder / name))
        except (DataError, OSError):
            continue
        if number:
            yield name, number


def _historical(repository: ABRepository) -> Iterator[tuple[CivilDate, int]]:
    try:
        nights = repository.nights()
    except ArchiveError:
        # A folder of raw files alone.
        return
    for date in nights:
        if number := len(repository.list(date)):
            yield date, number


def no_such_ab(line: LineContext, name: str) -> str:
    """Return what is told of an AB that was not run here, with the nearest of its night."""
    whole = full_name(name)
    night = whole.partition("T")[0]
    known = [row.name for row in line.store.blocks.rows() if row.name.startswith(night)]
    near = get_close_matches(whole, known, 1)
    hint = f"did you mean {near[0]}?" if near else "see `phoenix status`"
    return f"{name}: no such AB was run here; {hint}"
