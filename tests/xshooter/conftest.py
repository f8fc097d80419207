"""A good night of X-shooter, reduced once by the true recipes; and nights with a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from phoenix.archive.repository import ABRepository
from phoenix.errors import SettingsError
from phoenix.instrument import load_instrument
from phoenix.model.cascade import Cascade
from phoenix.model.dates import CivilDate
from phoenix.model.recipe import Parameter
from phoenix.pipelines.find import installed_pipeline
from phoenix.simulate.night import SimulationOptions
from phoenix.steps.prepare import prepare_blocks
from phoenix.testing.night import PreparedNight, idps_of, reduce_like, reduce_night
from phoenix_xshooter.process import arm_of

if TYPE_CHECKING:
    from phoenix.testing.night import ReducedNight

DATE = "2020-01-01"

COARSE = {"UVB": "0.2", "VIS": "0.2", "NIR": "0.3"}
"""Bins in nm in which a spectrum costs a third of those of the rules, with the same flux; in UVB
those of 0.3 are too few between the knots, and xsh_respon_slit_nod makes no response."""


USUAL = SimulationOptions()


@pytest.fixture(scope="session")
def has_xshoo() -> bool:
    """Whether the true recipes can be run here."""
    try:
        installed_pipeline("xshoo")
    except SettingsError:
        return False
    return True


def coarse(ab):
    """Give an AB the bins of these tests, as `[pipeline.*]` of phoenix.toml would."""
    bins = {"rectify-bin-lambda": COARSE[arm_of(ab.raw_type)], "rectify-bin-slit": "0.42"}
    parameters = tuple(Parameter(one.name, bins.get(one.name, one.value)) for one in ab.parameters)
    return evolve(ab, parameters=parameters)


def prepare(xshooter, process, folder, options=USUAL, chosen=None):
    """Simulate a night and prepare its cascade, with coarse bins."""
    night = CivilDate.parse(DATE)
    xshooter.simulate(process, night, folder, options)
    blocks, unreadable = ABRepository(folder, "xshooter").fetch(night)
    prepared = prepare_blocks(xshooter, process, night, blocks, unreadable)
    cascade = prepared.cascade
    if chosen is not None:
        wanted = [str(ab.name) for ab in cascade if ab.raw_type == chosen]
        cascade = cascade.with_parents(wanted)
    short = evolve(prepared, cascade=Cascade(tuple(coarse(ab) for ab in cascade)))
    return PreparedNight(xshooter, process, night, folder, blocks, short)


@pytest.fixture(scope="session")
def xshooter():
    return load_instrument("xshooter")


@pytest.fixture(scope="session")
def process(xshooter):
    return xshooter.process("XSHOOTER_ECH")


@pytest.fixture(scope="session")
def night(xshooter, process, tmp_path_factory) -> PreparedNight:
    """The usual night: three arms; a star, a nebula, an extended source beside its sky."""
    return prepare(xshooter, process, tmp_path_factory.mktemp("xshooter-night"))


@pytest.fixture(scope="session")
def good(night, has_xshoo, tmp_path_factory) -> ReducedNight:
    """The same, reduced."""
    if not has_xshoo:
        pytest.skip("no pipeline of X-shooter: `phoenix pipelines install xshoo`")
    return reduce_night(night, tmp_path_factory.mktemp("xshooter-workspace"))


# The contract looks at the same night: it is not reduced twice.


@pytest.fixture(scope="class")
def contract_night(night):
    return night


@pytest.fixture(scope="class")
def contract_reduced(good):
    return good


@pytest.fixture(scope="session")
def idps(good):
    """Raw type to its AB and the plan of its IDP."""
    return {
        one.ab.raw_type: (one, plan)
        for one in good.delivered()
        for plan in idps_of(good.night, one)
    }


@pytest.fixture
def faulty(xshooter, process, good, tmp_path):
    """Reduce ABs of a raw type, and their needs, of one arm of a night with faults.

    Frames without a fault are those of the good night, so that only what differs is run.
    """

    def reduce(raw_type: str, *faults: str) -> ReducedNight:
        options = SimulationOptions(faults=faults, setups=(raw_type.rpartition("_")[2],))
        spoilt = prepare(xshooter, process, tmp_path / "night", options, chosen=raw_type)
        return reduce_like(spoilt, good, tmp_path / "workspace")

    return reduce
