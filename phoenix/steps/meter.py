"""What a step in Python takes: CPU time and peak memory of its process while it lasts."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

__all__ = ["Meter", "peak_bytes"]

_PEAK = re.compile(rb"^VmHWM:\s*(\d+) kB", re.MULTILINE)
# Linux then counts the peak (VmHWM) from now on: proc(5), /proc/pid/clear_refs.
_FORGET_PEAK = "5"


class Meter:
    """Measures this process from enter to exit; one thing at a time.

    Attributes
    ----------
    cpu_s : float
        CPU seconds of all threads.
    peak_memory_mb : float
        Peak resident memory in MB (10^6 bytes): that of the whole process, with what it had
        loaded before; 0 where the system does not tell.
    """

    def __init__(self) -> None:
        self.cpu_s = 0.0
        self.peak_memory_mb = 0.0

    def __enter__(self) -> Self:
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text(_FORGET_PEAK, "ascii")
        self._began = time.process_time()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.cpu_s = round(time.process_time() - self._began, 3)
        self.peak_memory_mb = round(peak_bytes("self") / 1e6, 1)


def peak_bytes(pid: int | str) -> float:
    """Return the peak resident memory of a running process so far, 0 where nobody tells."""
    try:
        match = _PEAK.search(Path(f"/proc/{pid}/status").read_bytes())
    except OSError:
        return 0.0
    return 1024.0 * int(match[1]) if match else 0.0
