"""Stores: SQLite always, PostgreSQL where PHOENIX_TEST_POSTGRESQL names a database to empty."""

from __future__ import annotations

import datetime as dt
import os

import pytest
import sqlalchemy as sa

from phoenix.store import BlockRow, Store

NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
PROCESS = "GIRAFFE_MOS"


def _empty(url):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()
    return url


POSTGRESQL = os.environ.get("PHOENIX_TEST_POSTGRESQL", "")


BOTH = ["sqlite", "postgresql"]


def _url(database, folder):
    if database == "sqlite":
        return f"sqlite:///{folder}/phoenix.db"
    if not POSTGRESQL:
        pytest.skip("no PostgreSQL: `make test-postgres` starts one")
    return _empty(POSTGRESQL)


@pytest.fixture(params=BOTH)
def url(request, tmp_path):
    return _url(request.param, tmp_path)


@pytest.fixture(scope="module", params=BOTH)
def shared_store(request, tmp_path_factory):
    """A store that the tests of a module only look at; they take no other."""
    with Store.open(_url(request.param, tmp_path_factory.mktemp("store")), PROCESS) as store:
        yield store


@pytest.fixture
def store(url):
    with Store.open(url, PROCESS) as store:
        yield store


def block(number, **changes):
    fields = {
        "name": f"GIRAF.2020-01-01T0{number}:00:00.000.ab",
        "date": "2020-01-01",
        "raw_type": "FIBRE_FLAT_ON",
        "mjd_obs": 58849.0 + number / 24,
    }
    return BlockRow(**fields | changes)


@pytest.fixture
def night(store):
    """Three ABs of one night."""
    blocks = tuple(block(number) for number in range(3))
    store.blocks.save(blocks)
    return blocks
