"""Sessions of a database: opened, waited for where its server is away, and what they say."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from phoenix.errors import StoreError
from phoenix.model.plain import one_line, plain_log, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

__all__ = ["Sessions", "blaming", "options_of", "speak_postgresql", "without_password"]

_log = plain_log(__name__)

_PATIENCE_S = 120.0
"""So long a server that was there is waited for: a restart takes seconds, another machine that
takes over a minute. Ours."""
_AGAIN_S = 0.5

# libpq, "Parameter Key Words": a connection that is gone is noticed within a minute. Ours.
_LIBPQ = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
_OF_LIBPQ = frozenset({"psycopg", "psycopg2"})
# The same on the side of the server, which else keeps for two hours what a machine held that is
# gone. Another writer is waited for as long as with SQLite. Who only holds locks is idle for long.
_OF_SESSION = {
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "60000",
    "lock_timeout": "30000",
    "idle_session_timeout": "0",
}
# Not SET: older servers do not know all of them.
_SET = "SELECT set_config(name, %s, false) FROM pg_settings WHERE name = %s"


class Sessions:
    """Opens sessions of one database.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        That has been connected to before: its server is there, or was.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._waits = engine.dialect.name != "sqlite"
        self._patience_s = _PATIENCE_S

    @property
    def url(self) -> str:
        """Which database, without its password."""
        return without_password(str(self.engine.url))

    def open(self) -> Connection:
        """Open a session; where the server is away, say so and wait until it is back.

        Raises
        ------
        sqlalchemy.exc.OperationalError
            If it does not come back. After that, and after Ctrl-C, nobody waits for it again
            before it is back.
        """
        try:
            return self.engine.connect()
        except OperationalError as error:
            if not self._waits or not self._patience_s:
                raise
            return self._waited_for(error)

    def _waited_for(self, error: OperationalError) -> Connection:
        patience_s, self._patience_s = self._patience_s, 0.0
        _log.warning(
            "database %s does not answer (%s); waits for it, for %.0f s at most",
            *(self.url, _why(error), patience_s),
        )
        deadline = time.monotonic() + patience_s
        while True:
            time.sleep(_AGAIN_S)
            try:
                connection = self.engine.connect()
            except OperationalError:
                if time.monotonic() >= deadline:
                    raise
            else:
                break
        self._patience_s = patience_s
        _log.warning("database %s is back", self.url)
        return connection


def options_of(url: str) -> dict[str, Any]:
    """Return what :func:`sqlalchemy.create_engine` is told of a database besides its URL."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "postgresql":
        return {}
    own = _LIBPQ if parsed.drivername.partition("+")[2] in _OF_LIBPQ else {}
    told = {name: value for name, value in own.items() if name not in parsed.query}
    # Asked when they are taken up again: those that a restart has ended are opened anew.
    return {"pool_pre_ping": True, "connect_args": told}


def speak_postgresql(engine: Engine) -> None:
    """Have every session set up."""

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:  # noqa: ANN401 - DBAPI connection
        cursor = connection.cursor()
        for name, value in _OF_SESSION.items():
            cursor.execute(_SET, (value, name))
        cursor.close()
        connection.commit()


@contextmanager
def blaming(engine: Engine) -> Iterator[None]:
    """Turn what the database says into an error that says which database, and what to do."""
    try:
        yield
    except SQLAlchemyError as error:
        where = without_password(str(engine.url))
        raise StoreError(
            f"database {where}: {_why(error)}; check that it is there, that it may be written and "
            f"that its disk has room{_or_damaged(engine)}, then give the same command again"
        ) from error


def without_password(url: str) -> str:
    """Return the URL of a database as it may be shown."""
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url.rpartition("@")[2]


def _why(error: SQLAlchemyError) -> str:
    return shortened(one_line(str(getattr(error, "orig", None) or error)))


def _or_damaged(engine: Engine) -> str:
    if engine.dialect.name != "sqlite":
        return ""
    return (
        "; if it is damaged, bring back a copy or move it away with its -wal and -shm: what was "
        "done is taken up from what lies beside the products"
    )
