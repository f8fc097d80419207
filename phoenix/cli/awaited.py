"""What a run says that waits for a person: for whose certification, and what to type."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from phoenix.cli.console import complain
from phoenix.model.counted import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phoenix.line.report import NightReport

__all__ = ["EXIT_AWAITED", "commands", "leave_if_awaited"]

EXIT_AWAITED = 3
"""Exit code of a call that a person's verdict must precede."""

_MONTH = len("2020-01")


def leave_if_awaited(nights: Sequence[NightReport], where: Path) -> None:
    """Say what a person must certify, with the calls to copy, and leave with 3."""
    waiting = [night for night in nights if night.waiting]
    if not waiting:
        return
    awaited = sorted({name for night in waiting for name in night.awaited})
    number = sum(len(night.waiting) for night in waiting)
    complain(
        f"{counted(number, 'AB waits', 'ABs wait')} for the certification of "
        f"{', '.join(awaited)}; look at their QC reports (`phoenix monitor`), judge them, and go "
        "on:"
    )
    for command in commands(awaited, [night.pool for night in waiting], where):
        complain(f"  {command}")
    raise typer.Exit(EXIT_AWAITED)


def commands(awaited: Sequence[str], pools: Sequence[str], where: Path) -> tuple[str, ...]:
    """Return the calls that certify what is awaited and then do the rest."""
    place = ["-w", str(where)] if where != Path() else []
    certify = ["phoenix", "certify", *place, *awaited]
    runs = (["phoenix", "run", *place, *_nights(pool), "--complete"] for pool in pools)
    return tuple(map(shlex.join, (certify, *runs)))


def _nights(pool: str) -> list[str]:
    first, _, last = pool.partition("..")
    if last:
        return ["-d", first, "--until", last]
    return ["-m" if len(pool) <= _MONTH else "-d", pool]
