"""A worker process: takes one job at a time from a pipe and answers how it ended.

Started by :class:`phoenix.engine.processes.ProcessPool`. It needs neither dask nor a database, and
when its coordinator is gone, however that died, it ends itself and the recipe that it runs.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import threading
import traceback
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from phoenix.engine.family import end_family

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DONE", "RAISED", "pack", "serve"]

DONE = "done"
RAISED = "raised"


def pack(work: Callable[[object], object], payload: object) -> bytes:
    """Return an order as bytes, so that nobody on the way must be able to import what it needs."""
    return pickle.dumps((work, payload), protocol=pickle.HIGHEST_PROTOCOL)


def serve(descriptor: int) -> None:
    """Work until the pipe is closed.

    Parameters
    ----------
    descriptor : int
        File descriptor of the pipe; orders come and answers go over it. The first order, which
        may be empty, loads what the others will need; it is not answered.
    """
    # Ctrl-C is for the coordinator, which then closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Stopped when the coordinator died, it is woken by this signal and must live to end its
    # family. A function and not SIG_IGN, which recipes would inherit.
    signal.signal(signal.SIGHUP, lambda _signal, _frame: None)
    pipe: Connection[tuple[str, bytes], bytes] = Connection(descriptor)
    orders: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, orders), daemon=True).start()
    if first := orders.get():
        _answer(first)
    while True:
        pipe.send(_answer(orders.get()))


def _listen(pipe: Connection[tuple[str, bytes], bytes], orders: queue.SimpleQueue[bytes]) -> None:
    try:
        while True:
            orders.put(pipe.recv_bytes())
    except (EOFError, OSError):
        end_family(os.getpid())


def _answer(order: bytes) -> tuple[str, bytes]:
    try:
        work, payload = pickle.loads(order)  # noqa: S301 - comes from our own coordinator
        return DONE, pickle.dumps(work(payload), protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - a night never stops for one broken promise
        trace = traceback.format_exc()
        return RAISED, pickle.dumps((f"{type(error).__name__}: {error}", trace))
