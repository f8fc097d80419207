from __future__ import annotations

import sys
from pathlib import Path

import pytest

from phoenix.engine import open_cluster
from phoenix.model.settings import Engine

# Workers find the fake work functions as the tests do.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="package")
def cluster():
    with open_cluster(Engine(workers=2, memory_gb=8.0)) as cluster:
        yield cluster
