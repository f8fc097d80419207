"""``python -m phoenix``."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["main"]

_STOPPED = 130
"""Exit code of a call that Ctrl-C, SIGTERM or SIGHUP stopped, as shells have it for SIGINT."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    _have_streams()
    _forget_where_we_are()
    try:
        # From the first line on: a batch system may stop a call that has only begun to load.
        _on_signals(_stop)
        from phoenix.cli import run  # noqa: PLC0415 - `import phoenix.__main__` stays free

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("phoenix: stopped; give the same command again to go on\n")
        code = _STOPPED
    # There is nothing left to be stopped in order.
    _on_signals(signal.SIG_DFL)
    # What is left goes with the process: to look through it for garbage takes a quarter of a
    # second after a run with dask.
    gc.freeze()
    sys.exit(code)


def _have_streams() -> None:
    """Let output go nowhere where the caller has closed it, and print whatever the encoding."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123 - to the end of the process
        getattr(sys, name).reconfigure(errors="backslashreplace")


def _forget_where_we_are() -> None:
    """Take the folder of the caller from the search path, where ``python -m`` has put it first.

    A file there that is called like a module would be taken for it.
    """
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib is slow to load
    if sys.path[0] in {"", os.getcwd()} and not os.path.samefile(os.getcwd(), ours):  # noqa: PTH109, PTH121 - the same
        del sys.path[0]


def _on_signals(do: Callable[[int, FrameType | None], NoReturn] | signal.Handlers) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        # nohup has a signal ignored, and so it stays.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, do)


def _stop(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
