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


@pytest.fixture(params=["sqlite", "postgresql"] if POSTGRESQL else ["sqlite"])
def url(request, tmp_path):
    if request.param == "postgresql":
        return _empty(POSTGRESQL)
    return f"sqlite:///{tmp_path}/phoenix.db"


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
