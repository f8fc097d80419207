"""A good night of UVES, reduced once by the true recipes; and nights with a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from phoenix.archive.repository import ABRepository
from phoenix.instrument import load_instrument
from phoenix.model.dates import CivilDate
from phoenix.simulate.night import SimulationOptions
from phoenix.steps.prepare import prepare_blocks
from phoenix.testing.night import PreparedNight, has_esorex, idps_of, prepare_night, reduce_night

if TYPE_CHECKING:
    from phoenix.testing.night import ReducedNight

DATE = "2020-01-01"


@pytest.fixture(scope="session")
def uves():
    return load_instrument("uves")


@pytest.fixture(scope="session")
def process(uves):
    return uves.process("UVES_ECH")


@pytest.fixture(scope="session")
def night(uves, process, tmp_path_factory) -> PreparedNight:
    """The usual night: both arms, 390+580."""
    return prepare_night(uves, process, DATE, tmp_path_factory.mktemp("uves-night"))


@pytest.fixture(scope="session")
def good(night, tmp_path_factory) -> ReducedNight:
    """The same, reduced."""
    if not has_esorex():
        pytest.skip("no esorex: run `make test`, which installs the pipelines")
    return reduce_night(night, tmp_path_factory.mktemp("uves-workspace"))


# The contract looks at the same night: it is not reduced twice.


@pytest.fixture(scope="class")
def contract_night(night):
    return night


@pytest.fixture(scope="class")
def contract_reduced(good):
    return good


@pytest.fixture(scope="session")
def idps(good):
    """AB, and the plan of its IDP."""
    return {
        (one.ab.raw_type, plan.name): (one, plan)
        for one in good.delivered()
        for plan in idps_of(good.night, one)
    }


@pytest.fixture
def faulty(uves, process, tmp_path):
    """Reduce part of a blue night with faults: ABs of a raw type, or one, and their needs."""

    def reduce(
        raw_type: str, *faults: str, which: int | None = None, size: str = "small"
    ) -> ReducedNight:
        if not has_esorex():
            pytest.skip("no esorex: run `make test`, which installs the pipelines")
        folder, date = tmp_path / "night", CivilDate.parse(DATE)
        options = SimulationOptions(faults=faults, setups=("437",), size=size)
        uves.simulate(process, date, folder, options)
        blocks, unreadable = ABRepository(folder, "uves").fetch(date)
        prepared = prepare_blocks(uves, process, date, blocks, unreadable)
        wanted = [str(ab.name) for ab in prepared.cascade if ab.raw_type == raw_type]
        chosen = wanted if which is None else [sorted(wanted)[which]]
        short = evolve(prepared, cascade=prepared.cascade.with_parents(chosen))
        prepared_night = PreparedNight(uves, process, date, folder, blocks, short)
        return reduce_night(prepared_night, tmp_path / "workspace")

    return reduce
