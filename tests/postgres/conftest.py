"""A PostgreSQL that is emptied for each test, and a program that stops and starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1] / "line"))

from nightwork import DATE

from phoenix.line.simulation import simulate_night
from phoenix.testing.night import has_esorex

URL = os.environ.get("PHOENIX_TEST_POSTGRESQL", "")
SERVER = os.environ.get("PHOENIX_TEST_POSTGRESQL_SERVER", "")


@pytest.fixture
def url():
    """The address of an empty database."""
    if not URL or not SERVER:
        pytest.skip("no PostgreSQL: `make test-postgres` starts one")
    engine = sa.create_engine(URL)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()
    return URL


@pytest.fixture
def server(url):
    """Stops and starts the server; it runs again in the end."""

    def do(what):
        subprocess.run([SERVER, what], check=True, capture_output=True)

    yield do
    subprocess.run([SERVER, "start"], check=False, capture_output=True)


@pytest.fixture(scope="session")
def raw_nights(tmp_path_factory):
    """Two nights."""
    if not has_esorex():
        pytest.skip("no esorex: run `make test`, which installs the pipelines")
    folder = tmp_path_factory.mktemp("raw")
    for date in (DATE, "2020-01-02"):
        simulate_night("giraffe", "", date, folder, size="small")
    return folder
