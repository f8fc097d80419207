"""``python dying.py N VERB ...``: phoenix, until its N-th change of a file; then kill -9."""

from __future__ import annotations

import os
import signal
import sys

_CHANGES = {"os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir"}


def die_at(number: int) -> None:
    left = number

    def hear(event: str, _arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in _CHANGES:
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hear)


if __name__ == "__main__":
    from phoenix.cli import run

    die_at(int(sys.argv[1]))
    sys.exit(run(sys.argv[2:]))
