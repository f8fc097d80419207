from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import threading
from importlib.resources import files

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

import phoenix.store
from phoenix.errors import StoreError
from phoenix.store import BlockRow, Store
from phoenix.store.schema import HEAD, METADATA

ONE = BlockRow("GIRAF.2020-01-01T00:00:00.000.ab", "2020-01-01")


@pytest.fixture
def connection(url):
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def migrated(connection):
    """A database that went through all migrations."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "phoenix.store:migrations")
    command.upgrade(config, "head")
    return connection


def differences(connection):
    return compare_metadata(
        MigrationContext.configure(connection, opts={"compare_type": True}), METADATA
    )


def test_the_migrations_lead_to_the_tables_of_the_schema(migrated):
    assert differences(migrated) == []


def test_a_new_database_has_the_tables_of_the_schema(store, connection):
    assert differences(connection) == []


def test_a_new_database_needs_no_migration(store, connection):
    assert MigrationContext.configure(connection).get_current_heads() == (HEAD,)


def test_a_database_with_tables_of_somebody_else_is_taken(url, connection):
    connection.execute(sa.text("CREATE TABLE theirs (id INTEGER)"))
    connection.commit()
    with Store.open(url, "P") as store:
        store.blocks.save([ONE])
        assert store.blocks.rows() == (ONE,)


def test_the_newest_migration_is_the_head():
    versions = files("phoenix.store") / "migrations" / "versions"
    names = sorted(file.name for file in versions.iterdir() if file.name[0].isdigit())
    assert names[-1].startswith(f"{HEAD}_")


def test_a_store_opened_again_has_what_was_saved(url):
    with Store.open(url, "P") as store:
        store.blocks.save([ONE])
    with Store.open(url, "P") as store:
        assert store.blocks.rows() == (ONE,)


def test_a_database_of_a_newer_phoenix_is_refused(url, store):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match=r"found schema 9999, expected .* newer phoenix"):
        Store.open(url, "P")


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "phoenix.db").write_text("<html>please log in</html>" * 100)
    with pytest.raises(StoreError, match="not a database"):
        Store.open(f"sqlite:///{tmp_path}/phoenix.db", "P")


def test_a_database_in_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(StoreError, match="unable to open database file"):
        Store.open(f"sqlite:///{tmp_path}/nowhere/phoenix.db", "P")


@pytest.mark.parametrize("url", ["phoenix.db", "nosuch://host/name", ""])
def test_what_is_no_url_is_refused(url):
    with pytest.raises(StoreError, match="expected an SQLAlchemy URL"):
        Store.open(url, "P")


def test_a_password_is_not_told():
    with pytest.raises(StoreError) as caught:
        Store.open("nosuch://me:secret@host/name", "P")
    assert "secret" not in str(caught.value)


def test_nothing_of_a_broken_transaction_is_kept(store, night):
    def write():
        with store.transaction():
            store.blocks.save([ONE])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write()
    assert store.blocks.rows() == night


def test_a_transaction_reads_what_it_wrote(store):
    with store.transaction():
        store.blocks.save([ONE])
        assert store.blocks.rows() == (ONE,)


def test_another_thread_does_not_see_an_open_transaction(store):
    seen = []
    with store.transaction():
        store.blocks.save([ONE])
        thread = threading.Thread(target=lambda: seen.append(store.blocks.rows()))
        thread.start()
        thread.join()
    assert seen == [()]


def test_processes_that_share_a_database_do_not_see_each_other(url, store, night):
    with Store.open(url, "UVES_ECH") as other:
        assert other.blocks.rows() == ()
        other.blocks.save([night[0]])
    assert store.blocks.rows() == night


def _open(url):
    with Store.open(url, "P") as store:
        store.blocks.save([BlockRow(f"GIRAF.{os.getpid()}.ab", "2020-01-01")])


def test_processes_may_make_the_same_database_at_once(tmp_path):
    url = f"sqlite:///{tmp_path}/phoenix.db"
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=_open, args=(url,)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    with Store.open(url, "P") as store:
        assert len(store.blocks.rows()) == 4


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import phoenix.store", "sqlalchemy"),
        ("from phoenix.store import Store; Store.open(URL, 'P').blocks.rows()", "alembic"),
    ],
)
def test_slow_packages_are_loaded_only_when_needed(tmp_path, statement, absent):
    url = f"sqlite:///{tmp_path}/phoenix.db"
    Store.open(url, "P").close()
    code = f"import sys; URL = {url!r}; {statement}; sys.exit({absent!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_all_names_of_the_package_are_there():
    assert all(hasattr(phoenix.store, name) for name in phoenix.store.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = phoenix.store.nothing


def remove(path):
    path.unlink()


def replace(path):
    path.rename(path.with_name("elsewhere.db"))
    with Store.open(f"sqlite:///{path}", "GIRAFFE_MOS"):
        pass


def empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [remove, replace, empty])
def test_a_database_that_goes_away_while_it_is_used_is_told(harm, tmp_path):
    path = tmp_path / "phoenix.db"
    with Store.open(f"sqlite:///{path}", "GIRAFFE_MOS") as store:
        store.blocks.save([ONE])
        harm(path)
        with pytest.raises(StoreError, match=r"give the same command again"):
            store.blocks.save([ONE])


def test_a_connection_says_that_it_waits_before_it_asks_for_anything(tmp_path, monkeypatch):
    """To change to WAL takes a lock: without a word before it, who comes second is refused."""
    said = []

    class Recording(sqlite3.Connection):
        def execute(self, *words):
            said.append(words[0])
            return super().execute(*words)

    path = tmp_path / "phoenix.db"
    monkeypatch.setattr(
        "phoenix.store.database.options_of",
        lambda _: {"creator": lambda: sqlite3.connect(path, factory=Recording)},
    )
    Store.open(f"sqlite:///{path}", "GIRAFFE_MOS").close()
    assert said[0] == "PRAGMA busy_timeout = 30000"
    assert said.count("PRAGMA journal_mode = WAL") == said.count(said[0])


def test_what_is_written_is_seen_by_another_process_that_comes_and_goes(tmp_path):
    path = tmp_path / "phoenix.db"
    look = (
        "import sqlite3, sys; connection = sqlite3.connect(sys.argv[1]); "
        "print(connection.execute('SELECT count(*) FROM ab').fetchone()[0])"
    )
    with Store.open(f"sqlite:///{path}", "GIRAFFE_MOS") as store:
        for number in range(3):
            name = f"GIRAF.2020-01-01T0{number}:00:00.000.ab"
            store.blocks.save([BlockRow(name, "2020-01-01")])
            # The last one to close a database clears its log away, if nobody holds a lock.
            seen = subprocess.run(
                [sys.executable, "-c", look, str(path)], capture_output=True, check=True, text=True
            )
            assert int(seen.stdout) == number + 1
