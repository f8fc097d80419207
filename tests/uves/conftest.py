"""A good night of UVES, reduced once by the true recipes; and nights with a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from goodnight import contract_night, contract_reduced, need, reduced  # noqa: F401 - fixtures
from phoenix.instrument import load_instrument
from phoenix.simulate.night import SimulationOptions
from phoenix.testing.night import idps_of, prepare_night, reduce_night

if TYPE_CHECKING:
    from phoenix.testing.night import PreparedNight, ReducedNight

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
    return reduced(night, "uves", tmp_path_factory)


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
        need("uves")
        options = SimulationOptions(faults=faults, setups=("437",), size=size)
        night = prepare_night(uves, process, DATE, tmp_path / "night", options)
        wanted = night.names(raw_type)
        chosen = wanted if which is None else [sorted(wanted)[which]]
        return reduce_night(night.only(chosen), tmp_path / "workspace")

    return reduce
