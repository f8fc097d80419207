"""UVES holds the contracts of all plugins and of their simulators."""

from phoenix.testing import InstrumentContract, SimulatorContract


class TestUves(InstrumentContract):
    instrument = "uves"


class TestUvesSimulator(SimulatorContract):
    instrument = "uves"
