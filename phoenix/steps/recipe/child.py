"""The child process of a recipe: awaited, stopped with all its kin, measured.

The peak memory that the kernel reports for a child (ru_maxrss) is never below that of the process
that started it, because the peak of the memory that exec replaces is kept. So where it is not
above our own peak, the child's own (VmHWM, read now and then while it runs) is taken: what it came
to need after the last look, a quarter of a second before its end or less, is then missing.
"""

from __future__ import annotations

import os
import platform
import resource
import select
import signal
import time
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.steps.meter import peak_bytes

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

__all__ = ["ChildEnd", "signal_name", "wait_for_child"]

# ru_maxrss is in KiB on Linux, in bytes on macOS (getrusage(2) of either).
_MAXRSS_BYTES = 1 if platform.system() == "Darwin" else 1024
# Looks at a running child: soon at first, for recipes of a second, then rarely.
_FIRST_LOOK_S, _LONGEST_LOOK_S = 0.01, 0.25
_BLIND_LOOK_S = 0.02


@frozen
class ChildEnd:
    """How a child ended.

    Attributes
    ----------
    in_time : bool
        False if it was stopped.
    code : int
        Exit code; minus the number of the signal that ended it.
    cpu_s : float
        User and system seconds, of its own children too.
    peak_memory_mb : float
        Peak resident memory in MB (10^6 bytes); exact above our own peak, else as last seen.
    """

    in_time: bool
    code: int
    cpu_s: float
    peak_memory_mb: float


def wait_for_child(process: subprocess.Popen[bytes], limit_s: float, grace_s: float) -> ChildEnd:
    """Wait for a child that leads a process group, and end the group whatever happens.

    Parameters
    ----------
    process : Popen
        Started with ``start_new_session=True``.
    limit_s : float
        Wall seconds until the group gets SIGTERM.
    grace_s : float
        Wall seconds from there to SIGKILL.
    """
    in_time, seen = False, [0.0]

    def look() -> None:
        seen.append(peak_bytes(process.pid))

    try:
        in_time = _ends_within(process.pid, limit_s, look)
        if not in_time:
            _kill_group(process.pid, signal.SIGTERM)
            _ends_within(process.pid, grace_s, look)
    finally:
        # Not reaped yet, the leader keeps its number, so this can only hit its own group.
        _kill_group(process.pid, signal.SIGKILL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return ChildEnd(
        in_time=in_time,
        code=process.returncode,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_memory_mb=_peak(usage.ru_maxrss, max(seen)) / 1e6,
    )


def _peak(reported: int, seen_bytes: float) -> float:
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if reported > ours or not seen_bytes:
        return float(reported * _MAXRSS_BYTES)
    return seen_bytes


def _ends_within(pid: int, seconds: float, look: Callable[[], None]) -> bool:
    """Wait for the end of a child without reaping it; say whether it came in time."""
    try:
        descriptor = os.pidfd_open(pid)
    except (AttributeError, OSError):
        # No such thing on this system, or a container that forbids it.
        return _wait_blindly(pid, seconds, look)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return _wait(lambda pause: bool(poll.poll(pause * 1000)), seconds, look)
    finally:
        os.close(descriptor)


def _wait(ends_within: Callable[[float], bool], seconds: float, look: Callable[[], None]) -> bool:
    deadline, pause = time.monotonic() + seconds, _FIRST_LOOK_S
    while (left := deadline - time.monotonic()) > 0:
        if ends_within(min(pause, left)):
            return True
        look()
        pause = min(2 * pause, _LONGEST_LOOK_S)
    return ends_within(0.0)


def _wait_blindly(pid: int, seconds: float, look: Callable[[], None]) -> bool:
    deadline = time.monotonic() + seconds
    how = os.WEXITED | os.WNOWAIT | os.WNOHANG
    while os.waitid(os.P_PID, pid, how) is None:
        if time.monotonic() > deadline:
            return False
        look()
        time.sleep(_BLIND_LOOK_S)
    return True


def _kill_group(leader: int, how: signal.Signals) -> None:
    try:
        os.killpg(leader, how)
    except (ProcessLookupError, PermissionError):
        # Nobody is left, or only what we may not touch.
        return


def signal_name(number: int) -> str:
    """Return the name of a signal, ``SIGSEGV``."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
