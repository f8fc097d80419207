"""A good night of X-shooter, reduced once by the true recipes; and nights with a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from goodnight import contract_night, contract_reduced, reduced  # noqa: F401 - fixtures
from phoenix.instrument import load_instrument
from phoenix.model.cascade import Cascade
from phoenix.model.dates import CivilDate
from phoenix.model.recipe import Parameter
from phoenix.simulate.night import SimulationOptions
from phoenix.testing.night import USUAL, has_pipeline, idps_of, prepare_night, reduce_like
from phoenix_xshooter.process import arm_of
from phoenix_xshooter.simulation import night as simulation
from phoenix_xshooter.simulation.programme import plan_night

if TYPE_CHECKING:
    from phoenix.testing.night import PreparedNight, ReducedNight

DATE = "2020-01-01"

COARSE = {"UVB": "0.2", "VIS": "0.2", "NIR": "0.3"}
"""Bins in nm in which a spectrum costs a third of those of the rules, with the same flux; in UVB
those of 0.3 are too few between the knots, and xsh_respon_slit_nod makes no response."""


@pytest.fixture(scope="session")
def has_xshoo() -> bool:
    """Whether the true recipes can be run here."""
    return has_pipeline("xshoo")


def coarse(ab):
    """Give an AB the bins of these tests, as `[pipeline.*]` of phoenix.toml would."""
    bins = {"rectify-bin-lambda": COARSE[arm_of(ab.raw_type)], "rectify-bin-slit": "0.42"}
    parameters = tuple(Parameter(one.name, bins.get(one.name, one.value)) for one in ab.parameters)
    return evolve(ab, parameters=parameters)


def prepare(xshooter, process, folder, options=USUAL, chosen=None, date=DATE):
    """Simulate a night and prepare its cascade, with coarse bins."""
    night = prepare_night(xshooter, process, date, folder, options)
    if chosen is not None:
        night = night.only(night.names(chosen))
    cascade = Cascade(tuple(map(coarse, night.prepared.cascade)))
    return evolve(night, prepared=evolve(night.prepared, cascade=cascade))


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
def good(night, tmp_path_factory) -> ReducedNight:
    """The same, reduced."""
    return reduced(night, "xshoo", tmp_path_factory)


@pytest.fixture(scope="session")
def idps(good):
    """Raw type to its AB and the plan of its IDP."""
    return {
        one.ab.raw_type: (one, plan)
        for one in good.delivered()
        for plan in idps_of(good.night, one)
    }


@pytest.fixture
def drawn(night, monkeypatch):
    """Frames that are those of the good night are linked and not drawn again."""
    plan = plan_night(CivilDate.parse(DATE), USUAL)
    raw = night.folder / "raw" / DATE
    there = {frame: raw / f"{frame.exposure.root}.fits" for frame in plan.frames}
    write = simulation._write_frame

    def link(plan, frame, raw, truth):
        if frame not in there:
            return write(plan, frame, raw, truth)
        path = raw / there[frame].name
        path.hardlink_to(there[frame])
        return path

    monkeypatch.setattr(simulation, "_write_frame", link)


@pytest.fixture
def faulty(xshooter, process, good, drawn, tmp_path):
    """Reduce ABs of a raw type, and their needs, of one arm of a night with faults.

    Frames without a fault are those of the good night, so that only what differs is run.
    """

    def reduce(raw_type: str, *faults: str) -> ReducedNight:
        options = SimulationOptions(faults=faults, setups=(raw_type.rpartition("_")[2],))
        spoilt = prepare(xshooter, process, tmp_path / "night", options, chosen=raw_type)
        return reduce_like(spoilt, good, tmp_path / "workspace")

    return reduce
