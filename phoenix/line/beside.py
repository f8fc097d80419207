"""Who writes the pages of a run: the coordinator, or a process beside it.

While the coordinator writes pages it hands over no job. A run of one night has few to write; in a
run of many nights a process of their own does it. It is on the coordinator's machine, because the
database may be there for that one alone, and ends with the coordinator, however that ends. Nobody
relies on it: pages that it has not written are due still, and the coordinator writes them in the
end.
"""

from __future__ import annotations

import pickle
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Protocol

from phoenix.engine.processes import ProcessPool
from phoenix.engine.worker import DONE, RAISED, pack
from phoenix.errors import PhoenixError
from phoenix.line.context import LineContext
from phoenix.line.preload import load_for_pages
from phoenix.model.plain import one_line

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from phoenix.engine.processes import Answer

__all__ = ["Beside", "Here", "Writer"]


class Writer(Protocol):
    """Writes pages, at once or beside."""

    def load(self) -> None:
        """Load what pages are made with: there is time."""

    def have(self, write: Callable[..., object], *what: object) -> Future[None]:
        """Have a module-level function called with a line and this; return when it is done."""

    def wait(self) -> None:
        """Wait until all is done that was asked for; nothing more will be."""

    def close(self) -> None:
        """Write nothing more."""


class Here:
    """The coordinator itself; whatever it is to write is written at once."""

    def __init__(self, line: LineContext) -> None:
        self._line = line

    def load(self) -> None:
        """Load what pages are made with, beside the first recipes."""
        load_for_pages()

    def have(self, write: Callable[..., object], *what: object) -> Future[None]:
        """Call it; what is wrong with the data or the disk is in what is returned."""
        done: Future[None] = Future()
        try:
            write(self._line, *what)
            done.set_result(None)
        except (PhoenixError, OSError) as error:
            done.set_exception(error)
        return done

    def wait(self) -> None:
        """All was done at once."""

    def close(self) -> None:
        """Nothing is open."""


class Beside:
    """A process beside the coordinator, started when it is needed; does one thing at a time."""

    def __init__(self, line: LineContext) -> None:
        self._folder, self._clock = line.workspace.root, line.clock
        self._process = ProcessPool()
        # It only waits for the process.
        self._thread = ThreadPoolExecutor(1, "pages")
        self._closed = False

    def load(self) -> None:
        """Nothing: the process loads what it needs with the first pages."""

    def have(self, write: Callable[..., object], *what: object) -> Future[None]:
        """Have it called after all before it; whatever goes wrong is in what is returned."""
        return self._thread.submit(self._have, write, what)

    def wait(self) -> None:
        """Wait until all is done that was asked for; nothing more will be."""
        self._thread.shutdown()

    def close(self) -> None:
        """End the process, whatever it is at; what it was to do is not done."""
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._process.close()

    def _have(self, write: Callable[..., object], what: tuple[object, ...]) -> None:
        try:
            self._ask(pack(partial(_write, self._folder, self._clock, write), what))
        except (PhoenixError, RuntimeError):
            # A process that we end ourselves has nothing to tell.
            if not self._closed:
                raise

    def _ask(self, order: bytes) -> None:
        answer = self._process.perform(order, 0, _tell_nobody, lambda: True)
        if answer.kind != DONE:
            raise PhoenixError(f"the process that writes pages {_told(answer)}")


def _told(answer: Answer) -> str:
    if answer.kind == RAISED:
        return f"found {one_line(pickle.loads(answer.content)[0])}"  # noqa: S301 - from our own process
    return f"{answer.kind}: {answer.content.decode()}"


def _tell_nobody(_worker: str, _seconds: float) -> None:
    """Tell nobody: it is no job whose state is shown."""


# ---- in that process ----------------------------------------------------------------------------

_LINES: dict[Path, LineContext] = {}


def _write(
    folder: Path,
    clock: Callable[[], dt.datetime],
    write: Callable[..., object],
    what: tuple[object, ...],
) -> None:
    if folder not in _LINES:
        _LINES[folder] = LineContext.open(folder, clock)
    write(_LINES[folder], *what)
