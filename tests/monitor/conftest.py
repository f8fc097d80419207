"""A workspace and a store with the example night in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from monitor.example import fill
from phoenix.model.workspace import Workspace
from phoenix.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    with Store.open(f"sqlite:///{workspace.root}/phoenix.db", "GIRAFFE_MOS") as store:
        fill(store, workspace)
        yield store
