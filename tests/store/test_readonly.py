"""A database that may only be read is read, never changed, and says whom to ask."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

import pytest
import sqlalchemy as sa

from onlooker import look, only_to_read
from phoenix.errors import StoreError
from phoenix.store import BlockRow, Store
from phoenix.store.readonly import check_unchanged, read_only_engine

ONE = BlockRow("GIRAF.2020-01-01T00:00:00.000.ab", "2020-01-01")
TWO = BlockRow("GIRAF.2020-01-01T01:00:00.000.ab", "2020-01-01")

OPEN = """
import sys
from phoenix.errors import StoreError
from phoenix.store import BlockRow, Store
store = Store.open(sys.argv[1], "P")
"""
NAMES = OPEN + "print(store.read_only, *sorted(row.name[17:19] for row in store.blocks.rows()))"
WRITE = OPEN + 'store.blocks.save([BlockRow("GIRAF.2020-01-01T02:00:00.000.ab", "2020-01-01")])'
# Writes, and is killed: its log stays beside the database.
KILLED = OPEN + (
    'store.blocks.save([BlockRow("GIRAF.2020-01-01T01:00:00.000.ab", "2020-01-01")])\n'
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "somebody's 100%"
    folder.mkdir()
    return folder


@pytest.fixture
def url(folder):
    return f"sqlite:///{folder}/phoenix.db"


@pytest.fixture
def written(url):
    """A database that nobody has open, with one AB."""
    with Store.open(url, "P") as store:
        store.blocks.save([ONE])
    return url


def test_an_onlooker_reads_what_is_stored(folder, written):
    with only_to_read(folder):
        assert look("-c", NAMES, written).stdout.split() == ["True", "00"]


def test_looking_leaves_no_trace(folder, written):
    before = sorted(path.name for path in folder.iterdir())
    with only_to_read(folder):
        look("-c", NAMES, written)
    assert sorted(path.name for path in folder.iterdir()) == before


def test_what_is_stored_while_somebody_works_is_read_too(folder, written):
    with Store.open(written, "P") as store:
        store.blocks.save([TWO])
        assert (folder / "phoenix.db-wal").stat().st_size
        with only_to_read(folder):
            assert look("-c", NAMES, written).stdout.split() == ["True", "00", "01"]


def test_what_a_killed_writer_left_in_its_log_is_read_too(folder, written):
    done = subprocess.run([sys.executable, "-c", KILLED, written], check=False)
    assert done.returncode == -signal.SIGKILL
    assert (folder / "phoenix.db-wal").exists()
    with only_to_read(folder):
        assert look("-c", NAMES, written).stdout.split() == ["True", "00", "01"]


def test_an_onlooker_who_writes_is_told_whose_it_is(folder, written):
    with only_to_read(folder):
        told = look("-c", WRITE, written).stderr
        assert "found no right to write it or beside it, expected one" in told
        assert f"is for {folder.owner()}" in told


def test_a_database_that_is_not_there_is_an_empty_one_for_an_onlooker(folder, url):
    with only_to_read(folder):
        assert look("-c", NAMES, url).stdout == "True\n"
    assert not list(folder.iterdir())


def test_nothing_is_written_to_one_that_is_not_there_either(folder, url):
    with only_to_read(folder):
        assert "no right to write" in look("-c", WRITE, url).stderr


def test_an_older_schema_is_told_with_who_can_mend_it(folder, written):
    engine = sa.create_engine(written)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    with only_to_read(folder):
        told = look("-c", NAMES, written).stderr
    assert "found schema 0001" in told
    assert f"let {folder.owner()} run any verb" in told


def test_who_may_write_has_no_reader(written):
    assert read_only_engine(written) is None


def test_only_sqlite_files_have_readers():
    assert read_only_engine("postgresql+psycopg://host/name") is None
    assert read_only_engine("sqlite://") is None


def test_what_was_read_while_somebody_wrote_unseen_is_refused(folder, written, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    path = folder / "phoenix.db"
    with read_only_engine(written).connect() as connection:
        check_unchanged(connection, path)
        shutil.copy(path, folder / "copy")
        (folder / "copy").replace(path)
        with pytest.raises(StoreError, match="written by somebody while it was read"):
            check_unchanged(connection, path)
