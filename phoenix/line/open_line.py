"""An open workspace: its settings, its store, and the record of what is called."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from phoenix.line.calls import Calls, run_table
from phoenix.line.context import LineContext
from phoenix.model.dates import as_pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phoenix.archive.source import FolderSource
    from phoenix.line.calls import Tally
    from phoenix.line.table import Table
    from phoenix.model.dates import Pool
    from phoenix.oca import RuleVersions
    from phoenix.store.store import Store

__all__ = ["OpenLine"]


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class OpenLine:
    """An open workspace; ``ProductionLine`` has its parameters and what is done with it."""

    def __init__(
        self,
        folder: Path | str = ".",
        clock: Callable[[], dt.datetime] = _utc_now,
        command: str = "",
    ) -> None:
        self._context = context = LineContext.open(Path(folder), clock)
        self.workspace, self.settings = context.workspace, context.settings
        self.instrument, self.process_row = context.instrument, context.process_row
        self.clock = context.clock
        self._calls = Calls(context, command)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.settings.process} in {self.workspace.root}>"

    def close(self) -> None:
        """Close the database."""
        self._context.close()

    @property
    def store(self) -> Store:
        """What the line remembers; opened at first use.

        Raises
        ------
        StoreError
            If the database cannot be used.
        """
        return self._context.store

    @property
    def sources(self) -> tuple[FolderSource, ...]:
        """Where raw frames and master calibrations come from."""
        return self._context.sources

    @property
    def rules(self) -> RuleVersions:
        """The association rules; read at first use.

        Raises
        ------
        SettingsError
            If there are none.
        RuleSyntaxError
            If they cannot be read.
        """
        return self._context.rules

    # ---- what was called ------------------------------------------------------------------

    def last_runs(self, pool: Pool = "") -> Table:
        """Return what was called last, for a pool or at all: when, how it ended, what it did."""
        pool = as_pool(pool)
        return run_table(self._context, pool)

    @contextmanager
    def recorded(self, verb: str, pool: Pool = "") -> Iterator[Tally]:
        """Record what is called within as one run."""
        pool = as_pool(pool)
        with self._calls.recorded(verb, pool) as tally:
            yield tally
