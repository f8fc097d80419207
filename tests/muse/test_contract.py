"""MUSE holds the contracts of all plugins and of their simulators."""

from phoenix.testing import InstrumentContract, SimulatorContract


class TestMuse(InstrumentContract):
    instrument = "muse"


class TestMuseSimulator(SimulatorContract):
    instrument = "muse"
