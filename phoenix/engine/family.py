"""Ending a process together with everything it started."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import psutil  # type: ignore[import-untyped]  # comes with dask; ships no types

__all__ = ["end_family"]


def end_family(pid: int) -> None:
    """Kill a process and all that descend from it; one that is gone is no error.

    It is stopped first, so that it cannot start another process meanwhile. May be called by the
    process itself, which then does not return.
    """
    try:
        head = psutil.Process(pid)
        if pid != os.getpid():
            head.suspend()
        for child in head.children(recursive=True):
            with suppress(psutil.Error):
                child.kill()
    except psutil.NoSuchProcess:
        pass
    finally:
        # Whatever could not be seen of the others: who calls this for itself never lives on.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
