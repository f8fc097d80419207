"""The database behind the store: connections, transactions, schema."""

from __future__ import annotations

import threading
from collections import ChainMap
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from phoenix.errors import StoreError
from phoenix.store.readonly import (
    READ_ONLY,
    check_unchanged,
    owner_of,
    read_only_engine,
    refuse_to_write,
)
from phoenix.store.schema import HEAD, METADATA
from phoenix.store.sessions.session import blaming, options_of, speak_postgresql, without_password

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from sqlalchemy import Connection, Engine

    from phoenix.store.sessions.locks import Locks
    from phoenix.store.sessions.session import Sessions

__all__ = ["Transactions", "open_engine"]

# WAL lets the monitor read while a run writes; with it, NORMAL survives any kill of a process.
_PRAGMAS = (
    # First: the others wait for a lock, too.
    "PRAGMA busy_timeout = 30000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
)
_WRITES = "phoenix_writes"
# PostgreSQL would let several write, and the second find what the first was about to make. One
# writer at a time, as with SQLite; the number is ours.
_ONE_WRITER = sa.text("SELECT pg_advisory_xact_lock(7230910135)")
# As alembic makes it.
_ALEMBIC = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


class Transactions:
    """Hands out connections; what is written within one :meth:`writing` is one transaction.

    Parameters
    ----------
    sessions : Sessions
        Of the database.
    locks : Locks
        What must still be held when something is written.
    """

    def __init__(self, sessions: Sessions, locks: Locks) -> None:
        self.engine = sessions.engine
        self.read_only = bool(self.engine.get_execution_options().get(READ_ONLY))
        self._sessions = sessions
        self._locks = locks
        self._file = _DatabaseFile.of(self.engine)
        self._own = threading.local()
        self._ids: dict[tuple[str, str], int] = {}

    @property
    def ids(self) -> MutableMapping[tuple[str, str], int]:
        """Row numbers of ABs by process and name, as far as they were met; they never change.

        What an open transaction has met counts for it alone, until it is committed.
        """
        own: MutableMapping[tuple[str, str], int] = getattr(self._own, "ids", self._ids)
        return own

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Connect to read; sees what the thread's open transaction has written."""
        current = getattr(self._own, "connection", None)
        with blaming(self.engine):
            if current is not None:
                yield current
                return
            with self._sessions.open() as connection:
                yield connection
                if self.read_only and self._file is not None:
                    check_unchanged(connection, self._file.path)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Connect to write; joins the thread's open transaction if there is one.

        Raises
        ------
        StoreError
            If the database may only be read.
        """
        if self.read_only:
            name = self.engine.url.database or ""
            raise refuse_to_write(name or "of the workspace", Path(name))
        current = getattr(self._own, "connection", None)
        with blaming(self.engine):
            if current is not None:
                yield current
                return
            with self._sessions.open() as session, _written(session) as connection:
                # After the other writer: who took over what is held here has not written before.
                self._locks.assure()
                self._own.connection = connection
                self._own.ids = met = ChainMap({}, self._ids)
                try:
                    yield connection
                finally:
                    del self._own.connection, self._own.ids
        self._ids.update(met.maps[0])
        if self._file is not None:
            self._file.check()


@contextmanager
def _written(session: Connection) -> Iterator[Connection]:
    """Make one transaction of what is written; nobody else writes meanwhile."""
    connection = session.execution_options(**{_WRITES: True})
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(_ONE_WRITER)
        yield connection


@frozen
class _DatabaseFile:
    """The file of an SQLite database, to be known again.

    A file that is removed, replaced or overwritten while it is open is written to without a word:
    nobody would ever read what was stored.
    """

    path: Path
    identity: tuple[int, int]

    @classmethod
    def of(cls, engine: Engine) -> _DatabaseFile | None:
        """Look at the file of an engine; None if there is none."""
        name = engine.url.database
        if engine.dialect.name != "sqlite" or not name or name == ":memory:":
            return None
        found = Path(name).stat()
        return cls(Path(name), (found.st_dev, found.st_ino))

    def check(self) -> None:
        """Raise StoreError if it is not the file that it was.

        It must not be opened: closing any descriptor of a file drops all locks that the process
        has on it (fcntl(2)), and SQLite would lose what others write ("How To Corrupt An SQLite
        Database File", 2.2).
        """
        try:
            found = self.path.stat()
        except OSError as error:
            raise self._lost(error.strerror or str(error)) from error
        if (found.st_dev, found.st_ino) != self.identity:
            raise self._lost("another file")
        if not found.st_size:
            raise self._lost("an empty file")

    def _lost(self, why: str) -> StoreError:
        return StoreError(
            f"database {self.path}: found {why}, expected the file that was opened; somebody has "
            "removed or overwritten it while phoenix worked, and what was stored in it is lost; "
            "bring back a copy or move it away, then give the same command again: what was done "
            "is taken up from the manifests beside the products"
        )


def open_engine(url: str) -> Engine:
    """Connect to a database and bring its schema up to date.

    One that may only be read is connected to for reading; its schema must be that of now.

    Raises
    ------
    StoreError
        If there is no such database, if it cannot be used, or if it is newer than this phoenix.
    """
    try:
        reader = read_only_engine(url)
        engine = reader or sa.create_engine(url, **options_of(url))
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise StoreError(
            f"database: found {without_password(url)!r}, expected an SQLAlchemy URL such as "
            f"sqlite:////data/phoenix.db or postgresql+psycopg://host/name, with its driver "
            f"installed ({error})"
        ) from error
    if reader is None and engine.dialect.name == "sqlite":
        _speak_sqlite(engine)
    if engine.dialect.name == "postgresql":
        speak_postgresql(engine)
    try:
        with blaming(engine):
            if reader is None:
                _bring_up_to_date(engine)
            else:
                _expect_up_to_date(reader)
    except StoreError:
        engine.dispose()
        raise
    return engine


def _speak_sqlite(engine: Engine) -> None:
    """Set the pragmas, and begin transactions ourselves.

    A transaction that reads before it writes must take the write lock at once: SQLite does not
    wait for the lock, whatever the timeout, once a snapshot has been read.
    """

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:  # noqa: ANN401 - DBAPI connection
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _version(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _bring_up_to_date(engine: Engine) -> None:
    with engine.connect() as connection:
        found = _version(connection)
    if found == HEAD:
        return
    with engine.connect() as session, _written(session) as connection:
        # Asked again, now that nobody else can write.
        found = _version(connection)
        if found is None and not sa.inspect(connection).get_table_names():
            _make(connection)
        elif found != HEAD:
            _migrate(connection, found)


def _expect_up_to_date(engine: Engine) -> None:
    """Refuse a database of another schema that cannot be changed; make the one in memory."""
    name = engine.url.database
    with engine.begin() as connection:
        if name is None:
            _make(connection)
            return
        found = _version(connection)
    if found != HEAD:
        raise StoreError(
            f"database {name}: found schema {found or 'of nobody'}, expected {HEAD}, and no right "
            f"to bring it up to date; let {owner_of(Path(name))} run any verb of this phoenix "
            "once, or read it with the phoenix that wrote it"
        )


def _make(connection: Connection) -> None:
    """Make all tables of a new database at once; alembic would take three times as long."""
    METADATA.create_all(connection, checkfirst=False)
    connection.execute(sa.schema.CreateTable(_ALEMBIC))
    connection.execute(_ALEMBIC.insert().values(version_num=HEAD))


def _migrate(connection: Connection, found: str | None) -> None:
    from alembic import command  # noqa: PLC0415 - slow to load, wanted once in the life of a store
    from alembic.config import Config  # noqa: PLC0415 - the same
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - the same

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "phoenix.store:migrations")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"database {without_password(str(connection.engine.url))}: found schema {found}, "
            f"expected {HEAD} or older; it was written by a newer phoenix: install that one"
        )
    command.upgrade(config, "head")
