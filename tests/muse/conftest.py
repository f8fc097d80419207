"""A good night of MUSE, reduced once by the true recipes; and nights with a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from goodnight import contract_night, contract_reduced, reduced  # noqa: F401 - fixtures
from phoenix.instrument import load_instrument
from phoenix.simulate.night import SimulationOptions
from phoenix.testing.night import prepare_night, reduce_like

if TYPE_CHECKING:
    from phoenix.testing.night import PreparedNight, ReducedNight

DATE = "2020-01-01"


@pytest.fixture(scope="session")
def muse():
    return load_instrument("muse")


@pytest.fixture(scope="session")
def process(muse):
    return muse.process("MUSE_IFU")


@pytest.fixture(scope="session")
def night(muse, process, tmp_path_factory) -> PreparedNight:
    """The usual night: an OB with sky beside its field, and one of a single exposure."""
    return prepare_night(muse, process, DATE, tmp_path_factory.mktemp("muse-night"))


@pytest.fixture(scope="session")
def good(night, tmp_path_factory) -> ReducedNight:
    """The same, reduced."""
    return reduced(night, "muse", tmp_path_factory)


@pytest.fixture(scope="session")
def faulty(muse, process, good, tmp_path_factory):
    """Reduce a night with faults, once; frames without a fault are those of the good night."""
    done: dict[tuple[object, ...], ReducedNight] = {}

    def reduce(
        *faults: str, chosen: tuple[str, ...] = ("PIXTABLE_REDUCED",), setups: tuple[str, ...] = ()
    ) -> ReducedNight:
        key = (faults, chosen, setups)
        if key not in done:
            folder = tmp_path_factory.mktemp("muse-fault")
            options = SimulationOptions(faults=faults, setups=setups)
            spoilt = prepare_night(muse, process, DATE, folder / "night", options)
            spoilt = spoilt.only(spoilt.names(*chosen))
            done[key] = reduce_like(spoilt, good, folder / "workspace")
        return done[key]

    return reduce
