"""``python -m phoenix``."""

from __future__ import annotations

import gc
import signal
import sys
from typing import NoReturn

__all__ = ["main"]

_STOPPED = 130
"""Exit code of a call that Ctrl-C, SIGTERM or SIGHUP stopped, as shells have it for SIGINT."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    # From the first line on: a batch system may stop a call that has only begun to load.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        from phoenix.cli import run  # noqa: PLC0415 - `import phoenix.__main__` stays free

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("phoenix: stopped; give the same command again to go on\n")
        code = _STOPPED
    # What is left goes with the process: to look through it for garbage takes a quarter of a
    # second after a run with dask.
    gc.freeze()
    sys.exit(code)


def _stop(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
