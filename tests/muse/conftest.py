"""A good night of MUSE, reduced once by the true recipes; and nights with a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from phoenix.archive.repository import ABRepository
from phoenix.errors import SettingsError
from phoenix.instrument import load_instrument
from phoenix.model.dates import CivilDate
from phoenix.pipelines.find import installed_pipeline
from phoenix.simulate.night import SimulationOptions
from phoenix.steps.prepare import prepare_blocks
from phoenix.testing.night import PreparedNight, reduce_like, reduce_night

if TYPE_CHECKING:
    from phoenix.testing.night import ReducedNight

DATE = "2020-01-01"

USUAL = SimulationOptions()


@pytest.fixture(scope="session")
def has_muse() -> bool:
    """Whether the true recipes can be run here."""
    try:
        installed_pipeline("muse")
    except SettingsError:
        return False
    return True


def prepare(muse, process, folder, options=USUAL, chosen=None):
    """Simulate a night and prepare its cascade, or the part that an AB needs."""
    night = CivilDate.parse(DATE)
    muse.simulate(process, night, folder, options)
    blocks, unreadable = ABRepository(folder, "muse").fetch(night)
    prepared = prepare_blocks(muse, process, night, blocks, unreadable)
    if chosen is not None:
        wanted = [str(ab.name) for ab in prepared.cascade if ab.raw_type in chosen]
        prepared = evolve(prepared, cascade=prepared.cascade.with_parents(wanted))
    return PreparedNight(muse, process, night, folder, blocks, prepared)


@pytest.fixture(scope="session")
def muse():
    return load_instrument("muse")


@pytest.fixture(scope="session")
def process(muse):
    return muse.process("MUSE_IFU")


@pytest.fixture(scope="session")
def night(muse, process, tmp_path_factory) -> PreparedNight:
    """The usual night: an OB with sky beside its field, and one of a single exposure."""
    return prepare(muse, process, tmp_path_factory.mktemp("muse-night"))


@pytest.fixture(scope="session")
def good(night, has_muse, tmp_path_factory) -> ReducedNight:
    """The same, reduced."""
    if not has_muse:
        pytest.skip("no pipeline of MUSE: `phoenix pipelines install muse`")
    return reduce_night(night, tmp_path_factory.mktemp("muse-workspace"))


# The contract looks at the same night: it is not reduced twice.


@pytest.fixture(scope="class")
def contract_night(night):
    return night


@pytest.fixture(scope="class")
def contract_reduced(good):
    return good


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
            spoilt = prepare(muse, process, folder / "night", options, chosen)
            done[key] = reduce_like(spoilt, good, folder / "workspace")
        return done[key]

    return reduce
