"""A clock, and waiting for what other processes do, however busy the machine is."""

from __future__ import annotations

import datetime as dt
import time

import psutil

# What does happen is waited for as long as a busy machine may need; no good test takes so long.
PATIENCE_S = 300.0


def clock():
    return dt.datetime.now(dt.UTC)


def wait_until(condition):
    """Wait for what must come; return what the condition gives in the end."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
    return found


def wait_for(path):
    """Return the process ids that a file is given to hold."""
    wait_until(lambda: path.exists() and path.read_text())
    return [int(pid) for pid in path.read_text().split()]


def wait_until_gone(pids):
    wait_until(lambda: not any(map(is_alive, pids)))


def is_alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
