"""How far a run is: told to whoever shows it, and shown in a notebook."""

from __future__ import annotations

import sys
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from phoenix.model.plain import plain, shortened

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

__all__ = ["NotebookBar", "ProgressBar", "Runs", "bar_here"]


class ProgressBar(Protocol):
    """Told the number of ABs done, of all ABs, and what has happened; nothing at the beginning."""

    def __call__(self, done: int, total: int, text: str, /) -> None:
        """Show it."""


class Runs(Protocol):
    """What a progress bar may have beside: told what is running, and since when (UTC)."""

    def runs(self, running: Mapping[str, dt.datetime]) -> None:
        """Show it."""


class NotebookBar:
    """A bar in a notebook: one output that is written over and over.

    Parameters
    ----------
    title : str
        What is counted.
    display : callable
        ``IPython.display.display``.
    """

    def __init__(self, title: str, display: Callable[..., Any]) -> None:
        self._title = title
        self._display = display
        self._handle: Any = None
        self._told = (0, 0, "")
        self._running: Mapping[str, dt.datetime] = {}

    def __call__(self, done: int, total: int, text: str, /) -> None:
        """Show how many are done."""
        self._told = (done, total, text or self._told[2])
        self._show()

    def runs(self, running: Mapping[str, dt.datetime]) -> None:
        """Show what is running."""
        self._running = running
        self._show()

    def _show(self) -> None:
        if self._handle is None:
            self._handle = self._display(self, display_id=True)
        else:
            self._handle.update(self)

    def __repr__(self) -> str:
        done, total, text = self._told
        return f"{self._title} {done}/{total} {plain(shortened(text))}".rstrip()

    def _repr_html_(self) -> str:
        done, total, text = self._told
        rows = [text, *(f"{name} since {at:%H:%M:%S} UT" for name, at in self._running.items())]
        lines = "".join(f"<div>{escape(plain(shortened(row)))}</div>" for row in rows if row)
        bar = f"<progress value='{done}' max='{max(total, 1)}'></progress>"
        return f"<div>{escape(self._title)} {bar} {done}/{total}</div>{lines}"


def bar_here(title: str) -> NotebookBar | None:
    """Return a bar if this is a notebook; None in a script or on a terminal."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from IPython.display import display  # noqa: PLC0415 - it is there, or we would not be here

    return NotebookBar(title, display)
