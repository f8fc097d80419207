"""A pool of processes: the worker processes of one machine, lent to the threads of a dask worker.

dask decides when and on which machine a job runs; here it gets a process of its own, so that
Python steps do not wait for each other's interpreter lock, a crash in a C library costs one job
only, and a job can be stopped with everything that it started.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from multiprocessing import Pipe
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.engine.family import end_family

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

__all__ = ["DIED", "LATE", "Answer", "ProcessPool"]

DIED = "died"
LATE = "late"
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from phoenix.engine.worker import serve; serve(int(sys.argv[1]))"
)
# One job one core, unless it says otherwise; recipes get OMP_NUM_THREADS from their own resources.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# Jobs that last longer are reported as running; looked for orders to stop as often.
_PATIENCE_S = 0.25


@frozen
class Answer:
    """How a job ended, as it travels from a machine to the coordinator.

    Attributes
    ----------
    kind : str
        ``done``, ``raised``, ``died`` or ``late``.
    content : bytes
        Pickled: what the work function returned, or what was raised; a text if it died or was
        stopped because it was late.
    worker : str
        Host and process number.
    wall_s : float
        Seconds from beginning to end.
    """

    kind: str
    content: bytes
    worker: str
    wall_s: float


class ProcessPool:
    """Worker processes, started as they are needed and kept for the next job.

    Parameters
    ----------
    first : bytes, optional
        Order that every process is given when it starts, to load what its jobs will need; from
        :func:`phoenix.engine.worker.pack`. Nobody asks how it ended: a job that misses something
        says so itself.
    jobs_each : int, optional
        After so many jobs a process is replaced by a new one, because libraries lose memory; 0
        for never.
    """

    def __init__(self, first: bytes = b"", jobs_each: int = 0) -> None:
        self._first = first
        self._jobs_each = jobs_each
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False

    def start(self, number: int) -> None:
        """Start processes before there is a job for them."""
        with self._lock:
            self._idle += [self._new() for _ in range(number)]

    def perform(
        self,
        order: bytes,
        limit_s: float,
        running: Callable[[str, float], None],
        wanted: Callable[[], bool],
    ) -> Answer:
        """Have one job done, and wait for it.

        Parameters
        ----------
        order : bytes
            From :func:`phoenix.engine.worker.pack`.
        limit_s : float
            Wall seconds after which the job is stopped; 0 for no limit.
        running : callable
            Called once with worker and seconds, if the job lasts.
        wanted : callable
            Asked while the job lasts; where it says no, the job is stopped.
        """
        worker = self._take()
        began = time.monotonic()
        told = late = False
        try:
            worker.pipe.send_bytes(order)
            while not worker.pipe.poll(_PATIENCE_S):
                lasts = time.monotonic() - began
                if not told:
                    running(worker.name, lasts)
                    told = True
                late = 0 < limit_s < lasts
                if late or not wanted():
                    worker.kill()
            kind, content = worker.pipe.recv()
        except (EOFError, OSError):
            end = self._let_go(worker)
            kind, text = (LATE, f"{limit_s:g} s") if late else (DIED, end)
            return Answer(kind, text.encode(), worker.name, time.monotonic() - began)
        self._keep(worker)
        return Answer(kind, content, worker.name, time.monotonic() - began)

    def close(self) -> None:
        """End all processes and what they started."""
        with self._lock:
            self._closed = True
            idle, everyone = list(self._idle), list(self._all)
            self._idle.clear()
        for worker in everyone:
            # The threads that wait for the busy ones see them die.
            worker.kill()
        for worker in idle:
            self._let_go(worker)

    def _take(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise RuntimeError("the workers are being stopped")
            while self._idle:
                worker = self._idle.pop(0)
                if worker.lives:
                    return worker
                # It died between two jobs; the next job is not to blame.
                self._all.discard(worker)
                worker.end()
            return self._new()

    def _new(self) -> _Worker:
        worker = _Worker(self._first)
        self._all.add(worker)
        return worker

    def _keep(self, worker: _Worker) -> None:
        worker.jobs += 1
        is_old = worker.jobs == self._jobs_each
        with self._lock:
            if not self._closed:
                self._idle.append(self._new() if is_old else worker)
                if not is_old:
                    return
        self._let_go(worker)

    def _let_go(self, worker: _Worker) -> str:
        """Give a worker up; say what it died of."""
        with self._lock:
            self._all.discard(worker)
        return worker.end()


class _Worker:
    """One worker process and our end of its pipe."""

    def __init__(self, first: bytes) -> None:
        self.pipe: Connection[bytes, tuple[str, bytes]]
        self.pipe, theirs = Pipe()
        descriptor = theirs.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _BOOT, str(descriptor), json.dumps(sys.path)],
            stdin=subprocess.DEVNULL,
            pass_fds=[descriptor],
            env=_ONE_THREAD | dict(os.environ),
            # A group of its own: Ctrl-C on the terminal reaches the coordinator alone. Of its
            # session: should the coordinator die while a worker is stopped to be ended, the
            # kernel wakes the worker with SIGHUP, and it ends its family itself.
            process_group=0,
        )
        theirs.close()
        with suppress(OSError):
            # Where it is dead already, its first job will find out and say of what.
            self.pipe.send_bytes(first)
        self.name = f"{platform.node()}:{self._process.pid}"
        self.jobs = 0

    @property
    def lives(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill the process and what it started."""
        if self.lives:
            end_family(self._process.pid)

    def end(self) -> str:
        """See the process to its end; say what it died of."""
        self.kill()
        code = self._process.wait()
        self.pipe.close()
        if code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit code {code}"
