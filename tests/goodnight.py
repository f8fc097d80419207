"""The good night of an instrument, which all its tests look at: reduced once by the true recipes.

A ``conftest.py`` has its fixture ``night``, makes ``good`` of it by :func:`reduced`, and takes the
fixtures from here: the contract looks at the same night.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from phoenix.cli import run
from phoenix.formats.abfile import read_ab
from phoenix.testing.night import has_pipeline, reduce_night

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.testing.night import PreparedNight, ReducedNight


def need(pipeline: str) -> None:
    """Skip what needs the recipes or the rules of a pipeline that is not here."""
    if not has_pipeline(pipeline):
        pytest.skip(f"no pipeline {pipeline}: run `make test`, which installs the pipelines")


def reduced(night: PreparedNight, pipeline: str, factory: pytest.TempPathFactory) -> ReducedNight:
    """Reduce a night by the true recipes, or skip what needs it."""
    need(pipeline)
    return reduce_night(night, factory.mktemp(f"{night.instrument.name}-workspace"))


@pytest.fixture(scope="class")
def contract_night(night):
    return night


@pytest.fixture(scope="class")
def contract_reduced(good):
    return good


def created(night: PreparedNight, work: Path) -> list[AssociationBlock]:
    """Return the ABs that create-ab makes of the raw files of a night."""
    words = ["--process", night.process.name, "--repository", str(night.folder)]
    assert run(["init", str(work), *words]) == 0
    assert run(["create-ab", "-w", str(work), "-d", str(night.date)]) == 0
    return [read_ab(path) for path in (work / "ab" / str(night.date)).glob("*.ab")]
