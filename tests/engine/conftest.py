from __future__ import annotations

import datetime as dt
import sys
import time
from pathlib import Path

import psutil
import pytest

from phoenix.engine import open_cluster
from phoenix.model.settings import Engine

# Workers find the fake work functions as the tests do.
sys.path.insert(0, str(Path(__file__).parent))


def clock():
    return dt.datetime.now(dt.UTC)


def wait_for(path):
    deadline = time.monotonic() + 20
    while not (path.exists() and path.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return [int(pid) for pid in path.read_text().split()]


def wait_until_gone(pids):
    deadline = time.monotonic() + 10
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(is_alive, pids))


def is_alive(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@pytest.fixture(scope="package")
def cluster():
    with open_cluster(Engine(workers=2, memory_gb=8.0)) as cluster:
        yield cluster
