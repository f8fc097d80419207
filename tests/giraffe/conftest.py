"""A good night of GIRAFFE, reduced once by the true recipes; and nights with a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from goodnight import contract_night, contract_reduced, reduced  # noqa: F401 - fixtures
from phoenix.instrument import load_instrument
from phoenix.simulate.night import SimulationOptions
from phoenix.testing.night import idps_of, prepare_night, reduce_like, reduce_night

if TYPE_CHECKING:
    from phoenix.testing.night import PreparedNight, ReducedNight

DATE = "2020-01-01"


@pytest.fixture(scope="session")
def giraffe():
    return load_instrument("giraffe")


@pytest.fixture(scope="session")
def process(giraffe):
    return giraffe.process("GIRAFFE_MOS")


@pytest.fixture(scope="session")
def night(giraffe, process, tmp_path_factory) -> PreparedNight:
    """A night without faults."""
    return prepare_night(giraffe, process, DATE, tmp_path_factory.mktemp("giraffe-night"))


@pytest.fixture(scope="session")
def good(night, tmp_path_factory) -> ReducedNight:
    """The same, reduced."""
    return reduced(night, "giraf", tmp_path_factory)


@pytest.fixture(scope="session")
def science(good):
    """The first science AB of the good night."""
    return next(one for one in good.blocks if one.ab.raw_type == "SCIENCE")


@pytest.fixture(scope="session")
def idps(good, science):
    """Its IDPs."""
    return tuple(idps_of(good.night, science))


@pytest.fixture
def faulty(giraffe, process, good, tmp_path):
    """Reduce the first science AB of a night with a fault, and what it needs.

    What the fault does not touch is that of the good night.
    """

    def reduce(*faults: str, date: str = DATE) -> ReducedNight:
        options, workspace = SimulationOptions(faults=faults), tmp_path / "workspace"
        night = prepare_night(giraffe, process, date, tmp_path / "night", options)
        short = night.only(night.names("SCIENCE")[:1])
        if date != DATE:
            return reduce_night(short, workspace)
        return reduce_like(short, good, workspace)

    return reduce
