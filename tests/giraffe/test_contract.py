"""GIRAFFE holds the contracts of all plugins and of their simulators."""

from phoenix.testing import InstrumentContract, SimulatorContract


class TestGiraffe(InstrumentContract):
    instrument = "giraffe"


class TestGiraffeSimulator(SimulatorContract):
    instrument = "giraffe"
