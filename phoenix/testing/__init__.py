"""The kit for plugin authors, installed with phoenix.

A plugin proves itself by classes that only name it::

    from phoenix.testing import InstrumentContract, SimulatorContract

    class TestKmos(InstrumentContract):
        instrument = "kmos"

    class TestKmosSimulator(SimulatorContract):
        instrument = "kmos"
"""

from __future__ import annotations

from phoenix.testing.contract import InstrumentContract
from phoenix.testing.simulator import SimulatorContract

__all__ = ["InstrumentContract", "SimulatorContract"]
