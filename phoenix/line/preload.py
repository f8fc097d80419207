"""What is loaded before it is needed, while a process has nothing else to do: only here.

Loading drawing and page libraries takes half a second each; a short night is 1.5 s quicker for
doing it beside the first recipes (docs/explanation/wall-time.md).
"""

from __future__ import annotations

import gc
import threading
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from phoenix.instrument import load_instrument

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["load_for_drawing", "load_for_jobs", "load_for_pages"]

# So long after it has been ordered a recipe runs, and Python has nothing to do.
_UNDER_WAY_S = 0.3


def load_for_jobs(instrument: str) -> None:
    """Load what every job needs, in a worker process that has none yet."""
    load_instrument(instrument)


@cache
def load_for_drawing() -> None:
    """Load what reports need, while this worker process waits for its first recipe; once."""
    _beside(_load_drawing, _UNDER_WAY_S)


@cache
def load_for_pages() -> None:
    """Load what pages are made with, while the coordinator waits for recipes; once."""
    _beside(_load_pages)


def _beside(load: Callable[[], None], after_s: float = 0.0) -> None:
    timer = threading.Timer(after_s, load)
    timer.daemon = True
    timer.start()


def _load_drawing() -> None:
    import_module("phoenix.drawing.report")
    # What is loaded stays; to look through it for garbage takes a tenth of every report's time.
    gc.freeze()


def _load_pages() -> None:
    from phoenix.monitor.render import load_templates  # noqa: PLC0415 - Jinja2

    load_templates()
