"""Locks between coordinators of one database, on whatever machines and in whatever workspaces.

They are advisory locks of PostgreSQL, which belong to a session: the server lets go of them when
the coordinator ends, however that is, and within a minute or so where its machine is gone. SQLite
is one file on one machine; there the lock files of the workspace say all there is to say.
"""

from __future__ import annotations

import os
import platform
import threading
import time
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.exc import SQLAlchemyError

from phoenix.errors import BusyError
from phoenix.store.sessions.session import blaming

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from phoenix.store.sessions.session import Sessions

__all__ = ["Lock", "Locks"]

# PostgreSQL cuts longer names of sessions.
_LONGEST_NAME = 63
_TRY = sa.text("SELECT pg_try_advisory_lock(:kind, :number)")
_LET_GO = sa.text("SELECT pg_advisory_unlock(:kind, :number)")
_OPENED = sa.text("SELECT set_config('application_name', :name, false), pg_backend_pid()")
_ALIVE = sa.text("SELECT 1")
# A lock of two numbers has objsubid 2; pg_locks shows them without a sign.
_HOLDERS = sa.text(
    "SELECT l.objid, l.pid, a.application_name FROM pg_locks l "
    "LEFT JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted AND l.classid = :kind "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_END = sa.text("SELECT pg_terminate_backend(:pid)")
# The server lets go when the session has ended, a moment after it was told to.
_TRIES, _TRY_S = 100, 0.05


@frozen
class Lock:
    """What is held: a kind of things, the number of one, and what it is called."""

    kind: int
    number: int
    name: str

    @classmethod
    def of(cls, process: str, kind: str, number: int, name: str) -> Lock:
        """Return the lock of one thing of a process."""
        return cls(_signed(zlib.crc32(f"phoenix {process} {kind}".encode())), number, name)

    @property
    def numbers(self) -> dict[str, int]:
        """What PostgreSQL knows it by."""
        return {"kind": self.kind, "number": self.number}


class Locks:
    """The locks of one coordinator.

    Parameters
    ----------
    sessions : Sessions
        Of any database; only PostgreSQL is asked.
    process : str
        Whose nights and calls they stand for.

    Attributes
    ----------
    between : bool
        Whether the database keeps coordinators off each other; else nothing is held in it.
    """

    def __init__(self, sessions: Sessions, process: str) -> None:
        self._sessions = sessions
        self._process = process
        self.between = sessions.engine.dialect.name == "postgresql"
        self._own = threading.RLock()
        self._session: Connection | None = None
        self._pid = 0
        self._name = ""
        self._held: list[Lock] = []

    @contextmanager
    def hold(self, kind: str, number: int, name: str, started: dt.datetime) -> Iterator[None]:
        """Hold something against other coordinators.

        Parameters
        ----------
        kind, number : str, int
            What it is known by.
        name : str
            What it is called in messages.
        started : datetime
            When the call began, told to others.

        Raises
        ------
        BusyError
            If another coordinator holds it; the message says which.
        """
        if not self.between:
            yield
            return
        lock = Lock.of(self._process, kind, number, name)
        with self._own, blaming(self._sessions.engine):
            self._name = self._name or _name_of_session(started)
            self.assure()
            self._take(lock)
            self._held.append(lock)
        try:
            yield
        finally:
            with self._own:
                self._held.remove(lock)
                self._let_go(lock)

    def held(self, kind: str) -> frozenset[int]:
        """Return the numbers of all of a kind that coordinators hold, this one included."""
        if not self.between:
            return frozenset()
        wanted = {"kind": _unsigned(Lock.of(self._process, kind, 0, "").kind)}
        with blaming(self._sessions.engine), self._sessions.open() as connection:
            return frozenset(_signed(row.objid) for row in connection.execute(_HOLDERS, wanted))

    def assure(self) -> None:
        """See that all is still held; take it again where the session was lost.

        Raises
        ------
        BusyError
            If another coordinator has it now.
        """
        with self._own:
            if not self._held or self._is_alive():
                return
            self._close()
            for lock in self._held:
                self._take(lock)

    def close(self) -> None:
        """Let go of everything."""
        with self._own:
            self._close()

    def _take(self, lock: Lock) -> None:
        before = self._pid
        session = self._opened()
        for _ in range(_TRIES):
            if session.execute(_TRY, lock.numbers).scalar_one():
                return
            pid, holder = self._holder(session, lock)
            if pid and (pid, holder) != (before, self._name):
                break
            if pid:
                # Our own session, of which the server has not noticed that its connection is gone.
                session.execute(_END, {"pid": pid})
            time.sleep(_TRY_S)
        raise BusyError(
            f"{lock.name} in database {self._sessions.url}: found it held by "
            f"{holder or 'another run'}, expected it free; wait for that run, or end that process "
            "and give the same command again"
        )

    def _holder(self, session: Connection, lock: Lock) -> tuple[int, str]:
        """Return the session that holds a lock, and its name."""
        for row in session.execute(_HOLDERS, {"kind": _unsigned(lock.kind)}):
            if _signed(row.objid) == lock.number:
                return row.pid, row.application_name or ""
        # It has just let go.
        return 0, ""

    def _let_go(self, lock: Lock) -> None:
        if self._session is None:
            return
        try:
            self._session.execute(_LET_GO, lock.numbers)
        except SQLAlchemyError:
            # The server is gone, and the lock with it.
            self._close()
        if not self._held:
            self._close()

    def _is_alive(self) -> bool:
        if self._session is None:
            return False
        try:
            self._session.execute(_ALIVE)
        except SQLAlchemyError:
            return False
        return True

    def _opened(self) -> Connection:
        if self._session is None:
            session = self._sessions.open()
            self._session = session.execution_options(isolation_level="AUTOCOMMIT")
            self._pid = session.execute(_OPENED, {"name": self._name}).one()[1]
        return self._session

    def _close(self) -> None:
        if self._session is not None:
            # Not back into the pool: what a session holds ends with it.
            self._session.invalidate()
            self._session.close()
        self._session = None


def _name_of_session(started: dt.datetime) -> str:
    text = f"process {os.getpid()} since {started.isoformat(' ', 'seconds')[:19]} on "
    host = platform.node().encode("ascii", "replace").decode()
    return (text + host)[:_LONGEST_NAME]


def _signed(number: int) -> int:
    return number - 2**32 if number >= 2**31 else number


def _unsigned(number: int) -> int:
    return number % 2**32
