"""Runs of prepared nights: of which kind, and what they have to do again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.line.run import NightRun
from phoenix.line.workspace import has_store

if TYPE_CHECKING:
    from phoenix.line.context import LineContext
    from phoenix.line.report import PreparedNight, PreparedPool
    from phoenix.line.run import ProgressBar

__all__ = ["names_to_redo", "run_of"]


def run_of(
    line: LineContext, night: PreparedNight, progress: ProgressBar | None = None
) -> NightRun:
    """Return the run of a night of historical ABs, of a created pool, or of its masters."""
    if not night.pool:
        return NightRun(line, night, progress)
    from phoenix.line.masters import MasterRun  # noqa: PLC0415 - loads the rule language
    from phoenix.line.poolrun import PoolRun  # noqa: PLC0415 - the same

    return (MasterRun if night.masters else PoolRun)(line, night, progress)


def names_to_redo(line: LineContext, prepared: PreparedPool) -> tuple[str, ...]:
    """Return the ABs of a pool that failed or were gated, and those that hang on them."""
    if not has_store(line.workspace, line.settings):
        # Nothing was run here; to look for it would make a database.
        return ()
    return tuple(name for night in prepared.nights for name in run_of(line, night).to_redo())
