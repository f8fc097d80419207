"""``python -m phoenix``."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line and leave with its exit code."""
    from phoenix.cli import run  # noqa: PLC0415 - `import phoenix.__main__` stays free

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
