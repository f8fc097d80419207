"""Progress on a terminal: how many are done, what is running and for how long."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from rich.console import Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from phoenix.model.plain import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import Console, ConsoleOptions, RenderResult

__all__ = ["Board"]

_BAR = 30
_SHOWN = 6
"""So many running ABs are shown; of the others their number."""


class Board:
    """What is shown while a run is on; rich draws it again several times a second.

    Parameters
    ----------
    title : str
        What is counted.
    clock : callable
        Gives the time in UTC.
    """

    def __init__(self, title: str, clock: Callable[[], dt.datetime]) -> None:
        self._title = title
        self._clock = clock
        self._began = clock()
        self._done, self._total, self._text = 0, 0, ""
        self._running: Mapping[str, dt.datetime] = {}

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to do."""
        return not self._total

    def __call__(self, done: int, total: int, text: str, /) -> None:
        """Remember how many are done."""
        self._done, self._total, self._text = done, total, text or self._text

    def runs(self, running: Mapping[str, dt.datetime]) -> None:
        """Remember what is running."""
        self._running = running

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        now = self._clock()
        head = Table.grid(padding=(0, 1))
        number = f"{self._done}/{self._total}" if self._total else "getting ready"
        bar = ProgressBar(total=max(self._total, 1), completed=self._done, width=_BAR)
        room = options.max_width - len(f"{self._title} {number} {_span(now - self._began)}") - 3
        cells = [Text(self._title), Text(number), Text(_span(now - self._began))]
        if room >= _BAR:
            cells.insert(1, bar)  # type: ignore[arg-type]
        head.add_row(*cells)
        lines = [f"  {name} {_span(now - at)}" for name, at in self._running.items()]
        more = len(lines) - _SHOWN
        lines = [*lines[:_SHOWN], *([f"  and {more} more"] if more > 0 else [])]
        if self._text:
            lines.append(f"  {plain(shortened(self._text))}")
        texts = (Text(line, no_wrap=True, overflow="ellipsis") for line in lines)
        yield Group(head, *texts)


def _span(span: dt.timedelta) -> str:
    return str(dt.timedelta(seconds=max(int(span.total_seconds()), 0)))
