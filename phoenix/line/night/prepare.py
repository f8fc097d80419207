"""Breakpoint C: the ABs of a pool, created or of the repository, ready to be run."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from phoenix.errors import BusyError, DataError, EmptyError
from phoenix.line.night.created_blocks import changed_blocks, made_pools
from phoenix.line.night.historical import historical_nights, repository_places
from phoenix.line.night.hold import hold_night, hold_nights
from phoenix.line.night.nights import in_turn
from phoenix.line.nights import told_nights
from phoenix.line.report import PreparedPool
from phoenix.model.dates import nights_of
from phoenix.steps.prepare import write_block, write_blocks

if TYPE_CHECKING:
    from phoenix.line.context import LineContext
    from phoenix.line.report import PreparedNight

__all__ = ["prepare_pool"]


def prepare_pool(
    line: LineContext, pool: str, only: tuple[str, ...] = (), *, dry: bool = False
) -> PreparedPool:
    """Return the ABs of a pool, created ones where there are; write them unless dry.

    Raises
    ------
    DataError
        If there are no ABs.
    BusyError
        If other runs hold nights of it; the others are written.
    """
    asked = nights_of(pool)
    made = made_pools(line, asked, only)
    covered = {date for night in made for date in night.nights}
    rest = tuple(date for date in asked if date not in covered)
    nights = (*made, *historical_nights(line, rest, only))
    if not nights:
        raise _nothing(line, pool)
    if not dry:
        held = in_turn(nights, partial(_write, line), _held)
        if any(held):
            raise BusyError("; ".join(filter(None, held)))
    return PreparedPool(pool, nights)


def _nothing(line: LineContext, pool: str) -> DataError:
    """Return the error of a pool without ABs: a wrong place, or a wrong night."""
    places = repository_places(line)
    told = f"{pool}: found no ABs in {', '.join(places) or 'no repository'}"
    if not any(Path(place).is_dir() for place in places):
        return DataError(
            f"{told}, which is not there; set paths.repository in phoenix.toml to a folder that "
            "has some, or make them of raw files (--create-ab)"
        )
    return EmptyError(f"{told}; {told_nights(line)}")


def _write(line: LineContext, night: PreparedNight) -> str:
    if not night.pool:
        with hold_night(line, night.date):
            write_blocks(line.workspace, night.date, night.prepared.cascade)
        return ""
    # Created ABs were written when they were created.
    changed = changed_blocks(night)
    with hold_nights(line, {ab.date for ab in changed if ab.date}):
        for ab in changed:
            write_block(line.workspace, ab)
    return ""


def _held(night: PreparedNight, why: str) -> str:
    return f"{night.date} was skipped: {why}"
