"""Runs of prepared nights: of which kind, and what they have to do again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.line.night.nights import in_turn
from phoenix.line.night.run import NightRun
from phoenix.line.pages import write_due_pages
from phoenix.line.report import NightReport
from phoenix.line.workspace import has_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from phoenix.line.context import LineContext
    from phoenix.line.night.run import ProgressBar
    from phoenix.line.report import PreparedNight, PreparedPool

__all__ = ["names_to_redo", "run_nights", "run_of"]


def run_of(
    line: LineContext, night: PreparedNight, progress: ProgressBar | None = None
) -> NightRun:
    """Return the run of a night of historical ABs, of a created pool, or of its masters."""
    if not night.pool:
        return NightRun(line, night, progress)
    from phoenix.line.night.masters import MasterRun  # noqa: PLC0415 - loads the rule language
    from phoenix.line.night.poolrun import PoolRun  # noqa: PLC0415 - the same

    return (MasterRun if night.masters else PoolRun)(line, night, progress)


def run_nights(
    line: LineContext,
    nights: Sequence[PreparedNight],
    do: Callable[[NightRun], NightReport],
    progress: ProgressBar | None = None,
) -> tuple[NightReport, ...]:
    """Do something with each night, those last that other runs hold, and show it on the pages."""

    def one(night: PreparedNight) -> NightReport:
        report = do(run_of(line, night, progress))
        write_due_pages(line, night.every_night)
        return report

    return in_turn(nights, one, NightReport.of_held)


def names_to_redo(line: LineContext, prepared: PreparedPool) -> tuple[str, ...]:
    """Return the ABs of a pool that failed or were gated, and those that hang on them."""
    if not has_store(line.workspace, line.settings):
        # Nothing was run here; to look for it would make a database.
        return ()
    return tuple(name for night in prepared.nights for name in run_of(line, night).to_redo())
