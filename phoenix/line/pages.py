"""The monitor pages of a pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.monitor import Declared, write_history, write_night

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.line.production import ProductionLine
    from phoenix.model.dates import CivilDate

__all__ = ["write_pages"]


def write_pages(line: ProductionLine, since: CivilDate | None, until: CivilDate | None) -> Path:
    """Write the pages of the nights of a pool and the history; return the front page.

    Parameters
    ----------
    line : ProductionLine
        Whose store is read.
    since, until : CivilDate or None
        First and last night; None for all.
    """
    declared = Declared(
        parameters=line.instrument.qc_parameters(line.process_row),
        bits=line.instrument.score_bits(line.process_row),
    )
    nights = sorted({row.date for row in line.store.blocks.rows(since=since, until=until)})
    for night in nights:
        write_night(line.store, line.workspace, night, declared)
    return write_history(line.store, line.workspace)
