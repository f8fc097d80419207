"""A good night of GIRAFFE, reduced once by the true recipes; and nights with a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from phoenix.instrument import load_instrument
from phoenix.testing.night import has_esorex, idps_of, prepare_night, reduce_like, reduce_night

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
    if not has_esorex():
        pytest.skip("no esorex: run `make test`, which installs the pipelines")
    return reduce_night(night, tmp_path_factory.mktemp("giraffe-workspace"))


# The contract looks at the same night: it is not reduced twice.


@pytest.fixture(scope="class")
def contract_night(night):
    return night


@pytest.fixture(scope="class")
def contract_reduced(good):
    return good


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
        night = prepare_night(giraffe, process, date, tmp_path / "night", faults)
        cascade = night.prepared.cascade
        first = next(str(ab.name) for ab in cascade if ab.raw_type == "SCIENCE")
        short = evolve(night.prepared, cascade=cascade.with_parents([first]))
        short_night, workspace = evolve(night, prepared=short), tmp_path / "workspace"
        if date != DATE:
            return reduce_night(short_night, workspace)
        return reduce_like(short_night, good, workspace)

    return reduce
