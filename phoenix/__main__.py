"""``python -m phoenix``."""

from __future__ import annotations

import gc
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line and leave with its exit code."""
    from phoenix.cli import run  # noqa: PLC0415 - `import phoenix.__main__` stays free

    code = run(sys.argv[1:])
    # What is left goes with the process: to look through it for garbage takes a quarter of a
    # second after a run with dask.
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
